# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to poll: one list request for all items of a job, or one request per item, whichever is permitted and cheaper."""

from __future__ import annotations

from dataclasses import dataclass, field

from .. import _errors as errors
from .._http.client import Clock
from .._resources.resource import Item, Resource
from .polling import typical_duration
from .tracked import Tracked

NOT_FOUND_GRACE = 30.0  # Seconds that an item may be unknown to the API: right after its start it may not be listed yet.


@dataclass(eq=False)
class Lookup:
    """Polls the items of one job that have not ended: `pending`, by ID.

    `changes` has those that changed status or ended; the caller reports them and clears the list. `typical` is the usual duration of such
    items in seconds, if the first poll shows it. When the next poll is `due`, and how many `failures` preceded it, is up to the caller.
    """

    resource: Resource
    clock: Clock
    due: float
    failures: int = 0
    pending: dict[str, Tracked] = field(default_factory=dict)
    changes: list[Tracked] = field(default_factory=list)
    typical: float | None = None
    _may_list: bool = True
    _may_get: bool = True
    _polled: bool = False
    _pages: int = 1

    @property
    def cost(self) -> int:
        """The number of requests that the next poll takes."""
        return self._pages if self._uses_list() else len(self.pending)

    def _uses_list(self) -> bool:
        if not self._may_list:
            return False
        # The first poll reads the list to learn how long such items usually take.
        return not self._polled or not self._may_get or 1 < len(self.pending) >= self._pages

    def poll(self, deadline: float) -> None:
        """Update the pending items before `deadline`. Raises NorthflankError if not all could be looked up."""
        try:
            self._poll(deadline)
        except errors.ForbiddenError:
            # A token may have permission to list items but not to get one, or vice versa.
            if not (self._may_list or self._may_get):
                raise
            self._poll(deadline)
        finally:
            # The history is read only once, even if that failed.
            self._polled = True

    def _poll(self, deadline: float) -> None:
        if self._uses_list():
            self._poll_list(deadline)
        else:
            self._poll_each(deadline)

    def _poll_list(self, deadline: float) -> None:
        missing = dict(self.pending)
        alone = len(self.pending) == 1 and self._may_get
        history: list[Item] = []
        pages = 0
        try:
            for page in self.resource.pages(deadline, retries=0):
                pages += 1
                history += page.entries if not self._polled else []
                for item in page.entries:
                    if item["id"] in missing:
                        self._update(missing.pop(item["id"]), self._with_verdict(item, deadline))
                # A single item can be looked up by its ID instead of searching all pages.
                if not missing or alone:
                    break
        except errors.ForbiddenError:
            self._may_list = False
            raise
        if not self._polled:
            self.typical = typical_duration(self.resource, history)
        self._pages = max(1, pages)
        if missing and alone:
            self._poll_each(deadline)
            return
        for tracked in missing.values():
            self._not_found(tracked, deadline)

    def _with_verdict(self, item: Item, deadline: float) -> Item:
        """Return an item of a list; if it has ended, and the list does not say whether well, look it up by its ID."""
        if self._may_get and self.resource.has_ended(item) and not self.resource.has_verdict(item):
            try:
                return self.resource.get(item["id"], deadline, retries=0)
            except errors.ForbiddenError:
                self._may_get = False
            except errors.NotFoundError:
                pass
        return item

    def _poll_each(self, deadline: float) -> None:
        failure: errors.NorthflankError | None = None
        for tracked in list(self.pending.values()):
            try:
                self._update(tracked, self.resource.get(tracked.id, deadline, retries=0))
            except errors.ForbiddenError:
                self._may_get = False
                raise
            except errors.NotFoundError as error:
                self._not_found(tracked, deadline, error)
            except (errors.ServerError, errors.InvalidResponseError) as error:
                failure = error  # May affect only this item.
        if failure is not None:
            raise failure

    def _not_found(self, tracked: Tracked, deadline: float, error: errors.NotFoundError | None = None) -> None:
        """Handle an item that a list lacks or, with the `error`, that is unknown by its ID: it may be too new, or deleted."""
        now = self.clock.monotonic()
        if tracked.absent_since is None:
            tracked.absent_since = now
        if now - tracked.absent_since < NOT_FOUND_GRACE:
            return
        # Ask the other endpoint before giving up.
        try:
            if error is None and self._may_get:
                self._update(tracked, self.resource.get(tracked.id, deadline, retries=0))
                return
            if error is not None and self._may_list and self._found_in_list(tracked, deadline):
                self._may_get = False
                return
        except errors.NotFoundError as caught:
            error = caught
        except errors.ForbiddenError:
            if error is None:
                self._may_get = False
            else:
                self._may_list = False
        tracked.not_found = error or not_found(tracked)
        self.changes.append(tracked)

    def _found_in_list(self, tracked: Tracked, deadline: float) -> bool:
        items = (item for page in self.resource.pages(deadline, retries=0) for item in page.entries)
        found = next((item for item in items if item["id"] == tracked.id), None)
        if found is not None:
            self._update(tracked, found)
        return found is not None

    def _update(self, tracked: Tracked, item: Item) -> None:
        before, tracked.item, tracked.absent_since = tracked.item["status"], item, None
        if item["status"] not in (before, None) or tracked.ended:
            self.changes.append(tracked)


def not_found(tracked: Tracked) -> errors.NotFoundError:
    advice = f"Check its ID, and look at the job in Northflank: the {tracked.resource.noun} may have been deleted."
    return errors.NotFoundError(f"{tracked.name} was not found. {advice}")
