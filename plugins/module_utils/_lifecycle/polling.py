# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When to poll next, and how long items usually take."""

from __future__ import annotations

import typing as t

from .._resources.resource import Item, Resource

FIRST_POLL = 2.0  # Seconds after the start.
SHORTEST = 5.0  # Seconds between two polls.
NEWEST = 10  # Items that count for the typical duration, which changes over time.


def polling_interval(age: float, longest: float) -> float:
    """Return the seconds until the next poll: a tenth of the item's age, at least 5 s, and at most `longest`."""
    return min(longest, max(SHORTEST, age / 10))


def typical_duration(resource: Resource, items: t.Iterable[Item]) -> float | None:
    """Return the median duration of the newest successful items, in seconds. Failed ones may end at any time."""
    good = [item for item in items if resource.has_ended(item) and resource.has_succeeded(item)]
    times = [(resource.started_at(item), resource.ended_at(item)) for item in good]
    known = sorted(((start, end) for start, end in times if start is not None and end is not None and end > start), reverse=True)
    durations = sorted(end - start for start, end in known[:NEWEST])
    return durations[len(durations) // 2] if durations else None


class RequestBudget:
    """Spaces requests so that the rate limit lasts until it resets.

    Each response from Northflank says how many requests are left, and in how many seconds the limit resets.
    """

    def __init__(self) -> None:
        self._left: float | None = None
        self._resets_at = 0.0

    def update(self, rate_limit: dict[str, int | None], now: float) -> None:
        """Record the rate limit of a response received at `now`."""
        remaining, reset = rate_limit["remaining"], rate_limit["reset"]
        if remaining is not None and reset is not None:
            # Leave some for the start and the log of the next task.
            self._left, self._resets_at = remaining - min(20, remaining // 10), now + reset

    def forget(self) -> None:
        """Forget the requests left; after a `Retry-After`, only the next response tells."""
        self._left = None

    def spacing(self, wanted: float, now: float, until: float) -> float:
        """Return the minimum seconds between two requests, or 0 if `wanted` requests per second fit the limit until `until`."""
        if self._left is None or now >= self._resets_at:
            return 0.0
        needed = wanted * (min(self._resets_at, until) - now)
        return (self._resets_at - now) / max(self._left, 1) if needed > self._left else 0.0
