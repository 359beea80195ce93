# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build_info`: one build of a job, or a list of them."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import LEAVE_OUT
from .._resources.job_builds import JobBuilds, same_commit, validate_sha
from .._resources.resource import Item
from .info import operation


def _filter(params: dict[str, t.Any]) -> t.Callable[[Item], bool]:
    sha = None if params["sha"] is None else validate_sha(params["sha"])
    branch = params["branch"]
    if branch == "":
        raise errors.InvalidArgumentsError(f"branch is empty. {LEAVE_OUT}")
    return lambda build: (sha is None or same_commit(build["sha"], sha)) and branch in (None, build["branch"])


OPERATION = operation(JobBuilds, {"sha": {"type": "str"}, "branch": {"type": "str"}}, _filter)
