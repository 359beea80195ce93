# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""The endpoints of a job's builds: paths, request bodies, and C(build) dicts out of answers.

Sources of what is said here of the API: Northflank's documentation (2026-06-25), the Python SDK northflank 2.1.0,
C(@northflank/js-client) 0.9.5 and C(@northflank/cli) 0.9.24.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote

from . import _errors as errors
from ._client import Client
from ._exchange import Call
from ._secrets import plain, shorten
from ._times import unix_time

Build = dict[str, t.Any]

# The permissions as the documentation names them; the Python SDK names wider ones.
DEPLOY = "Project > Jobs > Deployment > Deploy Build"
READ = "Project > Jobs > General > Read"

ABORTED = "ABORTED"

RUNNING = ("QUEUED", "PENDING", "UNSCHEDULABLE", "STARTING", "CLONING", "BUILDING", "UPLOADING", "IN_PROGRESS")

FAILED = ("FAILURE", "SUBMISSION_FAILURE", "CRASHED", ABORTED)
"""Statuses that by their names end a build badly. They only back up C(concluded) and C(success): no source says which are final."""

SUCCEEDED = "SUCCESS"

_FIELDS: dict[str, tuple[str, t.Any]] = {
    "id": ("id", str),
    "branch": ("branch", str),
    # A number in the documentation, a string in the Python SDK's types.
    "pull_request_id": ("pullRequestId", (int, str)),
    "sha": ("sha", str),
    "created_at": ("createdAt", str),
    "status": ("status", str),
    "concluded": ("concluded", bool),
    "success": ("success", bool),
    "message": ("message", str),
    "build_concluded_at": ("buildConcludedAt", (int, float, str)),
}


MAX_FIELD = 1000
"""Characters of an ID, a branch, a status."""

MAX_MESSAGE = 4000
"""Characters of a build's message."""


class Job(t.NamedTuple):
    """Where a job is. Every id is one segment of a path, whatever is in it."""

    project_id: str
    job_id: str
    team_id: str | None = None

    def __str__(self) -> str:
        team = f" of team {self.team_id!r}" if self.team_id else ""
        return f"job {self.job_id!r} of project {self.project_id!r}{team}"

    @property
    def path(self) -> str:
        """The job's path below the API's address."""
        team = f"/teams/{segment('team_id', self.team_id)}" if self.team_id is not None else ""
        return f"/v1{team}/projects/{segment('project_id', self.project_id)}/jobs/{segment('job_id', self.job_id)}"


def segment(option: str, value: str) -> str:
    """An id as one segment of a path.

    :raises InvalidArgumentsError: it cannot be one: HTTP clients and servers fold C(.) and C(..) even when they are encoded.
    """
    if value.strip() in ("", ".", "..") or any("\ud800" <= character <= "\udfff" for character in value):
        raise errors.InvalidArgumentsError(
            f"{option} is {value!r}, which is no ID. Copy the ID from the address of the page in Northflank."
        )
    return quote(value, safe="")


