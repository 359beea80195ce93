# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Play a row of the table against the embedded API on a simulated clock, and compare."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.community.northflank.tests.fake_northflank import Build, FakeNorthflank, Run, Script, SimulatedClock
from ansible_collections.community.northflank.tests.faults.gateway import make_fault
from ansible_collections.community.northflank.tests.faults.table import KINDS, Row
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, SHA, Kind

Result = dict[str, Any]

FOR_EVER = 100_000.0
MOMENT = 0.2  # Simulated seconds; less than any pause before a request is sent again
LOG = [(0, "Step 1/1 : RUN false")]


@dataclass
class Play(Kind):
    """Tasks with builds, or with runs: their time-out, and what they said."""

    timeout: int
    warnings: list[str] = field(default_factory=list)
    existing: Build | Run | None = None  # What there is from the beginning, if anything

    def run(self, operation: str, **arguments: Any) -> Result:
        if self.name == "run":
            arguments.pop("sha", None)
        return self.task(operation, self.warnings)(api_timeout=self.timeout, **arguments)

    def run_on(self, operation: str, script: Script, **arguments: Any) -> Result:
        """Run it on what there is from the beginning."""
        self.existing = self.add(age=30, script=script)
        return self.run(operation, **{f"{self.name}_id": self.existing.id}, **arguments)


def _search(play: Play, when: str, **arguments: Any) -> Result:
    play.fault("reset", "start", when=when)
    return play.run("start", **arguments)


def _read_list(play: Play) -> Result:
    play.existing = play.add(age=30, script=Script.never_ends())
    return play.run("info", **({"branch": "main"} if play.name == "build" else {"status": ["RUNNING"]}))


def _wait(play: Play, script: Script) -> Result:
    play.plan(script)
    return play.run("start", sha=SHA, wait=True, wait_timeout=100)


TASKS: dict[str, Callable[[Play], Result]] = {
    "start": lambda play: play.run("start", sha=SHA),
    "start of the newest commit": lambda play: play.run("start"),
    "search for a build that was started": lambda play: _search(play, "after", sha=SHA),
    "search for a build that was not started": lambda play: _search(play, "before", sha=SHA),
    "job of a build that was started": lambda play: _search(play, "after"),
    "search for a build of the newest commit": lambda play: _search(play, "after"),
    "read a build": lambda play: play.run_on("info", Script.never_ends()),
    "read the list": _read_list,
    "read a log": lambda play: play.run_on("info", Script.never_ends(log=LOG), log_lines=5),
    "wait": lambda play: _wait(play, Script.success(60)),
    "first poll of a wait": lambda play: _wait(play, Script.success(60)),
    "log of a failed build": lambda play: _wait(play, Script.failure(5, log=LOG)),
    "abort": lambda play: play.run_on("abort", Script.never_ends()),
    "look-up before an abort": lambda play: play.run_on("abort", Script.never_ends()),
    "look-up after an abort": lambda play: play.run_on("abort", Script.never_ends()),
    "list of builds to reuse": lambda play: play.run("start", sha=SHA, reuse="any"),
    "branch of a build to reuse": lambda play: play.run("start", reuse="any"),
    "commit of a build to reuse": lambda play: play.run("start", reuse="any"),
    "check mode": lambda play: play.run("start", sha=SHA, check_mode=True),
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
        play = Play(kind, fake, clock, row.case.timeout)
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
    ours = play.ours
    about = ours[0] if ours else play.existing
    error = result.get("error", {})
    seen = {
        "kind": (error.get("kind"), row.kind),
        "failed": (result.get("failed", False), row.kind is not None),
        "started": (len(ours), expected.started),
        "recovered": (result.get("recovered", False), expected.recovered),
        "changed": (result["changed"], expected.changed and row.kind != "unknown_outcome"),
        "aborted": (play.existing is not None and play.existing.aborted, expected.aborted),
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
