# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults that the embedded API has not, and a network that takes its time."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Any, Callable

from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, SimulatedClock
from ansible_collections.community.northflank.tests.fake_northflank.server import Connection, Reply, Request


class Gateway(Fault):
    """A fault whose response is not the API's own: its `Date` is that of a clock which is `ahead` seconds fast."""

    def __init__(self, kind: str, *arguments: Any, ahead: float, **detail: Any) -> None:
        super().__init__(kind, *arguments, **detail)
        self.ahead = ahead

    def reply(self, answer: Reply | None, target: str, now: float, envelope: Any) -> Reply:
        made = super().reply(answer, target, now, envelope)
        date = formatdate(now + self.ahead, usegmt=True).encode()

        def deliver(connection: Connection, head: bytes, body: bytes) -> None:
            connection.send(re.sub(rb"(?m)^Date: [^\r]*", b"Date: " + date, head) + body)

        made.deliver = deliver
        return made


class Stall(Fault):
    """A fault that costs the client so many seconds of the simulated clock before it shows: a time-out in no time."""

    def __init__(self, kind: str, *arguments: Any, takes: float, clock: SimulatedClock, **detail: Any) -> None:
        super().__init__(kind, *arguments, **detail)
        self.takes = takes
        self.clock = clock

    def reply(self, answer: Reply | None, target: str, now: float, envelope: Any) -> Reply:
        self.clock.advance(self.takes)
        return super().reply(answer, target, now, envelope)


def make_fault(kind: str, endpoint: str, *, ahead: float = 0.0, **fields: Any) -> Fault:
    """A fault; that of a gateway where its clock goes differently."""
    return Gateway(kind, endpoint, ahead=ahead, **fields) if ahead else Fault(kind, endpoint, **fields)


class SlowNorthflank(FakeNorthflank):
    """The embedded API at a distance: `way()` gives the simulated seconds of each request's way there, and of the response's way back."""

    def __init__(self, clock: SimulatedClock, way: Callable[[], float], port: int = 0) -> None:
        super().__init__(clock=clock, port=port)
        self._way = way

    def _handle(self, request: Request) -> Reply:
        self.clock.advance(self._way())
        reply = super()._handle(request)
        self.clock.advance(self._way())
        return reply
