# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows logs as they grow."""

from __future__ import annotations

import typing as t
from collections import Counter

from .. import _errors as errors
from .._resources.logs import LogLine, lines_since
from .._timestamps import iso_time, unix_time
from .tracked import Tracked

LINES = 1000  # Per request.
MAX_REQUESTS = 10  # Per item and poll.
OVERLAP = 1.0  # Seconds of the log that are read again each time.
MAX_REMEMBERED = 20_000  # Lines.
MILLISECOND = 0.001  # The resolution of the API's times.


class LogFollower:
    """Reports the new lines of logs. Warns once if the token may not read them, and if a log is too long to follow to its end."""

    def __init__(self, report: t.Callable[[dict[str, t.Any]], None], warn: t.Callable[[str], None]) -> None:
        self._report = report
        self._warn = warn
        self._forbidden = False
        self._shown: dict[Tracked, list[LogLine]] = {}

    def __call__(self, tracked: Tracked, deadline: float) -> None:
        """Report new lines until `deadline`. Failing to read them does not stop the wait."""
        if self._forbidden:
            return
        try:
            if not self._read(tracked, deadline) and tracked.ended:
                self._warn(f"The log of {tracked.resource.name(tracked.id)} is too long to follow; log_lines returns its last lines.")
        except (errors.AuthenticationError, errors.ForbiddenError) as error:
            self._forbidden = True
            self._warn(error.message)
        except errors.NorthflankError:
            pass

    def _read(self, tracked: Tracked, deadline: float) -> bool:
        """Return whether all lines were read."""
        shown = self._shown.get(tracked, [])
        time = next((line.time for line in reversed(shown) if line.time), None)
        latest = tracked.resource.started_at(tracked.item) if time is None else unix_time(time)
        # Lines may be stamped earlier than their item, and whether startTime is inclusive is undocumented.
        since = None if latest is None else latest - (OVERLAP if shown else 60 * OVERLAP)
        for _request in range(MAX_REQUESTS):
            lines = lines_since(tracked.resource, tracked.id, None if since is None else iso_time(since), LINES, deadline)
            new = self._show(tracked, lines)
            if len(lines) < LINES:
                return True
            # Continue at the last line, whose time may be rounded up. Of more than LINES lines with the same time, the rest is lost.
            latest = unix_time(lines[-1].time)
            since = None if latest is None else (latest - MILLISECOND if new else max(latest, since or 0.0) + MILLISECOND)
        return False

    def _show(self, tracked: Tracked, lines: list[LogLine]) -> list[LogLine]:
        """Report the lines that were not reported before, and return them."""
        shown = self._shown.get(tracked, [])
        before = Counter(shown)
        new = []
        for line in lines:
            before[_digest(line)] -= 1
            if before[_digest(line)] < 0:
                new.append(line)
        if new:
            newest = unix_time(new[-1].time) or 0.0
            kept = [seen for seen in [*shown, *map(_digest, new)] if (unix_time(seen.time) or 0.0) >= newest - 2 * OVERLAP]
            self._shown[tracked] = kept[-MAX_REMEMBERED:]
            self._report({"kind": "log", "item": tracked.summary(), "lines": [line.text for line in new]})
        return new


def _digest(line: LogLine) -> LogLine:
    return LogLine(line.time, str(hash(line.text)))
