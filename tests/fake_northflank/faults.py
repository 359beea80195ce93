# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: which request meets one, and what becomes of its answer."""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any, Callable

from .server import Connection, HangUp, Reply

# Each kind of fault with its details and their defaults.
KINDS: dict[str, dict[str, Any]] = {
    "reset": {},
    "close": {},
    "cut": {},
    "stall": {},
    "trickle": {"gap": 0.01, "headers": False},
    "html": {"status": 502},
    "empty": {"status": 200},
    "no_content": {},
    "json": {"status": 200, "body": None},
    "redirect": {"status": 302, "location": None},
    "status": {"status": 500, "message": None},
    "rate_limited": {"header": "retry-after", "seconds": 30},
    "unavailable": {"seconds": None},
    "huge": {"size": 64 * 1024 * 1024, "declared": False},
    "bad_length": {},
    "not_http": {},
    "early_hints": {},
}
ENDPOINTS = frozenset(["start", "list", "get", "abort", "logs", "job", "branches", "other", "any"]) | frozenset(
    f"run_{name}" for name in ("start", "list", "get", "abort", "logs")
)
# These spoil the way an answer takes, not the answer.
TRANSPORT = frozenset({"cut", "stall", "trickle", "bad_length", "early_hints"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
RETRY_HEADERS = frozenset({"retry-after", "retry-after-date", "reset"})
PIECE = 64 * 1024

Envelope = Callable[..., Reply]


class Fault:
    """One fault of the embedded API.

    It meets the `call`-th request (from 1) to `endpoint` since it was added and the `times - 1` after that;
    with `call=None` the next `times` ones that no earlier fault meets; with `times=None` all from there on.
    `when='before'`: a start or an abort does not happen; `'after'`: it happens, and the answer is spoilt.

    Kinds and their details, all times in seconds of the real clock:

    - `reset` (a TCP reset), `close` (an end without a byte), `cut` (half of the body, then a reset),
      `bad_length` (a Content-Length that is too large, then an end), `not_http` (bytes that are no HTTP),
      `early_hints` (HTTP 103, and then the answer),
    - `stall` (no answer until the client goes), `trickle` (`gap` between two bytes of the
      body; `headers=True`: of the headers too),
    - `html` (`status`), `empty` (`status`), `no_content` (204), `json` (`status`, `body`: any JSON, or a string
      that is sent as it is), `redirect` (`status`, `location`: None is `/moved` and the path),
      `huge` (`size` bytes that begin like JSON; `declared`: with a Content-Length),
    - `status` (`status`, `message`), `unavailable` (503; `seconds` for Retry-After),
      `rate_limited` (429; `header`: `retry-after`, `retry-after-date`, `reset` or None; `seconds` in it).
    """

    def __init__(
        self, kind: str, endpoint: str = "any", call: int | None = None, times: int | None = 1, when: str = "before", **detail: Any
    ) -> None:
        self.kind = kind
        self.endpoint = endpoint
        self.call = call
        self.times = times
        self.when = when
        _validate(self, detail)
        self.detail: dict[str, Any] = {**KINDS[kind], **detail}
        self._seen = 0
        self._used = 0

    def __repr__(self) -> str:
        return f"<Fault {self.kind} {self.when} {self.endpoint}>"

    @property
    def spent(self) -> bool:
        if self.times is None:
            return False
        return self._used >= self.times or (self.call is not None and self._seen >= self.call + self.times - 1)

    def see(self, endpoint: str) -> bool:
        """Count a request; whether it may meet this fault."""
        if self.endpoint not in ("any", endpoint):
            return False
        self._seen += 1
        if self.call is None:
            return self.times is None or self._used < self.times
        return self._seen >= self.call and (self.times is None or self._seen < self.call + self.times)

    def use(self) -> None:
        self._used += 1

    @property
    def spoils_transport(self) -> bool:
        """Whether it needs an answer, to spoil its way."""
        return self.kind in TRANSPORT

    @property
    def sends_status(self) -> bool:
        return self.kind not in ("reset", "close", "not_http", "stall")

    def reply(self, answer: Reply | None, target: str, now: float, envelope: Envelope) -> Reply:
        """What is sent. `answer`: that of the API; `now`: server time; `envelope` makes error answers."""
        if self.spoils_transport and answer is not None:
            answer.deliver = self._deliver
            if self.kind == "bad_length":
                answer.headers["Content-Length"] = str(len(answer.body) + 100)
            return answer
        maker = getattr(self, f"_{self.kind}", None)
        if maker is not None:
            made: Reply = maker(target, now, envelope)
            return made
        return Reply(200, deliver=self._deliver)

    def _deliver(self, connection: Connection, head: bytes, body: bytes) -> None:
        if self.kind == "reset":
            connection.reset()
        elif self.kind == "cut":
            connection.send(head + body[: len(body) // 2])
            connection.reset()
        elif self.kind == "stall":
            connection.gone_within(None)
        elif self.kind == "trickle":
            self._drip(connection, head, body)
            return
        elif self.kind == "early_hints":
            connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" + head + body)
            return
        elif self.kind == "bad_length":
            connection.send(head + body)
        elif self.kind == "not_http":
            connection.send(b"\x00\x15\x03 220 this is no HTTP at all\r\n\r\n")
        raise HangUp

    def _drip(self, connection: Connection, head: bytes, body: bytes) -> None:
        if not self.detail["headers"]:
            connection.send(head)
            head = b""
        for byte in head + body:
            # The pause ends at once where the client or the server ends.
            if connection.gone_within(self.detail["gap"]):
                raise HangUp
            connection.send(bytes([byte]))

    def _pour(self, connection: Connection, head: bytes, _body: bytes) -> None:
        connection.send(head)
        left = self.detail["size"]
        piece = b'{"data":{"id":"'
        while left > 0:
            piece = piece[:left]
            left -= len(piece)
            framed = piece if self.detail["declared"] else b"%x\r\n%b\r\n" % (len(piece), piece)
            connection.send(framed)
            piece = b"a" * PIECE
        if not self.detail["declared"]:
            connection.send(b"0\r\n\r\n")

    def _html(self, *_context: Any) -> Reply:
        status = self.detail["status"]
        body = f"<body><center><h1>{status}</h1></center></body>"
        page = f"<html>\r\n<head><title>{status}</title></head>\r\n{body}\r\n</html>\r\n"
        return Reply(status, page.encode(), {"Content-Type": "text/html"})

    def _empty(self, *_context: Any) -> Reply:
        return Reply(self.detail["status"], b"", {"Content-Type": "application/json; charset=utf-8"})

    def _no_content(self, *_context: Any) -> Reply:
        return Reply(204)

    def _json(self, *_context: Any) -> Reply:
        body = self.detail["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        return Reply(self.detail["status"], text.encode(), {"Content-Type": "application/json; charset=utf-8"})

    def _redirect(self, target: str, *_context: Any) -> Reply:
        location = self.detail["location"] or "/moved" + target
        return Reply(self.detail["status"], b"", {"Location": location})

    def _status(self, _target: str, _now: float, envelope: Envelope) -> Reply:
        return envelope(self.detail["status"], self.detail["message"])

    def _unavailable(self, _target: str, _now: float, envelope: Envelope) -> Reply:
        reply = envelope(503, "Service temporarily unavailable")
        if self.detail["seconds"] is not None:
            reply.headers["Retry-After"] = str(self.detail["seconds"])
        return reply

    def _rate_limited(self, _target: str, now: float, envelope: Envelope) -> Reply:
        reply = envelope(429, "Too many requests")
        header = self.detail["header"]
        reply.headers.update(quota_hints({header} if header else set(), self.detail["seconds"], now))
        reply.headers["x-ratelimit-remaining"] = "0"
        return reply

    def _huge(self, *_context: Any) -> Reply:
        declared = self.detail["declared"]
        framing = {"Content-Length": str(self.detail["size"])} if declared else {"Transfer-Encoding": "chunked"}
        return Reply(200, b"", {"Content-Type": "application/json; charset=utf-8", **framing}, deliver=self._pour)


class Faults:
    """The faults that are set, the oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def meet(self, endpoint: str) -> Fault | None:
        """Count a request with every fault; the one that it meets, the oldest that is due."""
        due = [fault for fault in self._faults if fault.see(endpoint)]
        if due:
            due[0].use()
        self._faults = [fault for fault in self._faults if not fault.spent]
        return due[0] if due else None


def quota_hints(wanted: set[str], seconds: float, now: float) -> dict[str, str]:
    """The headers of a 429 that say when to come back, of those in `RETRY_HEADERS` that are wanted."""
    hints = {}
    if "reset" in wanted:
        hints["x-ratelimit-reset"] = str(seconds)
    if "retry-after-date" in wanted:
        hints["Retry-After"] = formatdate(now + seconds, usegmt=True)
    if "retry-after" in wanted:
        hints["Retry-After"] = str(seconds)
    return hints


def _validate(fault: Fault, detail: dict[str, Any]) -> None:
    if fault.kind not in KINDS:
        raise ValueError(f"unknown kind of fault: {fault.kind!r}; known are {', '.join(sorted(KINDS))}")
    if fault.endpoint not in ENDPOINTS:
        raise ValueError(f"unknown endpoint: {fault.endpoint!r}; known are {', '.join(sorted(ENDPOINTS))}")
    if fault.when not in ("before", "after"):
        raise ValueError(f"when must be 'before' or 'after', not {fault.when!r}")
    if (fault.call is not None and fault.call < 1) or (fault.times is not None and fault.times < 1):
        raise ValueError("call and times count from 1")
    unknown = detail.keys() - KINDS[fault.kind].keys()
    if unknown:
        raise ValueError(f"a fault of kind {fault.kind!r} has no {', '.join(sorted(unknown))}")
    if fault.kind == "redirect" and detail.get("status", 302) not in REDIRECTS:
        raise ValueError(f"status of a redirect must be one of {sorted(REDIRECTS)}")
    if fault.kind == "rate_limited" and detail.get("header") not in RETRY_HEADERS | {None}:
        raise ValueError(f"header must be one of {sorted(RETRY_HEADERS)} or None")
