# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state behind the embedded API: tokens, jobs with their repositories, builds and runs, and the quota.

Nothing here knows HTTP, and nothing locks: whoever calls holds the one lock of `FakeNorthflank`.
Times are seconds. `World.now()` gives them since 1970; what the server tells is wrong by `clock_skew`.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable
from typing import Any, Callable

from .executions import Execution, Executions, history, iso
from .runs import Run
from .scripts import ENDED, MESSAGES, Script, flaky
from .settings import Settings

EXAMPLE_TOKEN = "nf-example-token-0123456789abcdef"
EXAMPLE_SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
HOUR = 3600.0
FIRST_WORDS = "joyous quiet brave amber rapid gentle lucid silver eager mellow noble sunny vivid calm bold crisp"
SECOND_WORDS = "view river falcon harbor meadow canyon comet lantern orchard summit breeze island prairie delta"


class Build(Execution):
    """One build: what the server knows of it, and what it says about it."""

    ENDED = ENDED
    ABORTED = "ABORTED"

    def __init__(self, job: Job, number: int, build_id: str, sha: str, branch: str, born: float, script: Script, started_by: str) -> None:
        super().__init__(job, number, build_id, born, script, started_by)
        self.sha = sha
        self.branch = branch
        self.container = f"build-{self.id}"

    def view(self, now: float | None = None) -> dict[str, Any]:
        """What get and list say. `now`: seconds since 1970 without `clock_skew`, the present by default."""
        view = self._common(self.status(now))
        if view["concluded"]:
            view["success"] = view["status"] == "SUCCESS"
            view["message"] = self._message(view["status"])
            view["buildConcludedAt"] = self.job.world.concluded_at(self.ended_at(now) + self.job.world.settings.clock_skew)
        return self._spoilt(view)

    def start_view(self) -> dict[str, Any]:
        return self._spoilt(self._common(self.status()))

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


class Job:
    """A job, its repository's branches with their commits (newest last), its builds and its runs."""

    def __init__(self, world: World, team_id: str | None, project_id: str, job_id: str, branch: str, image_only: bool) -> None:
        self.world = world
        self.team_id = team_id
        self.project_id = project_id
        self.id = job_id
        self.name = job_id.replace("-", " ").title()
        self.branch = branch
        self.image_only = image_only
        self.branches: dict[str, list[str]] = {}
        self.builds: Executions[Build] = Executions(lambda: world.settings.default_script)
        self.runs: Executions[Run] = Executions(lambda: world.settings.default_run_script)
        self.schedule: float | None = None
        self._due = 0.0

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

    def rows(self, kind: str) -> Executions[Any]:
        """The builds, or the runs."""
        return {"build": self.builds, "run": self.runs}[kind]

    def start(self, sha: str | None, body: Any) -> Build:
        """A new build, as the API starts it."""
        commit = sha or self.head()
        build = self.new_build(commit, self.branch_of(commit), self.world.now(), self.builds.next_script(commit), "api")
        build.request_body = body
        return build

    def new_build(self, sha: str, branch: str | None, born: float, script: Script, started_by: str, build_id: str | None = None) -> Build:
        """A build, entered into the job's list."""
        number = len(self.builds) + 1
        return self.builds.add(Build(self, number, build_id or self._new_id(number), sha, branch or self.branch, born, script, started_by))

    def images(self, now: float | None = None) -> list[Build]:
        """The builds that have an image at that time, the present by default; the oldest first."""
        return sorted((build for build in self.builds if build.status(now) == "SUCCESS"), key=lambda build: build.created_at)

    def start_run(self, build: Build | None, born: float, started_by: str, body: Any = None) -> Run:
        """A new run of a build's image, or of one that comes from elsewhere."""
        script = self.runs.next_script(build.sha if build else None)
        run = self.runs.add(Run(self, len(self.runs) + 1, None, born, script, started_by, build))
        run.request_body = body
        return run

    def run_every(self, seconds: float) -> None:
        """Start runs by a schedule, the first one in so many seconds."""
        self.schedule = seconds
        self._due = self.world.now() + seconds

    def catch_up(self) -> None:
        """Start the runs of the schedule that are due."""
        while self.schedule is not None and self._due <= self.world.now():
            images = self.images(self._due)
            if images or self.image_only:
                self.start_run(images[-1] if images else None, self._due, "schedule")
            self._due += self.schedule

    def view(self) -> dict[str, Any]:
        """What `GET …/jobs/{jobId}` says."""
        view: dict[str, Any] = {
            "id": self.id,
            "appId": f"/{self.team_id or 'example-user'}/{self.project_id}/{self.id}",
            "name": self.name,
            "tags": [],
            "projectId": self.project_id,
            "jobType": "manual" if self.schedule is None else "cron",
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

    def _new_id(self, number: int) -> str:
        """A slug like Northflank's: the same for the same job and number, and never twice in a job."""
        source = random.Random(f"{self.key}#{number}")
        while True:
            words = source.choice(FIRST_WORDS.split()), source.choice(SECOND_WORDS.split())
            slug = "-".join([*words, str(source.randrange(1000, 10000))])
            if self.builds.find(slug) is None:
                return slug


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
        schedule: float | None = None,
    ) -> Job:
        """A job, with its project and team where they are new. `commits`: of its branch, the newest last.

        `schedule`: seconds between two runs that start by themselves.
        """
        job = Job(self, team_id, project_id, job_id, branch, image_only)
        if schedule is not None:
            job.run_every(schedule)
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
        script, raw = history(fields, age, script)
        if sha is None and branch not in job.branches:
            job.push(branch)
        script = script or job.builds.default()
        build = job.new_build(sha or job.head(branch), branch, self.now() - age, script, "history", fields.get("id"))
        build.raw = raw
        return build

    def add_run(self, job: Job, age: float = 0.0, script: Script | None = None, build_id: str | None = None, **fields: Any) -> Run:
        """A run that somebody else started `age` seconds ago, of that build's image; `fields` as in `add_build`."""
        build = job.builds.find(build_id) if build_id else None
        script, raw = history(fields, age, script)
        run = Run(job, len(job.runs) + 1, fields.get("id"), self.now() - age, script or job.runs.default(), "history", build)
        run.raw = raw
        return job.runs.add(run)

    def catch_up(self) -> None:
        for job in self._jobs.values():
            job.catch_up()

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
        self.add_job("default-project", "flaky-job").builds.default_script = flaky(self.settings.speed)
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
