# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and responses as data. Responses are untrusted; parsing sanitizes them for everything that handles them later."""

from __future__ import annotations

import contextlib
import functools
import json
import math
import re
import typing as t

from .._masking import map_strings, shorten, strip_controls
from .._timestamps import http_date

MAX_BYTES = 1024 * 1024  # A page of 100 builds is about 50 kB.
MAX_DEPTH = 16  # Northflank's responses have six levels.
MAX_KEY = 200  # Characters.
MAX_DIGITS = 18  # int() is quadratic in the number of digits on older Pythons.
BYTES_PER_VALUE = 20  # A response may have one list, object, or key per 20 bytes of its limit; each takes up to 300 bytes of memory.
MAX_DETAILS = 20_000  # Characters of an error's `details`, as JSON.


class Request(t.NamedTuple):
    """One request, and what messages say about it.

    `path` is percent-encoded, `description` completes "could not", `permission` is what the token's role needs, `not_found_hint` says what
    to check after a 404. A response longer than `max_bytes` is refused, or cut if `may_be_cut`.
    """

    method: str
    path: str
    description: str
    permission: str
    not_found_hint: str
    params: dict[str, t.Any] | None = None
    body: dict[str, t.Any] | None = None
    max_bytes: int = MAX_BYTES
    may_be_cut: bool = False


class Response:
    """A response with any status. `sent_at` and `received_at` are local monotonic times. If it `is_cut`, `body` is its beginning."""

    def __init__(self, status: int, headers: t.Mapping[str, str], body: bytes, *, is_cut: bool = False) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.is_cut = is_cut
        self.sent_at = self.received_at = 0.0

    @functools.cached_property
    def json(self) -> t.Any:
        """The sanitized JSON body; None if it cannot be parsed. Of a body that is cut, as much as can be completed."""
        for body in _completions(self.body.decode(errors="ignore")) if self.is_cut else [self.body]:
            with contextlib.suppress(ValueError, RecursionError):
                return sanitize_json(json.loads(body, parse_int=_integer))
        return None

    @property
    def error(self) -> dict[str, t.Any] | None:
        """The `error` object of a refusal: `status`, `message`, `id`, `details`."""
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return error if isinstance(error, dict) else None

    @property
    def is_northflanks(self) -> bool:
        """Whether an error response has Northflank's format; a proxy or another web server has its own. Only a 405 is plain text."""
        if self.status == 405 and "Allow" in self.headers:
            return self.headers.get("Content-Type", "").startswith("text/plain")
        error = self.error or {}
        return isinstance(error.get("status"), int) and isinstance(error.get("message"), str)

    @property
    def date(self) -> float | None:
        """The server's time when it responded: Unix time in whole seconds."""
        return http_date(self.headers.get("Date"))


def sanitize_json(value: t.Any, depth: int = 0) -> t.Any:
    """Return parsed JSON that is safe to return from a task.

    Ansible turns dictionaries with keys such as `__ansible_type` into its own objects, trusted templates among them, so keys lose their
    leading underscores. Control characters are removed before the underscores; removed later, they could expose a leading underscore.
    Raises ValueError if the JSON is nested too deeply or a key is too long.
    """
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return _encodable(value)
    if isinstance(value, list):
        return [sanitize_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        if any(len(key) > MAX_KEY for key in value):
            raise ValueError("key too long")
        harmless = [strip_controls(_encodable(key)).lstrip("_ \t") for key in value]
        return {key: sanitize_json(item, depth + 1) for key, item in zip(harmless, value.values())}
    # Not every JSON parser accepts NaN and Infinity.
    return None if isinstance(value, float) and not math.isfinite(value) else value


JSON_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
"""A pattern for a string in JSON; the last one may be cut."""

_TOKENS = re.compile(rf"{JSON_STRING}|[][{{}},]", re.DOTALL)


def _completions(beginning: str) -> t.Iterator[str]:
    """Yield what may be valid JSON: a beginning with its string, lists, and objects closed, or else without all after its last comma."""
    closers: list[str] = []
    comma, closers_at_comma = 0, ""
    for token in _TOKENS.finditer(beginning):
        if token[0] in "[{":
            closers.insert(0, {"[": "]", "{": "}"}[token[0]])
        elif token[0] in "]}" and closers:
            del closers[0]
        elif token[0] == ",":
            comma, closers_at_comma = token.start(), "".join(closers)
        if len(closers) > MAX_DEPTH:
            return
    # The cut may be within an escape, such as \u00e9.
    yield from (beginning[: len(beginning) - characters] + '"' + "".join(closers) for characters in range(6))
    yield beginning[:comma] + closers_at_comma


def _encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can contain and UTF-8 cannot."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def truncate(details: t.Any, line: t.Callable[[str], str]) -> t.Any:
    """Redact an error's `details`, which may have any shape and size; return long ones as a cut JSON string."""
    redacted = map_strings(details, line)
    text = json.dumps(redacted, ensure_ascii=False)
    return redacted if len(text) <= MAX_DETAILS else shorten(text, MAX_DETAILS)
