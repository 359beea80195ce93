# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is specific to builds."""

from __future__ import annotations

import re
import typing as t

from .. import _errors as errors
from .._argspec import LEAVE_OUT
from .._http.messages import Request
from .jobs import LOGS, READ, UPDATE, branch_name, branch_of
from .resource import Item, Resource, valid_or_none

SUCCEEDED = "SUCCESS"

FAILED = ("FAILURE", "SUBMISSION_FAILURE", "CRASHED", "ABORTED")
"""Fallback if `concluded` or `success` is missing; no source says which statuses are final."""

RUNNING = ("QUEUED", "PENDING", "UNSCHEDULABLE", "STARTING", "CLONING", "BUILDING", "UPLOADING", "IN_PROGRESS")

STATUSES = (SUCCEEDED, *FAILED, *RUNNING)


class JobBuilds(Resource):
    """The builds of one job."""

    noun = "build"
    path = "build"
    log_path = "build-logs"
    fields: t.ClassVar[dict[str, tuple[type, ...]]] = {
        "id": (str,),
        "branch": (str,),
        "pull_request_id": (int, str),  # A number in the documentation, a string in the Python SDK's types.
        "sha": (str,),
        "created_at": (str,),
        "status": (str,),
        "concluded": (bool,),
        "success": (bool,),
        "message": (str,),
        "build_concluded_at": (int, float, str),
    }
    started_key = "created_at"
    ended_key = "build_concluded_at"
    aborted = "ABORTED"
    statuses = STATUSES
    # The documentation requires "Update" even to look up one build.
    permissions: t.ClassVar[dict[str, str]] = {"start": UPDATE, "read": UPDATE, "list": READ, "abort": UPDATE, "logs": LOGS}

    def has_ended(self, item: Item) -> bool:
        """Go by `concluded`; without it, by what only ended builds have. Unknown statuses count as running."""
        if item["concluded"] is not None:
            return bool(item["concluded"])
        return item["success"] is True or bool(self.ended_at(item)) or self.status(item) in (SUCCEEDED, *FAILED)

    def has_succeeded(self, item: Item) -> bool:
        """Go by `success`, or by the status if that is missing."""
        return bool(item["success"] if item["success"] is not None else self.status(item) == SUCCEEDED)

    def has_verdict(self, item: Item) -> bool:
        """Without `success`, which lists need not have, a status that is not final says nothing."""
        return item["success"] is not None or self.status(item) in (SUCCEEDED, *FAILED)

    def preview(self, body: dict[str, t.Any], job: dict[str, t.Any] | None, warn: t.Callable[[str], None]) -> Item:
        branch = branch_name(job or {})
        if branch is None and job is not None:
            warn(f"Northflank names no branch of {self.job}: it may run a ready-made image, and have nothing to build.")
        return self.empty(sha=body.get("sha"), branch=branch)

    def reason(self, item: Item) -> str | None:
        return t.cast("str | None", item["message"])

    def matcher(self, body: dict[str, t.Any], deadline: float) -> t.Callable[[Item], bool]:
        """Match by commit; without one, by branch, because Northflank then builds its newest commit."""
        sha = body.get("sha")
        if sha is not None:
            return lambda item: same_commit(item["sha"] or sha, sha)
        branch = branch_of(self.client, self.job, deadline)
        return lambda item: branch is None or item["branch"] in (branch, None)

    def sole_match(self, body: dict[str, t.Any]) -> str:
        return "build of this commit" if body.get("sha") else "build of the job's branch"

    def empty(self, **known: t.Any) -> Item:
        return super().empty(**{"registry": {"uri": None}, **known})

    def parse(self, request: Request, data: t.Any) -> Item:
        item = super().parse(request, data)
        registry = data["registry"] if isinstance(data.get("registry"), dict) else {}
        return {**item, "registry": {"uri": valid_or_none(registry.get("uri"), (str,))}}


def same_commit(sha: str | None, other: str) -> bool:
    """Compare two hashes, ignoring case."""
    return (sha or "").lower() == other.lower()


def validate_sha(sha: str, option: str = "sha") -> str:
    """Raise InvalidArgumentsError unless it is a full hash. The API requires 40 characters without saying which; Git's are hexadecimal."""
    if re.fullmatch(r"[0-9a-fA-F]{40}", sha):
        return sha
    if not sha.strip():
        raise errors.InvalidArgumentsError(f"{option} is empty. {LEAVE_OUT}")
    quoting = " Quote it: YAML reads such a hash as a number." if re.fullmatch(r"[0-9.e+]+|inf", sha) else ""
    rule = f"a full Git commit hash has 40 hexadecimal characters, this has {len(sha)} characters."
    advice = f"Northflank accepts no abbreviated hash, branch, or tag; git rev-parse prints the full hash.{quoting}"
    raise errors.InvalidArgumentsError(f"{option} {sha!r} is not a commit: {rule} {advice}")
