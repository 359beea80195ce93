# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the milliseconds of one in-process task go: `bench.py --profile`.

As a program it is ansible-playbook with a watch in its hand: `where_time_goes.py FOLDER clock|profile PLAYBOOK`. Each worker writes to the
folder when it was forked, how long the functions below took, and when it had sent its result; with `profile` also what Python's
profiler says of the action plugin, which makes everything slower, so its figures are for comparing with each other alone.
"""

from __future__ import annotations

import contextlib
import cProfile
import functools
import importlib
import io
import json
import os
import pstats
import statistics
import sys
import time
import typing as t
from pathlib import Path

COUNT = 25
TOP = 30
COLLECTION = "ansible_collections.community.northflank.plugins"

STARTUP = f"""
import time
import ansible.cli.playbook, ansible.executor.playbook_executor, ansible.plugins.action.normal, ansible.plugins.strategy.linear
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([])
moments = [time.perf_counter()]
import requests
moments.append(time.perf_counter())
import {COLLECTION}.action.northflank_job_build
moments.append(time.perf_counter())
{COLLECTION}.module_utils._wire.trusted_context()
moments.append(time.perf_counter())
print(*(after - before for before, after in zip(moments, moments[1:])))
"""
"""What the main process loads for the collection, once in each run."""

STEPS = {
    "action": "in the action plugin",
    "_action.NorthflankAction._against_worker": "  may it run in-process?",
    "_action.native": "  arguments as plain data",
    "_action.ArgumentSpecValidator.validate": "  argument check",
    "_action.Wire.__init__": "  adapter of requests",
    "_wire._thread.start_new_thread": "  start of the thread with the time limit",
    "connect": "  TCP and TLS handshake",
    "_client.Client.exchange": "  request and answer",
    "_action.perform": "  everything else of the operation",
    "_action.NorthflankAction._finished": "  result as a module gives it",
}
"""Functions of the collection, by the module that calls them, and what their own time is called."""


class Watch:
    """Measures functions: each has its own time, without that of the measured functions that it calls."""

    def __init__(self) -> None:
        self.own: dict[str, float] = {}
        self._inner: list[float] = []

    def wrap(self, owner: t.Any, name: str, label: str) -> None:
        """Measure a function or method from now on."""
        function = getattr(owner, name)

        @functools.wraps(function)
        def measured(*args: t.Any, **kwargs: t.Any) -> t.Any:
            self._inner.append(0.0)
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                took = time.perf_counter() - began
                self.own[label] = self.own.get(label, 0.0) + took - self._inner.pop()
                if self._inner:
                    self._inner[-1] += took

        setattr(owner, name, measured)


def show(stage: t.Any) -> int:
    """Run one playbook of ours and one of debug under the watch, and print the table; then what the profiler says."""
    from ansible_collections.community.northflank.tools.benchmark.sides import DEBUG, HERE

    ours, floor = _clocked(stage, HERE), _clocked(stage, DEBUG)
    print(f"Milliseconds of one task, medians of {COUNT - 1} tasks over HTTPS; in brackets those of ansible.builtin.debug\n")
    for label, seconds in ours.items():
        print(f"{label:52}{seconds * 1000:8.2f}{_bracketed(floor.get(label))}")
    print(f"{'one task':52}{_whole(ours) * 1000:8.2f}{_bracketed(_whole(floor))}")
    requests, plugin, context = _startup(stage)
    print("\nOnce in each run, in the main process")
    print(f"{'import of requests, without what Ansible has loaded':52}{requests * 1000:8.2f}")
    print(f"{'import of the action plugin: mostly compiling':52}{(plugin - context) * 1000:8.2f}")
    print(f"{'loading the authorities':52}{context * 1000:8.2f}")
    folder = _run(stage, HERE, "profile")
    text = io.StringIO()
    stats = pstats.Stats(*map(str, sorted(folder.glob("*.pstats"))), stream=text)
    stats.files = []  # Of no interest, and printed first.
    stats.strip_dirs().sort_stats("cumulative").print_stats(TOP)
    print(f"\nThe action plugin under Python's profiler, {COUNT} tasks together, which slows it down")
    print("\n".join(line for line in text.getvalue().splitlines() if line.strip()))
    return 0


def _bracketed(seconds: float | None) -> str:
    return "" if seconds is None else f"  ({seconds * 1000:.2f})"


def _whole(parts: dict[str, float]) -> float:
    return sum(parts.values())


def _run(stage: t.Any, side: str, how: str) -> Path:
    from ansible_collections.community.northflank.tools.benchmark import sides

    folder = t.cast(Path, stage.home) / f"{side}-{how}"
    folder.mkdir()
    work = sides.tasks(stage, side, COUNT)
    stage.timed(sides.through(work, [sys.executable, str(Path(__file__)), str(folder), how]))
    return folder


def _startup(stage: t.Any) -> list[float]:
    """Medians of seconds: requests, the action plugin with the authorities, the authorities once more."""
    from ansible_collections.community.northflank.tools.benchmark.stage import Work

    runs = [[float(word) for word in stage.run(Work([sys.executable, "-c", STARTUP], 0)).split()] for _number in range(7)]
    return [statistics.median(values) for values in zip(*runs)]


def _clocked(stage: t.Any, side: str) -> dict[str, float]:
    """Seconds of each part of a task, in order."""
    folder = _run(stage, side, "clock")
    workers = sorted((json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")), key=lambda w: w["forked"])
    rows: list[dict[str, float]] = []
    for worker, following in zip(workers, workers[1:]):
        inside = {label: worker["own"][key] for key, label in STEPS.items() if key in worker["own"]}
        rows.append(
            {
                "fork, until the worker runs": worker["runs"] - worker["forked"],
                "worker: variables, templating, loading of plugins": worker["worker"],
                **inside,
                "worker: sending the result": worker["sending"],
                "main process: result, callbacks, the next task": following["forked"] - worker["sent"],
            }
        )
    return {label: statistics.median(row.get(label, 0.0) for row in rows) for label in rows[0]}


def _watched_playbook(folder: Path, how: str, playbook: str) -> None:
    """Be ansible-playbook, with all workers measured."""
    from ansible.cli.playbook import main
    from ansible.executor.process.worker import WorkerProcess
    from ansible.executor.task_queue_manager import FinalQueue

    watch = Watch()
    times = {"forked": 0.0}
    start, run = WorkerProcess.start, WorkerProcess._run

    def timed_start(self: t.Any) -> None:
        times["forked"] = time.perf_counter()
        start(self)

    def timed_run(self: t.Any) -> None:
        runs = time.perf_counter()
        if how == "profile":
            _profile_action(folder)
        else:
            # Ansible loads action plugins before it forks, so they are here by now.
            _wrap_collection(watch)
            _wrap_action(lambda module: watch.wrap(module.ActionModule, "run", "action"))
            watch.wrap(FinalQueue, "send_task_result", "sending")
        patched = time.perf_counter() - runs
        run(self)
        sent = time.perf_counter()
        if how == "clock":
            sending = watch.own.pop("sending", 0.0)
            # The time that the measures took to put up is nobody's.
            worker = sent - runs - patched - sending - sum(watch.own.values())
            facts = {"forked": times["forked"], "runs": runs, "worker": worker, "own": watch.own, "sending": sending, "sent": sent}
            (folder / f"{os.getpid()}.json").write_text(json.dumps(facts), encoding="utf-8")

    WorkerProcess.start, WorkerProcess._run = timed_start, timed_run
    sys.exit(main(["ansible-playbook", playbook]))


def _wrap_collection(watch: Watch) -> None:
    for path, _label in STEPS.items():
        module, _dot, rest = path.partition(".")
        folder = "plugin_utils" if module == "_action" else "module_utils"
        owner = sys.modules.get(f"{COLLECTION}.{folder}.{module}")
        if owner is None:
            continue
        *owners, name = rest.split(".")
        for part in owners:
            owner = getattr(owner, part)
        watch.wrap(owner, name, path)
    if "urllib3.connection" in sys.modules:
        watch.wrap(sys.modules["urllib3.connection"].HTTPSConnection, "connect", "connect")


def _wrap_action(wrap: t.Callable[[t.Any], None]) -> None:
    for name in (f"{COLLECTION}.action.northflank_job_build", "ansible_collections.ansible.builtin.plugins.action.debug"):
        if name in sys.modules:
            wrap(sys.modules[name])


def _profile_action(folder: Path) -> None:
    module = importlib.import_module(f"{COLLECTION}.action.northflank_job_build")
    run = module.ActionModule.run

    def profiled(*args: t.Any, **kwargs: t.Any) -> t.Any:
        profiler = cProfile.Profile()
        with contextlib.ExitStack() as after:
            after.callback(lambda: profiler.dump_stats(str(folder / f"{os.getpid()}.pstats")))
            return profiler.runcall(run, *args, **kwargs)

    module.ActionModule.run = profiled


if __name__ == "__main__":
    _watched_playbook(Path(sys.argv[1]), *sys.argv[2:4])
