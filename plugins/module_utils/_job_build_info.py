# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""C(northflank_job_build_info): one build of a job, or a list of them."""

from __future__ import annotations

import typing as t

from . import _errors as errors
from ._builds import FAILED, RUNNING, SUCCEEDED, Build, Builds, Job, commit
from ._client import Client
from ._operation import Context, Operation, Result
from ._options import BUILD_ID, COMMON, JOB, MANY, between
from ._watched import Watched, read_logs


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Look builds up."""
    builds = Builds(client, Job(params["project_id"], params["job_id"], params["team_id"]))
    between(params, limit=(0, MANY), log_lines=(0, MANY))
    if params["build_id"] == "" and context.check_mode:
        found = []  # The id of a build that was not started.
    elif params["build_id"] is not None:
        found = _one(builds, params["build_id"], context)
    else:
        found = _many(builds, params, context)
    if params["log_lines"]:
        found = [{**build, "logs": read_logs(Watched(builds, build), params["log_lines"], context)} for build in found]
    return {"changed": False, "builds": found}


def _one(builds: Builds, build_id: str, context: Context) -> list[Build]:
    try:
        return [builds.get(build_id)]
    except errors.NotFoundError:
        # An unknown build is an answer, an unknown job is a mistake.
        try:
            builds.branch()
        except errors.ForbiddenError as problem:
            context.warn(f"Build {build_id!r} is unknown; whether its job is there could not be seen. {problem.message}")
        return []


def _many(builds: Builds, params: dict[str, t.Any], context: Context) -> list[Build]:
    sha, branch = params["sha"] if params["sha"] is None else commit(params["sha"]), params["branch"]
    statuses = {status.upper() for status in params["status"] or []}
    unknown = statuses - {SUCCEEDED, *FAILED, *RUNNING}
    if unknown:
        context.warn(f"Not a known status of builds: {', '.join(sorted(unknown))}. Known are {', '.join([SUCCEEDED, *FAILED, *RUNNING])}.")
    found = [
        build
        for build in builds.all()
        if (sha is None or (build["sha"] or "").lower() == sha.lower())
        and (branch is None or build["branch"] == branch)
        and (not statuses or (build["status"] or "").upper() in statuses)
    ]
    return found[: params["limit"] or None]


OPERATION = Operation(
    argument_spec={
        **COMMON,
        **JOB,
        **BUILD_ID,
        "sha": {"type": "str"},
        "branch": {"type": "str"},
        "status": {"type": "list", "elements": "str"},
        "limit": {"type": "int", "default": 50},
        "log_lines": {"type": "int", "default": 0},
    },
    run=run,
    mutually_exclusive=[("build_id", "sha"), ("build_id", "branch"), ("build_id", "status")],
)
