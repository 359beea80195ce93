# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play a row of the table against the embedded API on a simulated clock, and compare."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.community.northflank.plugins.module_utils._modules import (
    job_build,
    job_build_abort,
    job_build_info,
    job_run,
    job_run_abort,
    job_run_info,
)
from ansible_collections.community.northflank.tests.fake_northflank import Build, FakeNorthflank, Fault, Run, Script, SimulatedClock
from ansible_collections.community.northflank.tests.faults.gateway import make_fault
from ansible_collections.community.northflank.tests.faults.table import KINDS, Row
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, SHA, Task, runs_started, started

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
    kind: str  # Of what: `build` or `run`
    there: Build | Run | None = None  # What there is from the beginning, if anything

    def start(self, **arguments: Any) -> Result:
        """Run `northflank_job_build` or `northflank_job_run`."""
        if self.kind == "run":
            arguments.pop("sha", None)
        return self._task({"build": job_build, "run": job_run}, arguments)

    def info(self, **arguments: Any) -> Result:
        """Run `northflank_job_build_info` or `northflank_job_run_info`."""
        return self._task({"build": job_build_info, "run": job_run_info}, arguments)

    def abort(self, **arguments: Any) -> Result:
        """Run `northflank_job_build_abort` or `northflank_job_run_abort`."""
        return self._task({"build": job_build_abort, "run": job_run_abort}, arguments)

    def _task(self, modules: dict[str, Any], arguments: dict[str, Any]) -> Result:
        return Task(self.fake, self.clock, modules[self.kind].OPERATION, self.warnings)(api_timeout=self.timeout, **arguments)

    def existing(self, script: Script) -> dict[str, str]:
        """The option that names what there is from the beginning."""
        add = {"build": self.fake.add_build, "run": self.fake.add_run}[self.kind]
        self.there = add(PROJECT, JOB, age=30, script=script)
        return {f"{self.kind}_id": self.there.id}

    def lose_the_start(self, when: str) -> None:
        self.fake.fault(Fault("reset", {"build": "start", "run": "run_start"}[self.kind], when=when))

    def plan(self, script: Script) -> None:
        self.fake.plan(PROJECT, JOB, script, kind=self.kind)


def _search(play: Play, when: str, **arguments: Any) -> Result:
    play.lose_the_start(when)
    return play.start(**arguments)


def _read_list(play: Play) -> Result:
    play.existing(Script.never_ends())
    return play.info(**({"branch": "main"} if play.kind == "build" else {"status": ["RUNNING"]}))


def _wait(play: Play, script: Script) -> Result:
    play.plan(script)
    return play.start(sha=SHA, wait=True, wait_timeout=100)


TASKS: dict[str, Callable[[Play], Result]] = {
    "start": lambda play: play.start(sha=SHA),
    "start of the newest commit": lambda play: play.start(),
    "search for a build that was started": lambda play: _search(play, "after", sha=SHA),
    "search for a build that was not started": lambda play: _search(play, "before", sha=SHA),
    "job of a build that was started": lambda play: _search(play, "after"),
    "search for a build of the newest commit": lambda play: _search(play, "after"),
    "read a build": lambda play: play.info(**play.existing(Script.never_ends())),
    "read the list": _read_list,
    "read a log": lambda play: play.info(**play.existing(Script.never_ends(log=LOG)), log_lines=5),
    "wait": lambda play: _wait(play, Script.success(60)),
    "first poll of a wait": lambda play: _wait(play, Script.success(60)),
    "log of a failed build": lambda play: _wait(play, Script.failure(5, log=LOG)),
    "abort": lambda play: play.abort(**play.existing(Script.never_ends())),
    "look-up before an abort": lambda play: play.abort(**play.existing(Script.never_ends())),
    "look-up after an abort": lambda play: play.abort(**play.existing(Script.never_ends())),
    "list of builds to reuse": lambda play: play.start(sha=SHA, reuse="any"),
    "branch of a build to reuse": lambda play: play.start(reuse="any"),
    "commit of a build to reuse": lambda play: play.start(reuse="any"),
    "check mode": lambda play: play.start(sha=SHA, check_mode=True),
}
"""By the name of the situation; that of runs with "build" for "run"."""


def differences(row: Row) -> list[str]:
    """Play a row; in what its outcome differs from the table's, each as a sentence."""
    clock = SimulatedClock()
    words = row.situation.name.removesuffix(" of a run").replace("run", "build")
    kind = "build" if words == row.situation.name else "run"
    with FakeNorthflank(clock=clock) as fake:
        if kind == "run":
            fake.add_build(PROJECT, JOB, age=600, status="SUCCESS")
            # A run is known to be new by the second in which it was started.
            clock.advance(0.97)
        _set(row, fake, clock)
        play = Play(fake, clock, row.case.timeout, [], kind)
        try:
            result = TASKS[words](play)
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
    at, seconds = clock.monotonic() + (situation.down_at or 0.0), FOR_EVER if row.always else MOMENT
    if not situation.down_at:
        fake.down(seconds)
        return

    def go_down() -> None:
        if clock.monotonic() >= at:
            forget()
            fake.down(seconds)

    forget = clock.on_advance(go_down)


def _compare(row: Row, play: Play, result: Result) -> list[str]:
    expected, fake = row.outcome, play.fake
    ours = {"build": started, "run": runs_started}[play.kind](fake)
    about = ours[0] if ours else play.there
    error = result.get("error", {})
    seen = {
        "kind": (error.get("kind"), row.kind),
        "failed": (result.get("failed", False), row.kind is not None),
        "started": (len(ours), expected.started),
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
    alone = [result.get(name) or {} for name in ("build", "run")]
    items = [*alone, *(item for name in ("builds", "runs", "candidates") for item in result.get(name, []))]
    return {item["id"] for item in items if item.get("id")}
