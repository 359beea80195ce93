# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random faults, several at a time, and what must hold whatever they do.

Every schedule is made from its number alone: `run.py --only NUMBER` plays one again and shows it.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import socket
import string
import threading
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from typing import Any

from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script, SimulatedClock
from ansible_collections.community.northflank.tests.fake_northflank.server import HOST
from ansible_collections.community.northflank.tests.faults.gateway import SlowNorthflank, Stall, make_fault
from ansible_collections.community.northflank.tests.faults.play import named
from ansible_collections.community.northflank.tests.faults.table import AMBIGUOUS, KINDS, SEARCHING, FaultCase, faults_for
from ansible_collections.community.northflank.tests.simulation import JOB, OTHER_SHA, PROJECT, SHA, Kind, endpoint

Result = dict[str, Any]

OPERATIONS = ("start", "wait", "abort")
OTHER_JOB = "worker"
LATEST = 15.0  # Seconds after which a new build is in the list at the latest; a build is searched for a little longer
ECHOES = 0.3  # How many of the responses that carry text repeat the secrets of the task
REAL_TIME = 0.01  # How many schedules have a fault that a time-out is sat out for
PORTS = range(20_000, 32_000)  # Below those that the system hands out: while a server is down, nobody else may get its port


# What happens


@dataclass(frozen=True)
class Planned:
    """A fault as it is set."""

    kind: str
    endpoint: str
    call: int | None
    times: int | None
    when: str
    ahead: float = 0.0
    takes: float = 0.0  # Simulated seconds that pass before it shows
    detail: dict[str, Any] = field(default_factory=dict)

    def make(self, clock: SimulatedClock) -> Fault:
        """The fault itself, which wears out."""
        if self.takes:
            return Stall(self.kind, self.endpoint, self.call, self.times, self.when, takes=self.takes, clock=clock, **self.detail)
        return make_fault(self.kind, self.endpoint, ahead=self.ahead, call=self.call, times=self.times, when=self.when, **self.detail)


@dataclass(frozen=True)
class Event:
    """Something that happens at a second of the task: `down`, `push`, `jump` of the wall clock, or `another`'s build or run."""

    at: float
    what: str
    seconds: float = 0.0
    sha: str | None = None


@dataclass(frozen=True)
class Course:
    """How a build goes: to `end` (null: it never ends) in so many seconds, seen in a list or alone from a second of its life on."""

    end: str | None
    seconds: float
    in_list: float = 0.0
    alone: float = 0.0

    def script(self, secrets: tuple[str, ...], of: str) -> Script:
        """The embedded API's script; text in it repeats the secrets."""
        steps: list[tuple[float, str]] = [(0, "PENDING"), (1, "BUILDING")]
        if self.end:
            steps.append((max(self.seconds, 1.1), "FAILURE" if of == "run" and self.end == "CRASHED" else self.end))
        text = f"ARG {' '.join(secrets)}"
        return Script(steps, message=text, log=[(0, text), (1, "done")], visible_after=self.in_list, get_visible_after=self.alone)


@dataclass(frozen=True)
class Schedule:
    """One run: a task and everything that happens to it."""

    number: int
    operation: str
    arguments: dict[str, Any]
    secrets: tuple[str, ...]
    token: str
    faults: tuple[Planned, ...]
    events: tuple[Event, ...]
    course: Course
    builds: tuple[Course, ...]  # Of the builds that are waited for or aborted
    history: int
    page_order: Any
    page_size: int
    skew: float
    latency: float  # Simulated seconds that a request takes at most, one way
    quota: tuple[int, int] | None  # Requests that are left, and in how many seconds there are more
    settings: dict[str, Any]
    of: str = "build"  # What is started, waited for, or aborted: `build` or `run`
    every: float | None = None  # Seconds between two runs that the job's own schedule starts

    @property
    def commit(self) -> str | None:
        """The commit that is asked for, in lower case; null for the newest."""
        sha = self.arguments.get("sha")
        return sha.lower() if sha else None


