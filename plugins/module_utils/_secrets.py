# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.
"""Keep secrets out of every text that leaves: masked where they stand, scrubbed from free text.

Masking is by position, never by value: C(no_log) on a dict of build arguments would turn the build id
C(joyous-view-6291) into C(joyous-view-629********) as soon as some argument is C(1).
"""

from __future__ import annotations

import base64
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"

MEANINGFUL = 6
"""Characters. A shorter value is no secret in a log line, and would blot out half of it."""

OVERLAP = 200
"""Characters. Two secrets that overlap by no more are masked as one."""

# Compiled when the first free text is shown.
_CONTROLS = (
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colors, cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
    r"|[\ud800-\udfff]"  # half a character, which cannot be written
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # text that reads in another order than it is written
)


def plain(text: str) -> str:
    """A text that a terminal shows as it is, in one line: no escape sequence, no control character but the tab."""
    return re.sub(_CONTROLS, lambda found: " " if found[0] in "\n\r\x0b\x0c\x85" else "", text)


def shorten(text: str, limit: int) -> str:
    """A text of at most so many characters, and a mark that says how many are missing."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text) - limit} more characters)"


def without_credentials(text: str) -> str:
    """A text with an address in it, without the user name and password that the address may have.

    A password may have anything in it, unquoted: everything up to the last C(@) counts as credentials.
    """
    before, slashes, address = text.partition("//")
    return before + slashes + address.rpartition("@")[2] if slashes else text.rpartition("@")[2]


def without_commands(text: str) -> str:
    """A line for the output of a play, without the marks by which CI systems take commands out of output, wherever in a line they are.

    Azure Pipelines, TeamCity, and the runner of GitHub read C(##vso[...]), C(##teamcity[...]), and C(##[...]).
    """
    return re.sub(r"#(?=#[\w.-]*\[)", "# ", text)


def tidy(value: t.Any) -> t.Any:
    """The same data, each text in it L(plain)."""
    return each_text(value, plain)


def without(value: t.Any, secret: str) -> t.Any:
    """The same data, a secret replaced wherever it stands in a text. For the token alone, which is in nothing else by chance."""
    return each_text(value, lambda text: text.replace(secret, MASK), keys=False)


def each_text(value: t.Any, change: t.Callable[[str], str], keys: bool = True) -> t.Any:
    """The same data with each text in it changed, those that are keys of a dictionary included or not."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {each_text(key, change) if keys else key: each_text(item, change, keys) for key, item in value.items()}
    return [each_text(item, change, keys) for item in value] if isinstance(value, list) else value


class Secrets:
    """The values of one task that must not be seen. Names, ids, shas, branches and times are never touched."""

    def __init__(self) -> None:
        self._added: set[str] = set()
        self._values: set[str] = set()
        # By their first characters: a text file of many lines must not cost a search for each of them.
        self._lengths: dict[str, set[int]] = {}

    def add(self, value: str) -> None:
        """Remember a value, each of its lines (a log is cut at line ends), and how JSON, base64 and a URL would show it."""
        self._added.add(value)

    def _spell(self) -> None:
        """Spell what was added since the last time: a task that shows no free text does not pay for it."""
        while self._added:
            for text in spellings(self._added.pop()):
                if len(text) >= MEANINGFUL:
                    self._values.add(text)
                    self._lengths.setdefault(text[:MEANINGFUL], set()).add(len(text))

    def scrub(self, value: t.Any) -> t.Any:
        """The same value with every secret in its texts replaced; dicts and lists are gone through."""
        return each_text(value, self._scrubbed)

    def _scrubbed(self, text: str) -> str:
        self._spell()
        if not self._values:
            return text
        parts: list[str] = []
        copied = 0
        for at in [at for at in range(len(text) - MEANINGFUL + 1) if text[at : at + MEANINGFUL] in self._lengths]:
            length = self._length_at(text, at) if at >= copied else 0
            if length:
                parts += [text[copied:at], MASK]
                copied = self._end(text, at, at + length)
        return "".join([*parts, text[copied:]])

    def _length_at(self, text: str, at: int) -> int:
        """The length of the longest secret that begins at a place in a text; 0 where none does."""
        lengths = self._lengths.get(text[at : at + MEANINGFUL], ())
        return max((n for n in lengths if at + n <= len(text) and text[at : at + n] in self._values), default=0)

    def _end(self, text: str, begin: int, end: int) -> int:
        """Where a secret ends, or another one that begins before its end."""
        inside = max(begin + 1, end - OVERLAP)
        while inside < end:
            end = max(end, inside + self._length_at(text, inside))
            inside += 1
        return end


def spellings(value: str) -> set[str]:
    """The forms in which a value may come back."""
    lines = [value, *(line.strip() for line in value.splitlines())]
    texts = {*lines, *map(plain, lines), base64.b64encode(value.encode("utf-8", "replace")).decode("ascii")}
    for line in lines:
        if not (line.isascii() and line.isalnum()):
            texts |= {json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1]}
    if len(value) < 10_000:
        texts |= {quote(value, errors="replace"), quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    return texts


def mask_all(value: t.Any) -> t.Any:
    """The same structure with its names, every value masked; null stays null."""
    if isinstance(value, dict):
        return {key: mask_all(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_all(item) for item in value]
    return None if value is None else MASK


def leaves(value: t.Any) -> t.Iterator[str]:
    """Every text that L(mask_all) would mask."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
