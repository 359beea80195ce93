# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One item, as last seen by a task: its log, and its abort."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .. import _errors as errors
from .._operation import Context
from .._resources.logs import last_lines
from .._resources.resource import Item, Resource


@dataclass(eq=False)
class Tracked:
    """An item. `absent_since` is when the API first did not know it; if that lasts too long, `not_found` is set."""

    resource: Resource
    item: Item
    absent_since: float | None = None
    not_found: errors.NotFoundError | None = None
    logs: list[str] = field(default_factory=list)
    aborted: bool = False

    @property
    def id(self) -> str:
        return str(self.item["id"])

    @property
    def name(self) -> str:
        """The name in a message about this item alone."""
        name = self.resource.name(self.id)
        return name[:1].upper() + name[1:]

    @property
    def short_name(self) -> str:
        """The name in a message about several items."""
        return f"{self.id!r} (job {self.resource.job.job_id!r})"

    @property
    def ended(self) -> bool:
        """Whether the item has ended or is gone."""
        return self.not_found is not None or self.resource.has_ended(self.item)

    @property
    def failed(self) -> bool:
        """Whether the item has failed or is gone."""
        return self.ended and not (self.not_found is None and self.resource.has_succeeded(self.item))

    def summary(self) -> dict[str, t.Any]:
        """Return what progress events say about the item."""
        keys = {key: self.item[key] for key in ("id", "job_id", "status")}
        keys["status"] = "not found" if self.not_found else keys["status"]
        return {**keys, "message": self.resource.reason(self.item), "ended": self.ended, "failed": self.failed}


def read_logs(tracked: Tracked, lines: int, context: Context, deadline: float | None = None) -> list[str]:
    """Return the last lines of a log; if they cannot be read, warn and return none."""
    if lines == 0:
        return []
    try:
        return last_lines(tracked.resource, tracked.id, lines, deadline)
    except errors.NorthflankError as error:
        context.warn(error.message)
        return []


def abort(tracked: Tracked, context: Context, deadline: float | None = None) -> bool:
    """Abort an item that has not ended, and return whether the abort took effect, or is about to.

    It may have ended by itself meanwhile, so trust what the API reports afterwards. Raises NorthflankError if the abort was refused.
    """
    refusal: errors.NorthflankError | None = None
    try:
        tracked.resource.abort(tracked.id, deadline)
    except errors.NorthflankError as error:
        refusal = error
    try:
        tracked.item = tracked.resource.get(tracked.id, deadline)
    except errors.NorthflankError as error:
        if refusal is None:
            context.warn(f"The abort was accepted, but its result is unknown. {error.message}")
    if refusal is not None and not tracked.ended:
        raise refusal
    resource, status = tracked.resource, tracked.resource.status(tracked.item)
    # A refusal may follow an abort whose response was lost. The documentation does not say what an aborted run is called.
    unknown = refusal is None and status not in resource.statuses
    tracked.aborted = not tracked.ended or status == resource.aborted or unknown
    return tracked.aborted
