# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transcript of a contact: what its requests and responses look like, without anything that belongs to the user.

Kept are methods, statuses, names of headers and keys, booleans, statuses of builds, Northflank's words in errors, and the numbers of the
rate limit. IDs become stable stand-ins, times become seconds since the first response, and everything else becomes its type.
"""

from __future__ import annotations

import datetime
import email.utils
import json
import re
import typing as t

from ansible_collections.community.northflank.tools.contact.contact import Contact, Exchange, Target

Record = dict[str, t.Any]

KEPT_HEADERS = ("content-type", "allow", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
KEPT_NUMBERS = ("count", "status", "active", "failed", "succeeded", "completions", "backoffLimit")
SHORTEST_SECRET = 4  # Characters; a shorter text of the user's may be part of any word.

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_LOG_PREFIX = re.compile(r"(\S+T\S+ )?(stdout|stderr) ([FP]) ")


class Anonymizer:
    """Turns exchanges into records. `belongings` are the user's own texts, none of which may be in a record."""

    def __init__(self, target: Target) -> None:
        self._job_path = target.job_path
        self._stand_ins = {target.project_id: "<project>", target.job_id: "<job>"}
        self.belongings = {target.token, target.project_id, target.job_id, target.team_id, target.url.partition("://")[2]}
        self._zero: float | None = None

    def record(self, exchange: Exchange) -> Record:
        """Return what may be told of an exchange."""
        date = _http_time(exchange.headers.get("Date"))
        if self._zero is None:
            self._zero = date
        headers = {name.lower(): value if name.lower() in KEPT_HEADERS else None for name, value in sorted(exchange.headers.items())}
        return {
            "label": exchange.label,
            "method": exchange.method,
            "path": self._path(exchange.path),
            "query": {name: self._stand_ins.get(value, _query(name, value)) for name, value in exchange.query.items()},
            "token": exchange.token,
            "sent": exchange.sent,
            "lost": exchange.lost,
            "status": exchange.status,
            "headers": headers,
            "date": None if date is None else date - (self._zero or 0.0),
            "body": "json" if exchange.json is not None else _kind(exchange.text),
            "json": self._shape(exchange.json, "", in_error=False),
        }

    def _path(self, path: str) -> str:
        jobs, _slash, job = self._job_path.rpartition("/")
        if not path.startswith(jobs):
            return path
        rest = path[len(jobs) :].split("/")
        return "/".join(
            ["/v1/projects/<project>/jobs", *("<job>" if part == job else self._stand_ins.get(part, part) for part in rest[1:])]
        )

    def learn(self, value: t.Any, key: str = "") -> None:
        """Give new IDs a stand-in, and remember the user's texts."""
        if isinstance(value, dict):
            for name, item in value.items():
                if name != "error":
                    self.learn(item, name)
        elif isinstance(value, list):
            for item in value:
                self.learn(item, key)
        elif isinstance(value, str) and value:
            if key == "id" and value not in self._stand_ins:
                self._stand_ins[value] = f"<id {len(self._stand_ins)}>"
            if not _is_harmless(key, value):
                self.belongings.add(value)

    def _shape(self, value: t.Any, key: str, in_error: bool) -> t.Any:
        if isinstance(value, dict):
            return {
                name if _NAME.fullmatch(name) and name not in self.belongings else "<key>": self._shape(
                    item, name, in_error or name == "error"
                )
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._shape(item, key, in_error) for item in value]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            return self._number(value, key)
        return self._text(value, key, in_error)

    def _number(self, value: float, key: str) -> t.Any:
        if key in KEPT_NUMBERS:
            return value
        for unit, seconds in (("milliseconds", value / 1000), ("seconds", value)):
            if 1e9 < seconds < 4e9:
                return f"<time in {unit} {self._since(seconds)}>"
        return "<number>"

    def _text(self, value: str, key: str, in_error: bool) -> str:
        if value in self._stand_ins:
            return self._stand_ins[value]
        if _is_harmless(key, value):
            return value
        if _ISO.fullmatch(value):
            moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
            return f"<ISO time{'' if moment.tzinfo else ' without a zone'} {self._since(moment.timestamp())}>"
        if key == "log":
            prefix = _LOG_PREFIX.match(value)
            return f"{'<time> ' if prefix[1] else ''}{prefix[2]} {prefix[3]} <text>" if prefix else "<text>"
        if in_error:
            return "<id>" if key == "id" and "nf-" not in value else self._words(value)
        return f"<{key} of {len(value)} characters>" if key in ("sha", "cursor") else "<text>"

    def _words(self, value: str) -> str:
        """Return Northflank's words of an error without what may be the user's in them: quotations, numbers, IDs."""
        for known in sorted(self.belongings, key=len, reverse=True):
            if len(known) >= SHORTEST_SECRET:
                value = value.replace(known, "<own>")
        value = re.sub(r'"[^"]*"|`[^`]*`', "<quoted>", value)
        return re.sub(r"\S*\d\S*|\S{26,}", "<value>", value)

    def _since(self, moment: float) -> str:
        return f"{moment - (self._zero or moment):+.0f} s"


def _is_harmless(key: str, value: str) -> bool:
    return key == "status" and re.fullmatch(r"[A-Za-z_]{2,30}", value) is not None


def _query(name: str, value: t.Any) -> t.Any:
    return f"<cursor of {len(value)} characters>" if name == "cursor" else value


def _kind(text: str) -> str:
    return "empty" if not text else "html" if "<html" in text[:1000].lower() else "text"


def _http_time(text: str | None) -> float | None:
    return email.utils.parsedate_to_datetime(text).timestamp() if text else None


def write(contact: Contact, api: str, ours: str | None = None) -> str:
    """Return the transcript as JSON. Raises ValueError if something of the user's is still in it.

    `ours` is a transcript of the embedded API: a word that is in it, too, tells nothing about the user. It is None for that one itself.
    """
    anonymizer = Anonymizer(contact.target)
    for exchange in contact.exchanges:
        anonymizer.learn(exchange.json)
    records = [anonymizer.record(exchange) for exchange in contact.exchanges]
    text = json.dumps({"format": 1, "api": api, "exchanges": records}, indent=1) + "\n"
    if ours is not None:
        scan(text, {own for own in anonymizer.belongings if own not in ours})
    return text


def read(text: str) -> list[Record]:
    """Return the records of a transcript. Raises ValueError if it is none."""
    transcript = json.loads(text)
    if not isinstance(transcript, dict) or transcript.get("format") != 1:
        raise ValueError("not a transcript of a contact in format 1")
    return t.cast(list[Record], transcript["exchanges"])


def scan(text: str, belongings: t.Iterable[str]) -> None:
    """Raise ValueError if one of the user's own texts is in a file that is about to be written."""
    for own in belongings:
        if len(own) >= SHORTEST_SECRET and re.search(rf"(?<!\w){re.escape(json.dumps(own)[1:-1])}(?!\w)", text):
            raise ValueError(f"a text of {len(own)} characters that belongs to you is in it")
