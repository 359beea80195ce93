# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""A request and its answer, as data."""

from __future__ import annotations

import functools
import json
import math
import typing as t

from ._times import http_date

MAX_DEPTH = 64
"""Levels of lists and objects in an answer. Northflank's have six."""

MAX_KEY = 200
"""Characters in a key of an answer. Turning a key to snake case takes the square of its length."""


class Call(t.NamedTuple):
    """One request, with the words for talking about it.

    C(doing) goes after C(could not), as in C(start a build of job 'web' of project 'shop').
    """

    method: str
    path: str
    doing: str
    permission: str
    missing: str
    """What to check when Northflank knows no such thing."""
    params: dict[str, t.Any] | None = None
    body: dict[str, t.Any] | None = None


class Answer:
    """What came back, whatever its status.

    :ivar received: when, on our own clock, in seconds.
    """

    def __init__(self, status: int, headers: t.Mapping[str, str], body: bytes, received: float) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.received = received

    @functools.cached_property
    def json(self) -> t.Any:
        """The body as JSON, or null where it is not JSON."""
        try:
            return _tame(json.loads(self.body))
        except (ValueError, RecursionError):
            return None

    @property
    def error(self) -> dict[str, t.Any] | None:
        """What Northflank itself says went wrong: C({"error": {"status", "message", "id", "details"}}); null in all other answers."""
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return error if isinstance(error, dict) else None

    @property
    def date(self) -> float | None:
        """The server's clock when it answered: Unix time in whole seconds."""
        return http_date(self.headers.get("Date"))


def _tame(value: t.Any, depth: int = 0) -> t.Any:
    """JSON data that any code can handle: not too deep to go through, and with texts that can be written as UTF-8."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, dict):
        if any(len(key) > MAX_KEY for key in value):
            raise ValueError("key too long")
        return {_tame(key, depth): _tame(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None  # Other readers of JSON do not take it.
    if isinstance(value, list):
        return [_tame(item, depth + 1) for item in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value
