# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state behind the embedded API: tokens, jobs with their repositories, builds, and the quota.

Nothing here knows HTTP, and nothing locks: whoever calls holds the one lock of `FakeNorthflank`.
Times are seconds. `World.now()` gives them since 1970; what the server tells is wrong by `clock_skew`.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable

from .scripts import ENDED, MESSAGES, Progress, Script, flaky
from .settings import Settings

EXAMPLE_TOKEN = "nf-example-token-0123456789abcdef"
EXAMPLE_SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
HOUR = 3600.0
FIRST_WORDS = "joyous quiet brave amber rapid gentle lucid silver eager mellow noble sunny vivid calm bold crisp"
SECOND_WORDS = "view river falcon harbor meadow canyon comet lantern orchard summit breeze island prairie delta"
SCRIPT_FIELDS = frozenset({"status", "duration", "message", "log"})


class Build:
    """One build: what the server knows of it, and what it says about it."""

    def __init__(self, job: Job, number: int, build_id: str, sha: str, branch: str, born: float, script: Script, started_by: str) -> None:
        self.id = build_id
        self.sha = sha
        self.branch = branch
        self.job = job
        self.number = number
        self.script = script
        self.started_by = started_by
        self.request_body: Any = None
        self.aborted = False
        self.raw: dict[str, Any] = {}
        self._born = born
        self._asked = 0
        self._looks = 0
        self._aborted_at: float | None = None
        self._end_seen_at: float | None = None

    def __repr__(self) -> str:
        return f"<Build {self.id} of {self.job.id}, {self.status()}>"

    @property
    def created_at(self) -> float:
        """When it was started, by the server's clock."""
        settings = self.job.world.settings
        return self._born + settings.clock_skew + (settings.stamp_delay if self.started_by == "api" else 0.0)

    def progress(self, now: float | None = None) -> Progress:
        """How far its script has come, aborted or not."""
        now = self.job.world.now() if now is None else now
        return Progress(now - self._born, self._asked, self._looks)

    def status(self, now: float | None = None) -> str:
        if self.aborted:
            return "ABORTED"
        return self.script.status(self.script.offset(self.progress(now)))

    def look(self, by_id: bool) -> bool:
        """Count a look for this build; whether that look shows it."""
        shown = self.visible(by_id)
        self._asked += 1
        if not shown:
            return False
        self._looks += 1
        if self.status() in ENDED and self._end_seen_at is None:
            self._end_seen_at = self.job.world.now()
        return True

    def visible(self, by_id: bool) -> bool:
        progress = self.progress()
        return self.script.visible(progress._replace(asked=self._asked + 1, looks=self._looks + 1), by_id)

    def abort(self) -> None:
        self.aborted = True
        self._aborted_at = self.job.world.now()

    def view(self, now: float | None = None) -> dict[str, Any]:
        """What get and list say. `now`: seconds since 1970 without `clock_skew`, the present by default."""
        view = self._common(self.status(now))
        if view["concluded"]:
            view["success"] = view["status"] == "SUCCESS"
            view["message"] = self._message(view["status"])
            view["buildConcludedAt"] = self.job.world.concluded_at(self._ended_at(now))
        return self._spoilt(view)

    def start_view(self) -> dict[str, Any]:
        return self._spoilt(self._common(self.status()))

    def log_lines(self) -> list[tuple[float, str]]:
        """Time by the server's clock, and text, of each log line there is by now."""
        offset = self.script.offset(self.progress(self._aborted_at))
        return [(self.created_at + start, text) for start, text in self.script.lines(offset)]

    def _common(self, status: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "branch": self.branch,
            "sha": self.sha,
            "createdAt": iso(self.created_at),
            "status": status,
            "concluded": status in ENDED,
        }

    def _message(self, status: str) -> str | None:
        if self.script.message is not None and not self.aborted:
            return self.script.message
        return MESSAGES.get(status)

    def _ended_at(self, now: float | None) -> float:
        if self._aborted_at is not None:
            ended = self._aborted_at
        elif self.script.by == "clock":
            ended = self._born + (self.script.end(self.progress(now).elapsed) or 0.0)
        else:
            ended = self._end_seen_at or self.job.world.now()
        return ended + self.job.world.settings.clock_skew

    def _spoilt(self, view: dict[str, Any]) -> dict[str, Any]:
        view.update(self.raw)
        view.update(self.script.raw)
        return {key: value for key, value in view.items() if key not in self.script.omit}


