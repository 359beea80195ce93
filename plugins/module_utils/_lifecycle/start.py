# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts one item of a job, exactly once however the network fails.

The API has no idempotency key, so a start whose response was lost is only sent again once the job's list shows that it had no effect.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .. import _errors as errors
from .._http.retry_rules import can_retry_later, can_retry_now, is_ambiguous, is_unprocessed
from .._operation import Context
from .._resources.resource import Item, Resource

RECOVERY_DELAYS = (1.0, 2.0, 4.0, 7.0, 11.0, 15.0, 20.0)
"""Seconds after a lost response at which the list is read. What is not listed by then is assumed not to exist."""

CLOCK_SKEW = 60.0  # Seconds by which the clock that stamps items may be behind the one that stamps responses.

CLOCK_DRIFT = 2.0  # Seconds. Later responses lower our estimate of the server's clock by less than this.

MAX_REQUESTS = 15  # For one search, however long the list is: several hosts may share the account's rate limit.

CLOCK_READINGS = 5  # Extra requests to learn the server's time, if it is open whether the only candidate is older than ours.

MAX_NAMED = 10  # Candidates in a message.
MAX_CANDIDATES = 100  # In a result.
MAX_SEEN = 1000


def start(resource: Resource, body: dict[str, t.Any], context: Context) -> tuple[Item, bool]:
    """Start an item; return it, and whether its response was lost and it was found in the list.

    Raises UnknownOutcomeError if it is unknown whether one was started; after any other error none was."""
    client = resource.client
    request = resource.start_request(body)
    first_ambiguous: float | None = None
    attempt = 0
    patience = client.timeout
    while True:
        sent_at = client.clock.monotonic()
        try:
            item, recovered = resource.parse(request, client.parse(request, client.send(request))), False
            break
        except errors.NorthflankError as error:
            if is_ambiguous(error):
                # An earlier attempt may take effect after a later one was sent.
                first_ambiguous = sent_at if first_ambiguous is None else first_ambiguous
                found = _Recovery(resource, body, first_ambiguous, error, context).find()
                if found is not None:
                    item, recovered = found, True
                    break
            elif not (is_unprocessed(error) and can_retry_now(error)):
                raise
            patience -= client.sleep_before_retry(error, attempt, patience)
        attempt += 1
    context.started.add((resource.job, item["id"]))
    return item, recovered


