# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two paths of a task: in Ansible's worker, or as a module."""

from __future__ import annotations

import ast
from pathlib import Path

from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, WIDTH, arrow, box, picture, text

ACTION = Path(__file__).resolve().parents[2] / "plugins" / "plugin_utils" / "_action.py"
DECIDES, SPOKEN = "_against_worker", {"interpreter": "another Python"}
"""The method that decides, and words for the values that its reasons name."""

LEFT, RIGHT = MARGIN, WIDTH - MARGIN
HALF = (RIGHT - LEFT - 24) / 2
LINE = 22


def draw() -> str:
    """The picture."""
    why = reasons()
    top = 88
    shapes = [text("Two paths, one result", MARGIN, 38, "title")]
    shapes.append(text("Each task takes one of them. The option -vvv tells which, and why.", MARGIN, 62, "quiet"))
    shapes += _box("A task of your playbook", ["community.northflank.northflank_job_build:"], 124, top, 392, code=True)
    top += 64
    shapes.append(arrow((WIDTH / 2, top), (WIDTH / 2, top + 36)))
    top += 36
    height = 52 + LINE * len(why)
    shapes += [
        box(LEFT, top, RIGHT - LEFT, height),
        text("The action plugin, on the controller: does one of these hold?", WIDTH / 2, top + 26, "heading", "middle"),
    ]
    for number, reason in enumerate(why):
        shapes.append(f'<circle class="tip" cx="{LEFT + 146}" cy="{top + 51 + LINE * number}" r="2.5"/>')
        shapes.append(text(reason, LEFT + 158, top + 56 + LINE * number))
    top += height
    first, second = LEFT + HALF / 2, RIGHT - HALF / 2
    shapes += [arrow((first, top), (first, top + 48), style="ours"), arrow((second, top), (second, top + 48))]
    shapes += [text("no", first + 12, top + 28, "heading"), text("yes", second + 12, top + 28, "heading")]
    top += 48
    here = ["no new process", "live progress, as lines of the play", "one connection for all items of a loop"]
    there = ["a process of its own, on the host", "as any user, anywhere, with async", "no progress is shown"]
    shapes += _box("In-process, in Ansible's worker", here, LEFT, top, HALF, "ours")
    shapes += _box("As a module", there, RIGHT - HALF, top, HALF)
    top += 42 + LINE * 3
    shapes += [arrow((first, top), (first + 80, top + 44), style="ours"), arrow((second, top), (second - 80, top + 44))]
    top += 44
    shapes += _box("The same operation", ["the same checks, the same requests, the same result"], 96, top, 448)
    return picture(
        "The two paths that a task can take",
        f"A task runs as a module if one of these holds: {'; '.join(why)}. If none holds, it runs in-process, in Ansible's worker: "
        f"{', '.join(here)}. Both paths run the same operation and give the same result.",
        top + 64 + MARGIN,
        shapes,
    )


def reasons() -> list[str]:
    """Why a task runs as a module, read from the code that decides."""
    tree = ast.parse(ACTION.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    method = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == DECIDES)
    found = next(node for node in ast.walk(method) if isinstance(node, ast.Dict))
    return [_spoken(key, {**constants, **SPOKEN}) for key in found.keys]


def _spoken(node: ast.AST | None, names: dict[str, str]) -> str:
    """A text in the code, with its values in words."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_spoken(part, names) for part in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name):
        return names[node.value.id]
    raise ValueError(f"{DECIDES} has a reason that is no plain text")


def _box(title: str, lines: list[str], left: float, top: float, width: float, style: str = "box", code: bool = False) -> list[str]:
    middle = left + width / 2
    words = [text(line, middle, top + 48 + LINE * number, "code quiet" if code else "", "middle") for number, line in enumerate(lines)]
    return [box(left, top, width, 42 + LINE * len(lines), style), text(title, middle, top + 24, "heading", "middle"), *words]