class Job:
    """A job, its repository's branches with their commits (newest last), and its builds in order of making."""

    def __init__(self, world: World, team_id: str | None, project_id: str, job_id: str, branch: str, image_only: bool) -> None:
        self.world = world
        self.team_id = team_id
        self.project_id = project_id
        self.id = job_id
        self.name = job_id.replace("-", " ").title()
        self.branch = branch
        self.image_only = image_only
        self.branches: dict[str, list[str]] = {}
        self.builds: list[Build] = []
        self.default_script: Script | None = None
        self._by_id: dict[str, Build] = {}
        self._plans: list[_Plan] = []

    @property
    def key(self) -> str:
        return "/".join((self.team_id or "", self.project_id, self.id))

    def head(self, branch: str | None = None) -> str:
        """The newest commit of a branch, the job's own by default."""
        return self.branches[branch or self.branch][-1]

    def branch_of(self, sha: str) -> str | None:
        """The branch that a commit is on, the job's own first; None for an unknown commit."""
        names = [self.branch, *self.branches]
        return next((name for name in names if sha in self.branches.get(name, ())), None)

    def push(self, branch: str | None = None, sha: str | None = None) -> str:
        """Give a branch a new head; the branch is made where there is none."""
        name = branch or self.branch
        commits = self.branches.setdefault(name, [])
        made = hashlib.sha1(f"{self.key}@{name}#{len(commits)}".encode()).hexdigest()
        commits.append(sha or made)
        return commits[-1]

    def build(self, build_id: str) -> Build | None:
        """The build of that id, shown or not."""
        return self._by_id.get(build_id)

    def plan(self, script: Script, sha: str | None = None, times: int | None = None) -> None:
        """Use a script for builds that are started from now on: of one commit or any, so many times or always.

        Plans for a number of builds are used up first, in turn; among the others the newest counts. Those of the very commit go
        before those of any.
        """
        self._plans.append(_Plan(script, sha, times))

    def start(self, sha: str | None, body: Any) -> Build:
        """A new build, as the API starts it."""
        commit = sha or self.head()
        build = self.new_build(commit, self.branch_of(commit), self.world.now(), self._script_for(commit), "api")
        build.request_body = body
        return build

    def new_build(self, sha: str, branch: str | None, born: float, script: Script, started_by: str, build_id: str | None = None) -> Build:
        """A build, entered into the job's list."""
        number = len(self.builds) + 1
        build_id = build_id or self._new_id(number)
        if build_id in self._by_id:
            raise ValueError(f"the job {self.id} already has a build {build_id}")
        build = Build(self, number, build_id, sha, branch or self.branch, born, script, started_by)
        self.builds.append(build)
        self._by_id[build.id] = build
        return build

    def view(self) -> dict[str, Any]:
        """What `GET …/jobs/{jobId}` says."""
        view: dict[str, Any] = {
            "id": self.id,
            "appId": f"/{self.team_id or 'example-user'}/{self.project_id}/{self.id}",
            "name": self.name,
            "tags": [],
            "projectId": self.project_id,
            "jobType": "manual",
            "createdAt": "2021-01-20T11:19:53.175Z",
            "disabledCI": False,
            "disabledCD": False,
        }
        if not self.image_only:
            repository = {"projectUrl": "https://git.example.com/team/app", "projectType": "github", "projectBranch": self.branch}
            view["vcsData"] = {**repository, "dockerWorkDir": "/", "dockerFilePath": "/Dockerfile"}
        return view

    def branch_view(self, name: str) -> dict[str, Any]:
        """What `GET …/branches` says about one branch."""
        sha = self.head(name)
        told = {"message": f"Change {len(self.branches[name])} on {name}", "date": "2026-01-05T09:30:00.000Z"}
        commit = {"sha": sha, **told, "author": {"login": "example-author"}}
        return {"name": name, "id": "b-" + hashlib.sha1(name.encode()).hexdigest()[:8], "commit": commit}

    def _script_for(self, sha: str) -> Script:
        """The planned script for a build: those for a number of builds first, in turn; else the newest plan."""
        plans = [plan for plan in self._plans if plan.sha in (None, sha) and plan.times != 0]
        counted = [plan for plan in plans if plan.times is not None]
        chosen = min(counted, key=_Plan.is_general, default=None)
        if chosen is not None:
            chosen.times = (chosen.times or 0) - 1
            return chosen.script
        if plans:
            return min(reversed(plans), key=_Plan.is_general).script
        return self.default_script or self.world.settings.default_script

    def _new_id(self, number: int) -> str:
        """A slug like Northflank's: the same for the same job and number, and never twice in a job."""
        source = random.Random(f"{self.key}#{number}")
        while True:
            words = source.choice(FIRST_WORDS.split()), source.choice(SECOND_WORDS.split())
            slug = "-".join([*words, str(source.randrange(1000, 10000))])
            if slug not in self._by_id:
                return slug


@dataclass
class _Plan:
    script: Script
    sha: str | None
    times: int | None

    def is_general(self) -> bool:
        return self.sha is None


