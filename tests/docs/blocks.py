# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Code blocks of the pages, in RST and in Markdown, with the notes that tell how to try them.

A note is a comment before a block that readers do not see: C(.. try: VERB REST) in RST, C(<!-- try: VERB REST -->) in Markdown.

- C(file NAME): the block is the file of that name. In RST the block's caption does the same. One below C(docs/) is a file of this
  repository, whose content the block must have.
- C(fake NAME JSON): steer the embedded API first, over C(/_fake/NAME).
- C(run COMMAND): a command that the page does not show; the block has its output.
- C(exit NUMBER): what the next command ends with, otherwise 0.
- C(from TEXT), C(until TEXT): the output is shown from the first line that begins so, and until before the next that does.
- C(needs clients): the block needs Northflank's own clients, which C(make conformance) installs.
- C(skip REASON): the block is not tried. These are counted.
"""

from __future__ import annotations

import re
import textwrap
import typing as t
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs/docsite/rst").glob("*.rst"))]
OUTPUT = ("ansible-output", "text", "diff")  # Languages of blocks that show what the command before them printed

_RST = re.compile(
    r"^(?P<indent> *)\.\. (?:try: (?P<note>.+)|code-block:: (?P<language>\S+)\n(?P<options>(?:(?P=indent)   :.*\n)*)\n"
    r"(?P<body>(?:(?:(?P=indent)   .*)?\n)+))",
    re.MULTILINE,
)
_MARKDOWN = re.compile(
    r"^(?P<indent> *)(?:<!-- try: (?P<note>.+) -->|```(?P<language>\S+)\n(?P<options>)(?P<body>(?:.*\n)*?)(?P=indent)```)", re.MULTILINE
)


class Note(t.NamedTuple):
    """One note: what it asks for, and the rest of its line."""

    verb: str
    rest: str


@dataclass
class Block:
    """A code block, and the notes before it."""

    page: Path
    line: int
    language: str
    body: str
    notes: list[Note]
    caption: str | None
    start: int
    end: int
    indent: str

    def note(self, verb: str) -> str | None:
        return next((note.rest for note in self.notes if note.verb == verb), None)

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """All code blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    notes: list[Note] = []
    for match in (_RST if page.suffix == ".rst" else _MARKDOWN).finditer(text):
        if match["note"]:
            verb, _space, rest = match["note"].partition(" ")
            notes.append(Note(verb, rest))
            continue
        body = match["body"].rstrip("\n") + "\n"
        caption = re.search(r":caption: (.+)", match["options"])
        found.append(
            Block(
                page=page,
                line=text.count("\n", 0, match.start()) + 1,
                language=match["language"],
                body=textwrap.dedent(body),
                notes=notes,
                caption=caption[1] if caption else next((note.rest for note in notes if note.verb == "file"), None),
                start=match.start("body"),
                end=match.start("body") + len(body),
                indent=match["indent"] + ("   " if page.suffix == ".rst" else ""),
            )
        )
        notes = []
    return found


def written(page: Path, outputs: t.Mapping[int, str]) -> str:
    """The page with other outputs, by the line of their block."""
    text = page.read_text(encoding="utf-8")
    for block in reversed(blocks(page)):
        if block.line in outputs:
            text = text[: block.start] + textwrap.indent(outputs[block.line], block.indent) + text[block.end :]
    return text
