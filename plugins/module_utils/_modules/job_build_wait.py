# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build_wait`: wait for any number of builds, of any number of jobs, at once."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import COMMON, JOB, WAIT, optional
from .._http.client import Client
from .._lifecycle.tracked import Tracked
from .._lifecycle.wait import check_wait_options, wait_for
from .._operation import Context, Operation, Result
from .._resources.job_builds import JobBuilds
from .._resources.jobs import Job


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    check_wait_options(params, context)
    known: dict[tuple[Job, str | None], Tracked] = {}
    given = []
    for number, entry in enumerate(params["builds"]):
        job, build_id = _identify(f"builds[{number}]", entry, params, context)
        builds = JobBuilds(client, job)
        given.append(known.setdefault((job, build_id), Tracked(builds, builds.empty(id=build_id))))
    watched = [tracked for tracked in known.values() if tracked.item["id"]]
    try:
        wait_for(client, context, watched, params)
    except errors.NorthflankError as error:
        aborted = any(tracked.aborted for tracked in given)
        error.partial_result.update(builds=[_as_result(tracked) for tracked in given], changed=aborted)
        raise
    return {"changed": False, "builds": [_as_result(tracked) for tracked in given]}


def _as_result(tracked: Tracked) -> Result:
    return {**tracked.item, "logs": tracked.logs}


def _identify(where: str, given: t.Any, params: dict[str, t.Any], context: Context) -> tuple[Job, str | None]:
    """Return the job and the build ID of an entry of `builds`, which may be another task's result, or its `build`."""
    advice = "Give the ID of a build, or the build of another result."
    if isinstance(given, dict) and isinstance(given.get("build"), dict):
        given = given["build"]
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(f"{where} is neither an ID nor a dictionary. {advice}")
    aliases = {"project_id": "projectId", "job_id": "jobId", "team_id": "teamId"}
    ids = {name: given.get(name) or given.get(alias) or params[name] for name, alias in aliases.items()}
    for name in ("project_id", "job_id"):
        if not ids[name]:
            raise errors.InvalidArgumentsError(f"{where} has no {name}, and the task has none either. Set it in one of the two.")
    build_id = given.get("id") or given.get("build_id") or given.get("buildId")
    if not build_id and not context.check_mode:
        raise errors.InvalidArgumentsError(f"{where} has no ID. {advice}")
    job = Job(str(ids["project_id"]), str(ids["job_id"]), str(ids["team_id"]) if ids["team_id"] else None)
    return job, str(build_id) if build_id else None


_ENTRIES = {"type": "list", "elements": "raw", "required": True}

OPERATION = Operation(
    argument_spec={**COMMON, **optional(JOB), **WAIT, "builds": _ENTRIES, "fail_fast": {"type": "bool", "default": False}}, run=run
)
