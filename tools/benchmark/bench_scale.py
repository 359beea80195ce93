# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What grows with long histories, many builds, long logs and many hosts, and how fast. Prints a table, writes docs/scale.md and its plot.

The embedded API is no part of the CPU time. Where waiting is long, the clock is simulated.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import time
import typing as t
from functools import partial
from types import SimpleNamespace

from ansible_collections.community.northflank.plugins.module_utils._operation import Operation
from ansible_collections.community.northflank.tests.conformance import clients
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, OPERATIONS, PROJECT, SHA, Task
from ansible_collections.community.northflank.tools.benchmark import scale_report as report
from ansible_collections.community.northflank.tools.benchmark.bench_wait import hosts, in_new_process, many, peak
from ansible_collections.community.northflank.tools.benchmark.scale_report import Line, Point

HISTORIES = (10, 100, 1000, 10_000)
BUILDS = (1, 10, 100, 1000)
LOGS = (1_000, 30_000, 1_000_000, 30_000_000)
HOSTS = (1, 10, 50, 100, 500)
LENGTH = 1200  # Seconds of a build that is awaited.
POLLS = LENGTH // 10  # Of a loop that asks every 10 seconds.

SDK_SCRIPT = """
import json, sys, time
from pathlib import Path
from northflank import ApiClient
call = json.load(sys.stdin)
client = ApiClient(api_token=call["token"], base_url=call["url"])
ids = {"project_id": call["project_id"], "job_id": call["job_id"]}
def peak():
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024
before = peak()
began = time.process_time()
client.get.job.builds.all(**ids)
print(time.process_time() - began, peak() - before)
"""


def ours(operation: Operation, url: str, token: str, arguments: dict[str, t.Any]) -> Point:
    """Run a task. The embedded API is in another process."""
    task = Task(t.cast("t.Any", SimpleNamespace(url=url, token=token)), t.cast("t.Any", time), operation, recorded=False)
    memory, cpu = peak(), time.process_time()
    result = task(**arguments)
    assert "build" in result or "builds" in result, result
    return Point(0, time.process_time() - cpu, peak() - memory)


def sdk(fake: FakeNorthflank) -> Point:
    """List all builds of the job with the official Python SDK."""
    call = {"url": fake.url, "token": fake.token, "project_id": PROJECT, "job_id": JOB}
    done = subprocess.run([clients.SDK_PYTHON, "-c", SDK_SCRIPT], input=json.dumps(call), capture_output=True, text=True, check=True)
    cpu, memory = map(float, done.stdout.split())
    return Point(0, cpu, memory)


def counted(fake: FakeNorthflank, measure: t.Callable[[], Point]) -> Point:
    before = len(fake.journal)
    return measure()._replace(requests=len(fake.journal) - before)


def history(builds: int) -> dict[str, Point]:
    """Ask for the newest builds of a job, for one to reuse, and for one whose start was lost."""
    with FakeNorthflank(quota=100_000) as fake:
        fill(fake, builds)
        arguments = {"reuse": "any", "sha": SHA}
        points = {
            "_info with limit: 50": counted(fake, partial(in_new_process, ours, OPERATIONS["build"]["info"], fake.url, fake.token, {})),
            "reuse": counted(fake, partial(in_new_process, ours, OPERATIONS["build"]["start"], fake.url, fake.token, arguments)),
            "lost start": in_new_process(lost_start, builds),
        }
        if not clients.complaints():
            points["SDK: all()"] = counted(fake, partial(sdk, fake))
    return {**points, "uri per page": Point(math.ceil(builds / 100))}


def fill(fake: FakeNorthflank, builds: int) -> None:
    for number in range(builds):
        fake.add_build(PROJECT, JOB, age=100.0 * (builds - number), status="SUCCESS", sha=SHA)


def lost_start(builds: int) -> Point:
    """Start a build whose response is lost. The embedded API is in this process, and part of its memory."""
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        fill(fake, builds)
        fake.fault(Fault("reset", "start", when="after"))
        cpu, memory = time.thread_time(), peak()
        result = Task(fake, clock, OPERATIONS["build"]["start"], recorded=False)()
        assert result["recovered"], result
        return Point(len(fake.journal), time.thread_time() - cpu, peak() - memory)


def builds(count: int) -> dict[str, Point]:
    """Wait for builds of up to 50 jobs."""
    waited = in_new_process(many, "build", count, min(50, count), LENGTH)
    jobs, pages = min(50, count), math.ceil(math.ceil(count / 50) / 100)
    return {
        "_wait": Point(waited.requests, waited.cpu, waited.memory),
        "SDK: all() per job": Point(POLLS * jobs * pages),
        "uri with until": Point(POLLS * count),
    }


def log(size: int) -> dict[str, Point]:
    """Read the log of a build whose only line has so many characters. The SDK cannot."""
    line = ("lorem ipsum dolor " * (size // 18 + 1))[:size]
    with FakeNorthflank(quota=100_000) as fake:
        build = fake.add_build(PROJECT, JOB, age=100, script=Script.failure(10, log=[(1, line)]))
        arguments = {"build_id": build.id, "log_lines": 50}
        points = {
            "_info with log_lines": counted(
                fake, partial(in_new_process, ours, OPERATIONS["build"]["info"], fake.url, fake.token, arguments)
            )
        }
    return {**points, "uri": Point(1)}


def many_hosts(count: int) -> dict[str, Point]:
    """Build a job of its own on each host, 50 at once, and wait. Each host is a process; their CPU includes the embedded API."""
    waited = in_new_process(hosts_alone, count)
    return {"wait: true": Point(waited.requests, waited.cpu, waited.memory), "uri with until": Point((POLLS + 1) * count)}


def hosts_alone(count: int) -> t.Any:
    memory = peak()
    waited, _late = hosts(count, min(count, 50), LENGTH)
    assert waited.refused == 0, waited
    return waited._replace(memory=peak() - memory)


def exponent(points: t.Sequence[tuple[float, float]]) -> float | None:
    """The slope in log-log; 1 is linear. None without two points."""
    logs = [(math.log(x), math.log(y)) for x, y in points if y > 0]
    return statistics.linear_regression(*zip(*logs)).slope if len(logs) > 1 else None


def sweep(title: str, unit: str, sizes: t.Sequence[int], measure: t.Callable[[int], dict[str, Point]]) -> list[Line]:
    lines: dict[str, dict[int, Point]] = {}
    for size in sizes:
        print(f"{title}: {size}", file=sys.stderr)
        for name, point in measure(size).items():
            lines.setdefault(name, {})[size] = point
    return [Line(title, unit, name, points) for name, points in lines.items()]


def main() -> None:
    lines = sweep("History", "builds of the job", HISTORIES, history)
    lines += sweep("Builds", "builds awaited for 20 minutes", BUILDS, builds)
    lines += sweep("Log", "bytes in one line", LOGS, log)
    lines += sweep("Hosts", "hosts that build for 20 minutes", HOSTS, many_hosts)
    print(report.terminal(lines, exponent))
    print("Written:", *report.write(lines, exponent))


if __name__ == "__main__":
    main()
