# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the modules that abort something that has not ended."""

from __future__ import annotations

import functools
import typing as t

from .. import _errors as errors
from .._argspec import COMMON, JOB, api_options
from .._http.client import Client
from .._lifecycle.tracked import Tracked, abort
from .._operation import Context, Operation, Result
from .._resources.jobs import Job
from .._resources.resource import Resource


def run(kind: type[Resource], client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Abort an item; leave an ended one alone."""
    resource = kind(client, Job.from_params(params))
    noun, item_id = resource.noun, params[resource.id_option]
    if not item_id and context.check_mode:
        # Check mode did not start the item, so it has no ID.
        return {"changed": True, noun: resource.empty()}
    if not item_id:
        raise errors.InvalidArgumentsError(f"{resource.id_option} is not set, or empty. Give the ID of the {noun} to abort.")
    tracked = Tracked(resource, resource.get(item_id))
    before = tracked.item["status"]
    try:
        changed = not tracked.ended and (context.check_mode or abort(tracked, context))
    except errors.NorthflankError as error:
        error.partial_result[noun] = tracked.item
        raise
    result: Result = {"changed": changed, noun: tracked.item}
    if context.diff:
        after = resource.aborted if changed else tracked.item["status"]
        result["diff"] = {"before": {"status": before}, "after": {"status": after}}
    return result


def operation(kind: type[Resource]) -> Operation:
    return Operation(argument_spec={**COMMON, **JOB, **api_options(f"{kind.noun}Id", type="str")}, run=functools.partial(run, kind))
