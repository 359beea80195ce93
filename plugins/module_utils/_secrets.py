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

MASK = "********"

MEANINGFUL = 6
"""Characters. A shorter value is no secret in a log line, and would blot out half of it."""

_CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colors, cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|\x1b[@-_]?"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # text that reads in another order than it is written
)


def plain(text: str) -> str:
    """A line of text that a terminal shows as it is: no escape sequence, no control character but the tab."""
    return _CONTROLS.sub("", text)


class Secrets:
    """The values of one task that must not be seen. Names, ids, shas, branches and times are never touched."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, value: str) -> None:
        """Remember a value, each of its lines (a log is cut at line ends), and how JSON and base64 would show it."""
        encoded = base64.b64encode(value.encode("utf-8", "replace")).decode("ascii")
        for text in (value, json.dumps(value)[1:-1], encoded, *(line.strip() for line in value.splitlines())):
            if len(text) >= MEANINGFUL:
                self._values.add(text)

    def scrub(self, value: t.Any) -> t.Any:
        """The same value with every secret in its texts replaced; dicts and lists are gone through."""
        if isinstance(value, str):
            # The longest first: a secret may be part of another.
            for secret in sorted((s for s in self._values if s in value), key=len, reverse=True):
                value = value.replace(secret, MASK)
            return value
        if isinstance(value, dict):
            return {self.scrub(key): self.scrub(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.scrub(item) for item in value]
        return value


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
