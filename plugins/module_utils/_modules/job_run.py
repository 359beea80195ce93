# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_run`: run a job; optionally wait for it."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import BUILD_ID, COMMON, JOB, RUN, WAIT
from .._http.client import Client
from .._operation import Context, Operation, Result
from .._resources.job_runs import JobRuns
from .._resources.jobs import Job
from .._resources.run_options import run_body
from .start import check_start, start_and_wait


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Run a job; in check mode, return the request that would be sent."""
    runs = JobRuns(client, Job.from_params(params))
    internal = (params["deployment"] or {}).get("internal") or {}
    # Check mode did not start the build, so it has no ID.
    if "" in (params["build_id"], internal.get("build_id")) and not context.check_mode:
        raise errors.InvalidArgumentsError("build_id is empty. Give the ID of a build, or leave it out to run the job as it is configured.")
    body = run_body(params, context.redactor.add)
    checked = check_start(runs, body, RUN, params, context)
    try:
        return start_and_wait(runs, body, checked, params, context)
    except errors.RejectedError as error:
        if error.status != 409 or "no deployment" not in str(error.api.get("message")).lower():
            raise
        advice = "The job has no image yet: build it first with northflank_job_build and wait: true, and run it when the build has ended."
        raise errors.RejectedError(f"{error.message} {advice}", status=error.status, api=error.api, **error.partial_result) from error


OPERATION = Operation(
    argument_spec={**COMMON, **JOB, **RUN, **BUILD_ID, **WAIT, "wait": {"type": "bool", "default": False}},
    run=run,
    mutually_exclusive=[("build_id", "deployment")],
)
