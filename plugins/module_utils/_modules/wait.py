# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the modules that only wait."""

from __future__ import annotations

import functools
import re
import typing as t

from .. import _errors as errors
from .._argspec import COMMON, JOB, WAIT, optional
from .._http.client import Client
from .._lifecycle.tracked import Tracked
from .._lifecycle.wait import MAX_NAMED, check_wait_options, wait_for
from .._masking import shorten
from .._operation import Context, Operation, Result
from .._resources.jobs import Job
from .._resources.resource import Resource


def run(kind: type[Resource], client: Client, params: dict[str, t.Any], context: Context) -> Result:
    check_wait_options(params, context)
    noun, plural = kind.noun, f"{kind.noun}s"
    failures = []
    known: dict[tuple[Job, str | None], Tracked] = {}
    given = []
    for where, entry in _entries(plural, params[plural], plural):
        if _failed_to_start(entry, noun):
            failures.append((where, entry))
            continue
        job, item_id = _identify(where, entry, noun, params, context)
        resource = kind(client, job)
        given.append(known.setdefault((job, item_id), Tracked(resource, resource.empty(id=item_id))))
    watched = [tracked for tracked in known.values() if tracked.item["id"]]
    try:
        wait_for(client, context, watched, params, failed_before=_error(failures, noun, params["fail_fast"]))
    except errors.NorthflankError as error:
        aborted = any(tracked.aborted for tracked in given)
        error.partial_result.update({plural: [_as_result(tracked) for tracked in given], "changed": aborted})
        raise
    return {"changed": False, plural: [_as_result(tracked) for tracked in given]}


def _entries(where: str, given: t.Any, plural: str) -> t.Iterator[tuple[str, t.Any]]:
    """Yield the items in what was given, with their places: it may be a list, an ID, or a result, also of a loop. Skip skipped tasks."""
    if isinstance(given, str):
        # As Ansible does for lists.
        given = given.split(",")
    if isinstance(given, dict):
        key = next((key for key in ("results", plural) if isinstance(given.get(key), list)), None)
        if key is not None:
            yield from _entries(f"{where}.{key}", given[key], plural)
        elif given.get("skipped") is not True:
            yield where, given
    elif isinstance(given, (list, tuple)):
        for number, entry in enumerate(given):
            place = f"{where}[{number}]"
            yield from [(place, entry.strip())] if isinstance(entry, str) else _entries(place, entry, plural)
    else:
        yield where, given


def _failed_to_start(entry: t.Any, noun: str) -> bool:
    """Whether this is the result of a failed task that started nothing. What a failed task did start is waited for."""
    # The `failed` of a run is a number: how many of its attempts have failed.
    has_failed = isinstance(entry, dict) and (entry.get("failed") is True or entry.get("unreachable") is True)
    return has_failed and not isinstance(entry.get(noun), dict)


def _error(failures: list[tuple[str, dict[str, t.Any]]], noun: str, fail_fast: bool) -> errors.FailedError | None:
    if not failures:
        return None
    named = [_named(where, entry) for where, entry in failures[:MAX_NAMED]]
    more = f"; and {len(failures) - MAX_NAMED} more" if len(failures) > MAX_NAMED else ""
    others = " With fail_fast, the task did not wait for those that were started; they continue in Northflank." if fail_fast else ""
    message = f"{len(failures)} task{'s' if len(failures) > 1 else ''} failed to start a {noun}: {'; '.join(named)}{more}.{others}"
    return errors.FailedError(message, kind=f"{noun}_failed", item_status={f"{noun}_status": None}, logs=[])


def _named(where: str, entry: dict[str, t.Any]) -> str:
    item = entry.get(str(entry.get("ansible_loop_var", "item")))
    # Other items may have secrets in them.
    name = f" (item {shorten(item, 100)!r})" if isinstance(item, str) else ""
    return f"{where}{name}: {shorten(str(entry.get('msg') or 'no message'), 1000).rstrip('.')}"


def _as_result(tracked: Tracked) -> Result:
    return {**tracked.item, "logs": tracked.logs}


def _identify(where: str, given: t.Any, noun: str, params: dict[str, t.Any], context: Context) -> tuple[Job, str | None]:
    """Return the job and the ID of an entry, which may be another task's result, or the item in it."""
    advice = f"Give the ID of a {noun}, or the {noun} of another result."
    if isinstance(given, dict) and isinstance(given.get(noun), dict):
        given = given[noun]
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(f"{where} is neither an ID nor a dictionary. {advice}")
    item_id = given.get("id") or given.get(f"{noun}_id") or given.get(f"{noun}Id")
    if not item_id and not context.check_mode:
        raise errors.InvalidArgumentsError(f"{where} has no ID. {advice}")
    if re.search(r"[\s\[\]{}\"']", str(item_id or "")):
        raise errors.InvalidArgumentsError(f"{where} is {shorten(str(item_id), 100)!r}, which is not an ID. {advice}")
    aliases = {"project_id": "projectId", "job_id": "jobId", "team_id": "teamId"}
    ids = {name: given.get(name) or given.get(alias) or params[name] for name, alias in aliases.items()}
    for name in ("project_id", "job_id"):
        if not ids[name]:
            raise errors.InvalidArgumentsError(f"{where} has no {name}, and the task has none either. Set it in one of the two.")
    job = Job(str(ids["project_id"]), str(ids["job_id"]), str(ids["team_id"]) if ids["team_id"] else None)
    return job, str(item_id) if item_id else None


def operation(kind: type[Resource]) -> Operation:
    entries = {f"{kind.noun}s": {"type": "raw", "required": True}, "fail_fast": {"type": "bool", "default": False}}
    return Operation(argument_spec={**COMMON, **optional(JOB), **WAIT, **entries}, run=functools.partial(run, kind))
