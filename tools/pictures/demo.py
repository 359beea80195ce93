# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo's playbook shows in a real terminal, against the embedded API: the tasks that tell most."""

from __future__ import annotations

import io
import os
import re
import sys
import typing as t
from pathlib import Path

import pexpect
from ansible_collections.community.northflank.tests.demo.run import HERE, READABLE
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script
from ansible_collections.community.northflank.tests.fake_northflank.scripts import flaky
from ansible_collections.community.northflank.tools.pictures.svg import RULES, WIDTH, box, picture, text
from rich.console import Console
from rich.text import Text

PROMPT = "$ ansible-playbook demo.yml"
COLUMNS, LINE, MARGIN, TOP = 80, 18, 16, 66
CELL = (WIDTH - 2 * MARGIN) / COLUMNS
TERMINAL = Console(file=io.StringIO())

# The tasks that are shown, and where one is cut off.
SHOWN = {
    "1. Check mode asks whether the job is there, and starts nothing": "",
    "The request that would be sent, its secrets masked": "",
    "5. Build and wait for the image": "",
    "The image is there": "",
    "7. Build a job whose Dockerfile is broken, which is meant to fail": "Origin:",
    "The last lines of its log": "",
    "Wait for all five in one task": "",
    "Polling them together saves requests": "",
}
LEFT_OUT = "  ..."

# Seconds: long enough for some progress. The demo's own builds are shorter.
USUAL, FAILING, FIVE = 14, 6, (7, 12, 17, 22, 27)

NAMES = {1: "red", 2: "green", 3: "yellow", 4: "blue"}
STYLES = {f".{color}": {"fill": color} for color in NAMES.values()}

# Progress bars are drawn, because fonts leave gaps in them.
BLOCKS = {"\u2588": "", "\u2591": " pale"}
PIECES = re.compile("\u2588+|\u2591+| +|[^ \u2588\u2591](?:[^\u2588\u2591]*[^ \u2588\u2591])?")


def draw() -> str:
    lines = [Text(PROMPT), Text(""), *shown(run())]
    drawn = [part for number, line in enumerate(lines) for part in _line(line, TOP + LINE * number)]
    dots = [f'<circle class="dot" cx="{MARGIN + 6 + 19 * number}" cy="20" r="5.5"/>' for number in range(3)]
    head = [*dots, text("community.northflank", WIDTH / 2, 25, "quiet", "middle"), f'<path class="axis" d="M0.5 40H{WIDTH - 0.5}"/>']
    return picture(
        "The demo of community.northflank in a terminal",
        f"Some of the tasks that the demo's playbook runs against the embedded API: {'; '.join(filter(None, map(_title, lines)))}.",
        TOP + LINE * (len(lines) - 1) + MARGIN + 6,
        head + drawn,
        rules={**RULES, **STYLES, ".dot": {"fill": "line"}, ".axis": {"stroke": "line"}},
        css=f"    .code {{ font-size: {CELL / 0.602:.1f}px; white-space: pre }}\n    .pale {{ opacity: 0.25 }}\n",
    )


def run() -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "NORTHFLANK_")) and k != "NO_COLOR"}
    with FakeNorthflank() as fake:
        fake.add_job("shop", "web").builds.default_script = Script.success(USUAL)
        fake.add_job("shop", "web-next").builds.default_script = flaky(FAILING)
        fake.add_build("shop", "web", age=3600, script=Script.success(USUAL))
        for length in (USUAL, USUAL, USUAL, *FIVE):
            fake.plan("shop", "web", Script.success(length), times=1)
        where = {
            "NORTHFLANK_API_BASE_URL": fake.url,
            "NORTHFLANK_API_TOKEN": fake.token,
            "NORTHFLANK_PROJECT_ID": "shop",
            "NORTHFLANK_JOB_ID": "web",
            "NORTHFLANK_DEMO_FLAKY_JOB": "web-next",
        }
        terminal = pexpect.spawn(
            str(Path(sys.executable).with_name("ansible-playbook")),
            ["demo.yml"],
            timeout=None,
            cwd=str(HERE),
            env={**kept, **READABLE, **where, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
            encoding="utf-8",
            dimensions=(48, COLUMNS),
        )
        output = terminal.read()
        terminal.close()
    if terminal.exitstatus != 0:
        raise RuntimeError(output)
    return t.cast(str, output)


def shown(output: str) -> list[Text]:
    """The lines of the tasks that are shown, long ones folded. A mark stands for what is left out."""
    lines: list[Text] = []
    missing = set(SHOWN)
    for block in output.replace("\r", "").split("\n\n"):
        whole = [Text.from_ansi(line) for line in block.splitlines()]
        title = next((_title(line) for line in whole if _title(line)), "")
        missing.discard(title)
        if title not in SHOWN:
            if lines and lines[-1].plain == "":
                lines[-1] = Text(LEFT_OUT)
            continue
        for line in whole:
            if SHOWN[title] and line.plain.startswith(SHOWN[title]):
                lines.append(Text(LEFT_OUT))
                break
            lines += line.wrap(TERMINAL, COLUMNS) if line.plain else [line]
        else:
            lines.append(Text(""))
    if missing:
        raise ValueError(f"the demo has not run: {', '.join(missing)}")
    return lines[:-1]


def _line(line: Text, y: float) -> t.Iterator[str]:
    """The words of a line, one shape per color. Their length is fixed, so that columns stay columns in any font."""
    column = 0
    for segment in line.render(TERMINAL):
        color = segment.style.color.number if segment.style and segment.style.color else None
        style = NAMES.get(color, "text") if line.plain != LEFT_OUT else "quiet"
        for words in PIECES.findall(segment.text):
            x, width = MARGIN + CELL * column, CELL * len(words)
            column += len(words)
            if words[0] in BLOCKS:
                yield box(x, y - 11, width, 14, style + BLOCKS[words[0]], 0)
            elif words.strip():
                yield text(words, x, y, f"code {style}", length=width)


def _title(line: Text) -> str:
    """The name of a task, if this line announces one."""
    return line.plain.partition("[")[2].rpartition("]")[0] if line.plain.startswith("TASK [") else ""
