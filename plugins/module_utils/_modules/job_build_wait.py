# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build_wait`: wait for any number of builds, of any number of jobs, at once."""

from __future__ import annotations

import re
import typing as t

from .. import _errors as errors
from .._argspec import COMMON, JOB, WAIT, optional
from .._http.client import Client
from .._lifecycle.tracked import Tracked
from .._lifecycle.wait import MAX_NAMED, check_wait_options, wait_for
from .._masking import shorten
from .._operation import Context, Operation, Result
from .._resources.job_builds import JobBuilds
from .._resources.jobs import Job

ADVICE = "Give the ID of a build, or the build of another result."


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    check_wait_options(params, context)
    entries = list(_entries("builds", params["builds"]))
    failures = [(where, entry) for where, entry in entries if _failed_to_start(entry)]
    known: dict[tuple[Job, str | None], Tracked] = {}
    given = []
    for where, entry in entries:
        if not _failed_to_start(entry):
            job, build_id = _identify(where, entry, params, context)
            builds = JobBuilds(client, job)
            given.append(known.setdefault((job, build_id), Tracked(builds, builds.empty(id=build_id))))
    watched = [tracked for tracked in known.values() if tracked.item["id"]]
    try:
        wait_for(client, context, watched, params, failed_before=_error(failures, params["fail_fast"]))
    except errors.NorthflankError as error:
        aborted = any(tracked.aborted for tracked in given)
        error.partial_result.update(builds=[_as_result(tracked) for tracked in given], changed=aborted)
        raise
    return {"changed": False, "builds": [_as_result(tracked) for tracked in given]}


def _entries(where: str, given: t.Any) -> t.Iterator[tuple[str, t.Any]]:
    """Yield the builds in what was given, with their places: it may be a list, an ID, or a result, also of a loop. Skip skipped tasks."""
    if isinstance(given, str):
        # As Ansible does for lists.
        given = given.split(",")
    if isinstance(given, dict):
        key = next((key for key in ("results", "builds") if isinstance(given.get(key), list)), None)
        if key is not None:
            yield from _entries(f"{where}.{key}", given[key])
        elif given.get("skipped") is not True:
            yield where, given
    elif isinstance(given, (list, tuple)):
        for number, entry in enumerate(given):
            place = f"{where}[{number}]"
            yield from [(place, entry.strip())] if isinstance(entry, str) else _entries(place, entry)
    else:
        yield where, given


def _failed_to_start(entry: t.Any) -> bool:
    """Whether this is the result of a failed task that has no build. A failed one with a build may still be waited for."""
    return isinstance(entry, dict) and bool(entry.get("failed") or entry.get("unreachable")) and not isinstance(entry.get("build"), dict)


def _error(failures: list[tuple[str, dict[str, t.Any]]], fail_fast: bool) -> errors.FailedError | None:
    if not failures:
        return None
    named = [_named(where, entry) for where, entry in failures[:MAX_NAMED]]
    more = f"; and {len(failures) - MAX_NAMED} more" if len(failures) > MAX_NAMED else ""
    others = " Those that were started go on; with fail_fast, they were not waited for." if fail_fast else ""
    message = f"The tasks of {len(failures)} entries had failed, so there is no build to wait for: {'; '.join(named)}{more}.{others}"
    return errors.FailedError(message, kind="build_failed", item_status={"build_status": None}, logs=[])


def _named(where: str, entry: dict[str, t.Any]) -> str:
    item = entry.get(str(entry.get("ansible_loop_var", "item")))
    # Other items may have secrets in them.
    name = f" (item {shorten(item, 100)!r})" if isinstance(item, str) else ""
    return f"{where}{name}: {shorten(str(entry.get('msg') or 'no message'), 1000).rstrip('.')}"


def _as_result(tracked: Tracked) -> Result:
    return {**tracked.item, "logs": tracked.logs}


def _identify(where: str, given: t.Any, params: dict[str, t.Any], context: Context) -> tuple[Job, str | None]:
    """Return the job and the build ID of an entry of `builds`, which may be another task's result, or its `build`."""
    if isinstance(given, dict) and isinstance(given.get("build"), dict):
        given = given["build"]
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(f"{where} is neither an ID nor a dictionary. {ADVICE}")
    build_id = given.get("id") or given.get("build_id") or given.get("buildId")
    if not build_id and not context.check_mode:
        raise errors.InvalidArgumentsError(f"{where} has no ID. {ADVICE}")
    if re.search(r"[\s\[\]{}\"']", str(build_id or "")):
        raise errors.InvalidArgumentsError(f"{where} is {shorten(str(build_id), 100)!r}, which is not an ID. {ADVICE}")
    aliases = {"project_id": "projectId", "job_id": "jobId", "team_id": "teamId"}
    ids = {name: given.get(name) or given.get(alias) or params[name] for name, alias in aliases.items()}
    for name in ("project_id", "job_id"):
        if not ids[name]:
            raise errors.InvalidArgumentsError(f"{where} has no {name}, and the task has none either. Set it in one of the two.")
    job = Job(str(ids["project_id"]), str(ids["job_id"]), str(ids["team_id"]) if ids["team_id"] else None)
    return job, str(build_id) if build_id else None


OPERATION = Operation(
    argument_spec={
        **COMMON,
        **optional(JOB),
        **WAIT,
        "builds": {"type": "raw", "required": True},
        "fail_fast": {"type": "bool", "default": False},
    },
    run=run,
)