def make(number: int, of: str = "build") -> Schedule:
    chance = random.Random(number)
    operation = chance.choices(("start", "wait", "abort"), (65, 20, 15))[0]
    # A secret is what a task was given; one that waits or aborts was given the token alone.
    secrets = tuple("".join(chance.choices(string.ascii_letters + string.digits, k=12)) for _each in range(2 * (operation == "start")))
    token = "nf-" + "".join(chance.choices(string.ascii_letters + string.digits, k=20))
    real_time = chance.random() < REAL_TIME
    retries = chance.choice((0, 1, 3, 3, 3, 4))
    arguments: dict[str, Any] = {"api_timeout": 1 if real_time else chance.choice((5, 30, 30)), "api_retries": retries, "api_token": token}
    builds: tuple[Course, ...] = ()
    if operation == "start":
        arguments |= (_start_arguments if of == "build" else _run_arguments)(chance, secrets)
    else:
        # Of builds that have been there for a while; a failed poll must not end the wait for any.
        count = chance.choice((1, 2, 3, 10, 40)) if operation == "wait" else 1
        builds = tuple(_course(chance, late=0.0) for _each in range(count))
    if operation == "wait" or arguments.get("wait"):
        arguments |= {
            "wait_timeout": chance.choice((30, 60, 300, 900)),
            "wait_interval": chance.choice((5, 10, 30)),
            "abort_on_timeout": chance.random() < 0.3,
            "log_lines": chance.choice((0, 3, 50)),
            "follow_logs": chance.random() < 0.2,
        }
    if operation == "wait":
        arguments["fail_fast"] = chance.random() < 0.3
    count = chance.choice((0, 1, 1, 2, 3, 4, 6))
    faults = [_fault(chance, operation, (*secrets, token), real_time, arguments["api_timeout"], of) for _each in range(count)]
    if operation == "start" and chance.random() < 0.5:
        faults.insert(0, _lost_start(chance, of))
    return Schedule(
        number=number,
        operation=operation,
        arguments=arguments,
        secrets=secrets,
        token=token,
        faults=tuple(faults),
        events=tuple(sorted(_events(chance), key=lambda event: event.at)),
        course=_course(chance, late=LATEST),
        builds=builds,
        history=chance.choice((0, 0, 3, 10, 30)) if chance.random() < 0.93 else chance.randrange(100, 500),
        page_order=chance.choice(("newest", "oldest", ("shuffled", number))),
        page_size=chance.choice((5, 20, 100)),
        skew=chance.choice((0.0, 0.0, chance.uniform(-5, 5), chance.uniform(-900, 900))),
        latency=chance.choice((0.0, 0.0, 0.1, 1.0)),
        quota=(chance.randrange(15), chance.choice((5, 20, 200, 3000))) if chance.random() < 0.1 else None,
        settings={
            "last_page_cursor": chance.choice(("absent", "null", "present")),
            "concluded_unit": chance.choice(("seconds", "milliseconds", "iso")),
            "log_format": chance.choice(("time", "stream", "plain", "object")),
            "abort_of_ended": chance.choice(("ok", "conflict")),
            "quota_headers": [name for name in ("reset", "retry-after", "retry-after-date") if chance.random() < 0.5],
        },
        of=of,
        every=chance.choice((None, None, None, 7.0, 60.0, 600.0)) if of == "run" else None,
    )


def _start_arguments(chance: random.Random, secrets: tuple[str, ...]) -> dict[str, Any]:
    return {
        "sha": chance.choice((None, SHA, SHA.upper())),
        "overrides": {"build_arguments": {"SECRET": secrets[0]}, "build_files": {"/etc/secret": {"content": secrets[1]}}},
        "wait": chance.random() < 0.4,
        "reuse": chance.choice(("never", "never", "never", "in_progress", "successful", "any")),
    }


