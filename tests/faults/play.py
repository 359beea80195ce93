# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play a row of the table against the embedded API on a simulated clock, and compare."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.community.northflank.plugins.module_utils._modules import job_build, job_build_abort, job_build_info
from ansible_collections.community.northflank.plugins.module_utils._operation import Operation
from ansible_collections.community.northflank.tests.fake_northflank import Build, FakeNorthflank, Fault, Script, SimulatedClock
from ansible_collections.community.northflank.tests.faults.gateway import make_fault
from ansible_collections.community.northflank.tests.faults.table import KINDS, Row
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, SHA, Task

Result = dict[str, Any]

FOR_EVER = 100_000.0
MOMENT = 0.2  # Simulated seconds; less than any pause before a request is sent again
LOG = [(0, "Step 1/1 : RUN false")]


@dataclass
class Play:
    """A task under way: the embedded API, the task's options, and what it said."""

    fake: FakeNorthflank
    clock: SimulatedClock
    timeout: int
    warnings: list[str]
    there: Build | None = None  # The build that there is from the beginning, if any

    def run(self, operation: Operation, **arguments: Any) -> Result:
        return Task(self.fake, self.clock, operation, self.warnings)(api_timeout=self.timeout, **arguments)

    def build(self, **arguments: Any) -> Result:
        return self.run(job_build.OPERATION, **arguments)

    def search(self, when: str, **arguments: Any) -> Result:
        """Run a task whose first start is lost."""
        self.fake.fault(Fault("reset", "start", when=when))
        return self.build(**arguments)

    def wait(self, script: Script) -> Result:
        self.fake.plan(PROJECT, JOB, script)
        return self.build(sha=SHA, wait=True, wait_timeout=100)

    def existing(self, operation: Operation, **arguments: Any) -> Result:
        """Run a task about a build that is there already."""
        self.there = self.fake.add_build(PROJECT, JOB, age=30, script=Script.never_ends(log=LOG))
        return self.run(operation, **({"build_id": self.there.id} | arguments))


TASKS: dict[str, Callable[[Play], Result]] = {
    "start": lambda play: play.build(sha=SHA),
    "start of the newest commit": lambda play: play.build(),
    "search for a build that was started": lambda play: play.search("after", sha=SHA),
    "search for a build that was not started": lambda play: play.search("before", sha=SHA),
    "search for a build of the newest commit": lambda play: play.search("after"),
    "read a build": lambda play: play.existing(job_build_info.OPERATION),
    "read the list": lambda play: play.existing(job_build_info.OPERATION, build_id=..., branch="main"),
    "read a log": lambda play: play.existing(job_build_info.OPERATION, log_lines=5),
    "wait": lambda play: play.wait(Script.success(60)),
    "first poll of a wait": lambda play: play.wait(Script.success(60)),
    "log of a failed build": lambda play: play.wait(Script.failure(5, log=LOG)),
    "abort": lambda play: play.existing(job_build_abort.OPERATION),
    "look-up before an abort": lambda play: play.existing(job_build_abort.OPERATION),
    "look-up after an abort": lambda play: play.existing(job_build_abort.OPERATION),
    "list of builds to reuse": lambda play: play.build(sha=SHA, reuse="any"),
    "branch of a build to reuse": lambda play: play.build(reuse="any"),
    "commit of a build to reuse": lambda play: play.build(reuse="any"),
    "check mode": lambda play: play.build(sha=SHA, check_mode=True),
}


def differences(row: Row) -> list[str]:
    """Play a row; in what its outcome differs from the table's, each as a sentence."""
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        _set(row, fake, clock)
        play = Play(fake, clock, row.case.timeout, [])
        try:
            result = TASKS[row.situation.name](play)
        except Exception as problem:  # that nothing is raised is part of what is compared
            return [f"raised {problem!r}"]
        return list(_compare(row, play, result))


def _set(row: Row, fake: FakeNorthflank, clock: SimulatedClock) -> None:
    situation, case = row.situation, row.case
    if case.fault != "down":
        when = "after" if situation.after else "before"
        times = None if row.always else 1
        fault = make_fault(case.fault, situation.endpoint, ahead=case.ahead, call=situation.call, times=times, when=when, **case.detail)
        fake.fault(fault)
        return
    at, seconds = situation.down_at or 0.0, FOR_EVER if row.always else MOMENT
    if at == 0.0:
        fake.down(seconds)
        return

    def go_down() -> None:
        if clock.monotonic() >= at:
            forget()
            fake.down(seconds)

    forget = clock.on_advance(go_down)


def _compare(row: Row, play: Play, result: Result) -> list[str]:
    expected, fake = row.outcome, play.fake
    ours = [build for build in fake.builds(PROJECT, JOB) if build.started_by == "api"]
    about = ours[0] if ours else play.there
    error = result.get("error", {})
    seen = {
        "kind": (error.get("kind"), row.kind),
        "failed": (result.get("failed", False), row.kind is not None),
        "builds started": (len(ours), expected.started),
        "recovered": (result.get("recovered", False), expected.recovered),
        "changed": (result["changed"], expected.changed and row.kind != "unknown_outcome"),
        "aborted": (play.there is not None and play.there.aborted, expected.aborted),
        "named": (about is not None and about.id in named(result), expected.named),
        "warned": (bool(play.warnings), expected.warned),
    }
    if expected.sent is not None:
        seen["requests"] = (len(fake.calls(row.situation.endpoint)), expected.sent)
    found = [f"{what} is {is_!r}, not {should!r}" for what, (is_, should) in seen.items() if is_ != should]
    if row.kind is not None and not (result.get("msg") and error.get("kind") in KINDS):
        found.append("a failure without msg or a known kind")
    return [*found, json.dumps(result)] if found else []


def named(result: Result) -> set[str]:
    builds = [result.get("build") or {}, *result.get("builds", []), *result.get("candidates", [])]
    return {build["id"] for build in builds if build.get("id")}
