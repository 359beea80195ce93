# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is specific to runs."""

from __future__ import annotations

import typing as t

from .._http.messages import Request
from .jobs import LOGS, READ, UPDATE, job_details
from .resource import Item, Resource

SUCCEEDED = "SUCCESS"
FAILED = "FAILED"
LATEST_START = 5.0  # Seconds after the response was lost.
STATUSES = ("RUNNING", SUCCEEDED, FAILED)


class JobRuns(Resource):
    """The runs of one job."""

    noun = "run"
    path = "runs"
    log_path = "logs"
    statuses = STATUSES
    fields: t.ClassVar[dict[str, tuple[type, ...]]] = {
        "id": (str,),
        "run_name": (str,),
        "status": (str,),
        "concluded": (bool,),
        **dict.fromkeys(("active", "failed", "succeeded", "completions", "backoff_limit"), (int,)),
        "started_at": (str,),
        "concluded_at": (str,),
    }
    started_key = "started_at"
    ended_key = "concluded_at"
    aborted = FAILED  # No source names a status for an aborted run.
    permissions: t.ClassVar[dict[str, str]] = {
        "start": "Project > Jobs > General > Run Job",
        "read": READ,
        "list": READ,
        "abort": UPDATE,
        "logs": LOGS,
    }

    def has_ended(self, item: Item) -> bool:
        """Go by `concluded`; without it, by what only ended runs have. Unknown statuses count as running."""
        return bool(self.ended_at(item)) or self.has_verdict(item) if item["concluded"] is None else bool(item["concluded"])

    def has_succeeded(self, item: Item) -> bool:
        """Go by the status: the documentation's example of a successful run has `succeeded: 0`."""
        return self.status(item) == SUCCEEDED

    def has_verdict(self, item: Item) -> bool:
        return self.status(item) in (SUCCEEDED, FAILED)

    def start_request(self, body: dict[str, t.Any]) -> Request:
        request = super().start_request(body)
        if "internal" not in body.get("deployment", {}):
            return request
        return request._replace(not_found_hint=f"Check the build (build_id, or deployment.internal). {request.not_found_hint}")

    def matcher(self, body: dict[str, t.Any], deadline: float) -> t.Callable[[Item], bool]:
        """Match any run: nothing in it says what it was started with."""
        return lambda item: True

    def doubt(self, item: Item, lost_at: float, deadline: float) -> str:
        if (self.started_at(item) or 0.0) > lost_at + LATEST_START:
            return "what was found was started much later"
        if job_details(self.client, self.job, deadline).get("jobType") == "manual":
            return ""
        return "the job has a schedule, which may have started what was found"

    def reason(self, item: Item) -> str | None:
        if item["failed"] is None:
            return None
        return f"failed attempts: {item['failed']}, backoff limit: {item['backoff_limit']}"