def _run_arguments(chance: random.Random, secrets: tuple[str, ...]) -> dict[str, Any]:
    return {
        "runtime_environment": {"SECRET": secrets[0]},
        "runtime_files": {"/etc/secret": {"content": secrets[1]}},
        "wait": chance.random() < 0.4,
    }


def _course(chance: random.Random, late: float) -> Course:
    end = chance.choices(("SUCCESS", "FAILURE", "CRASHED", None), (88, 4, 4, 4))[0]
    in_list, alone = (chance.choice((0.0, 0.0, chance.uniform(0, late))) for _each in range(2))
    return Course(end, chance.choice((2.0, 20.0, 60.0, 200.0, 600.0)), in_list, alone)


WEIGHTS = {
    "start": {"start": 45, "list": 25, "get": 10, "job": 8, "branches": 4, "logs": 3, "any": 5},
    "wait": {"list": 40, "get": 35, "logs": 10, "abort": 5, "any": 10},
    "abort": {"get": 45, "abort": 45, "any": 10},
}


def _fault(chance: random.Random, operation: str, secrets: tuple[str, ...], real_time: bool, timeout: float, of: str) -> Planned:
    weights = WEIGHTS[operation]
    where = endpoint(of, chance.choices(list(weights), list(weights.values()))[0])
    cases = [case for case in faults_for(where) if case.fault != "down" and case.dear in ((None, "time") if real_time else (None,))]
    # Each family as often as the others, however many there are of it.
    family = chance.choice(sorted({case.family for case in cases}))
    case = chance.choice([case for case in cases if case.family == family])
    # What cannot come after an effect comes before it; a start that is slow to be refused is among the others.
    may_be_after = case.family in (*AMBIGUOUS, "slow")
    when = "after" if may_be_after and chance.random() < 0.6 else "before"
    # Sent and then nothing, until the time is up.
    takes = timeout if case.fault in ("reset", "close") and chance.random() < 0.4 else 0.0
    return Planned(
        kind=case.fault,
        endpoint=where,
        call=chance.choice((None, None, 1, 2, 3)),
        times=1 if case.dear else chance.choice((1, 1, 1, 2, 4, None)),
        when=when,
        ahead=chance.choice((0.0, chance.uniform(-900, 900))) if case.fault in ("html", "empty") else 0.0,
        takes=takes,
        detail=_detail(chance, case, secrets),
    )


def _lost_start(chance: random.Random, of: str) -> Planned:
    """The first start works and its response is lost, or it is lost on its way."""
    cases = [case for case in faults_for(endpoint(of, "start")) if case.family in AMBIGUOUS and not case.dear]
    family = chance.choice(AMBIGUOUS)
    case = chance.choice([case for case in cases if case.family == family])
    return Planned(
        case.fault, endpoint(of, "start"), None, 1, chance.choice(("after", "after", "before")), case.ahead, detail=dict(case.detail)
    )


def _detail(chance: random.Random, case: FaultCase, secrets: tuple[str, ...]) -> dict[str, Any]:
    """What a fault says; some repeat what they were sent."""
    detail = dict(case.detail)
    if chance.random() >= ECHOES:
        return detail
    text = " ".join(secrets)
    if case.fault == "status":
        return {**detail, "message": f"Cannot take {text}."}
    if case.fault == "redirect":
        return {**detail, "location": f"http://login.invalid/?next={text.replace(' ', '/')}"}
    if case.fault == "json" and case.status and case.status >= 400:
        return {**detail, "body": {"error": {"message": text, "id": text, "details": {text: [text, {"body": text}]}}}}
    return detail


