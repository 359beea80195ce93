# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build_info`: one build of a job, or a list of them."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import BUILD_ID, COMMON, JOB, MILLION, Spec, check_ranges
from .._http.client import LIST_TIMEOUTS, Client
from .._operation import Context, Operation, Result
from .._resources.job_builds import STATUSES, JobBuilds, same_commit, validate_sha
from .._resources.jobs import Job, branch_of
from .._resources.logs import last_lines
from .._resources.resource import Item

MAX_LOG_CHARACTERS = 8_000_000  # For all logs of a task together.


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    builds = JobBuilds(client, Job.from_params(params))
    check_ranges(params, limit=(0, MILLION), log_lines=(0, MILLION))
    if params["build_id"] == "" and context.check_mode:
        found = []  # Check mode did not start the build, so it has no ID.
    elif params["build_id"] is not None:
        found = _one(builds, params["build_id"], context)
    else:
        found = _many(builds, params, context)
    if params["log_lines"]:
        _add_logs(builds, found, params["log_lines"], context)
    return {"changed": False, "builds": found}


def _add_logs(builds: JobBuilds, found: list[Item], lines: int, context: Context) -> None:
    """Add the last log lines to each build, within limits for all of them together."""
    deadline = context.clock.monotonic() + LIST_TIMEOUTS * builds.client.timeout
    size = left_out = 0
    forbidden = False
    for build in found:
        build["logs"] = []
        if forbidden or size >= MAX_LOG_CHARACTERS or context.clock.monotonic() >= deadline:
            left_out += not forbidden
            continue
        try:
            build["logs"] = last_lines(builds, build["id"], lines, deadline)
        except errors.NorthflankError as error:
            forbidden = isinstance(error, (errors.AuthenticationError, errors.ForbiddenError))
            context.warn(error.message)
        size += sum(map(len, build["logs"]))
    if left_out:
        context.warn(f"The logs of {left_out} builds were left out: they are too long, or take too long to read. Lower log_lines or limit.")


def _one(builds: JobBuilds, build_id: str, context: Context) -> list[Item]:
    try:
        return [builds.get(build_id)]
    except errors.NotFoundError:
        # A missing build is a valid answer; a missing job is a mistake.
        try:
            branch_of(builds.client, builds.job)
        except errors.ForbiddenError as error:
            context.warn(f"Build {build_id!r} is unknown; whether its job is there could not be seen. {error.message}")
        return []


def _many(builds: JobBuilds, params: dict[str, t.Any], context: Context) -> list[Item]:
    sha = None if params["sha"] is None else validate_sha(params["sha"])
    branch = params["branch"]
    statuses = {status.strip().upper() for status in params["status"] or []}
    unknown = statuses - set(STATUSES)
    if unknown:
        context.warn(f"Not a known status of builds: {', '.join(sorted(unknown))}. Known are {', '.join(STATUSES)}.")
    found = [
        build
        for build in builds.all()
        if (sha is None or same_commit(build["sha"], sha))
        and (branch is None or build["branch"] == branch)
        and (not statuses or builds.status(build) in statuses)
    ]
    return found[: params["limit"] or None]


_FILTERS: Spec = {"sha": {"type": "str"}, "branch": {"type": "str"}, "status": {"type": "list", "elements": "str"}}
_LIMITS: Spec = {"limit": {"type": "int", "default": 50}, "log_lines": {"type": "int", "default": 0}}

OPERATION = Operation(
    argument_spec={**COMMON, **JOB, **BUILD_ID, **_FILTERS, **_LIMITS},
    run=run,
    mutually_exclusive=[("build_id", name) for name in _FILTERS],
)
