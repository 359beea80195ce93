# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs: their paths and branches.

Sources for the API in this folder: Northflank's documentation (2026-06-25 and later), the Python SDK northflank 2.1.0,
`@northflank/js-client` 0.9.5, and `@northflank/cli` 0.9.24.
"""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from .. import _errors as errors
from .._argspec import LEAVE_OUT
from .._http.client import Client
from .._http.messages import Request

READ = "Project > Jobs > General > Read"
UPDATE = "Project > Jobs > General > Update"
LOGS = "Project > Jobs > Deployment > View Observability"


class Job(t.NamedTuple):
    """Identifies a job. IDs are percent-encoded as one path segment each."""

    project_id: str
    job_id: str
    team_id: str | None = None

    @classmethod
    def from_params(cls, params: dict[str, t.Any]) -> Job:
        """Return the job that a task's arguments name."""
        return cls(params["project_id"], params["job_id"], params["team_id"])

    def __str__(self) -> str:
        team = f" of team {self.team_id!r}" if self.team_id else ""
        return f"job {self.job_id!r} of project {self.project_id!r}{team}"

    @property
    def path(self) -> str:
        """The job's path, relative to the API's URL."""
        team = f"/teams/{path_segment('team_id', self.team_id)}" if self.team_id is not None else ""
        return f"/v1{team}/projects/{path_segment('project_id', self.project_id)}/jobs/{path_segment('job_id', self.job_id)}"

    @property
    def not_found_hint(self) -> str:
        """What to check if Northflank does not know the job."""
        if self.team_id:
            return "Check project_id, job_id, and team_id."
        return "Check project_id and job_id, and set team_id if they belong to a team."


def path_segment(option: str, value: str) -> str:
    """Return an ID as one path segment. Raises InvalidArgumentsError if it cannot be one."""
    # HTTP clients and servers resolve . and .. even if they are percent-encoded.
    if value.strip() in ("", ".", "..") or any("\ud800" <= character <= "\udfff" for character in value):
        advice = f" {LEAVE_OUT}" if option == "team_id" and not value.strip() else ""
        problem = f"{option} is {value!r}, which is no ID. Copy the ID from the URL of its page in Northflank."
        raise errors.InvalidArgumentsError(f"{problem}{advice}")
    return quote(value, safe="")


def job_details(client: Client, job: Job, deadline: float | None = None) -> dict[str, t.Any]:
    """Look up a job."""
    request = Request("GET", job.path, f"look up {job}", READ, job.not_found_hint)
    data = client.request(request, deadline).json["data"]
    return data if isinstance(data, dict) else {}


def branch_of(client: Client, job: Job, deadline: float | None = None) -> str | None:
    """Look up the branch that a job builds; None if it runs a prebuilt image."""
    return branch_name(job_details(client, job, deadline))


def branch_name(details: dict[str, t.Any]) -> str | None:
    """Return the branch that a job builds; None if it runs a prebuilt image."""
    vcs = details.get("vcsData")
    branch = vcs.get("projectBranch") if isinstance(vcs, dict) else None
    return branch if isinstance(branch, str) else None


def branch_head(client: Client, job: Job) -> str | None:
    """Look up the newest commit of the branch that a job builds; None if Northflank does not name one."""
    branch = branch_of(client, job)
    if branch is None:
        return None
    request = Request("GET", f"{job.path}/branches", f"list the branches of {job}", READ, job.not_found_hint)
    for page in client.pages(request, "branches"):
        for entry in page.entries:
            if isinstance(entry, dict) and entry.get("name") == branch and isinstance(entry.get("commit"), dict):
                sha = entry["commit"].get("sha")
                return sha if isinstance(sha, str) else None
    return None