def _events(chance: random.Random) -> Iterator[Event]:
    for _each in range(chance.choice((0, 0, 0, 1, 2))):
        yield Event(chance.choice((0.0, 0.5, chance.uniform(0, 60))), "down", chance.choice((0.3, 2.0, 10.0, 40.0)))
    for _each in range(chance.choice((0, 0, 1, 2, 4))):
        # Of the same commit half of the time: nobody can tell such a build from ours.
        yield Event(
            chance.choice((0.0, chance.uniform(0, 25), chance.uniform(0, 90))), "another", sha=chance.choice((None, SHA, OTHER_SHA))
        )
    if chance.random() < 0.1:
        yield Event(chance.uniform(0, 30), "push")
    if chance.random() < 0.1:
        yield Event(chance.uniform(0, 30), "jump", chance.uniform(-4000, 4000))


# A run

BAD_ENDS = ("FAILURE", "CRASHED", "FAILED")
FAILED = ("build_failed", "run_failed")


@dataclass
class Verdict:
    """What came of a schedule."""

    number: int
    operation: str
    kind: str  # The `error.kind`, or `ok`
    violations: list[str]
    figures: Counter[str]


class Warnings(list):
    """The warnings of a task, with the moments at which they came."""

    def __init__(self, clock: SimulatedClock) -> None:
        super().__init__()
        self.moments: list[float] = []
        self._clock = clock

    def append(self, text: str) -> None:
        super().append(text)
        self.moments.append(self._clock.monotonic())


