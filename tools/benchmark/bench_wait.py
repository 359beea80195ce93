# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests waiting takes, and how late an end is seen: on a simulated clock, over real HTTP. Prints a table.

Two dozen runs a row where the length of builds varies; the figures are the worst number of requests and the mean lateness.
"""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.community.northflank.plugins.module_utils import _job_build, _job_build_wait
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task

RUNS = 24


@dataclass
class Row:
    """One line of the table: what was measured, the figure, and the most that it may be."""

    what: str
    figure: float
    limit: float

    @property
    def good(self) -> bool:
        """Whether the figure is within its limit."""
        return self.figure <= self.limit


def gets(fake: FakeNorthflank) -> int:
    return sum(call.method == "GET" for call in fake.journal)


def one_build(name: str, lengths: t.Callable[[random.Random], float], history: int, requests: float, late: float) -> list[Row]:
    """A build that is started and waited for, several times with other lengths."""
    chance = random.Random(20)
    counts, lateness = [], []
    for _run in range(RUNS):
        clock = SimulatedClock()
        with FakeNorthflank(clock=clock) as fake:
            for number in range(history):
                length = lengths(chance)
                fake.add_build(PROJECT, JOB, age=length + 3600 * (number + 1), script=Script.success(length))
            length = lengths(chance)
            fake.plan(PROJECT, JOB, Script.success(length))
            began = clock.monotonic()
            result = Task(fake, clock, _job_build.OPERATION)(wait=True, wait_timeout=7200)
            assert result["build"]["success"], result
            counts.append(gets(fake))
            lateness.append(clock.monotonic() - began - length)
    return [Row(f"{name}: GET requests", max(counts), requests), Row(f"{name}: mean lateness, s", statistics.mean(lateness), late)]


def many(name: str, *, builds: int, jobs: int, length: float, quota: dict[str, t.Any] | None = None) -> tuple[FakeNorthflank, float]:
    """Builds that were just started, awaited in one task. Returns the embedded API, stopped, and the simulated seconds."""
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        entries = []
        for number in range(builds):
            job = f"job-{number % jobs}"
            if number < jobs:
                fake.add_job(PROJECT, job)
            entries.append({"id": fake.add_build(PROJECT, job, script=Script.success(length)).id, "job_id": job})
        if quota:
            fake.set_quota(**quota)
        began = clock.monotonic()
        result = Task(fake, clock, _job_build_wait.OPERATION)(builds=entries, wait_timeout=7200)
        assert all(build["success"] for build in result["builds"]), (name, result.get("msg"))
        return fake, clock.monotonic() - began


def five_hundred() -> list[Row]:
    """What waiting for 500 builds costs the task itself; the embedded API runs in this process and is part of the figures."""
    rows = []
    for jobs in (1, 50):
        before, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        fake, seconds = many(
            f"500 builds of {jobs} jobs", builds=500, jobs=jobs, length=1200, quota={"limit": 100_000, "remaining": 100_000}
        )
        used = time.process_time() - cpu
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        what = f"500 builds of {jobs} job(s), 20 minutes"
        rows += [
            Row(f"{what}: requests", len(fake.journal), 2000 if jobs == 1 else 7000),
            Row(f"{what}: CPU, % of the wait, embedded API included", 100 * used / seconds, 5),
            Row(f"{what}: memory grown, MB, embedded API included", grown, 100),
        ]
    return rows


def measure() -> list[Row]:
    """All rows."""
    rows = one_build("one 20-minute build, no history", lambda c: c.uniform(1195, 1205), 0, 130, 6)
    rows += one_build("one build of 18-22 minutes, five earlier", lambda c: c.uniform(1080, 1320), 5, 90, 3.5)
    rows += one_build("one 60-second build, no history", lambda c: c.uniform(57, 63), 0, 18, 3)
    fake, _seconds = many("50 of one job", builds=50, jobs=1, length=10)
    rows.append(Row("50 builds of 10 s of one job: looks per build", gets(fake) / 50, 0.3))
    fake, seconds = many("50 of one job", builds=50, jobs=1, length=1200)
    rows.append(Row("50 builds of 20 minutes of one job: requests per hour", gets(fake) / seconds * 3600, 500))
    fake, seconds = many("50 of 50 jobs", builds=50, jobs=50, length=1200, quota={"remaining": 400, "reset": 1800})
    rows.append(Row("50 builds of 50 jobs, 400 requests for 30 minutes: 429 answers", sum(c.status == 429 for c in fake.journal), 0))
    rows.append(Row("the same: seconds until the last end was seen, of 1200", seconds, 1500))
    return rows + five_hundred()


def main() -> int:
    """Print the table; the exit code says whether all figures are within their limits."""
    rows = measure()
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}}  {'measured':>9}  {'at most':>8}")
    for row in rows:
        print(f"{row.what:{width}}  {row.figure:9.2f}  {row.limit:8g}{'' if row.good else '  <- too much'}")
    return 0 if all(row.good for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
