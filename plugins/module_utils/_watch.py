# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Look at builds until they have ended: one piece of code for one build and for many."""

from __future__ import annotations

import math
import typing as t
from dataclasses import dataclass, field

from . import _errors as errors
from ._builds import Build, Builds, ended
from ._client import Client
from ._operation import Context
from ._pace import FIRST, Quota, Usual, pause, usual
from ._times import unix_time
from ._watched import Watched

PATIENCE_WITH_ABSENCE = 30.0
"""Seconds that a build may be unknown to the API: right after its start it may not be listed yet."""

HOPELESS = 60.0
"""Seconds without any answer that only Northflank gives."""

HEARTBEAT = 60.0
"""Seconds. CI systems take a play that prints nothing for dead after some minutes."""


@dataclass
class Group:
    """The builds of one job, which one list request shows all at once."""

    builds: Builds
    pending: dict[str, Watched] = field(default_factory=dict)
    due: float = 0.0
    over: float = math.inf
    usual: Usual | None = None
    list_allowed: bool = True
    get_allowed: bool = True
    looked: bool = False
    pages: int = 1
    failures: int = 0

    def by_list(self) -> bool:
        """Whether the next look is at the list: it costs less, nothing else is allowed, or the job's history is wanted."""
        if not self.list_allowed:
            return False
        return not self.looked or not self.get_allowed or 1 < len(self.pending) >= self.pages

    @property
    def cost(self) -> int:
        """Requests for the next look."""
        return self.pages if self.by_list() else len(self.pending)


