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
import time
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkItem, WorkResult

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "mutation"
COPY = CACHE / "ansible_collections" / "community" / "northflank"
UTILS = "plugins/module_utils"

TESTS = {
    "_client": ("test_client_numbers.py test_client.py", "test_info.py test_start.py test_abort.py"),
    "_failures": ("test_client_numbers.py test_client.py", "test_job_build.py test_start.py"),
    "_recovery": ("test_start_looks.py test_start.py", "test_job_build.py"),
    "_start": ("test_start_looks.py test_start.py", "test_job_build.py"),
    "_watch": ("test_wait.py test_pace.py", "test_info.py test_job_build.py"),
}
"""The modules; the tests that are about them; and those that only the survivors of these meet, because they take long."""

SEED = 1
SAMPLE = 40

# Only annotations have this operator, and nobody evaluates them.
IN_ANNOTATIONS = re.compile(r"core/ReplaceBinaryOperator_BitOr_")

CONFIG = """\
[cosmic-ray]
module-path = "{utils}/{module}.py"
timeout = {patience:.0f}.0
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
    ran = subprocess.run(list(map(str, arguments)), cwd=COPY, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    if ran.returncode:
        raise SystemExit(f"{ran.stdout}\nThis failed, without any mutant: {' '.join(map(str, arguments))}")
    return ran.stdout


Key = tuple[str, int, tuple[int, int]]


def key(item: WorkItem) -> Key:
    """What makes a mutant, in every session."""
    [mutation] = item.mutations
    return mutation.operator_name, mutation.occurrence, mutation.start_pos


def choose(items: list[WorkItem], sample: int) -> set[Key]:
    """The mutants to test."""
    keys = sorted(key(item) for item in items if not IN_ANNOTATIONS.match(item.mutations[0].operator_name))
    return set(keys if sample <= 0 else random.Random(SEED).sample(keys, min(sample, len(keys))))


def meet(module: str, tests: str, chosen: set[Key] | int) -> dict[Key, WorkResult]:
    """Let the mutants of a module meet some tests.

    :arg chosen: which ones, or how many.
    """
    files = " ".join(f"tests/unit/{UTILS}/{name}" for name in tests.split())
    config, session = CACHE / f"{module}.toml", CACHE / f"{module}.sqlite"
    began = time.monotonic()
    run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files.split())
    # A mutant that never ends counts as killed. One on a busy machine must not.
    patience = 30 + 10 * (time.monotonic() - began)
    config.write_text(CONFIG.format(utils=UTILS, module=module, python=sys.executable, tests=files, patience=patience), encoding="utf-8")
    session.unlink(missing_ok=True)
    cosmic_ray = Path(sys.executable).with_name("cosmic-ray")
    run(cosmic_ray, "init", config, session)
    with use_db(str(session), WorkDB.Mode.open) as database:
        items = {item.job_id: key(item) for item in database.work_items}
        if isinstance(chosen, int):
            chosen = choose(list(database.work_items), chosen)
        for job in [job for job, known in items.items() if known not in chosen]:
            database.set_result(job, WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output="not chosen"))
    run(cosmic_ray, "exec", config, session)
    with use_db(str(session), WorkDB.Mode.open) as database:
        return {items[job]: result for job, result in database.results if result.worker_outcome is not WorkerOutcome.SKIPPED}


def mutate(module: str, sample: int) -> tuple[int, list[str]]:
    """Test the mutants of one module: how many there were, and the differences of the survivors."""
    name = f"ansible_collections.community.northflank.{UTILS.replace('/', '.')}.{module}"
    where = run(sys.executable, "-c", f"import {name} as module; print(module.__file__)").strip()
    if Path(where) != COPY / UTILS / f"{module}.py":
        raise SystemExit(f"The tests would test {where}, not the copy")
    near, far = TESTS[module]
    first = meet(module, near, sample)
    left = {mutant for mutant, result in first.items() if not result.is_killed}
    second = meet(module, far, left) if left else {}
    return len(first), [result.diff or result.output or "" for result in second.values() if not result.is_killed]


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
            tested, survivors = mutate(module, arguments.sample)
            killed = tested - len(survivors)
            scores[module] = {"tested": tested, "killed": killed}
            listed.writelines(f"{diff}\n\n" for diff in survivors)
            listed.flush()
            print(f"{module}: {killed} of {tested} mutants killed ({killed / tested:.0%})", flush=True)
    (CACHE / "scores.json").write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
