# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Aborts an item and finds out what became of it."""

from __future__ import annotations

from .. import _errors as errors
from .._operation import Context
from .tracked import Tracked


def abort(tracked: Tracked, context: Context, deadline: float | None = None) -> bool:
    """Abort an item, and return whether that ended it.

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
            context.warn(f"The abort was accepted, but what became of it is unknown. {error.message}")
            tracked.aborted = True
            return True
    if refusal is not None and not tracked.ended:
        raise refusal
    tracked.aborted = not tracked.ended or tracked.item["status"] == tracked.resource.aborted
    return tracked.aborted
