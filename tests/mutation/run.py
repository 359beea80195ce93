# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutation testing with cosmic-ray: change the code in small ways, and see whether the unit tests notice.

It works on a copy in C(.cache/mutation). A sample with a fixed seed is tested, because all mutants take hours. Survivors are listed
with their differences in C(.cache/mutation/survivors.txt); C(README.md) says which are known, and why.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkItem, WorkResult

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "mutation"
COPY = CACHE / "ansible_collections" / "community" / "northflank"
UTILS = "plugins/module_utils"

TESTS = {"_client": "test_client.py", "_start": "test_start.py", "_watch": "test_wait.py test_pace.py"}
"""The modules, and the tests that are about them. Others would find more, and take ten times as long."""

SEED = 1
SAMPLE = 60

# Only annotations have this operator, and nobody evaluates them.
IN_ANNOTATIONS = re.compile(r"core/ReplaceBinaryOperator_BitOr_")

CONFIG = """\
[cosmic-ray]
module-path = "{utils}/{module}.py"
timeout = 60.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider --no-header {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def copy() -> None:
    """Copy the checkout to where Python finds it first."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        target = COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, target)


def run(*arguments: object) -> str:
    """Run a command in the copy, with the copy's modules."""
    environment = {**os.environ, "PYTHONPATH": str(CACHE), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(list(map(str, arguments)), cwd=COPY, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


def choose(database: WorkDB, sample: int) -> None:
    """Leave the mutants out that are not in the sample."""
    items: list[WorkItem] = [i for i in database.work_items if not IN_ANNOTATIONS.match(i.mutations[0].operator_name)]
    items.sort(key=lambda item: (item.mutations[0].operator_name, item.mutations[0].start_pos, item.mutations[0].occurrence))
    kept = {item.job_id for item in (items if sample <= 0 else random.Random(SEED).sample(items, min(sample, len(items))))}
    for item in list(database.pending_work_items):
        if item.job_id not in kept:
            database.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output="not in the sample"))


def mutate(module: str, sample: int) -> tuple[Counter[str], list[str]]:
    """Test the mutants of one module: how many came to which end, and the differences of the survivors."""
    tests = " ".join(f"tests/unit/{UTILS}/{name}" for name in TESTS[module].split())
    config, session = CACHE / f"{module}.toml", CACHE / f"{module}.sqlite"
    config.write_text(CONFIG.format(utils=UTILS, module=module, python=sys.executable, tests=tests), encoding="utf-8")
    session.unlink(missing_ok=True)
    where = run(
        sys.executable, "-c", f"import ansible_collections.community.northflank.{UTILS.replace('/', '.')}.{module} as m; print(m.__file__)"
    )
    if Path(where.strip()) != COPY / UTILS / f"{module}.py":
        raise SystemExit(f"The tests would test {where.strip()}, not the copy")
    cosmic_ray = Path(sys.executable).with_name("cosmic-ray")
    run(cosmic_ray, "baseline", config)
    run(cosmic_ray, "init", config, session)
    with use_db(str(session), WorkDB.Mode.open) as database:
        choose(database, sample)
    run(cosmic_ray, "exec", config, session)
    ends: Counter[str] = Counter()
    survivors = []
    with use_db(str(session), WorkDB.Mode.open) as database:
        for _job, result in database.results:
            if result.worker_outcome is WorkerOutcome.SKIPPED:
                continue
            end = "killed" if result.is_killed else "survived"
            ends[end] += 1
            if end == "survived":
                survivors.append(result.diff or result.output or "")
    return ends, survivors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(TESTS))
    parser.add_argument("--sample", type=int, default=SAMPLE, help="mutants of each module; 0 for all")
    arguments = parser.parse_args()
    copy()
    os.nice(15)
    scores = {}
    with (CACHE / "survivors.txt").open("w", encoding="utf-8") as listed:
        for module in arguments.modules:
            ends, survivors = mutate(module, arguments.sample)
            scores[module] = dict(ends)
            listed.writelines(f"{diff}\n\n" for diff in survivors)
            listed.flush()
            tested = sum(ends.values())
            print(f"{module}: {ends['killed']} of {tested} mutants killed ({ends['killed'] / tested:.0%})", flush=True)
    (CACHE / "scores.json").write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
