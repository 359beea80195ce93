# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests waiting takes, and how late the end of a build or run is seen: on a simulated clock, over real HTTP. Prints a table."""

from __future__ import annotations

import random
import resource
import statistics
import sys
import time
import typing as t

from ansible_collections.community.northflank.plugins.module_utils._modules import (
    job_build as _job_build,
    job_build_wait as _job_build_wait,
    job_run as _job_run,
    job_run_wait as _job_run_wait,
)
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task

TIMES = 24  # How often a row is measured where the length of the build varies
START = {"build": _job_build.OPERATION, "run": _job_run.OPERATION}
WAIT = {"build": _job_build_wait.OPERATION, "run": _job_run_wait.OPERATION}


class Row(t.NamedTuple):
    """A line of the table. `most` is the limit."""

    what: str
    figure: float
    most: float


def gets(fake: FakeNorthflank) -> int:
    return sum(call.method == "GET" for call in fake.journal)


def one(of: str, name: str, shortest: float, longest: float, requests: float, late: float) -> list[Row]:
    """Start a build or a run and wait for it, several times: the largest number of requests, and the mean delay."""
    chance = random.Random(20)
    counts, delays = [], []
    for _time in range(TIMES):
        clock, length = SimulatedClock(), chance.uniform(shortest, longest)
        with FakeNorthflank(clock=clock) as fake:
            fake.add_build(PROJECT, JOB, age=9000, status="SUCCESS")
            fake.plan(PROJECT, JOB, Script.success(length), kind=of)
            began = clock.monotonic()
            result = Task(fake, clock, START[of], recorded=False)(wait=True, wait_timeout=7200)
            assert result[of]["status"] == "SUCCESS", result
            counts.append(gets(fake))
            delays.append(clock.monotonic() - began - length)
    return [
        Row(f"one {of} of {name}: GET requests", max(counts), requests),
        Row(f"one {of} of {name}: end seen late by, s", statistics.mean(delays), late),
    ]


def many(of: str, items: int, jobs: int, length: float, **quota: float) -> tuple[FakeNorthflank, float]:
    """Wait for many builds or runs in one task. Returns the embedded API, stopped, and the simulated seconds."""
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        for job in range(jobs):
            fake.add_job(PROJECT, f"job-{job}")
        names = [f"job-{number % jobs}" for number in range(items)]
        add = {"build": fake.add_build, "run": fake.add_run}[of]
        entries = [{"id": add(PROJECT, job, script=Script.success(length)).id, "job_id": job} for job in names]
        if quota:
            fake.set_quota(**quota)
        began = clock.monotonic()
        result = Task(fake, clock, WAIT[of], recorded=False)(**{f"{of}s": entries}, wait_timeout=7200)
        assert all(item["status"] == "SUCCESS" for item in result[f"{of}s"]), result.get("msg")
        return fake, clock.monotonic() - began


def fifty(of: str) -> list[Row]:
    """50 builds or runs, with and without a tight rate limit."""
    rows = []
    fake, _seconds = many(of, 50, 1, 10)
    rows.append(Row(f"50 {of}s of 10 s of one job: requests per {of}", gets(fake) / 50, 0.3))
    fake, seconds = many(of, 50, 1, 1200)
    rows.append(Row(f"50 {of}s of 20 minutes of one job: requests per hour", gets(fake) / seconds * 3600, 500))
    fake, seconds = many(of, 50, 50, 1200, remaining=400, reset=1800)
    rows.append(Row(f"50 {of}s of 50 jobs, 400 requests for 30 minutes: 429 responses", sum(c.status == 429 for c in fake.journal), 0))
    rows.append(Row("the same: seconds until the last end was seen, of 1200", seconds, 1500))
    return rows


def five_hundred(of: str, jobs: int, requests: float) -> list[Row]:
    """What waiting for 500 builds or runs costs. The embedded API runs in this process and is part of the figures."""
    before, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    fake, seconds = many(of, 500, jobs, 1200, limit=100_000, remaining=100_000)
    used = time.process_time() - cpu
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    what = f"500 {of}s of {jobs} job(s), 20 minutes"
    return [
        Row(f"{what}: requests", len(fake.journal), requests),
        Row(f"{what}: CPU, % of the wait", 100 * used / seconds, 5),
        Row(f"{what}: memory grown, MB", grown, 100),
    ]


def main() -> int:
    """Print the table; exit with 1 if a limit is exceeded."""
    rows: list[Row] = []
    for of in START:
        rows += one(of, "20 minutes", 1195, 1205, 130, 6)
        rows += one(of, "a minute", 57, 63, 18, 3)
        rows += [*fifty(of), *five_hundred(of, 1, 2000), *five_hundred(of, 50, 7000)]
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}}  {'measured':>9}  {'at most':>8}")
    for row in rows:
        print(f"{row.what:{width}}  {row.figure:9.2f}  {row.most:8g}{'' if row.figure <= row.most else '  <- too much'}")
    return 0 if all(row.figure <= row.most for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
