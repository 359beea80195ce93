# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When to poll: until all items have ended or time is up, no faster than the rate limit allows, reporting progress."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .. import _errors as errors
from .._http.client import Client
from .._http.retry_rules import can_retry_later, is_lasting
from .._operation import Context
from .lookup import Lookup
from .polling import FIRST_POLL, RequestBudget, polling_interval
from .tracked import Tracked

UNREACHABLE_AFTER = 60.0  # Seconds without a response that only Northflank sends; then the address or the network is wrong.
HEARTBEAT = 60.0  # Seconds. CI systems kill a play that prints nothing for several minutes.


@dataclass(eq=False)
class Watcher:
    """Waits for items of any number of jobs; ended ones are not polled.

    The first poll is after `first` seconds, polls are at most `interval` seconds apart, and the wait ends after `timeout` seconds, at
    `deadline`. `follow_log` reads an item's new log lines until a deadline. `last_error` is why the latest poll failed.
    """

    client: Client
    context: Context
    watched: list[Tracked]
    interval: int
    timeout: int
    first: float = 0.0
    fail_fast: bool = False
    follow_log: t.Callable[[Tracked, float], None] | None = None
    last_error: errors.NorthflankError | None = None

    def __post_init__(self) -> None:
        self._clock = self.context.clock
        self._began = self._last_poll = self._not_before = self._clock.monotonic()
        self.deadline = self._began + self.timeout
        self._heartbeat_at = self._began + HEARTBEAT
        self._budget = RequestBudget()
        self._slowed = False
        self._failed = sum(tracked.failed for tracked in self.watched)
        self._jobs: dict[t.Any, Lookup] = {}
        for tracked in self.watched:
            if not tracked.ended:
                lookup = Lookup(tracked.resource, self._clock, due=self._began + self.first)
                self._jobs.setdefault(tracked.resource.job, lookup).pending[tracked.id] = tracked

    @property
    def elapsed(self) -> float:
        """Seconds waited so far."""
        return self._clock.monotonic() - self._began

    def run(self) -> bool:
        """Wait. Return False if time was up, and True if all items ended, or if one failed with `fail_fast`.

        Raises NorthflankError if further polling is pointless: the token was revoked, or the job is gone.
        """
        self._budget.update(self.client.rate_limit, self.client.rate_limit_at, self.client.responses)
        if self._jobs:
            # Names the item before the first poll, so that its ID is known if the task is interrupted.
            self._emit("start", item=next(tracked for tracked in self.watched if not tracked.ended).summary())
        while self._jobs:
            job = min(self._jobs.values(), key=lambda job: job.due)
            due = max(job.due, self._not_before, self._last_poll + self._pause(job.cost))
            self._sleep_until(min(self.deadline, due))
            if self._clock.monotonic() >= self.deadline:
                self._poll_once_more()
                if self.last_error is not None and not self.client.api_confirmed:
                    raise self.last_error
                return not self._jobs
            self._poll(job, self.deadline)
            if self.fail_fast and self._failed:
                return True
        return True

    def _pause(self, requests: int) -> float:
        """Return the seconds that the rate limit requires before so many requests."""
        cost = sum(job.cost for job in self._jobs.values())
        logs = sum(len(job.pending) for job in self._jobs.values()) if self.follow_log else 0
        # Ignores that young items are polled faster.
        demand = (logs + cost) / self.interval, self._clock.monotonic(), self.deadline
        pause = self._budget.pause(cost, *demand)
        if (pause > self.interval) != self._slowed:
            self._slowed = not self._slowed
            self._emit("pace", pause=pause if self._slowed else 0.0, rate_limit=dict(self.client.rate_limit))
        return self._budget.pause(requests, *demand)

    def _sleep_until(self, moment: float) -> None:
        while True:
            now = self._clock.monotonic()
            if now >= self._heartbeat_at:
                self._emit("heartbeat")
                self._heartbeat_at = now + HEARTBEAT
            if now >= moment:
                return
            self._clock.sleep(min(moment, self._heartbeat_at) - now)

    def _poll_once_more(self) -> None:
        """Use half of a request's time for a last poll; the other half is for aborts and logs."""
        until = self.deadline + self.client.timeout / 2
        for job in sorted(self._jobs.values(), key=lambda job: job.due):
            if self._clock.monotonic() < until:
                self._poll(job, until)

    def _poll(self, job: Lookup, until: float) -> None:
        """Poll the items of one job before `until`, report changes, and schedule the next poll."""
        try:
            job.poll(until)
            job.failures = 0
            self.last_error = None
            self._budget.update(self.client.rate_limit, self.client.rate_limit_at, self.client.responses)
        except errors.NorthflankError as error:
            self._handle_poll_error(job, error)
        self._follow_logs(job, until)
        over = [tracked for tracked in job.pending.values() if tracked.ended]
        job.pending = {item_id: tracked for item_id, tracked in job.pending.items() if not tracked.ended}
        self._failed += sum(tracked.failed for tracked in over)
        for tracked in job.changes:
            self._emit("status", item=tracked.summary())
        job.changes.clear()
        self._last_poll = now = self._clock.monotonic()
        if not job.pending:
            del self._jobs[job.resource.job]
        elif not job.failures:
            youngest = min(self._age(tracked) for tracked in job.pending.values())
            job.due = now + polling_interval(youngest, self.interval)

    def _age(self, tracked: Tracked) -> float:
        """Return the seconds since an item was started, by the server's clock."""
        started = tracked.resource.started_at(tracked.item)
        now = self.client.server_clock.latest(self._clock.monotonic())
        return self.elapsed if started is None or now is None else max(0.0, now - started)

    def _follow_logs(self, job: Lookup, until: float) -> None:
        # When the rate limit is short, or polls fail, polling has priority; skipped lines are read when the item ends.
        if self.follow_log:
            for tracked in job.pending.values():
                if tracked.ended or not (self._slowed or job.failures):
                    self.follow_log(tracked, until)

    def _handle_poll_error(self, job: Lookup, error: errors.NorthflankError) -> None:
        """Schedule another poll if it may succeed: a failed poll says nothing about the items."""
        unreachable = not self.client.api_confirmed and (self.elapsed > UNREACHABLE_AFTER or is_lasting(error))
        if unreachable or not can_retry_later(error):
            raise error
        self.last_error = error
        job.failures += 1
        now = self._clock.monotonic()
        job.due = now + min(self.interval, FIRST_POLL * 2 ** min(job.failures, 8))
        if error.retry_after is not None:
            if now < self.deadline < now + error.retry_after and isinstance(error, errors.RateLimitedError):
                raise error
            self._not_before = now + error.retry_after
            self._budget.forget()

    def _emit(self, kind: str, **facts: t.Any) -> None:
        pending = [tracked for job in self._jobs.values() for tracked in job.pending.values()]
        event = {
            "kind": kind,
            "elapsed": self.elapsed,
            "total": len(self.watched),
            "ended": len(self.watched) - len(pending),
            "failed": self._failed,
            # Only one is named, and events are as many as items.
            "pending": [tracked.summary() for tracked in pending[:1]],
            "typical": max((job.typical for job in self._jobs.values() if job.typical), default=None),
        }
        self.context.report({**event, **facts})
