# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides which parts of a masked option are secrets in free text, such as build logs.

Redacting every value and every line would blot out logs: Docker prints the instructions of a Dockerfile, pip the lines of
requirements.txt, and `NODE_ENV: production` makes a secret of a common word. The rule is documented in the guide on secrets.
"""

from __future__ import annotations

import re
import typing as t

_READABLE = re.compile(
    r"(?:overrides\.)?(?P<texts>build_arguments\.|runtime_environment\.)|(?:overrides\.)?(?P<files>(?:build|runtime)_files[.\[])"
    r"|overrides\.docker\.(?P<dockerfile>dockerfile_contents)"
)
"""Options whose values may be settings and instructions, which builds and runs print."""

_NAMES = "auth|authorization|bearer|cookie|credential|jwt|key|pass|passphrase|passwd|password|pwd|salt|secret|token"
_SECRET_NAME = rf"(?:{_NAMES}|{_NAMES.title()}|{_NAMES.upper()})(?:(?<=[a-z])s?(?![a-z])|(?<=[A-Z])S?(?![A-Z]))"
"""Part of a name such as `npm_token`, `authToken`, or `DB_PASSWORD`, but not of `tokenizers` or `author`."""

_MENTIONS_SECRET = re.compile(_SECRET_NAME)
# The value is captured in a lookahead, so that a second assignment on the same line is found, too. All repetitions are bounded, to
# take linear time.
_ASSIGNMENT = re.compile(rf"{_SECRET_NAME}[\w.-]{{0,40}}[\"'\]]{{0,3}}([ \t]{{0,9}}(?:=>|:=|[:=>])(?!=)|[ \t])(?=([^\r\n]{{1,1000}}))")
_CREDENTIALS = re.compile(r"://([^/\s@]{1,1000})@")
_DELIMITERS = re.compile(r"[\s\"'<>&,;]+")
_VERSION = re.compile(r"[\^~<>=v]*\d+(?:\.\d+)+[\w.+-]*")

_PLAIN_WORD = re.compile(r"[A-Z]?[a-z]{0,15}(?:0|[1-9]\d{0,3})?|(?:[A-Z][a-z]{2,12}){2,4}|[A-Z]{1,15}\d?")
_SEPARATORS = re.compile(r"[-_./:@+,^~=<>!\[\]]+")
# The digest of an image or a package is public.
_RUN = re.compile(r"(?<![\w+/-])(?<!sha256:)[\w+/-]{20,}={0,2}", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F-]{32,}")


def find_secrets(where: str, text: str) -> t.Iterator[str]:
    """Yield the parts of an option's value that are secrets in free text. `where` is the option's path, and the key within it."""
    match = _READABLE.match(where)
    option = match.lastgroup if match else None
    line_by_line = option in (None, "texts") or "PRIVATE KEY" in text
    unescaped = text.replace("\\n", "\n")  # As in a key within JSON.
    lines = {line.strip() for line in (*text.splitlines(), *unescaped.splitlines())}
    suspicious = "\n" in text.strip() or _MENTIONS_SECRET.search(f"{where} {text}") or _CREDENTIALS.search(text)
    is_setting = option == "dockerfile" or (option and _is_plain(text.strip()))
    if suspicious or not is_setting:
        yield text
        yield from (line for line in lines if line_by_line or (option == "files" and _ASSIGNMENT.search(line)))
    yield from _embedded(unescaped)


def _embedded(text: str) -> t.Iterator[str]:
    """Yield what is assigned to names such as `password`, credentials in URLs, and strings that look like tokens."""
    for separator, rest in _ASSIGNMENT.findall(text):
        value = rest.strip()
        words = [word for word in _DELIMITERS.split(value, maxsplit=3) if word][:2]
        if separator.isspace():  # Maybe a sentence.
            words = [word for word in words if not _is_plain(word)]
        else:
            quoted = value[1:].partition(value[0])[0] if value[:1] in ("'", '"') else ""
            words += [value.strip("\"',;"), quoted]
        yield from (word for word in words if not _VERSION.fullmatch(word))
    for credentials in _CREDENTIALS.findall(text):
        yield from (credentials, credentials.partition(":")[2])
    yield from (run for run in _RUN.findall(text) if _is_token(run))


def _is_plain(text: str) -> bool:
    """Whether a string reads as a setting, such as `production`, `my-service`, `node:22-alpine`, or `1.10.0`."""
    words = [word for word in _SEPARATORS.split(text[:201]) if word]
    # A single word with a number may well be a password: hunter22.
    return len(text) <= 200 and all(map(_PLAIN_WORD.fullmatch, words)) and (len(words) > 1 or text.isalpha() or text.isdigit())


def _is_token(run: str) -> bool:
    """Whether a long string without spaces looks random: letters and digits, and neither a path nor a list of names."""
    if not re.search(r"\d", run) or _is_plain(run):
        return False
    return run.isalnum() or run.lower() != run != run.upper() or bool(_UUID.fullmatch(run))
