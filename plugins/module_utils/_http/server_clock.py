# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Estimates the server's clock from `Date` headers."""

from __future__ import annotations

import math

from .messages import Response


class ServerClock:
    """How far the server's clock is ahead of the local monotonic one, within limits that responses narrow.

    `Date` is truncated to whole seconds and written about halfway between the request and the end of its response.
    """

    def __init__(self) -> None:
        self._least: float | None = None
        self._most = math.inf
        self._half_trip = 0.0
        self._shortest_half_trip = math.inf

    def update(self, response: Response) -> None:
        """Learn from a response that is certainly Northflank's: a proxy's clock may be far off."""
        if response.date is None:
            return
        self._half_trip = (response.received_at - response.sent_at) / 2
        # Without the half trip: the bound must hold even if the whole time was spent on the way to the server.
        least = response.date - response.received_at
        self._least = least if self._least is None else max(least, self._least)
        self._most = min(response.date + 1.0 - response.sent_at, self._most)
        # The shortest trip seen: a body that arrives slowly says nothing about when the request arrived.
        self._shortest_half_trip = min(self._half_trip, self._shortest_half_trip)

    def latest(self, at: float) -> float | None:
        """Return the upper bound of the server's time at local time `at`; None before the first response."""
        # Network jitter can make the limits cross.
        return None if self._least is None else at + max(self._most - self._shortest_half_trip, self._least)

    def earliest(self, at: float) -> float | None:
        """Return the lower bound of the server's time at local time `at`; None before the first response."""
        return None if self._least is None else at + self._least

    def next_tick(self, at: float) -> float:
        """Return the next local time from `at` on at which the server's second should change: a response then narrows the limits most."""
        most = self.latest(0.0)
        if self._least is None or most is None:
            return at
        # Assume that the request takes as long to arrive as the latest one.
        ahead = (self._least + self._half_trip + most) / 2 + self._half_trip
        return math.ceil(at + ahead) - ahead
