# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build`: build a job, or reuse a build; optionally wait for it."""

from __future__ import annotations

import json
import typing as t

from .. import _errors as errors
from .._argspec import BUILD, COMMON, JOB, WAIT, mask_arguments
from .._http.client import Client
from .._lifecycle.polling import FIRST_POLL
from .._lifecycle.start import start
from .._lifecycle.tracked import Tracked
from .._lifecycle.wait import check_wait_options, wait_for
from .._operation import Context, Operation, Result
from .._resources.job_builds import JobBuilds, same_commit, validate_sha
from .._resources.jobs import Job, branch_head, branch_of
from .._resources.overrides import overrides_body
from .._resources.resource import Item


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Build a job; in check mode, return the request that would be sent."""
    builds = JobBuilds(client, Job.from_params(params))
    body = _body(params, context)
    check_wait_options(params, context)
    method, path = builds.start_request(body)[:2]
    request = {"method": method, "url": client.api_url + path, "body": mask_arguments(BUILD, body)[0]}
    pretty = json.dumps(request, indent=2, ensure_ascii=False) + "\n"
    diff = {"diff": {"before": "", "after": pretty, "after_header": "request"}} if context.diff else {}
    existing = _existing(builds, params)
    if existing is None and context.check_mode:
        return {**_preview(builds, body, context), "request": request, **diff}
    if existing is None:
        build, result = _start(builds, body, context)
        result.update(diff)
    else:
        build, result = existing, {"changed": False, "reused": True, "recovered": False}
    if params["wait"] and not context.check_mode:
        build = _wait(builds, build, params, context, result)
    return {**result, **_as_result(build)}


def _body(params: dict[str, t.Any], context: Context) -> dict[str, t.Any]:
    """Return the request body with only the given options; may be `{}`."""
    body: dict[str, t.Any] = {}
    if params["sha"] is not None:
        body["sha"] = validate_sha(params["sha"])
    if params["overrides"] is not None:
        body["overrides"] = overrides_body(params["overrides"], context.redactor.add)
    return body


def _as_result(build: Item) -> Result:
    return {"build": build, "ansible_facts": {"northflank_job_build": build}}


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


def _preview(builds: JobBuilds, body: dict[str, t.Any], context: Context) -> Result:
    """Check with read requests that the job exists and the token is valid."""
    branch = None
    try:
        branch = branch_of(builds.client, builds.job)
        if branch is None:
            context.warn(f"Northflank names no branch of {builds.job}: it may run a ready-made image, and have nothing to build.")
    except errors.ForbiddenError as error:
        context.warn(f"Check mode could not see whether the job is there; a token may start builds and not read jobs. {error.message}")
    build = builds.empty(sha=body.get("sha"), branch=branch)
    return {"changed": True, "reused": False, "recovered": False, **_as_result(build)}


def _start(builds: JobBuilds, body: dict[str, t.Any], context: Context) -> tuple[Item, Result]:
    build, recovered = start(builds, body, context)
    if recovered:
        context.warn(
            f"The response to the start of a build of {builds.job} was lost. Build {build['id']!r} is the only one of this commit that was "
            "started since then, so it is taken for the one that was asked for; nothing was started twice."
        )
    return build, {"changed": True, "reused": False, "recovered": recovered}


def _wait(builds: JobBuilds, build: Item, params: dict[str, t.Any], context: Context, result: Result) -> Item:
    """Wait for a build, and return it as last seen. Errors raised from here on include the build."""
    tracked = Tracked(builds, build)
    # Do not abort a build that somebody else started.
    params = {**params, "abort_on_timeout": params["abort_on_timeout"] and not result["reused"]}
    try:
        wait_for(builds.client, context, [tracked], params, first=0.0 if result["reused"] else FIRST_POLL)
    except errors.NorthflankError as error:
        error.partial_result.update(result, build=tracked.item)
        raise
    return tracked.item


_REUSE = {"type": "str", "choices": ["never", "in_progress", "successful", "any"], "default": "never"}

OPERATION = Operation(
    argument_spec={**COMMON, **JOB, **BUILD, **WAIT, "reuse": _REUSE, "wait": {"type": "bool", "default": False}}, run=run
)
