# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many requests waiting takes, and how late the end of a build or run is seen: on a simulated clock, over real HTTP. Prints a table."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import random
import statistics
import sys
import time
import typing as t
from pathlib import Path

from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script, SharedClock, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Kind, on_hosts

TIMES = 24  # How often a row is measured where the length of the build varies


class Row(t.NamedTuple):
    """A line of the table. `most` is the limit."""

    what: str
    figure: float
    most: float


class Waited(t.NamedTuple):
    """What a wait of so many simulated `seconds` took: requests, responses 429, seconds of CPU, and megabytes."""

    seconds: float
    requests: int
    refused: int
    cpu: float
    memory: float


def gets(fake: FakeNorthflank) -> int:
    return sum(call.method == "GET" for call in fake.journal)


def refused(fake: FakeNorthflank) -> int:
    return sum(call.status == 429 for call in fake.journal)


def peak() -> float:
    """The most megabytes that this process has had."""
    # Linux's getrusage() would count what the parent process had when it made this one.
    return int(Path("/proc/self/status").read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) / 1024


def in_new_process(function: t.Callable[..., Waited], *arguments: t.Any, **options: t.Any) -> Waited:
    """Call a function where no earlier peak hides what it takes."""
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(function, *arguments, **options).result()


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
            result = Kind(of, fake, clock).task("start", recorded=False)(wait=True, wait_timeout=7200)
            assert result[of]["status"] == "SUCCESS", result
            counts.append(gets(fake))
            delays.append(clock.monotonic() - began - length)
    return [
        Row(f"one {of} of {name}: GET requests", max(counts), requests),
        Row(f"one {of} of {name}: end seen late by, s", statistics.mean(delays), late),
    ]


def many(of: str, items: int, jobs: int, length: float, **quota: float) -> Waited:
    """Wait for many builds or runs in one task."""
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        for job in range(jobs):
            fake.add_job(PROJECT, f"job-{job}")
        names = [f"job-{number % jobs}" for number in range(items)]
        kind = Kind(of, fake, clock)
        entries = [{"id": kind.add(job, script=Script.success(length)).id, "job_id": job} for job in names]
        if quota:
            fake.set_quota(**quota)
        task = kind.task("wait", recorded=False)
        cpu, memory = time.thread_time(), peak()
        result = task(**{f"{of}s": entries}, wait_timeout=7200)
        cpu = time.thread_time() - cpu
        assert all(item["status"] == "SUCCESS" for item in result[f"{of}s"]), result.get("msg")
        return Waited(clock.monotonic(), gets(fake), refused(fake), cpu, peak() - memory)


def fifty(of: str) -> list[Row]:
    """50 builds or runs, with and without a tight rate limit."""
    short, long, tight = many(of, 50, 1, 10), many(of, 50, 1, 1200), many(of, 50, 50, 1200, remaining=400, reset=1800)
    return [
        Row(f"50 {of}s of 10 s of one job: requests per {of}", short.requests / 50, 0.3),
        Row(f"50 {of}s of 20 minutes of one job: requests per hour", long.requests / long.seconds * 3600, 500),
        Row(f"50 {of}s of 50 jobs, 400 requests for 30 minutes: 429 responses", tight.refused, 0),
        Row("the same: seconds until the last end was seen, of 1200", tight.seconds, 1500),
    ]


def plenty(of: str, items: int, jobs: int, requests: float, cpu: float, megabytes: float, limit: int) -> list[Row]:
    """What waiting for many builds or runs costs."""
    waited = in_new_process(many, of, items, jobs, 1200, limit=limit, remaining=limit)
    what = f"{items} {of}s of {jobs} job(s), 20 minutes, {limit} requests an hour"
    return [
        Row(f"{what}: requests an hour", waited.requests / waited.seconds * 3600, requests),
        Row(f"{what}: 429 responses", waited.refused, 0),
        Row(f"{what}: CPU, % of the wait", 100 * waited.cpu / waited.seconds, cpu),
        Row(f"{what}: memory grown, MB", waited.memory, megabytes),
    ]


def hosts(count: int, forks: int, length: float, timeout: int = 1800) -> tuple[Waited, list[float]]:
    """Build a job on each host and wait. Also returns the seconds by which each end was seen late; raises if one was not."""
    clock = SharedClock()
    with FakeNorthflank(clock=clock) as fake:
        cpu = time.process_time()
        results = on_hosts(fake, clock, count, forks, Script.success(length), wait_timeout=timeout)
        cpu = time.process_time() - cpu
        assert all(result["build"]["success"] for result in results), next(result for result in results if "error" in result)["msg"]
        late = [result["seconds"] - length for result in results]
        return Waited(clock.monotonic(), len(fake.journal), refused(fake), cpu, 0.0), late


def share(length: float) -> list[Row]:
    """500 hosts, 50 at once, that share 1000 requests an hour."""
    waited, late = hosts(500, 50, length)
    what = f"500 hosts that each build for {length:g} s, 50 at once, 1000 requests an hour"
    return [
        Row(f"{what}: 429 responses", waited.refused, 0),
        Row(f"{what}: end seen late by at most, s", max(late), 1801 - length),
    ]


def main() -> int:
    """Print the table; exit with 1 if a limit is exceeded."""
    rows: list[Row] = []
    for of in ("build", "run"):
        rows += one(of, "20 minutes", 1195, 1205, 130, 6)
        rows += one(of, "a minute", 57, 63, 18, 3)
        rows += fifty(of)
        for jobs in (1, 50, 500):
            rows += plenty(of, 1000, jobs, 900, cpu=2, megabytes=30, limit=1000)
    rows += plenty("build", 500, 1, 6000, cpu=2, megabytes=30, limit=100_000)
    rows += plenty("build", 500, 50, 21_000, cpu=2, megabytes=30, limit=100_000)
    for length in (10, 60, 1200):
        rows += share(length)
    width = max(len(row.what) for row in rows)
    print(f"{'':{width}}  {'measured':>9}  {'at most':>8}")
    for row in rows:
        print(f"{row.what:{width}}  {row.figure:9.2f}  {row.most:8g}{'' if row.figure <= row.most else '  <- too much'}")
    return 0 if all(row.figure <= row.most for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
