# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the runs share: each pair is made once, whichever of pytest-xdist's workers comes first."""

from __future__ import annotations

import contextlib
import fcntl
import pickle
import subprocess
import sys
import sysconfig
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.equivalence import runs, sshd

Pair = tuple[runs.Run, runs.Run]


def pytest_configure(config: pytest.Config) -> None:
    """Say what the marker means."""
    config.addinivalue_line("markers", "slow: it takes half a minute of real time")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder for all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "equivalence"
    folder.mkdir(exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(path: Path) -> t.Iterator[None]:
    """Alone among the workers."""
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def new_python(folder: Path, requests: bool) -> Path:
    """Another Python, with all that this one has, or with nothing."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    if requests:
        paths = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
        site = next(folder.glob("lib/python*/site-packages"))
        (site / "other.pth").write_text("\n".join(sorted(paths)), encoding="utf-8")
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def pythons(shared: Path) -> tuple[Path, Path]:
    """Two other Pythons, one with requests and one without."""
    with locked(shared / "pythons.lock"):
        if not (shared / "bare").exists():
            new_python(shared / "other", requests=True)
            new_python(shared / "bare", requests=False)
    return shared / "other" / "bin" / "python", shared / "bare" / "bin" / "python"


@pytest.fixture(scope="session")
def pair_of(shared: Path, pythons: tuple[Path, Path]) -> t.Callable[[str, bool], Pair]:
    """Both runs of a file of cases, of its slow ones or of the others: in-process where possible, and as modules only."""
    known: dict[str, Pair] = {}

    def made(name: str, slow: bool) -> Pair:
        key = f"{name}-slow" if slow else name
        if key not in known:
            with locked(shared / f"{key}.lock"):
                kept = shared / f"{key}.pickle"
                if not kept.exists():
                    kept.write_bytes(pickle.dumps(both(name, slow, shared / key, pythons)))
                known[key] = pickle.loads(kept.read_bytes())
        return known[key]

    return made


def both(name: str, slow: bool, folder: Path, pythons: tuple[Path, Path]) -> Pair:
    """Do both runs, side by side."""
    details = runs.group(name)
    cases = [case for case in details["cases"] if bool(case.get("slow")) == slow and not runs.lacking(case)]
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        ssh = stack.enter_context(sshd.server()) if details.get("ssh") else None
        places = {way: runs.Place(folder / way, *pythons, ssh) for way in ("in_process", "module")}
        ways = [pool.submit(runs.run, name, cases, place, way == "in_process") for way, place in places.items()]
        one, other = (way.result() for way in ways)
    return one, other
