# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the modules that only wait."""

from __future__ import annotations

import functools
import typing as t

from .. import _errors as errors
from .._argspec import COMMON, JOB, WAIT, optional
from .._http.client import Client
from .._lifecycle.tracked import Tracked
from .._lifecycle.wait import check_wait_options, wait_for
from .._operation import Context, Operation, Result
from .._resources.jobs import Job
from .._resources.resource import Resource


def run(kind: type[Resource], client: Client, params: dict[str, t.Any], context: Context) -> Result:
    check_wait_options(params, context)
    plural = f"{kind.noun}s"
    known: dict[tuple[Job, str | None], Tracked] = {}
    given = []
    for number, entry in enumerate(params[plural]):
        job, item_id = _identify(f"{plural}[{number}]", kind.noun, entry, params, context)
        resource = kind(client, job)
        given.append(known.setdefault((job, item_id), Tracked(resource, resource.empty(id=item_id))))
    watched = [tracked for tracked in known.values() if tracked.item["id"]]
    try:
        wait_for(client, context, watched, params)
    except errors.NorthflankError as error:
        aborted = any(tracked.aborted for tracked in given)
        error.partial_result.update({plural: [_as_result(tracked) for tracked in given], "changed": aborted})
        raise
    return {"changed": False, plural: [_as_result(tracked) for tracked in given]}


def _as_result(tracked: Tracked) -> Result:
    return {**tracked.item, "logs": tracked.logs}


def _identify(where: str, noun: str, given: t.Any, params: dict[str, t.Any], context: Context) -> tuple[Job, str | None]:
    """Return the job and the ID of an entry, which may be another task's result, or the item in it."""
    advice = f"Give the ID of a {noun}, or the {noun} of another result."
    if isinstance(given, dict) and isinstance(given.get(noun), dict):
        given = given[noun]
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(f"{where} is neither an ID nor a dictionary. {advice}")
    aliases = {"project_id": "projectId", "job_id": "jobId", "team_id": "teamId"}
    ids = {name: given.get(name) or given.get(alias) or params[name] for name, alias in aliases.items()}
    for name in ("project_id", "job_id"):
        if not ids[name]:
            raise errors.InvalidArgumentsError(f"{where} has no {name}, and the task has none either. Set it in one of the two.")
    item_id = given.get("id") or given.get(f"{noun}_id") or given.get(f"{noun}Id")
    if not item_id and not context.check_mode:
        raise errors.InvalidArgumentsError(f"{where} has no ID. {advice}")
    job = Job(str(ids["project_id"]), str(ids["job_id"]), str(ids["team_id"]) if ids["team_id"] else None)
    return job, str(item_id) if item_id else None


def operation(kind: type[Resource]) -> Operation:
    entries = {"type": "list", "elements": "raw", "required": True}
    fail_fast = {"type": "bool", "default": False}
    return Operation(
        argument_spec={**COMMON, **optional(JOB), **WAIT, f"{kind.noun}s": entries, "fail_fast": fail_fast},
        run=functools.partial(run, kind),
    )
