# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build_abort`: abort a build that has not ended."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import BUILD_ID, COMMON, JOB
from .._http.client import Client
from .._lifecycle.tracked import Tracked, abort
from .._operation import Context, Operation, Result
from .._resources.job_builds import JobBuilds
from .._resources.jobs import Job


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Abort a build; leave an ended one alone."""
    builds = JobBuilds(client, Job.from_params(params))
    if not params["build_id"] and context.check_mode:
        # Check mode did not start the build, so it has no ID.
        return {"changed": True, "build": builds.empty()}
    if not params["build_id"]:
        raise errors.InvalidArgumentsError("build_id is not set, or empty. Give the ID of the build to abort.")
    tracked = Tracked(builds, builds.get(params["build_id"]))
    before = tracked.item["status"]
    try:
        changed = not tracked.ended and (context.check_mode or abort(tracked, context))
    except errors.NorthflankError as error:
        error.partial_result["build"] = tracked.item
        raise
    result: Result = {"changed": changed, "build": tracked.item}
    if context.diff:
        after = builds.aborted if changed else tracked.item["status"]
        result["diff"] = {"before": {"status": before}, "after": {"status": after}}
    return result


OPERATION = Operation(argument_spec={**COMMON, **JOB, **BUILD_ID}, run=run)
