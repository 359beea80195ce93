# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mutation testing with cosmic-ray: change the code in small ways and see whether the unit tests notice.

Works on a copy in `.cache/mutation`. All mutants would take hours, so a sample with a fixed seed is tested. `survivors.txt` there has
the diffs of the survivors; `README.md` here says which are known, and why.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkItem, WorkResult
from files import TESTS, UTILS

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "mutation"
COPY = CACHE / "ansible_collections" / "community" / "northflank"

SEED = 1
SAMPLE = 40

# Only annotations use this operator, and they are never evaluated.
IN_ANNOTATIONS = "core/ReplaceBinaryOperator_BitOr_"

CONFIG = """\
[cosmic-ray]
module-path = "{utils}/{module}.py"
timeout = 120.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider --no-header {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def copy() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "--create", "--null", "--files-from=-", f"--file={CACHE}/copy.tar"], cwd=ROOT, check=True, input=listed)
    shutil.unpack_archive(CACHE / "copy.tar", COPY)


def run(*arguments: object) -> str:
    """Run a command in the copy, with the copy's modules."""
    environment = {**os.environ, "PYTHONPATH": str(CACHE), "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(list(map(str, arguments)), cwd=COPY, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    if ran.returncode:
        raise SystemExit(f"{ran.stdout}\nThis failed, without any mutant: {' '.join(map(str, arguments))}")
    return ran.stdout


def choose(items: list[WorkItem], sample: int) -> set[str]:
    found = [(item.mutations[0], item.job_id) for item in items]
    keys = sorted((m.operator_name, m.occurrence, job) for m, job in found if not m.operator_name.startswith(IN_ANNOTATIONS))
    return {job for *_place, job in (random.Random(SEED).sample(keys, min(sample, len(keys))) if sample else keys)}


def mutate(module: str, sample: int) -> tuple[int, list[str]]:
    """Test the mutants of one module: how many there were, and the diffs of the survivors."""
    name = module.replace("/", "-")
    config, session = CACHE / f"{name}.toml", CACHE / f"{name}.sqlite"
    files = " ".join(f"tests/unit/{UTILS}/{test}.py" for test in TESTS[module].split())
    config.write_text(CONFIG.format(utils=UTILS, module=module, python=sys.executable, tests=files), encoding="utf-8")
    session.unlink(missing_ok=True)
    cosmic_ray = Path(sys.executable).with_name("cosmic-ray")
    run(cosmic_ray, "init", config, session)
    run(cosmic_ray, "baseline", config)
    with use_db(str(session), WorkDB.Mode.open) as database:
        items = list(database.work_items)
        chosen = choose(items, sample)
        for item in items:
            if item.job_id not in chosen:
                database.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED, output="not chosen"))
    run(cosmic_ray, "exec", config, session)
    with use_db(str(session), WorkDB.Mode.open) as database:
        results = [result for job, result in database.results if job in chosen]
    return len(results), [result.diff or result.output or "" for result in results if not result.is_killed]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=list(TESTS))
    parser.add_argument("--sample", type=int, default=SAMPLE, help="mutants of each module; 0 for all")
    arguments = parser.parse_args()
    copy()
    os.nice(15)
    with (CACHE / "survivors.txt").open("w", encoding="utf-8") as listed:
        for module in arguments.modules:
            tested, survivors = mutate(module, arguments.sample)
            killed = tested - len(survivors)
            listed.writelines(f"{diff}\n\n" for diff in survivors)
            listed.flush()
            print(f"{module}: {killed} of {tested} mutants killed ({killed / tested:.0%})", flush=True)


if __name__ == "__main__":
    main()
