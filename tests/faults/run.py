# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Random schedules of faults on the network, in figures."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time

from ansible_collections.community.northflank.tests.faults import schedules
from ansible_collections.community.northflank.tests.simulation import clean_environment

COUNT = 5000
PROCESSES = 2


def main() -> int:
    """Print the figures; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help=f"how many random schedules (default {COUNT})")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default 1)")
    parser.add_argument("--of", choices=["build", "run"], help="schedules of builds or of runs alone, instead of both")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="show the one schedule of that number, with its requests and its result")
    options = parser.parse_args()
    clean_environment()
    if options.only is not None:
        return _report([schedules.show(options.only, options.of or "build")], time.monotonic())
    broken = False
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
