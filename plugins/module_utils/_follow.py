# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.
"""Read the logs of builds as they grow, for a reporter that shows them."""

from __future__ import annotations

import typing as t
from collections import Counter

from . import _errors as errors
from ._logs import LogLine, lines_since
from ._times import iso_time, unix_time
from ._watched import Watched

LINES = 1000
"""Lines to read at once."""

READS = 10
"""Requests for one build and one look, where it prints faster than that."""

OVERLAP = 1.0
"""Seconds of the log that are read again each time."""


class Follower:
    """Reports the lines of a build's log that it has not reported yet.

    :arg report: takes an event with C(build) and C(lines).
    :arg warn: told once, if logs cannot be read, or not to the end.
    """

    def __init__(self, report: t.Callable[[dict[str, t.Any]], None], warn: t.Callable[[str], None]) -> None:
        self._report = report
        self._warn = warn
        self._forbidden = False
        self._shown: dict[int, list[LogLine]] = {}

    def __call__(self, item: Watched, until: float) -> None:
        """Read what has come since the last time, up to a moment on our clock. That it cannot be read is no reason to stop waiting."""
        if self._forbidden:
            return
        shown = self._shown.get(id(item), [])
        latest = _latest(shown, item)
        # Lines may carry times a little before the build's own, and whether startTime itself is included is not documented.
        since = None if latest is None else latest - (OVERLAP if shown else 60 * OVERLAP)
        try:
            for _read in range(READS):
                lines = lines_since(item.builds, item.build["id"], None if since is None else iso_time(since), LINES, until)
                new = self._show(item, lines)
                if len(lines) < LINES:
                    return
                # More than fits: read on from the last of them. A moment of more lines than that cannot be read to its end.
                latest = unix_time(lines[-1].time)
                since = latest if new or latest is None or since is None else max(latest, since) + 0.001
        except errors.ForbiddenError as problem:
            self._forbidden = True
            self._warn(problem.message)
        except errors.NorthflankError:
            pass
        else:
            if item.ended:
                self._warn(f"The log of build {item.build['id']!r} is too long to follow to its end; log_lines returns its last lines.")

    def _show(self, item: Watched, lines: list[LogLine]) -> list[LogLine]:
        """Report those lines that were not reported before; returns them."""
        shown = self._shown.get(id(item), [])
        before = Counter(shown)
        new = []
        for line in lines:
            before[line] -= 1
            if before[line] < 0:
                new.append(line)
        if new:
            newest = unix_time(new[-1].time) or 0.0
            self._shown[id(item)] = [line for line in [*shown, *new] if (unix_time(line.time) or 0.0) >= newest - 2 * OVERLAP]
            self._report({"kind": "log", "build": item.build, "lines": [line.text for line in new]})
        return new


def _latest(shown: list[LogLine], item: Watched) -> float | None:
    return unix_time(next((line.time for line in reversed(shown) if line.time), item.build["created_at"]))