class Run(Kind):
    """A schedule being played."""

    def __init__(self, schedule: Schedule, fake: FakeNorthflank, clock: SimulatedClock) -> None:
        super().__init__(schedule.of, fake, clock)
        self.schedule = schedule
        self.warnings = Warnings(clock)
        self.events: list[Result] = []
        self.arguments = dict(schedule.arguments)
        self.others: list[Any] = []
        self.targets: list[Any] = []
        self.result: Result = {}
        self.raised: str | None = None
        self.seconds = 0.0
        self._thread = threading.get_ident()
        self._began = clock.monotonic()
        self._events = list(schedule.events)

    def play(self) -> None:
        self._furnish()
        self._happen()
        forget = self.clock.on_advance(self._happen)
        try:
            self.result = self.task(self.schedule.operation, self.warnings, self.events)(**self.arguments)
        except Exception:  # that nothing is raised is one of the promises
            self.raised = traceback.format_exc()
        self.seconds = self.clock.monotonic() - self._began
        forget()

    def _furnish(self) -> None:
        schedule, fake = self.schedule, self.fake
        fake.page_order, fake.max_page_size, fake.clock_skew = schedule.page_order, schedule.page_size, schedule.skew
        for name, value in schedule.settings.items():
            setattr(fake, name, value)
        fake.add_token(schedule.token)
        secrets = (*schedule.secrets, schedule.token)
        chance = random.Random(schedule.number)
        if schedule.of == "run":
            fake.add_build(PROJECT, JOB, age=600_000, status="SUCCESS")
        if schedule.every:
            fake.jobs()[0].run_every(schedule.every)
        for number in range(schedule.history):
            script = Script.success(chance.uniform(20, 400)) if number % 3 else Script.failure(30)
            self._add(JOB, chance.choice((SHA, OTHER_SHA)), age=500 + 300 * number, script=script)
        for number, course in enumerate(schedule.builds):
            job = OTHER_JOB if number % 4 == 3 else JOB
            self.targets.append(self._add(job, age=chance.uniform(0, 30), script=course.script(secrets, schedule.of)))
        self.plan(schedule.course.script(secrets, schedule.of))
        for planned in schedule.faults:
            fake.fault(planned.make(self.clock))
        if schedule.quota:
            fake.set_quota(*schedule.quota)
        if schedule.operation == "wait":
            self.arguments[f"{schedule.of}s"] = [{"id": target.id, "job_id": target.job.id} for target in self.targets]
        elif schedule.operation == "abort":
            self.arguments |= {f"{schedule.of}_id": self.targets[0].id, "job_id": self.targets[0].job.id}

    def _happen(self) -> None:
        """Let happen what is due, between two requests: while one is under way, it is the server's thread that moves the clock."""
        while threading.get_ident() == self._thread and self._events and self.clock.monotonic() >= self._began + self._events[0].at:
            event = self._events.pop(0)
            if event.what == "down":
                self.fake.down(event.seconds)
            elif event.what == "another":
                self.others.append(self._add(JOB, event.sha, script=Script.success(90)))
            elif event.what == "push":
                self.fake.push(PROJECT, JOB)
            else:
                self.clock.jump(event.seconds)

    def _add(self, job: str, sha: str | None = None, **more: Any) -> Any:
        return self.add(job, **({"sha": sha} if self.name == "build" else {}), **more)

    # What the server knows

    def server_has(self, job_id: str, item_id: str) -> Any:
        return next((item for item in self.there(job_id) if item.id == item_id), None)

    @property
    def told(self) -> Result | None:
        """The build or the run in the result."""
        return self.result.get(self.schedule.of)

    @property
    def starts(self) -> list[Any]:
        return self.calls("start")

    @property
    def kind(self) -> str:
        return "raised" if self.raised else self.result.get("error", {}).get("kind", "ok")

    # The promises

    def violations(self) -> Iterator[str]:
        if self.raised:
            yield f"raised: {self.raised}"
            return
        yield from self._never_twice()
        yield from self._in_time()
        yield from self._said_well()
        yield from {"start": self._start_is_true, "wait": self._wait_is_true, "abort": self._abort_is_true}[self.schedule.operation]()
        yield from self._kept_secret()

    def _never_twice(self) -> Iterator[str]:
        if len(self.ours) > (self.schedule.operation == "start"):
            yield f"{len(self.ours)} were started"

    def _in_time(self) -> Iterator[str]:
        arguments = self.schedule.arguments
        timeout = arguments["api_timeout"]
        # Each request is tried to the end, once before the time for searching is up and once after.
        tries = 3 * timeout * (1 + arguments["api_retries"]) + self._slowness()
        if self.schedule.operation == "start" and not self.told:
            yield from self._not_longer(self._began, (1 + arguments["api_retries"]) * (timeout + SEARCHING + tries) + tries)
        elif arguments.get("wait", self.schedule.operation == "wait"):
            # Logs are read and builds aborted in the time of one request, pauses included. Where requests stall, the poll that was
            # under way may end later, and so may the last of those.
            stalls = any(planned.takes for planned in self.schedule.faults)
            after = timeout * (3 if stalls else 1) + self._slowness()
            found = tries if self.result.get("reused") else 0.0
            yield from self._not_longer(self._wait_began(), found + arguments["wait_timeout"] + after)

    def _wait_began(self) -> float:
        """The moment at which the start was over: of the warning that tells what became of it, or of the response to the last POST."""
        if self.schedule.operation == "wait":
            return self._began
        if self.result.get("recovered"):
            return self.warnings.moments[0]
        posts = self.starts
        ago = self.fake.now() - posts[-1].time - self.schedule.latency if posts else self.seconds
        return self._began + self.seconds - ago

    def _not_longer(self, began: float, allowed: float) -> Iterator[str]:
        took = self._began + self.seconds - began
        if took > allowed + 1e-6:
            yield f"took {took:.1f} simulated seconds, {allowed:.1f} would have been in time"

    def _slowness(self) -> float:
        """Simulated seconds to look up every build one by one, and every page of the list, where nothing fails."""
        rows = sum(len(self.there(job)) for job in (JOB, OTHER_JOB))
        return 2 * self.schedule.latency * (rows / self.schedule.page_size + 2 + len(self.targets))

    def _said_well(self) -> Iterator[str]:
        failed = self.result.get("failed", False)
        error = self.result.get("error")
        if failed != (error is not None):
            yield "failed and error do not go together"
        if failed and not self.result.get("msg"):
            yield "failed without a message"
        if failed and self.kind not in KINDS:
            yield f"an unknown kind: {self.kind!r}"
        if not failed and self.schedule.operation != "wait" and not (self.told or {}).get("id"):
            yield "succeeded with nothing to show"

    def _start_is_true(self) -> Iterator[str]:
        result, ours = self.result, self.ours
        if ours and self.kind != "unknown_outcome" and ours[0].id not in named(result):
            yield f"{ours[0].id} was started and is not in the result"
        if self.kind == "unknown_outcome" and not self.starts:
            yield "the outcome of nothing is unknown"
        if result.get("reused") and self.starts:
            yield "reused a build and sent a start"
        if not result.get("failed") and result["changed"] is result.get("reused", False):
            yield "changed and reused do not go together"
        if ours and self.told and not result["changed"]:
            yield "one was started and changed is false"
        if not ours and result["changed"] and not result.get("recovered"):
            yield "none was started and changed is true"
        if result.get("recovered") and self.schedule.every:
            yield "recovered what the job's schedule may have started"
        if self.told:
            yield from self._item_is_true(self.told, self.schedule.arguments["wait"])

    def _item_is_true(self, told: Result, waited: bool) -> Iterator[str]:
        there = self.server_has(told["job_id"], told["id"])
        if there is None:
            yield f"there is no {told['id']!r}"
            return
        if self.schedule.of == "build" and self.schedule.commit not in (None, there.sha.lower()):
            yield f"build {there.id} is of another commit: {there.sha}"
        if told["concluded"] and told["status"] != there.status():
            yield f"{there.id} is said to be {told['status']} and is {there.status()}"
        if waited and self.kind == "ok" and there.status() != "SUCCESS":
            yield f"the wait succeeded and {there.id} is {there.status()}"
        if self.kind in FAILED and there.status() not in (*BAD_ENDS, "ABORTED"):
            yield f"said to have failed: {there.id} is {there.status()}"

    def _wait_is_true(self) -> Iterator[str]:
        told = self.result.get(f"{self.schedule.of}s", [])
        if [item["id"] for item in told] != [target.id for target in self.targets]:
            yield "what is in the result is not what was given"
            return
        statuses = [target.status() for target in self.targets]
        if self.kind == "ok" and set(statuses) != {"SUCCESS"}:
            yield f"the wait succeeded with {statuses}"
        if self.kind in FAILED and not {*BAD_ENDS} & set(statuses):
            yield f"said to have failed with {statuses}"
        for item, there in zip(told, self.targets):
            if item["concluded"] and item["status"] != there.status():
                yield f"{there.id} is said to be {item['status']} and is {there.status()}"
        # With a warning an abort was accepted and could not be seen; it may have ended just before.
        if self.result["changed"] and not any(map(_is_aborted, self.targets)) and not self.warnings:
            yield "waiting changed something and aborted nothing"

    def _abort_is_true(self) -> Iterator[str]:
        [there] = self.targets
        # With a warning the abort was accepted and could not be seen; it may have ended just before.
        if self.kind == "ok" and self.result["changed"] not in (there.aborted, _is_aborted(there)) and not self.warnings:
            yield f"changed is {self.result['changed']}, and aborted is {there.aborted}"
        if self.kind == "ok" and there.status() not in ("ABORTED", "SUCCESS", *BAD_ENDS):
            yield f"succeeded, and {there.id} is {there.status()}"
        if there.aborted and self.told is None:
            yield f"{there.id} was aborted and is not in the result"

    def _kept_secret(self) -> Iterator[str]:
        shown = {"result": self.result, "warnings": self.warnings, "events": self.events}
        for where, value in shown.items():
            text = json.dumps(value, ensure_ascii=False)
            for secret in (*self.schedule.secrets, self.schedule.token):
                if secret in text:
                    yield f"a secret is in the {where}"

    def verdict(self) -> Verdict:
        """What came of it, in figures."""
        ours, recovered = self.ours, bool(self.result.get("recovered"))
        told = (self.told or {}).get("id")
        figures: Counter[str] = Counter(
            {
                "requests": len(self.fake.journal),
                "faults met": sum(entry.fault is not None for entry in self.fake.journal),
                "POSTs": len(self.starts),
                "started": len(ours),
                "lost responses recovered": recovered and bool(ours) and told == ours[0].id,
                "took another's": recovered and not (ours and told == ours[0].id),
                "simulated seconds": round(self.seconds),
                "duplicates": max(0, len(ours) - 1),
                "unknown though none was started": self.kind == "unknown_outcome" and not ours,
                "unknown, one was started": self.kind == "unknown_outcome" and bool(ours),
            }
        )
        return Verdict(self.schedule.number, self.schedule.operation, self.kind, list(self.violations()), figures)