class World:
    """Everything there is: tokens and jobs. `clock()` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float], settings: Settings) -> None:
        self.now = clock
        self.settings = settings
        self.tokens: dict[str, frozenset[str] | None] = {EXAMPLE_TOKEN: None}
        self._jobs: dict[tuple[str | None, str, str], Job] = {}
        self._furnish()

    def jobs(self) -> list[Job]:
        """Every job, in order of making."""
        return list(self._jobs.values())

    def job(self, project_id: str, job_id: str, team_id: str | None = None) -> Job:
        """The job, or a LookupError."""
        return self._jobs[team_id, project_id, job_id]

    def add_job(
        self,
        project_id: str,
        job_id: str,
        team_id: str | None = None,
        branch: str = "main",
        commits: Iterable[str] | None = None,
        image_only: bool = False,
    ) -> Job:
        """A job, with its project and team where they are new. `commits`: of its branch, the newest last."""
        job = Job(self, team_id, project_id, job_id, branch, image_only)
        if not image_only:
            for sha in [None] if commits is None else commits:
                job.push(sha=sha)
        self._jobs[team_id, project_id, job_id] = job
        return job

    def add_build(
        self, job: Job, sha: str | None = None, branch: str | None = None, age: float = 0.0, script: Script | None = None, **fields: Any
    ) -> Build:
        """A build that somebody else started `age` seconds ago.

        `fields`: `id`; instead of a script `status` (what it is now) and `duration` (the seconds it took to get there, 60 at most by
        default), with `message` and `log` as in `Script`. All others are put over the build's answers as they are.
        """
        branch = branch or (job.branch_of(sha) if sha else None) or job.branch
        raw = {key: value for key, value in fields.items() if key != "id"}
        if script is None and fields.keys() & {"status", "duration"}:
            raw = {key: value for key, value in raw.items() if key not in SCRIPT_FIELDS}
            script = _history_script(fields, age)
        if sha is None and branch not in job.branches:
            job.push(branch)
        script = script or job.default_script or self.settings.default_script
        build = job.new_build(sha or job.head(branch), branch, self.now() - age, script, "history", fields.get("id"))
        build.raw = raw
        return build

    def concluded_at(self, when: float) -> int | str:
        """`buildConcludedAt`, in the unit that is set."""
        unit = self.settings.concluded_unit
        if unit == "iso":
            return iso(when)
        return math.floor(when * 1000) if unit == "milliseconds" else math.floor(when)

    def _furnish(self) -> None:
        job = self.add_job("default-project", "example-job", commits=[])
        for sha in (None, None, EXAMPLE_SHA):
            job.push(sha=sha)
        self.add_job("default-project", "worker", branch="release").push("main")
        self.add_job("default-project", "image-only", image_only=True)
        self.add_job("default-project", "flaky-job").default_script = flaky(self.settings.speed)
        self.add_job("default-project", "example-job", team_id="example-team")


class Quota:
    """So many requests an hour; the hour starts with the first one."""

    def __init__(self, clock: Callable[[], float], limit: int) -> None:
        self._clock = clock
        self.limit = limit
        self._used = 0
        self._ends: float | None = None

    @property
    def remaining(self) -> int:
        self._roll()
        return max(0, self.limit - self._used)

    @property
    def reset(self) -> int:
        """Seconds until the count starts again, rounded up."""
        self._roll()
        return math.ceil(HOUR if self._ends is None else self._ends - self._clock())

    def take(self) -> bool:
        """Count one request; whether there was one left."""
        self._roll()
        if self._ends is None:
            self._ends = self._clock() + HOUR
        if self._used >= self.limit:
            return False
        self._used += 1
        return True

    def set(self, remaining: int | None = None, reset: float | None = None, limit: int | None = None) -> None:
        """Set what is given: requests that are left, seconds until the count starts again, requests an hour."""
        self._roll()
        if limit is not None:
            self.limit = limit
        if remaining is not None:
            self._used = self.limit - remaining
        if reset is not None or self._ends is None:
            self._ends = self._clock() + (HOUR if reset is None else reset)

    def clear(self) -> None:
        self._used = 0
        self._ends = None

    def _roll(self) -> None:
        if self._ends is not None and self._clock() >= self._ends:
            self.clear()


def iso(when: float) -> str:
    """ISO 8601 with milliseconds and Z, as the API writes times."""
    # Through whole milliseconds, since strftime would cut 0.9999 s where rounding is meant.
    millis = round(when * 1000)
    moment = datetime.fromtimestamp(millis // 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{millis % 1000:03d}Z"


def _history_script(fields: dict[str, Any], age: float) -> Script:
    """The script of a build that is described by its present `status`, or by how long it takes to succeed."""
    options = {key: fields[key] for key in ("message", "log") if key in fields}
    if "status" not in fields:
        return Script.success(fields["duration"], **options)
    took = min(age, fields.get("duration", 60.0))
    return Script([(0, "PENDING"), (took, fields["status"])], **options)