@dataclass(eq=False)
class _Recovery:
    """Finds what was started by a request whose response was lost. The first attempt that may have been processed was sent at `began`.

    `seen` has everything that any poll has shown: the API may have several servers, and one may lag behind.
    """

    resource: Resource
    body: dict[str, t.Any]
    began: float
    error: errors.NorthflankError
    context: Context
    seen: dict[str, Item] = field(default_factory=dict)
    lost_at: float = 0.0
    matches: t.Callable[[Item], bool] | None = None
    requests: int = 0
    pages: int = 1  # Of the latest poll.

    def find(self) -> Item | None:
        """Return what was started, or None if nothing was. Raises UnknownOutcomeError if that is unknown."""
        self._poll()
        self._read_clock()
        new, about_then, recent, undated = self._classify()
        if undated:
            raise self._unknown("without dates, new ones cannot be distinguished from old ones", [*new, *about_then, *recent, *undated])
        if new and len(new + about_then) > 1:
            raise self._unknown(f"{len(new + about_then)} of them were started since then, and any may be this one", new + about_then)
        if about_then:
            raise self._unknown("one was started at about that time, and it is unclear whether it is this one", about_then + recent)
        if new:
            self._check_doubt(new[0])
        if recent and not new:
            raise self._unknown("one was started moments before, and may be this one if Northflank's clocks differ", recent)
        return next(iter(new), None)

    def _poll(self) -> None:
        """Poll until nothing further can appear. Do not stop at the first match: it may not be ours."""
        client = self.resource.client
        clock = client.clock
        self.lost_at = clock.monotonic()
        deadline = self.lost_at + RECOVERY_DELAYS[-1] + 2 * client.timeout
        for delay in RECOVERY_DELAYS:
            wait = client.server_clock.next_tick(self.lost_at + delay) - clock.monotonic()
            is_last = delay == RECOVERY_DELAYS[-1]
            # Skip this poll if its time has passed, or if it would use up requests that the last poll needs.
            if not is_last and (wait < 0 or self.requests + 2 * self.pages > MAX_REQUESTS):
                continue
            clock.sleep(max(0.0, wait))
            try:
                self._search(deadline, retries=None if is_last else 0)
            except errors.NorthflankError as error:
                if is_last or not can_retry_later(error):
                    found = [item for group in self._classify() for item in group]
                    raise self._unknown(f"that failed, too: {error.message}", found) from error

    def _check_doubt(self, item: Item) -> None:
        client = self.resource.client
        try:
            lost_at = client.server_clock.latest(self.lost_at) or 0.0
            doubt = self.resource.doubt(item, lost_at, client.clock.monotonic() + client.timeout)
        except errors.NorthflankError as error:
            doubt = f"that failed, too: {error.message}"
        if doubt:
            raise self._unknown(doubt, [item]) from None

    def _search(self, deadline: float, retries: int | None) -> None:
        """Read the list back to items that cannot be ours."""
        if self.matches is None:
            self.requests += 1
            self.matches = self.resource.matcher(self.body, deadline)
        left = max(1, MAX_REQUESTS - self.requests)
        self.requests += 1
        listing = self.resource.newest_first(self._reaches_back, deadline, retries, max_pages=left)
        self.pages = listing.pages
        self.requests += listing.pages - 1
        self._remember(filter(self.matches, listing.items))
        if not listing.is_enough:
            problem = f"{MAX_REQUESTS} requests are not enough to list them all, and the list is not sorted newest first"
            raise errors.NorthflankError(problem)

    def _reaches_back(self, items: list[Item]) -> bool:
        """Whether a list, newest first, goes back to items that cannot be ours."""
        since, oldest = self._recent_since(), self.resource.started_at(items[-1])
        return since is not None and oldest is not None and oldest < since - CLOCK_DRIFT

    def _read_clock(self) -> None:
        """Poll the only candidate from about then, if there is one, until the server's clock is known well enough to classify it."""
        clock = self.resource.client.clock
        for _reading in range(CLOCK_READINGS):
            new, about_then, _recent, undated = self._classify()
            if new or undated or len(about_then) != 1:
                return
            now = clock.monotonic()
            clock.sleep(self.resource.client.server_clock.next_tick(now + 0.5) - now)
            try:
                self.resource.get(about_then[0]["id"], retries=0)
            except errors.NorthflankError:
                return

    def _remember(self, items: t.Iterable[Item]) -> None:
        for item in items:
            created, since = self.resource.started_at(item), self._recent_since()
            if created is None or since is None or created >= since - CLOCK_DRIFT:
                self.seen[item["id"]] = item
            if len(self.seen) > MAX_SEEN:
                raise errors.InvalidResponseError(f"more than {MAX_SEEN} {self.resource.plural} were started at about that time")

    def _recent_since(self) -> float | None:
        """Return from when on an item may be ours if the clocks of Northflank's servers differ."""
        client = self.resource.client
        latest = client.server_clock.latest(self.began)
        # A gateway's clock may be far ahead of the one that stamps items, so use the local one, too.
        began = client.clock.time() - (client.clock.monotonic() - self.began)
        return None if latest is None else min(latest, began) - CLOCK_SKEW

    def _classify(self) -> tuple[list[Item], list[Item], list[Item], list[Item]]:
        """Sort the seen items: certainly newer than our request, from about then, from moments before, undated.

        Leave out what this process started. What other tasks started is unknown, so only an item that is certainly newer is ours.
        """
        server_clock, recent_since = self.resource.client.server_clock, self._recent_since()
        earliest, latest = server_clock.earliest(self.began), server_clock.latest(self.began)
        new, about_then, recent, undated = [], [], [], []
        for item in self.seen.values():
            created = self.resource.started_at(item)
            if (self.resource.job, item["id"]) in self.context.started:
                continue
            # A time in whole seconds may be cut, and so up to a second too early.
            cut = 1.0 if created is not None and created.is_integer() else 0.0
            if created is None or earliest is None or latest is None or recent_since is None:
                undated.append(item)
            elif created >= latest:
                new.append(item)
            elif created + cut >= earliest:
                about_then.append(item)
            elif created >= recent_since:
                recent.append(item)
        return new, about_then, recent, undated

    def _unknown(self, why: str, candidates: list[Item]) -> errors.UnknownOutcomeError:
        noun, plural = self.resource.noun, self.resource.plural
        more = f", and {len(candidates) - MAX_NAMED} more" if len(candidates) > MAX_NAMED else ""
        seen = f" Seen: {', '.join(repr(item['id']) for item in candidates[:MAX_NAMED])}{more}." if candidates else ""
        message = (
            f"A {noun} of {self.resource.job} may or may not have been started. {self.error.message} The request was not sent again, "
            f"because that could start a second {noun}. The module searched the job's {plural} for it, but {why.rstrip('.')}.{seen} "
            f"Look at the job in Northflank: if its newest {noun} is the one you wanted, use it; otherwise run the task again."
        )
        candidates = candidates[:MAX_CANDIDATES]
        return errors.UnknownOutcomeError(message, status=self.error.status, api=self.error.api, candidates=candidates)