def _is_aborted(there: Any) -> bool:
    """Whether it is aborted, or looks so: of a run that has failed, no status tells why."""
    return there.aborted or there.status() == "FAILED"


def run(schedule: Schedule, port: int = 0) -> Run:
    # The pauses between attempts have a share of chance.
    random.seed(schedule.number)
    clock = SimulatedClock()
    chance = random.Random(schedule.number)
    with SlowNorthflank(clock, lambda: chance.uniform(0, schedule.latency), port) as fake:
        played = Run(schedule, fake, clock)
        played.play()
    return played


def judge(number: int, of: str = "build") -> Verdict:
    """Make a schedule, play it, and judge."""
    return run(make(number, of), _port()).verdict()


@cache
def _port() -> int:
    first = os.getpid() * 7 % len(PORTS)
    for port in (*PORTS[first:], *PORTS[:first]):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise OSError("no port is free")


def numbers(seed: int, count: int) -> range:
    return range(seed * 1_000_000, seed * 1_000_000 + count)


# The figures


def report(verdicts: list[Verdict], seconds: float) -> Iterator[str]:
    """The figures of many schedules, in lines."""
    figures = sum((verdict.figures for verdict in verdicts), Counter())
    broken = [verdict for verdict in verdicts if verdict.violations]
    yield f"{len(verdicts)} schedules in {seconds:.0f} s; {figures['simulated seconds'] / 3600:.0f} simulated hours"
    for name in ("requests", "faults met", "POSTs", "started", "lost responses recovered", "took another's"):
        yield f"  {name:<36} {figures[name]:>8}"
    yield f"  {'duplicates':<36} {figures['duplicates']:>8}"
    for operation in OPERATIONS:
        kinds = Counter(verdict.kind for verdict in verdicts if verdict.operation == operation)
        yield f"  {operation}: " + ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    unknown = figures["unknown, one was started"], figures["unknown though none was started"]
    yield f"  unknown_outcome: {unknown[0]} where one was started, {unknown[1]} where none was"
    yield f"  broken promises: {len(broken)}"
    for verdict in broken:
        yield f"    {verdict.number} ({verdict.operation}, {verdict.kind}): {'; '.join(verdict.violations)}"


def judge_all(seed: int, count: int, processes: int, of: str = "build") -> list[Verdict]:
    """Judge many schedules, in several processes."""
    with multiprocessing.Pool(processes) as pool:
        return list(pool.imap_unordered(partial(judge, of=of), numbers(seed, count), chunksize=20))


def show(number: int, of: str = "build") -> Verdict:
    schedule = make(number, of)
    played = run(schedule, _port())
    for name, value in asdict(schedule).items():
        print(f"{name}: {value}")
    for entry in played.fake.journal:
        at = entry.time - played.fake.journal[0].time
        about = entry.build_id or entry.run_id or ""
        print(f"  {at:8.2f} {entry.method:6} {entry.endpoint:8} {entry.status or '-':>4} {entry.fault or ''} {about}")
    print("warnings:", *played.warnings, sep="\n  ")
    print("result:", json.dumps(played.result, indent=1))
    print("of the task:", played.ours, "others:", played.others, "targets:", played.targets)
    print(f"simulated seconds: {played.seconds:.2f}")
    return played.verdict()
