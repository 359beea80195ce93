# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Time builds from a playbook: the collection, `ansible.builtin.uri` and Northflank's official clients, over HTTPS.

Prints a table and writes docs/benchmarks.md with its chart. Exits with 1 if a limit is exceeded. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import sys
import time

from ansible_collections.community.northflank.tools.benchmark import report, rows, sides
from ansible_collections.community.northflank.tools.benchmark.stage import BenchmarkError, Stage

ROUNDS = 5


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one round of what has a limit, about two minutes; writes nothing")
    quick = parser.parse_args().quick
    rounds, began = 1 if quick else ROUNDS, time.monotonic()
    try:
        with Stage() as stage:
            check_paths(stage)
            measured = measure(stage, rounds, quick)
    except BenchmarkError as problem:
        print(problem, file=sys.stderr)
        return 2
    print(report.terminal(measured))
    if not quick:
        print("Written:", *report.write(measured, f"{rounds} rounds in {(time.monotonic() - began) / 60:.0f} minutes"))
    return 0 if all(limit.kept(measured) for limit in rows.LIMITS) else 1


def check_paths(stage: Stage) -> None:
    """Make sure that each side takes the path it is measured for. This also warms the caches."""
    for side, words in ((sides.HERE, "run in-process"), (sides.MODULE, "run as a module")):
        for work in (sides.tasks(stage, side, 1), sides.hosts(stage, side, 1)):
            if words not in stage.run(work, "-vvv"):
                raise BenchmarkError(f"ansible-playbook -vvv does not say {words!r} for {side!r}")


def measure(stage: Stage, rounds: int, quick: bool) -> dict[str, rows.Row]:
    available = sides.available()
    if sides.SDK not in available:
        print("Leaving out the official clients: make conformance installs them.", file=sys.stderr)
    measured = rows.rows()
    for row in measured.values():
        wanted = {side: times for side, times in row.sides.items() if side in available and not (quick and times == rows.ONCE)}
        for number in range(rounds):
            print(f"{row.title}: round {number + 1} of {rounds}", file=sys.stderr)
            row.measure(stage, number, wanted)
    return measured


if __name__ == "__main__":
    sys.exit(main())
