# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps secrets out of all output: options are masked by position, free text is redacted.

Masking by value would turn the build ID `joyous-view-6291` into `joyous-view-629********` if a build argument were `1`.
"""

from __future__ import annotations

import base64
import bisect
import itertools
import json
import re
import typing as t
from urllib.parse import quote, quote_plus

from ._sensitive import find_secrets

MASK = "********"
MIN_SECRET = 6  # Characters. Redacting a shorter value would hide little and blot out half of the line.
_MAX_SECRET = 1000  # Characters. Longer secrets are redacted in pieces, so that searching takes linear time.
_LONG = 10_000  # Characters. Of longer values, fewer encodings are prepared.
_ESCAPED_IN_JSON = re.compile(r"[^ !#-\[\]-~]")
_GRAM = 4  # Characters that are looked up at once when a text is searched for the beginnings of secrets.
_STRIDE = MIN_SECRET - _GRAM + 1  # Of the sequences in a secret's first MIN_SECRET characters, one begins at a multiple of this.

_CONTROL = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f"
    r"\ud800-\udfff"  # lone surrogates, which cannot be encoded
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # changes of the text direction
)
_CONTROLS = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colors, cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|\x1b[ -/]*[0-~]?"
    r"|" + _CONTROL.pattern
)


def strip_controls(text: str) -> str:
    """Return a string as one line without escape sequences and control characters, except tabs."""
    # Most texts have none, and to know that is much faster.
    return text if not _CONTROL.search(text) else _CONTROLS.sub(lambda match: " " if match[0] in "\n\r\x0b\x0c\x85" else "", text)


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
        self._values: set[str] = set()
        self._pending: list[tuple[str, str]] = []
        self._secrets: list[str] = []  # Sorted.
        self._prefixes: dict[str, str] = {}
        self._heads: set[str] = set()  # The first MIN_SECRET characters of each.
        self._grams: set[tuple[str, ...]] = set()  # The sequences of _GRAM characters in the heads.

    def add(self, text: str, where: str = "") -> None:
        """Add an option's value. `find_secrets` decides which parts of it are redacted; they are, in all their `encodings`."""
        self._values.add(text)
        self._pending.append((where, text))

    def line(self, text: str, limit: int = 10_000, rest: str = "") -> str:
        """Return a string as one redacted line of at most `limit` characters. Only what is shown is searched.

        `rest` says what is left out; by default that is the number of characters.
        """
        if len(text) <= limit:
            return self._redact(strip_controls(text), limit)
        line = strip_controls(text[: limit + _MAX_SECRET])
        # Do not show a secret that was cut in two, even if removing controls leaves few characters.
        shown = limit if len(text) <= limit + _MAX_SECRET else min(limit, max(len(line) - _MAX_SECRET, 0))
        return self._redact(line, shown) + (rest or f"... ({len(text) - limit} more characters)")

    def quoted(self, text: str) -> str:
        """Redact values of any length where they stand alone or in quotes, as Northflank repeats a value that it refuses."""
        values = [value for value in self._values if len(value.strip()) <= len(text)]
        forms = {form for value in values for form in (value, value.strip(), json.dumps(value)[1:-1]) if form and form in text}
        for form in sorted(forms, key=len, reverse=True):
            text = re.sub(rf"""(?:^|(?<=["'`])){re.escape(form)}(?=\\?["'`]|$)""", MASK, text)
        return text

    def _redact(self, text: str, limit: int) -> str:
        self._encode_pending()
        parts: list[str] = []
        copied = 0
        for begin in self._candidates(text):
            end = begin + self._length_at(text, begin)
            if parts and begin <= copied:
                copied = max(copied, end)
            elif begin < min(end, limit):
                parts += [text[copied:begin], MASK]
                copied = end
        return "".join([*parts, text[copied:limit]])

    def _candidates(self, text: str) -> t.Iterator[int]:
        """Yield the positions at which a secret may begin. Its head has at least one of the sequences that are read here."""
        grams = zip(*[text[offset::_STRIDE] for offset in range(_GRAM)])
        for at in itertools.compress(itertools.count(0, _STRIDE), map(self._grams.__contains__, grams)):
            for begin in range(max(at + 1 - _STRIDE, 0), at + 1):
                if text[begin : begin + MIN_SECRET] in self._heads:
                    yield begin

    def _length_at(self, text: str, at: int) -> int:
        """Return the length of the longest secret that begins at `at`, or 0."""
        rest = text[at : at + _MAX_SECRET]
        index = bisect.bisect_right(self._secrets, rest)
        # If `rest` begins with a secret, then the last secret that does not sort after `rest` is that one, or begins with it.
        secret = self._secrets[index - 1] if index else ""
        while not rest.startswith(secret):
            secret = self._prefixes.get(secret, "")
        return len(secret)

    def _encode_pending(self) -> None:
        # Lazy: only tasks that show free text need the encodings.
        if not self._pending:
            return
        texts = {form for where, text in self._pending for secret in {*find_secrets(where, text)} for form in encodings(secret, len(text))}
        pieces = {text[at : at + _MAX_SECRET] for text in texts for at in range(0, len(text), _MAX_SECRET)}
        self._pending.clear()
        self._secrets = sorted({*self._secrets, *(piece for piece in pieces if len(piece) >= MIN_SECRET)})
        self._prefixes = _prefixes(self._secrets)
        self._heads = {secret[:MIN_SECRET] for secret in self._secrets}
        self._grams = {tuple(head[at : at + _GRAM]) for head in self._heads for at in range(_STRIDE)}


def _prefixes(texts: list[str]) -> dict[str, str]:
    """Map strings to the longest other one that they begin with, if there is one. They must be sorted."""
    found: dict[str, str] = {}
    for previous, text in zip(["", *texts], texts):
        while not text.startswith(previous):
            previous = found.get(previous, "")
        if previous:
            found[text] = previous
    return found


def encodings(value: str, length: int = 0) -> set[str]:
    """Return the forms in which a secret may appear in logs and messages. `length` is that of the whole value that it was found in."""
    texts = {value, strip_controls(value)}
    if _ESCAPED_IN_JSON.search(value):
        texts |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    # Of a long file, lines in other encodings are unlikely, and would take long to prepare.
    if length < _LONG or len(value) >= _LONG:
        texts.add(base64.b64encode(value.encode("utf-8", "replace")).decode("ascii"))
    if length < _LONG and not (value.isascii() and value.isalnum()):
        texts |= {quote(value, errors="replace"), quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    return texts


def mask_values(value: t.Any) -> t.Any:
    """Return the same structure with all values but None masked; keys stay."""
    if isinstance(value, dict):
        return {key: mask_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_values(item) for item in value]
    return None if value is None else MASK


def iter_secrets(value: t.Any, where: str = "") -> t.Iterator[tuple[str, str]]:
    """Yield the values that `mask_values` masks, except booleans, as strings, each with its path."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from iter_secrets(item, f"{where}.{key}")
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from iter_secrets(item, where)
    elif value is not None and not isinstance(value, bool):
        yield str(value), where
