# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build`: build a job, or reuse a build; optionally wait for it."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import BUILD, COMMON, JOB, WAIT
from .._http.client import Client
from .._operation import Context, Operation, Result
from .._resources.job_builds import JobBuilds, same_commit, validate_sha
from .._resources.jobs import Job, branch_head
from .._resources.overrides import overrides_body
from .._resources.resource import Item
from .start import check_start, start_and_wait, wait_if_wanted


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Build a job; in check mode, return the request that would be sent."""
    builds = JobBuilds(client, Job.from_params(params))
    body = _body(params, context)
    checked = check_start(builds, body, BUILD, params, context)
    existing = _existing(builds, params)
    if existing is None:
        return start_and_wait(builds, body, {**checked, "reused": False}, params, context)
    # Do not abort a build that somebody else started.
    params = {**params, "abort_on_timeout": False}
    return wait_if_wanted(builds, existing, {"changed": False, "reused": True, "recovered": False}, params, context)


def _body(params: dict[str, t.Any], context: Context) -> dict[str, t.Any]:
    """Return the request body with only the given options; may be `{}`."""
    body: dict[str, t.Any] = {}
    if params["sha"] is not None:
        body["sha"] = validate_sha(params["sha"])
    if params["overrides"] is not None:
        body["overrides"] = overrides_body(params["overrides"], context.redactor.add)
    return body


def _existing(builds: JobBuilds, params: dict[str, t.Any]) -> Item | None:
    """Return the build to reuse: for the wanted commit, the newest successful one, otherwise the newest running one."""
    reuse = params["reuse"]
    if reuse == "never":
        return None
    sha = params["sha"] or branch_head(builds.client, builds.job)
    if sha is None:
        problem = f"Northflank names no newest one for {builds.job}"
        raise errors.InvalidArgumentsError(f"reuse needs to know the commit, and {problem}. Set sha, or set reuse to never.")

    def newest(items: list[Item], has_ended: bool) -> Item | None:
        same = [build for build in items if same_commit(build["sha"], sha) and builds.has_ended(build) is has_ended]
        return next((build for build in same if not has_ended or builds.has_succeeded(build)), None)

    ended = reuse != "in_progress"
    items = builds.newest_first(lambda items: newest(items, ended) is not None).items
    return newest(items, ended) or (newest(items, False) if reuse == "any" else None)


_REUSE = {"type": "str", "choices": ["never", "in_progress", "successful", "any"], "default": "never"}

OPERATION = Operation(
    argument_spec={**COMMON, **JOB, **BUILD, **WAIT, "reuse": _REUSE, "wait": {"type": "bool", "default": False}}, run=run
)
