# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows logs as they grow."""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, field

from .. import _errors as errors
from .._resources.logs import LogLine, lines_since
from .tracked import Tracked

LINES = 1000  # Per request.
MAX_REQUESTS = 20  # Per item and poll.
MAX_LINES = 100_000  # Per item. What was shown must be remembered.
OVERLAP = 30.0  # Seconds of the log that are read again each time.
EARLIER = 86_400.0  # Seconds. The log is read from so long before the item's start, in case the log's clock is behind.
MILLISECOND = 0.001  # The resolution of the API's times.


@dataclass
class Shown:
    """How often each line was shown, and the time from which the log is read next. `latest` is the latest time of a line."""

    since: float | None
    lines: Counter[int] = field(default_factory=Counter)
    latest: float = 0.0


class LogFollower:
    """Reports each line of a log once, whatever its time.

    While the item runs, only the end of the log is read. When it has ended, the whole log is read once more, to find lines that arrived
    late with an earlier time. Warns once if the token may not read logs, and if lines may be missing because a log is too long or cannot
    be read.
    """

    def __init__(self, report: t.Callable[[dict[str, t.Any]], None], warn: t.Callable[[str], None]) -> None:
        self._report = report
        self._warn = warn
        self._forbidden = False
        self._logs: dict[Tracked, Shown] = {}

    def __call__(self, tracked: Tracked, deadline: float) -> None:
        """Report new lines until `deadline`. Failing to read them does not stop the wait."""
        if self._forbidden or tracked.not_found:
            return
        complete = False
        begin = self._begin(tracked)
        shown = self._logs.setdefault(tracked, Shown(begin))
        since = shown.since
        try:
            complete = self._read(tracked, shown, since, deadline)
            if tracked.ended and since != begin:
                complete = self._read(tracked, shown, begin, deadline)
        except (errors.AuthenticationError, errors.ForbiddenError) as error:
            self._forbidden = True
            self._warn(error.message)
            return
        except errors.NorthflankError:
            pass
        if tracked.ended and not complete:
            name = tracked.resource.name(tracked.id)
            self._warn(f"The log of {name} is too long to follow, or could not be read: not all of its lines were shown.")

    def _begin(self, tracked: Tracked) -> float | None:
        started = tracked.resource.started_at(tracked.item)
        return None if started is None else started - EARLIER

    def _read(self, tracked: Tracked, shown: Shown, since: float | None, deadline: float) -> bool:
        """Return whether all lines from a Unix time on were read."""
        complete = True
        for _request in range(MAX_REQUESTS):
            if len(shown.lines) > MAX_LINES:
                return False
            lines, is_cut = lines_since(tracked.resource, tracked.id, since, LINES, deadline)
            self._show(tracked, shown, lines)
            times = [line.time for line in lines if line.time is not None]
            shown.latest = max([shown.latest, *times])
            is_full = is_cut or len(lines) == LINES
            if not is_full or not times:
                shown.since = self._next(tracked, shown)
                return complete and not is_full
            # Continue at the last line, whose time may be rounded up. Of more than LINES lines with the same time, the rest is lost.
            if since is not None and times[-1] - MILLISECOND <= since:
                complete, since = False, times[-1] + MILLISECOND
            else:
                since = times[-1] - MILLISECOND
            shown.since = since
        return False

    def _next(self, tracked: Tracked, shown: Shown) -> float | None:
        """Return the time from which to read next: a clock may be ahead of the server's, and the log may reach it late."""
        begin, client = self._begin(tracked), tracked.resource.client
        now = client.server_clock.earliest(client.clock.monotonic())
        if begin is None or now is None or not shown.latest:
            return begin
        return max(begin, min(now, shown.latest) - OVERLAP)

    def _show(self, tracked: Tracked, shown: Shown, lines: list[LogLine]) -> None:
        """Report the lines that were not reported before: those that one response has more often than were shown."""
        here: Counter[int] = Counter()
        new = []
        for line in lines:
            digest = hash(line)
            here[digest] += 1
            if here[digest] > shown.lines[digest]:
                shown.lines[digest] += 1
                new.append(line.text)
        if new:
            self._report({"kind": "log", "item": tracked.summary(), "lines": new})
