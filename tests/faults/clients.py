# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same lost starts for the official clients and for the collection: how many builds each starts that nobody asked for.

The clients run unmodified, as `tests/conformance` installs and drives them, each call in a process of its own and in real time; they
pause for half a second before they send again. The collection runs on a simulated clock.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.community.northflank.plugins.module_utils._modules import job_build
from ansible_collections.community.northflank.tests.conformance.cases import CLIENTS, JS, OURS, Case
from ansible_collections.community.northflank.tests.conformance.clients import CACHE, Call, complaints, run
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, SimulatedClock
from ansible_collections.community.northflank.tests.faults.gateway import SHA, clean_environment
from ansible_collections.community.northflank.tests.faults.table import AMBIGUOUS, faults_for
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task

COUNT = 200
PATIENCE = 900.0  # Seconds after which no further schedule is begun
CASE = Case("start under faults", "start", JS, data={"sha": SHA})
COLUMNS = ("schedules", "started twice", "builds too many", "success", "failed, build running", "success, no build")


@dataclass(frozen=True)
class Schedule:
    """What happens to the first POSTs, one fault each: their kinds, whether they come after the effect, and their details."""

    faults: tuple[tuple[str, str, dict], ...]

    def set(self, fake: FakeNorthflank) -> None:
        """Set the faults; each wears out with one request."""
        for kind, when, detail in self.faults:
            fake.fault(Fault(kind, "start", when=when, **detail))


def make(number: int) -> Schedule:
    """The schedule of that number: one to three responses that do not tell what became of the start."""
    chance = random.Random(number)
    cases = [case for case in faults_for("start") if case.family in AMBIGUOUS and not case.dear and not case.ahead]
    faults = []
    for _each in range(chance.choice((1, 1, 1, 2, 3))):
        # Half of them on the wire, where the clients send again; after a status or a page they do not.
        family = chance.choice(("lost",) * 5 + AMBIGUOUS)
        case = chance.choice([case for case in cases if case.family == family])
        faults.append((case.fault, chance.choice(("before", "after")), dict(case.detail)))
    return Schedule(tuple(faults))


def _drive(client: str, number: int) -> Counter[str]:
    with FakeNorthflank() as fake, tempfile.TemporaryDirectory() as home:
        make(number).set(fake)
        try:
            success = run(client, Call(CASE, fake.url, fake.token, PROJECT, None), Path(home)).succeeded
        except subprocess.TimeoutExpired:
            success = False
        return _count(fake, success)


def _play(number: int) -> Counter[str]:
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        make(number).set(fake)
        result = Task(fake, clock, job_build.OPERATION)(sha=SHA)
        return _count(fake, not result.get("failed"))


def _count(fake: FakeNorthflank, success: bool) -> Counter[str]:
    builds = sum(build.started_by == "api" for build in fake.builds(PROJECT, JOB))
    return Counter(
        {
            "schedules": 1,
            "started twice": builds > 1,
            "builds too many": max(0, builds - 1),
            "success": success,
            "failed, build running": not success and builds > 0,
            "success, no build": success and builds == 0,
        }
    )


def compare(count: int, patience: float) -> Iterator[str]:
    """Run everybody, and give the figures as a table, in lines."""
    clean_environment()
    missing = complaints()
    if missing:
        yield " ".join(["The official clients are missing:", *missing, "make conformance installs them."])
        return
    began = time.monotonic()

    def everybody(number: int) -> dict[str, Counter[str]] | None:
        if time.monotonic() - began > patience:
            return None
        return {**{client: _drive(client, number) for client in CLIENTS}, OURS: _play(number)}

    with ThreadPoolExecutor(2) as pool:
        rows = [row for row in pool.map(everybody, range(count)) if row]
    cut = "" if len(rows) == count else f", cut from {count} for time"
    yield f"{len(rows)} starts whose responses are lost{cut}, in {time.monotonic() - began:.0f} s:"
    yield "  " + " " * 20 + "  ".join(COLUMNS)
    for name in (*CLIENTS, OURS):
        total = sum((row[name] for row in rows), Counter())
        yield f"  {name:<20}" + "  ".join(f"{total[column]:>{len(column)}}" for column in COLUMNS)


def installed() -> bool:
    return CACHE.exists()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many schedules (default {COUNT})")
    parser.add_argument("--patience", type=float, default=PATIENCE, help=f"seconds after which none is begun (default {PATIENCE:.0f})")
    options = parser.parse_args()
    for line in compare(options.count, options.patience):
        print(line)
    return int(bool(complaints()))


if __name__ == "__main__":
    sys.exit(main())