class Watcher:
    """Waits for builds.

    :arg watched: all builds, in the order they were given; those that have ended cost nothing.
    :arg interval: seconds; the longest pause between two looks at a build.
    :arg timeout: seconds for the whole wait.
    :arg first: seconds until the first look.
    :arg stop_at_failure: whether to stop when one build has failed.
    :arg follow: reads the log of a build that was looked at until a moment on our clock, at the cost of one request.
    :ivar deadline: when the wait is over, on our clock.
    """

    def __init__(
        self,
        client: Client,
        context: Context,
        watched: list[Watched],
        *,
        interval: float,
        timeout: float,
        first: float = 0.0,
        stop_at_failure: bool = False,
        follow: t.Callable[[Watched, float], None] | None = None,
    ) -> None:
        self.watched = watched
        self.problem: errors.NorthflankError | None = None
        self.client = client
        self._clock = context.clock
        self._report = context.report
        self._interval = interval
        self._stop_at_failure = stop_at_failure
        self._follow = follow
        self._began = self._clock.monotonic()
        self.deadline = self._began + timeout
        self._beat = self._began + HEARTBEAT
        self._quota = Quota()
        self._latest = self._began
        self._not_before = self._began
        self._slowed = False
        self._news: list[tuple[Build, str | None]] = []
        self._groups: dict[t.Any, Group] = {}
        for item in watched:
            if not item.ended:
                group = self._groups.setdefault(item.builds.job, Group(item.builds, due=self._began + first))
                group.pending[item.build["id"]] = item

    @property
    def elapsed(self) -> float:
        """Seconds waited so far."""
        return self._clock.monotonic() - self._began

    def run(self) -> bool:
        """Wait.

        :returns: false if the time was over first. C(problem) is then why the latest look failed, if it did.
        :raises NorthflankError: looking is of no use any more: the token was revoked, a build is gone.
        """
        self._quota.learn(self.client.rate_limit, self.client.rate_limit_at)
        while self._groups:
            group = min(self._groups.values(), key=lambda g: g.due)
            self._sleep_until(min(self.deadline, max(group.due, self._not_before, self._latest + self._spacing() * group.cost)))
            if self._clock.monotonic() >= self.deadline:
                self._last_look()
                return not self._groups
            self._look(group, self.deadline)
            if self._stop_at_failure and any(item.failed for item in self.watched):
                return True
        return True

    def _last_look(self) -> None:
        """What all builds have come to, within half the time of a request: the other half is for aborts and logs."""
        until = self.deadline + self.client.timeout / 2
        for group in sorted(self._groups.values(), key=lambda g: g.due):
            if self._clock.monotonic() < until:
                self._look(group, until)

    def _spacing(self) -> float:
        """Seconds that the quota wants between two requests."""
        # The pace that lasts; the few faster looks at a young build do not count.
        logs = sum(len(group.pending) for group in self._groups.values()) if self._follow else 0
        wanted = (logs + sum(group.cost for group in self._groups.values())) / self._interval
        over = min(self.deadline, max(group.over for group in self._groups.values()))
        spacing = self._quota.spacing(wanted, self._clock.monotonic(), over)
        pause_for_all = spacing * sum(group.cost for group in self._groups.values())
        if (pause_for_all > self._interval) != self._slowed:
            self._slowed = not self._slowed
            self._tell("pace", pause=pause_for_all if self._slowed else 0.0, rate_limit=dict(self.client.rate_limit))
        return spacing

    def _age(self, build: Build) -> float:
        """Seconds since a build was created, all by the server's clock."""
        created, now = unix_time(build["created_at"]), self.client.server_time(self._clock.monotonic())
        return self.elapsed if created is None or now is None else max(0.0, now - created)

    def _sleep_until(self, moment: float) -> None:
        while True:
            now = self._clock.monotonic()
            if now >= self._beat:
                self._tell("heartbeat")
                self._beat = now + HEARTBEAT
            if now >= moment:
                return
            self._clock.sleep(min(moment, self._beat) - now)

    def _look(self, group: Group, until: float) -> None:
        """Look at the builds of a job once, and note when to look again.

        :arg until: when the last answer must be there, on our clock.
        """
        try:
            if group.by_list():
                self._look_at_list(group, until)
            else:
                self._look_at_each(group, until)
            group.failures = 0
            self.problem = None
            self._quota.learn(self.client.rate_limit, self.client.rate_limit_at)
            self._read_logs(group, until)
        except errors.NorthflankError as problem:
            self._bear(group, problem)
        for build, was in self._news:
            self._tell("status", build=build, was=was)
        self._news.clear()
        now = self._clock.monotonic()
        self._latest = now
        # Not by the build's own id: an answer may spell it otherwise than the task did.
        group.pending = {build_id: item for build_id, item in group.pending.items() if not item.ended}
        if not group.pending:
            del self._groups[group.builds.job]
        elif not group.failures:
            ages = [self._age(item.build) for item in group.pending.values()]
            group.due = now + min(pause(age, self._interval, group.usual) for age in ages)
            # When the last of them is over, if it takes as long as usual.
            due_in = group.usual.latest - min(ages) if group.usual else -1.0
            group.over = now + due_in if due_in > 0 else math.inf

    def _read_logs(self, group: Group, until: float) -> None:
        # When the quota is short, looks come first; what a build printed meanwhile is read at its end.
        if self._follow:
            for item in group.pending.values():
                if item.ended or not self._slowed:
                    self._follow(item, until)

    def _bear(self, group: Group, problem: errors.NorthflankError) -> None:
        """A look that failed is not a build that failed.

        :raises NorthflankError: trying again is of no use.
        """
        # Where nothing has been understood for a while, the address or the network is wrong for good.
        hopeless = not self.client.understood and self.elapsed > HOPELESS
        if hopeless or not errors.may_pass(problem):
            raise problem
        self.problem = problem
        group.looked = True  # The history is not worth a second try.
        group.failures += 1
        now = self._clock.monotonic()
        group.due = now + min(self._interval, FIRST * 2 ** min(group.failures, 8))
        if problem.retry_after is not None:
            if now + problem.retry_after > self.deadline and isinstance(problem, errors.RateLimitedError):
                raise problem
            self._not_before = now + problem.retry_after
            self._quota.returns(self._not_before)

    def _look_at_list(self, group: Group, until: float) -> None:
        """Find all pending builds of a job in its list, wherever the pages put them."""
        missing = dict(group.pending)
        seen: list[Build] = []
        pages = 0
        try:
            for page in group.builds.pages(until, retries=0):
                pages += 1
                seen += page if not group.looked else []
                for build in page:
                    if build["id"] in missing:
                        self._update(missing.pop(build["id"]), build)
                # For one build, the first look reads one page of the job's history; the build itself can be asked for.
                if not missing or (group.get_allowed and len(group.pending) == 1):
                    break
        except errors.ForbiddenError as problem:
            self._forbid(group, problem, "list_allowed")
            return self._look_at_each(group, until)
        if not group.looked:
            group.looked, group.usual = True, usual(seen)
        group.pages = max(1, pages)
        if missing and len(group.pending) == 1 and group.get_allowed:
            return self._look_at_each(group, until)
        for item in missing.values():
            self._absent(group, item, until)
        return None

    def _look_at_each(self, group: Group, until: float) -> None:
        group.looked = True
        trouble: errors.NorthflankError | None = None
        for item in list(group.pending.values()):
            try:
                self._update(item, group.builds.get(item.build["id"], until, retries=0))
            except errors.ForbiddenError as problem:
                self._forbid(group, problem, "get_allowed")
                return self._look_at_list(group, until)
            except errors.NotFoundError as problem:
                self._absent(group, item, until, problem)
            except (errors.ServerError, errors.InvalidResponseError) as problem:
                trouble = problem  # It may be this build's alone.
        if trouble is not None:
            raise trouble
        return None

    def _forbid(self, group: Group, problem: errors.ForbiddenError, way: str) -> None:
        """A token may list builds and not get one, or the other way round.

        :raises ForbiddenError: neither is allowed.
        """
        setattr(group, way, False)
        if not group.list_allowed and not group.get_allowed:
            raise problem

    def _absent(self, group: Group, item: Watched, until: float, problem: errors.NotFoundError | None = None) -> None:
        """The API does not know a build: it may be too new, or, when that has lasted too long, be gone."""
        now = self._clock.monotonic()
        if item.absent_since is None:
            item.absent_since = now
        if now - item.absent_since < PATIENCE_WITH_ABSENCE:
            return
        try:
            if problem is None and group.get_allowed:
                self._update(item, group.builds.get(item.build["id"], until, retries=0))
                return
        except errors.NotFoundError as unknown:
            problem = unknown
        except errors.ForbiddenError:
            group.get_allowed = False  # Then the list alone must do.
        item.lost = problem or errors.NotFoundError(
            f"Build {item.build['id']!r} is not among the builds of {item.builds.job}. "
            "Check its ID, and look at the job in Northflank: the build may have been deleted."
        )

    def _update(self, item: Watched, build: Build) -> None:
        before, item.build, item.absent_since = item.build["status"], build, None
        if build["status"] != before or ended(build):
            self._news.append((build, before))

    def _tell(self, kind: str, **facts: t.Any) -> None:
        """Report progress as data; who can show it renders it."""
        medians = [group.usual.median for group in self._groups.values() if group.usual]
        self._report(
            {
                "kind": kind,
                "elapsed": self.elapsed,
                "total": len(self.watched),
                "ended": sum(item.ended for item in self.watched),
                "failed": sum(item.failed for item in self.watched),
                "builds": [item.build for item in self.watched if not item.ended],
                "usual": max(medians) if medians else None,
                **facts,
            }
        )
