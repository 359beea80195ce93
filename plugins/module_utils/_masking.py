# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps secrets out of all output: options are masked by position, free text is redacted.

Masking by value would turn the build ID `joyous-view-6291` into `joyous-view-629********` if a build argument were `1`.
"""

from __future__ import annotations

import base64
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

MASK = "********"
MIN_SECRET = 6  # Characters. Redacting a shorter value would hide little and blot out half of the line.
_MAX_OVERLAP = 200  # Characters. Secrets that overlap by no more than this are redacted as one.
_MAX_SECRET = 1000  # Characters. Longer secrets are redacted in pieces, so that searching takes linear time.

_CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colors, cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
    r"|[\ud800-\udfff]"  # lone surrogates, which cannot be encoded
    r"|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # changes of the text direction
)


def strip_controls(text: str) -> str:
    """Return a string as one line without escape sequences and control characters, except tabs."""
    return _CONTROLS.sub(lambda match: " " if match[0] in "\n\r\x0b\x0c\x85" else "", text)


def shorten(text: str, limit: int) -> str:
    """Cut a string to `limit` characters, and say how many are missing."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text) - limit} more characters)"


def strip_credentials(text: str) -> str:
    """Remove a URL's credentials from a string: everything up to the last `@`, because an unencoded password may contain anything."""
    before, slashes, address = text.partition("://")
    return before + slashes + address.rpartition("@")[2] if slashes else text.rpartition("@")[2]


_CI_COMMAND = re.compile(
    r"#(?=#[\w.-]*\[)"
    r"|:(?=:(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher|save-state|set-env|set-output"
    r"|stop-commands|warning)\b)"
)


def break_ci_commands(line: str) -> str:
    """Break up markers that CI systems would interpret as commands.

    Azure Pipelines and the GitHub runner read `##vso[...]` and `##[...]` anywhere in a line, TeamCity `##teamcity[...]`. GitHub reads
    `::error::` at the start of a line, which wrapping a long warning can produce.
    """
    return _CI_COMMAND.sub(lambda match: f"{match[0]} ", line)


def map_strings(value: t.Any, change: t.Callable[[str], str], keys: bool = True) -> t.Any:
    """Return a copy of the data with `change` applied to each string, and to dictionary keys unless `keys` is False."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {map_strings(key, change) if keys else key: map_strings(item, change, keys) for key, item in value.items()}
    return [map_strings(item, change, keys) for item in value] if isinstance(value, list) else value


def redact_secret(text: str, secret: str) -> str:
    """Redact one secret, even if control characters split it; removing them later would restore it."""
    visible = strip_controls(text)
    # A shorter value stays: it may be part of any ID.
    return visible.replace(secret, MASK) if len(secret) >= MIN_SECRET and secret in visible else text


def redact_value(value: t.Any, secret: str | None) -> t.Any:
    """Return a copy of the data with a secret redacted in each string. Only for the token: other secrets may be part of an ID."""
    return map_strings(value, lambda text: redact_secret(text, secret), keys=False) if secret else value


class Redactor:
    """Redacts the secrets of one task in free text: messages and logs. IDs, SHAs, branches, and times are never touched."""

    def __init__(self) -> None:
        self._pending: set[str] = set()
        self._secrets: set[str] = set()
        self._values: set[str] = set()
        # Lengths of the secrets by their first MIN_SECRET characters: one lookup per position instead of one search per secret.
        self._lengths: dict[str, set[int]] = {}

    def add(self, *secrets: str) -> None:
        """Add secrets, each of their lines, and their encodings in JSON, base64, and URLs."""
        self._pending.update(secrets)
        self._values.update(secrets)

    def line(self, text: str, limit: int = 1_000_000) -> str:
        """Return a string as one redacted line of at most `limit` characters. Only what is shown is searched."""
        line = strip_controls(text[: limit + _MAX_SECRET])
        # Do not show a secret that was cut in two, even if removing controls leaves few characters.
        shown = limit if len(text) <= limit + _MAX_SECRET else min(limit, max(len(line) - _MAX_SECRET, 0))
        more = f"... ({len(text) - limit} more characters)" if len(text) > limit else ""
        return self._redact(line, shown) + more

    def quoted(self, text: str) -> str:
        """Redact values of any length where they stand alone or in quotes, as Northflank repeats a value that it refuses."""
        forms = {form for value in self._values for form in (value, value.strip(), json.dumps(value)[1:-1]) if form and form in text}
        for form in sorted(forms, key=len, reverse=True):
            text = re.sub(rf"""(?:^|(?<=["'`])){re.escape(form)}(?=\\?["'`]|$)""", MASK, text)
        return text

    def _redact(self, text: str, limit: int) -> str:
        self._encode_pending()
        parts: list[str] = []
        copied = 0
        for at in [at for at in range(min(limit, len(text) - MIN_SECRET + 1)) if text[at : at + MIN_SECRET] in self._lengths]:
            length = self._length_at(text, at) if at >= copied else 0
            if length:
                parts += [text[copied:at], MASK]
                copied = self._end(text, at, at + length)
        return "".join([*parts, text[copied:limit]])

    def _encode_pending(self) -> None:
        # Lazy: only tasks that show free text need the encodings.
        while self._pending:
            for text in encodings(self._pending.pop()):
                for piece in (text[at : at + _MAX_SECRET] for at in range(0, len(text), _MAX_SECRET)):
                    if len(piece) >= MIN_SECRET:
                        self._secrets.add(piece)
                        self._lengths.setdefault(piece[:MIN_SECRET], set()).add(len(piece))

    def _length_at(self, text: str, at: int) -> int:
        """Return the length of the longest secret that begins at `at`, or 0."""
        lengths = self._lengths.get(text[at : at + MIN_SECRET], ())
        return max((n for n in lengths if at + n <= len(text) and text[at : at + n] in self._secrets), default=0)

    def _end(self, text: str, begin: int, end: int) -> int:
        """Return the end of a secret, or of those that overlap it."""
        inside = max(begin + 1, end - _MAX_OVERLAP)
        while inside < end:
            end = max(end, inside + self._length_at(text, inside))
            inside += 1
        return end


def encodings(value: str) -> set[str]:
    """Return the forms in which a secret may appear in logs and messages."""
    lines = [value, *(line.strip() for line in value.splitlines())]
    texts = {*lines, *map(strip_controls, lines), base64.b64encode(value.encode("utf-8", "replace")).decode("ascii")}
    for line in lines:
        if not (line.isascii() and line.isalnum()):
            texts |= {json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1]}
    if len(value) < 10_000:
        texts |= {quote(value, errors="replace"), quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    return texts


def mask_values(value: t.Any) -> t.Any:
    """Return the same structure with all values but None masked; keys stay."""
    if isinstance(value, dict):
        return {key: mask_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_values(item) for item in value]
    return None if value is None else MASK


def iter_secrets(value: t.Any) -> t.Iterator[str]:
    """Yield the values that `mask_values` masks, as strings, except booleans."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from iter_secrets(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
