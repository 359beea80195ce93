# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""When to look next: seldom while nothing can have happened, often when the end is due, never faster than the quota lasts."""

from __future__ import annotations

import math
import typing as t

from ._builds import Build, ended, succeeded
from ._times import unix_time

FIRST = 2.0
"""Seconds from the start of a build to the first look."""

ROOT = 0.5
"""How the pause grows in a build's first minute: by the root of its age. A build of a minute costs 15 looks, and its end is seen
within 3 seconds."""

SHARE = 1 / 6
"""The pause after that, as a part of the build's age."""

QUIET_SLOPE = 0.8
"""The same while the job's earlier builds say that nothing is due."""

QUIET = 3.0
"""How many times the longest pause may be exceeded then."""

LOOKS_WHEN_DUE = 53
"""Looks between the earliest and the latest moment at which the end is due."""

NEWEST = 10
"""Builds: a job's build time changes, and its last ones tell most."""


class Usual(t.NamedTuple):
    """How long builds of a job usually take, in seconds."""

    median: float
    earliest: float
    latest: float


def usual(builds: t.Iterable[Build]) -> Usual | None:
    """Learn from a job's earlier builds; only successful ones, since a failed one may end at any time."""
    times = [(unix_time(b["created_at"]), unix_time(b["build_concluded_at"])) for b in builds if ended(b) and succeeded(b)]
    known = sorted(((start, end) for start, end in times if start is not None and end is not None and end > start), reverse=True)
    took = [end - start for start, end in known[:NEWEST]]
    if not took:
        return None
    median = sorted(took)[len(took) // 2]
    margin = max(FIRST, 0.05 * median, 0.5 * (max(took) - min(took)))
    return Usual(median, min(took) - margin, max(took) + margin)


def pause(age: float, interval: float, known: Usual | None) -> float:
    """Seconds until the next look at a build.

    :arg age: seconds since the build was created.
    :arg interval: seconds; the longest pause, C(wait_interval).
    """
    growing = min(interval, FIRST + ROOT * math.sqrt(age) if age < 60 else SHARE * age)
    if known is None or age > known.latest:
        return growing
    if age >= known.earliest:
        return min(growing, max(FIRST, (known.latest - known.earliest) / LOOKS_WHEN_DUE))
    quiet = min(QUIET * interval, FIRST + QUIET_SLOPE * age)
    return max(min(quiet, known.earliest - age), min(growing, FIRST))


class Quota:
    """How fast requests may follow each other so that they last until the quota returns.

    Northflank tells with each answer how many are left and in how many seconds the count starts again.
    """

    def __init__(self) -> None:
        self._left: float | None = None
        self._returns = 0.0

    def learn(self, rate_limit: dict[str, int | None], now: float) -> None:
        """Take the headers of the latest answer, which came at C(now)."""
        remaining, reset = rate_limit["remaining"], rate_limit["reset"]
        if remaining is not None and reset is not None:
            # Something is left for the start and the log of a next task.
            self._left, self._returns = remaining - min(20, remaining // 10), now + reset

    def returns(self, moment: float) -> None:
        """Take the word of a refusal on when the quota returns."""
        self._left, self._returns = None, moment

    def spacing(self, wanted: float, now: float, until: float) -> float:
        """Seconds to leave between two requests; 0 where the wanted pace can be kept.

        :arg wanted: requests a second.
        :arg until: when they end at the latest.
        """
        if self._left is None or now >= self._returns:
            return 0.0
        needed = wanted * (min(self._returns, until) - now)
        return (self._returns - now) / max(self._left, 1) if needed > self._left else 0.0
