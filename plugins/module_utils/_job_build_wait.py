# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""C(northflank_job_build_wait): wait for any number of builds, of any number of jobs, at once."""

from __future__ import annotations

import typing as t

from . import _errors as errors
from ._await import await_builds
from ._builds import Builds, Job
from ._client import Client
from ._operation import Context, Operation, Result, check_waiting
from ._options import COMMON, JOB, WAITING, optional
from ._watched import Watched

_ALIASES = {"project_id": "projectId", "job_id": "jobId", "team_id": "teamId"}


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Wait for builds."""
    check_waiting(params, context)
    known: dict[tuple[Job, str | None], Watched] = {}
    watched = []
    for number, given in enumerate(params["builds"]):
        job, build_id = _identified(f"builds[{number}]", given, params, context)
        builds = Builds(client, job)
        watched.append(known.setdefault((job, build_id), Watched(builds, builds.known(id=build_id))))
    try:
        await_builds(client, context, [item for item in known.values() if item.build["id"]], params, fail_fast=params["fail_fast"])
    except errors.NorthflankError as problem:
        problem.found.update(builds=[_shown(item) for item in watched], changed=any(item.aborted for item in watched))
        raise
    return {"changed": False, "builds": [_shown(item) for item in watched]}


def _shown(item: Watched) -> Result:
    return {**item.build, "logs": item.logs}


def _identified(where: str, given: t.Any, params: dict[str, t.Any], context: Context) -> tuple[Job, str | None]:
    """Which build an entry of C(builds) means; it may be the C(build) of another task's result as it is."""
    if isinstance(given, dict) and isinstance(given.get("build"), dict):
        given = given["build"]
    if isinstance(given, str):
        given = {"id": given}
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(
            f"{where} is neither an ID nor a dictionary. Give the ID of a build, or the build of another result."
        )
    ids = {name: given.get(name) or given.get(alias) or params[name] for name, alias in _ALIASES.items()}
    for name in ("project_id", "job_id"):
        if not ids[name]:
            raise errors.InvalidArgumentsError(f"{where} has no {name}, and the task has none either. Set it in one of the two.")
    build_id = given.get("id") or given.get("build_id") or given.get("buildId")
    if not build_id and not context.check_mode:
        raise errors.InvalidArgumentsError(f"{where} has no ID. Give the ID of a build, or the build of another result.")
    job = Job(str(ids["project_id"]), str(ids["job_id"]), str(ids["team_id"]) if ids["team_id"] else None)
    return job, str(build_id) if build_id else None


OPERATION = Operation(
    argument_spec={
        **COMMON,
        **optional(JOB),
        "builds": {"type": "list", "elements": "raw", "required": True},
        **WAITING,
        "fail_fast": {"type": "bool", "default": False},
    },
    run=run,
)
