# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on the network, all figures: the table of outcomes, and random schedules of faults."""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.community.northflank.tests.faults import schedules
from ansible_collections.community.northflank.tests.faults.play import differences
from ansible_collections.community.northflank.tests.faults.table import Row, rows
from ansible_collections.community.northflank.tests.simulation import clean_environment

COUNT = 5000
PROCESSES = 2
AT_ONCE = 16


def play_table() -> list[tuple[Row, list[str]]]:
    """Each row of the table, with what is not as it says."""
    table = list(rows())
    quick = [row for row in table if not row.case.dear]
    dear = [row for row in table if row.case.dear]
    with multiprocessing.Pool(PROCESSES) as pool:
        played = list(zip(quick, pool.imap(differences, quick, chunksize=50)))
    # These wait for time-outs, so all of them can wait at once.
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return [*played, *zip(dear, threads.map(differences, dear))]


def report_table(played: list[tuple[Row, list[str]]]) -> Iterator[str]:
    """How many rows of each situation are as the table says, and what is not."""
    total, good = Counter(), Counter()
    for row, found in played:
        name = f"{row.situation.name} ({row.situation.endpoint}{', after the effect' if row.situation.after else ''})"
        total[name] += 1
        good[name] += not found
    yield f"{sum(good.values())} of {len(played)} rows of the table are so:"
    for name, count in total.items():
        yield f"  {name:<55} {good[name]:>5} of {count:>4}"
    for row, found in played:
        if found:
            yield f"  {row}: {'; '.join(found[:-1] or found)}"


def main() -> int:
    """Print the figures; 1 if a row is not so or a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many random schedules (default {COUNT})")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default 1)")
    parser.add_argument("--of", choices=["build", "run"], help="schedules of builds or of runs alone, instead of both")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="show the one schedule of that number, with its requests and its result")
    options = parser.parse_args()
    clean_environment()
    if options.only is not None:
        return _report([schedules.show(options.only, options.of or "build")], time.monotonic())
    played = play_table()
    print(*report_table(played), sep="\n", flush=True)
    broken = any(found for _row, found in played)
    for of in [options.of] if options.of else ["build", "run"]:
        began = time.monotonic()
        print(f"Of {of}s:")
        broken |= bool(_report(schedules.judge_all(options.seed, options.count, PROCESSES, of), began))
    return int(broken)


def _report(verdicts: list[schedules.Verdict], began: float) -> int:
    print(*schedules.report(verdicts, time.monotonic() - began), sep="\n", flush=True)
    return int(any(verdict.violations for verdict in verdicts))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
