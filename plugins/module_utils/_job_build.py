# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""C(northflank_job_build): start one build of a job."""

from __future__ import annotations

import json
import typing as t

from . import _errors as errors
from ._builds import Build, Builds, Job, start_body
from ._client import Client
from ._operation import Context, Operation, Result
from ._options import COMMON, JOB, START, split
from ._start import start


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Start a build, or in check mode say which request would."""
    builds = Builds(client, Job(params["project_id"], params["job_id"], params["team_id"]))
    body = start_body(params["sha"], params["overrides"], context.secrets.add)
    call = builds.start_call(body)
    shown = {"method": call.method, "url": client.api_url + call.path, "body": split(START, body)[0]}
    result = _preview(builds, body, shown, context) if context.check_mode else _start(builds, body, context)
    if context.diff:
        result["diff"] = {"before": "", "after": json.dumps(shown, indent=2, ensure_ascii=False) + "\n", "after_header": "request"}
    return result


def _start(builds: Builds, body: dict[str, t.Any], context: Context) -> Result:
    build, recovered = start(builds, body)
    if recovered:
        context.warn(
            f"The answer to the start of a build of {builds.job} was lost. Build {build['id']!r} is the only one of this commit that was "
            "started since, so it is taken for the one that was asked for; nothing was started twice."
        )
    return _result(build, recovered=recovered)


def _preview(builds: Builds, body: dict[str, t.Any], shown: Result, context: Context) -> Result:
    """Ask, reading only, whether the job is there and the token is good."""
    branch = None
    try:
        branch = builds.branch()
    except errors.ForbiddenError as problem:
        context.warn(f"Check mode could not see whether the job is there; a token may start builds and not read jobs. {problem.message}")
    return {**_result(builds.blank(sha=body.get("sha"), branch=branch), recovered=False), "request": shown}


def _result(build: Build, *, recovered: bool) -> Result:
    return {
        "changed": True,
        "build": build,
        "reused": False,
        "recovered": recovered,
        "ansible_facts": {"northflank_job_build": build},
    }


OPERATION = Operation(argument_spec={**COMMON, **JOB, **START}, run=run)
