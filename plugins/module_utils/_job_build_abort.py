# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""C(northflank_job_build_abort): abort a build that has not ended."""

from __future__ import annotations

import typing as t

from . import _errors as errors
from ._builds import Builds, Job
from ._client import Client
from ._operation import Context, Operation, Result
from ._options import BUILD_ID, COMMON, JOB
from ._watched import Watched, abort


def run(client: Client, params: dict[str, t.Any], context: Context) -> Result:
    """Abort a build; one that has ended is left alone."""
    builds = Builds(client, Job(params["project_id"], params["job_id"], params["team_id"]))
    if not params["build_id"] and context.check_mode:
        # The id of a build that check mode did not start.
        return {"changed": True, "build": builds.known()}
    if not params["build_id"]:
        raise errors.InvalidArgumentsError("build_id is not set, or empty. Give the ID of the build to abort.")
    item = Watched(builds, builds.get(params["build_id"]))
    was = item.build["status"]
    changed = not item.ended and (context.check_mode or abort(item, context))
    result: Result = {"changed": changed, "build": item.build}
    if context.diff:
        now = "ABORTED" if changed else item.build["status"]
        result["diff"] = {"before": {"status": was}, "after": {"status": now}}
    return result


OPERATION = Operation(argument_spec={**COMMON, **JOB, **BUILD_ID}, run=run)