class Builds:
    """The builds of one job.

    :ivar missing: what to check when Northflank knows no such job.
    """

    def __init__(self, client: Client, job: Job) -> None:
        self.client = client
        self.job = job
        self.missing = (
            "Check project_id, job_id and team_id." if job.team_id else "Check project_id and job_id, and set team_id if they are a team's."
        )

    def start_call(self, body: dict[str, t.Any]) -> Call:
        """The request that starts a build. Not sent from here: see C(_start)."""
        return Call("POST", f"{self.job.path}/build", f"start a build of {self.job}", DEPLOY, self.missing, body=body)

    def started(self, call: Call, data: t.Any) -> Build:
        """The build out of the answer to a start."""
        return self._view(call, data)

    def get(self, build_id: str, deadline: float | None = None, retries: int | None = None) -> Build:
        """One build. The documentation asks for the permission to deploy, not for plain read."""
        path = f"{self.job.path}/build/{segment('build_id', build_id)}"
        call = Call("GET", path, f"look up build {build_id!r} of {self.job}", DEPLOY, f"Check build_id. {self.missing}")
        return self._view(call, self.client.ask(call, deadline, retries).json["data"])

    def pages(self, deadline: float | None = None, retries: int | None = None) -> t.Iterator[list[Build]]:
        """All builds, page by page as they are asked for, in no particular order: none is documented."""
        call = Call("GET", f"{self.job.path}/build", f"list the builds of {self.job}", READ, self.missing)
        for page in self.client.entries(call, "builds", deadline, retries):
            yield [self._view(call, build) for build in page]

    def all(self, deadline: float | None = None) -> list[Build]:
        """All builds, the newest first; those without a time last."""
        builds = [build for page in self.pages(deadline) for build in page]
        return sorted(builds, key=lambda build: unix_time(build["created_at"]) or 0.0, reverse=True)

    def abort(self, build_id: str, deadline: float | None = None) -> None:
        """Abort a build. Sent again when an answer is lost: a build can only end once, so aborting it twice changes nothing."""
        path = f"{self.job.path}/build/{segment('build_id', build_id)}"
        call = Call("DELETE", path, f"abort build {build_id!r} of {self.job}", DEPLOY, f"Check build_id. {self.missing}")
        self.client.ask(call, deadline)

    def branch(self, deadline: float | None = None) -> str | None:
        """The branch that the job builds; null for a job that runs a ready-made image."""
        call = Call("GET", self.job.path, f"look up {self.job}", READ, self.missing)
        data = self.client.ask(call, deadline).json["data"]
        vcs = data.get("vcsData") if isinstance(data, dict) else None
        branch = vcs.get("projectBranch") if isinstance(vcs, dict) else None
        return branch if isinstance(branch, str) else None

    def head(self) -> str | None:
        """The newest commit of the branch that the job builds; null where Northflank names none."""
        branch = self.branch()
        call = Call("GET", f"{self.job.path}/branches", f"list the branches of {self.job}", READ, self.missing)
        if branch is None:
            return None
        for page in self.client.entries(call, "branches"):
            for entry in page:
                if isinstance(entry, dict) and entry.get("name") == branch and isinstance(entry.get("commit"), dict):
                    sha = entry["commit"].get("sha")
                    return sha if isinstance(sha, str) else None
        return None

    def known(self, **facts: t.Any) -> Build:
        """A C(build) with all its keys and what is known of it."""
        build: Build = dict.fromkeys(_FIELDS)
        build.update(registry={"uri": None}, project_id=self.job.project_id, job_id=self.job.job_id, team_id=self.job.team_id)
        return {**build, **facts}

    def _view(self, call: Call, data: t.Any) -> Build:
        """A C(build) out of the API's: always the same keys, null where it said nothing that can be understood."""
        if not isinstance(data, dict) or not _usable(data.get("id")):
            raise self.misunderstood(call, "a build without an ID")
        known = {key: _checked(data.get(name), kind) for key, (name, kind) in _FIELDS.items() if key != "message"}
        message = data.get("message")
        if isinstance(message, str):
            known["message"] = shorten(self.client.scrub(plain(message)), MAX_MESSAGE)
        registry = data.get("registry")
        uri = _checked(registry.get("uri"), str) if isinstance(registry, dict) else None
        return self.known(**known, registry={"uri": uri})

    def misunderstood(self, call: Call, what: str) -> errors.InvalidResponseError:
        """The error for a successful answer that makes no sense. C(what) is what is wrong with it."""
        return self.client.misunderstood(call, what)


def _usable(build_id: t.Any) -> bool:
    """Whether a build can be asked for by this id."""
    try:
        return isinstance(build_id, str) and len(build_id) <= MAX_FIELD and bool(segment("build_id", build_id))
    except errors.InvalidArgumentsError:
        return False


def _checked(value: t.Any, kind: t.Any) -> t.Any:
    """A field's value, or null where it has not the documented type, or a length that no such value has."""
    # A bool is an int in Python, never in an answer.
    fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    return value if fits and not (isinstance(value, str) and len(value) > MAX_FIELD) else None


def ended(build: Build) -> bool:
    """Whether a build is over. C(concluded) says so; a status that was never heard of is no end."""
    if build["concluded"] is None:
        return build["status"] == SUCCEEDED or build["status"] in FAILED
    return bool(build["concluded"])


def succeeded(build: Build) -> bool:
    """Whether a build that is over ended well. C(success) says so, the status only where that is missing."""
    return bool(build["success"] if build["success"] is not None else build["status"] == SUCCEEDED)


def commit(sha: str) -> str:
    """A commit's hash, checked. The API wants 40 characters and does not say which; Git's are hexadecimal.

    :raises InvalidArgumentsError: it is none.
    """
    # No pattern: compiling one takes longer than all other checks together.
    if len(sha) == 40 and frozenset("0123456789abcdefABCDEF").issuperset(sha):
        return sha
    quoting = " Quote it: YAML takes such a hash for a number." if re.fullmatch(r"[0-9.e+]+|inf", sha) else ""
    raise errors.InvalidArgumentsError(
        f"sha {sha!r} is not a commit: a full Git commit hash has 40 hexadecimal characters, this has {len(sha)} characters. "
        f"Northflank takes no abbreviated hash, branch or tag; git rev-parse prints the full hash.{quoting}"
    )
