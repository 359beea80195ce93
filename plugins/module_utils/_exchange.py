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

from ._secrets import plain, shorten
from ._times import http_date

MAX_DEPTH = 16
"""Levels of lists and objects in an answer. Northflank's have six."""

MAX_KEY = 200
"""Characters in a key of an answer."""

BYTES_PER_CONTAINER = 20
"""An answer has at most one list or object, by their opening brackets, in so many bytes on average: in memory each takes up to 300."""

MAX_DIGITS = 18
"""Digits of a whole number. Converting a longer one takes the square of its length on old Pythons."""

MAX_ITEMS = 30
"""Entries of each level of C(details) that a failed task returns."""

MAX_RESPONSE = 1024 * 1024
"""Bytes. A page of a hundred builds has about 50 kB."""


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
    max_bytes: int = MAX_RESPONSE
    """The longest answer to read. More is a mistake or an attack."""


class Answer:
    """What came back, whatever its status.

    :ivar received: when, on our own clock, in seconds.
    :arg redact: replaces the token in a text, should the answer repeat it.
    """

    def __init__(
        self,
        status: int,
        headers: t.Mapping[str, str],
        body: bytes,
        received: float,
        redact: t.Callable[[str], str] = lambda text: text,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.received = received
        self._redact = redact

    @functools.cached_property
    def json(self) -> t.Any:
        """The body as JSON that any code can handle, see L(sanitize_json), or null where it is not JSON."""
        try:
            return sanitize_json(json.loads(self.body, parse_int=_integer), self._redact)
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


def sanitize_json(value: t.Any, redact: t.Callable[[str], str], depth: int = 0) -> t.Any:
    """Make parsed JSON harmless for whatever handles it later.

    Ansible revives dictionaries as objects of its own by keys such as C(__ansible_type), a template that it then trusts included. So a key
    loses its leading underscores, control characters first: they would be removed later, and bring the underscores to the front.

    :raises ValueError: it is nested too deep, or a key is too long.
    """
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, str):
        return redact(_encodable(value))
    if isinstance(value, list):
        return [sanitize_json(item, redact, depth + 1) for item in value]
    if isinstance(value, dict):
        if any(len(key) > MAX_KEY for key in value):
            raise ValueError("key too long")
        return {plain(redact(_encodable(key))).lstrip("_ \t"): sanitize_json(item, redact, depth + 1) for key, item in value.items()}
    # Other readers of JSON do not take NaN and infinity.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _encodable(text: str) -> str:
    """A text that can be written as UTF-8: JSON can name half a character."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def bounded(value: t.Any, depth: int = 4) -> t.Any:
    """The words of an error, cut to what a person reads: C(details) may have any shape and size.

    :arg depth: levels that are kept.
    """
    if isinstance(value, str):
        return shorten(value, 500)
    if isinstance(value, (dict, list)) and depth == 0:
        return "(left out)"
    if isinstance(value, dict):
        kept = {key[:100]: bounded(item, depth - 1) for key, item in list(value.items())[:MAX_ITEMS]}
        return kept if len(value) <= MAX_ITEMS else {**kept, "more": f"{len(value) - MAX_ITEMS} more left out"}
    if isinstance(value, list):
        kept = [bounded(item, depth - 1) for item in value[:MAX_ITEMS]]
        return kept if len(value) <= MAX_ITEMS else [*kept, f"{len(value) - MAX_ITEMS} more left out"]
    return value
