# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two paths of a task: in Ansible's worker, or as a module."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from ansible_collections.community.northflank.plugins.plugin_utils._action import SWITCH
from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, WIDTH, arrow, box, picture, text

ACTION = Path(__file__).resolve().parents[2] / "plugins" / "plugin_utils" / "_action.py"
DECIDES = "_reason_for_module"  # The method that decides; its reasons are the keys of a dictionary
LEFT, RIGHT = MARGIN, WIDTH - MARGIN
HALF = (RIGHT - LEFT - 24) / 2
LINE = 22
HERE = ("no new process", "live progress, as lines of the play", "one connection for all items of a loop")
THERE = ("a process of its own, on the host", "as any user, anywhere, with async", "no progress is shown")


def draw() -> str:
    why = reasons()
    question = 188
    answers = question + 52 + LINE * len(why) + 48
    end = answers + 42 + LINE * 3 + 44
    first, second = LEFT + HALF / 2, RIGHT - HALF / 2
    shapes = [
        text("Two paths, one result", MARGIN, 38, "title"),
        text("Each task takes one of them. The option -vvv tells which, and why.", MARGIN, 62, "quiet"),
        *_box("A task of your playbook", ["community.northflank.northflank_job_build:"], 124, 88, 392, code=True),
        arrow((WIDTH / 2, 152), (WIDTH / 2, question)),
        box(LEFT, question, RIGHT - LEFT, 52 + LINE * len(why)),
        text("The action plugin, on the controller: does one of these hold?", WIDTH / 2, question + 26, "heading", "middle"),
    ]
    for number, reason in enumerate(why):
        y = question + 56 + LINE * number
        shapes += [f'<circle class="tip" cx="{LEFT + 146}" cy="{y - 5}" r="2.5"/>', text(reason, LEFT + 158, y)]
    shapes += [
        arrow((first, answers - 48), (first, answers), style="ours"),
        arrow((second, answers - 48), (second, answers)),
        text("no", first + 12, answers - 20, "heading"),
        text("yes", second + 12, answers - 20, "heading"),
        *_box("In-process, in Ansible's worker", HERE, LEFT, answers, HALF, "ours"),
        *_box("As a module", THERE, RIGHT - HALF, answers, HALF),
        arrow((first, end - 44), (first + 80, end), style="ours"),
        arrow((second, end - 44), (second - 80, end)),
        *_box("The same operation", ["the same checks, the same requests, the same result"], 96, end, 448),
    ]
    told = (
        f"A task runs as a module if one of these holds: {'; '.join(why)}. If none holds, it runs in-process, in Ansible's worker: "
        f"{', '.join(HERE)}. Both paths run the same operation and give the same result."
    )
    return picture("The two paths that a task can take", told, end + 64 + MARGIN, shapes)


def reasons() -> list[str]:
    """Why a task runs as a module, read from the code that decides."""
    method = ACTION.read_text(encoding="utf-8").partition(f"def {DECIDES}(")[2].partition("\n    def ")[0]
    found = re.findall(r'^ +f?"([^"]+)": ', method, re.MULTILINE)
    if not found:
        raise ValueError(f"{DECIDES} has no reasons")
    return [reason.replace("{SWITCH}", SWITCH).replace("{interpreter}", "another Python") for reason in found]


def _box(title: str, lines: t.Sequence[str], left: float, top: float, width: float, style: str = "box", code: bool = False) -> list[str]:
    middle = left + width / 2
    words = [text(line, middle, top + 48 + LINE * number, "code quiet" if code else "", "middle") for number, line in enumerate(lines)]
    return [box(left, top, width, 42 + LINE * len(lines), style), text(title, middle, top + 24, "heading", "middle"), *words]
