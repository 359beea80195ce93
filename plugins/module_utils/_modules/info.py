# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the modules that look up one item of a job, or a list of them."""

from __future__ import annotations

import functools
import typing as t

from .. import _errors as errors
from .._argspec import COMMON, JOB, MILLION, Spec, api_options, check_ranges
from .._http.client import LIST_TIMEOUTS, MAX_ENTRIES, Client
from .._operation import Context, Operation, Result
from .._resources.jobs import Job, job_details
from .._resources.logs import last_lines
from .._resources.resource import Item, Resource

MAX_LOG_CHARACTERS = 8_000_000  # For all logs of a task together.

Filter = t.Callable[[dict[str, t.Any]], t.Callable[[Item], bool]]


def run(kind: type[Resource], wanted: Filter, client: Client, params: dict[str, t.Any], context: Context) -> Result:
    resource = kind(client, Job.from_params(params))
    check_ranges(params, limit=(0, MILLION), log_lines=(0, MILLION))
    item_id = params[resource.id_option]
    truncated = False
    if item_id == "" and context.check_mode:
        found = []  # Check mode did not start the item, so it has no ID.
    elif item_id is not None:
        found = _one(resource, item_id, context)
    else:
        found, truncated = _many(resource, wanted, params, context)
    if params["log_lines"]:
        _add_logs(resource, found, params["log_lines"], context)
    return {"changed": False, resource.plural: found, "truncated": truncated}


def _add_logs(resource: Resource, found: list[Item], lines: int, context: Context) -> None:
    """Add the last log lines to each item, within limits for all of them together."""
    deadline = context.clock.monotonic() + LIST_TIMEOUTS * resource.client.timeout
    size = left_out = 0
    forbidden = False
    for item in found:
        item["logs"] = []
        if forbidden or size >= MAX_LOG_CHARACTERS or context.clock.monotonic() >= deadline:
            left_out += not forbidden
            continue
        try:
            item["logs"] = last_lines(resource, item["id"], lines, deadline)
        except errors.NorthflankError as error:
            forbidden = isinstance(error, (errors.AuthenticationError, errors.ForbiddenError))
            context.warn(error.message)
        size += sum(map(len, item["logs"]))
    if left_out:
        what = f"The logs of {left_out} {resource.plural} were left out"
        context.warn(f"{what}: they are too long, or take too long to read. Lower log_lines or limit.")


def _one(resource: Resource, item_id: str, context: Context) -> list[Item]:
    try:
        return [resource.get(item_id)]
    except errors.NotFoundError:
        # A missing item is a valid answer; a missing job is a mistake.
        try:
            job_details(resource.client, resource.job)
        except errors.ForbiddenError as error:
            what = f"{resource.noun.capitalize()} {item_id!r} is unknown"
            context.warn(f"{what}, and it could not be checked whether the job exists. {error.message}")
        return []


def _many(resource: Resource, wanted: Filter, params: dict[str, t.Any], context: Context) -> tuple[list[Item], bool]:
    """Return the newest items that match, and whether there are or may be more."""
    is_wanted = wanted(params)
    statuses = {status.strip().upper() for status in params["status"] or []}
    unknown = statuses - set(resource.statuses)
    if unknown:
        known = ", ".join(resource.statuses)
        context.warn(f"Not a known status of {resource.plural}: {', '.join(sorted(unknown))}. Known are {known}.")

    def matching(items: list[Item]) -> list[Item]:
        return [item for item in items if is_wanted(item) and (not statuses or resource.status(item) in statuses)]

    limit = params["limit"] or MAX_ENTRIES
    listing = resource.newest_first(lambda items: len(matching(items)) >= limit)
    found = matching(listing.items)
    return found[:limit], len(found) > limit or not listing.is_complete


def operation(kind: type[Resource], filters: Spec, wanted: Filter) -> Operation:
    """Return the operation for a kind. `wanted` makes a predicate of the arguments; `filters` are the options that it reads."""
    item_id = api_options(f"{kind.noun}Id", type="str")
    filters = {**filters, "status": {"type": "list", "elements": "str"}}
    limits: Spec = {"limit": {"type": "int", "default": 50}, "log_lines": {"type": "int", "default": 0}}
    return Operation(
        argument_spec={**COMMON, **JOB, **item_id, **filters, **limits},
        run=functools.partial(run, kind, wanted),
        mutually_exclusive=[(option, name) for option in item_id for name in filters],
    )
