# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""C(northflank_job_build): build a job, or reuse a build; wait for it if that is wanted."""

from __future__ import annotations

import json
import typing as t

from . import _errors as errors
from ._builds import Build, Builds, Job, commit, ended, succeeded
from ._client import Client
from ._operation import Context, Operation, Result, check_waiting
from ._options import COMMON, JOB, START, WAITING, split
from ._start import start


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Build a job, or in check mode say which request would."""
    builds = Builds(client, Job(params["project_id"], params["job_id"], params["team_id"]))
    body = _body(params, context)
    check_waiting(params, context)
    shown = _request(builds, body) if context.check_mode or context.diff else {}
    diff = {"diff": {"before": "", "after": _pretty(shown), "after_header": "request"}} if context.diff else {}
    existing = _existing(builds, params)
    if existing is not None:
        if params["overrides"]:
            context.warn(f"Build {existing['id']!r} is reused because its commit is the same; overrides cannot be compared.")
        build, result = existing, {"changed": False, "reused": True, "recovered": False}
    elif context.check_mode:
        return {**_preview(builds, body, context), "request": shown, **diff}
    else:
        build, result = _start(builds, body, context, diff)
    if params["wait"] and not context.check_mode:
        build = _wait(builds, build, context, params, result)
    return {**result, **_shown(build)}


def _body(params: dict[str, t.Any], context: Context) -> dict[str, t.Any]:
    """The request body for a start: exactly what was asked for, C({}) when nothing was."""
    body: dict[str, t.Any] = {}
    if params["sha"] is not None:
        body["sha"] = commit(params["sha"])
    if params["overrides"] is not None:
        # Compiling this takes some milliseconds, which only a task that has overrides is to pay.
        from ._overrides import overrides_body

        body["overrides"] = overrides_body(params["overrides"], context.secrets.add)
    return body


def _request(builds: Builds, body: dict[str, t.Any]) -> Result:
    """The request that starts a build, as it may be shown."""
    call = builds.start_call(body)
    return {"method": call.method, "url": builds.client.api_url + call.path, "body": split(START, body)[0]}


def _pretty(request: Result) -> str:
    return json.dumps(request, indent=2, ensure_ascii=False) + "\n"


def _shown(build: Build) -> Result:
    return {"build": build, "ansible_facts": {"northflank_job_build": build}}


def _start(builds: Builds, body: dict[str, t.Any], context: Context, diff: Result) -> tuple[Build, Result]:
    build, recovered = start(builds, body)
    if recovered:
        context.warn(
            f"The answer to the start of a build of {builds.job} was lost. Build {build['id']!r} is the only one of this commit that was "
            "started since, so it is taken for the one that was asked for; nothing was started twice."
        )
    return build, {"changed": True, "reused": False, "recovered": recovered, **diff}


def _wait(builds: Builds, build: Build, context: Context, params: dict[str, t.Any], result: Result) -> Build:
    """Wait for a build, and return it as it was seen last; what fails from here on names it."""
    # Compiling this takes some milliseconds, which only a task that waits is to pay.
    from ._await import await_builds
    from ._pace import FIRST
    from ._watched import Watched

    item = Watched(builds, build)
    try:
        # A build that somebody else started is not this task's to abort.
        allowed = {"abort_on_timeout": params["abort_on_timeout"] and not result["reused"]}
        await_builds(builds.client, context, [item], {**params, **allowed}, first=0.0 if result["reused"] else FIRST)
    except errors.NorthflankError as problem:
        problem.found.update(result, build=item.build)
        raise
    return item.build


def _preview(builds: Builds, body: dict[str, t.Any], context: Context) -> Result:
    """Ask, reading only, whether the job is there and the token is good."""
    branch = None
    try:
        branch = builds.branch()
        if branch is None:
            context.warn(f"Northflank names no branch of {builds.job}: it may run a ready-made image, and have nothing to build.")
    except errors.ForbiddenError as problem:
        context.warn(f"Check mode could not see whether the job is there; a token may start builds and not read jobs. {problem.message}")
    build = builds.known(sha=body.get("sha"), branch=branch)
    return {"changed": True, "reused": False, "recovered": False, **_shown(build)}


def _existing(builds: Builds, params: dict[str, t.Any]) -> Build | None:
    """The build to reuse: the newest of the wanted commit that has ended well, else the newest that is under way."""
    wanted = params["reuse"]
    if wanted == "never":
        return None
    sha = params["sha"] or builds.head()
    if sha is None:
        raise errors.InvalidArgumentsError(
            f"reuse needs to know the commit, and Northflank names no newest one for {builds.job}. Set sha, or set reuse to never."
        )
    same = [build for build in builds.all() if (build["sha"] or "").lower() == sha.lower()]
    successful = [build for build in same if ended(build) and succeeded(build)] if wanted != "in_progress" else []
    under_way = [build for build in same if not ended(build)] if wanted != "successful" else []
    return next(iter(successful + under_way), None)


OPERATION = Operation(
    argument_spec={
        **COMMON,
        **JOB,
        **START,
        "reuse": {"type": "str", "choices": ["never", "in_progress", "successful", "any"], "default": "never"},
        "wait": {"type": "bool", "default": False},
        **WAITING,
    },
    run=run,
)
