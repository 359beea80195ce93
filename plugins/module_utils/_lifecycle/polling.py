# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When to poll next, and how long items usually take."""

from __future__ import annotations

import typing as t

from .._resources.resource import Item, Resource

FIRST_POLL = 2.0  # Seconds after the start.
SHORTEST = 5.0  # Seconds between two polls.
RESERVE = 1 / 5  # Of the rate limit, for starts.
NEWEST = 10  # Items that count for the typical duration, which changes over time.


def polling_interval(age: float, longest: float) -> float:
    """Return the seconds until the next poll: a tenth of the item's age, at least 5 s, but never more than `longest`."""
    return min(longest, max(SHORTEST, age / 10))


def typical_duration(resource: Resource, items: t.Iterable[Item]) -> float | None:
    """Return the median duration of the newest successful items, in seconds. Failed ones may end at any time."""
    good = [item for item in items if resource.has_ended(item) and resource.has_succeeded(item)]
    times = [(resource.started_at(item), resource.ended_at(item)) for item in good]
    known = sorted(((start, end) for start, end in times if start is not None and end is not None and end > start), reverse=True)
    durations = sorted(end - start for start, end in known[:NEWEST])
    return durations[len(durations) // 2] if durations else None


class RequestBudget:
    """Spaces requests so that the account's rate limit lasts until it resets, shared with everyone else who uses it.

    Each response says how many requests the account has left, and in how many seconds the limit resets. The drop since our previous
    response says how many requests everyone made for each of ours: `n`. If the requests left would not last at this pace, our next
    request waits `n` times the seconds until the reset, divided by the requests left. When everyone does this, all slow down in
    proportion, and the requests last exactly until the reset.

    A fifth of the limit is reserved for sudden starts: with 50 forks, 200 of 1000 are enough for two rounds of builds that end at once.
    The smaller the others' share of the requests, the smaller the reserve; without others, it is an eighth of the limit or half of what
    is left, whichever is less. Until our second response shows their share, we assume that others make all requests.
    """

    def __init__(self) -> None:
        self._remaining: int | None = None
        self._reserve = self._received_at = self._resets_at = 0.0
        self._responses = 0
        self._share: float | None = None  # Our share of all requests.
        self._others = 0.0  # Requests per second.

    def update(self, rate_limit: dict[str, int | None], now: float, responses: int) -> None:
        """Record the rate limit of the latest response, which was received at `now` and is number `responses` of ours."""
        limit, remaining, reset = rate_limit["limit"], rate_limit["remaining"], rate_limit["reset"]
        if remaining is None or reset is None or (remaining, now) == (self._remaining, self._received_at):
            return
        ours, all_ = responses - self._responses, (self._remaining or 0) - remaining
        if self._responses and 0 < ours <= all_:
            self._share = ours / all_
            self._others = (all_ - ours) / max(now - self._received_at, 0.001)
        self._remaining, self._received_at, self._resets_at, self._responses = remaining, now, now + reset, responses
        limit = limit or remaining
        self._reserve = max(min(limit / 8, remaining / 2), limit * RESERVE * (1 - (self._share or 0.0)))

    def forget(self) -> None:
        """Forget the requests left; after a `Retry-After`, the next response sets them again."""
        self._remaining = None

    def pause(self, requests: int, wanted: float, now: float, until: float) -> float:
        """Return the minimum seconds before so many further requests, at most until the reset.

        It is 0 if `wanted` requests per second until `until`, and those of others, fit the rate limit.
        """
        seconds = self._resets_at - now
        if self._remaining is None or seconds <= 0:
            return 0.0
        left = self._remaining - self._reserve
        if wanted * min(seconds, until - now) + self._others * seconds <= left:
            return 0.0
        return min(seconds, requests / (self._share or 1.0) * seconds / left) if left > 0 else seconds
