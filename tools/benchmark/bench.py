# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long builds take from a playbook: the collection, beside ansible.builtin.uri and Northflank's official clients, over HTTPS.

Prints a table and writes docs/benchmarks.md with its chart. The exit code is 1 if a limit is broken. Takes some minutes; best on a machine
that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path

from ansible_collections.community.northflank.tools.benchmark import report, rows, sides
from ansible_collections.community.northflank.tools.benchmark.stage import BenchmarkError, Stage


def main() -> int:
    """Measure, print, write."""
    options = _options()
    began, others_cpu = time.monotonic(), _OthersCpu()
    try:
        with Stage() as stage:
            _check_edges(stage)
            if options.profile:
                from ansible_collections.community.northflank.tools.benchmark import where_time_goes

                return where_time_goes.show(stage)
            measured = _measure(stage, options, began)
    except BenchmarkError as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 2
    _say("")
    circumstances = report.Circumstances(options.rounds, (time.monotonic() - began) / 60, others_cpu.share())
    print(report.terminal(measured))
    print(f"\n{report.machine()}. {report.others(circumstances)}")
    if not options.quick:
        print("Written: " + ", ".join(report.write(measured, circumstances)))
    return 0 if all(limit.verdict(measured) is rows.Verdict.KEPT for limit in rows.LIMITS) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a minute or two: one round, smaller playbooks; writes nothing")
    parser.add_argument("--rounds", type=int, help="how often everything is measured (default 3, with --quick 1)")
    parser.add_argument("--profile", action="store_true", help="only show where the milliseconds of one in-process task go")
    options = parser.parse_args()
    if options.rounds is None:
        options.rounds = 1 if options.quick else 3
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def _check_edges(stage: Stage) -> None:
    """A first run of each, for the caches; and is what is called in-process really that?"""
    for side, words in (
        (sides.HERE, "run in-process, in the worker"),
        (sides.MODULE, "run as a module, because northflank_in_process is off"),
    ):
        for work in (sides.tasks(stage, side, 1), sides.hosts(stage, side, 1)):
            if words not in stage.run(sides.verbose(work)):
                raise BenchmarkError(f"ansible-playbook -vvv does not say {words!r} where the side {side!r} is measured")


def _measure(stage: Stage, options: argparse.Namespace, began: float) -> dict[str, rows.Row]:
    available = sides.available()
    if sides.SDK not in available:
        print("The official clients are left out: make conformance installs them.")
    measured = {row.key: row for row in rows.rows(options.quick)}
    for row in measured.values():
        row.measure(stage, options.rounds, available, lambda text: _say(f"{time.monotonic() - began:4.0f} s  {text}"))
    return measured


def _say(text: str) -> None:
    """One line, in place on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text[:100]}", end="", file=sys.stderr, flush=True)


class _OthersCpu:
    """What part of this machine's CPU time other programs use, where Linux tells."""

    def __init__(self) -> None:
        self._busy, self._total = self._stat()
        self._own = self._used()

    def share(self) -> float | None:
        """Since this was made; to be asked when all processes of our own have ended."""
        busy, total = self._stat()
        if total == self._total:
            return None
        own = (self._used() - self._own) * os.sysconf("SC_CLK_TCK")
        return max(0.0, busy - self._busy - own) / (total - self._total)

    @staticmethod
    def _stat() -> tuple[float, float]:
        try:
            ticks = [int(number) for number in Path("/proc/stat").read_text(encoding="ascii").split("\n")[0].split()[1:9]]
        except OSError:
            return 0.0, 0.0
        idle = ticks[3] + ticks[4]
        return sum(ticks) - idle, sum(ticks)

    @staticmethod
    def _used() -> float:
        return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


if __name__ == "__main__":
    sys.exit(main())
