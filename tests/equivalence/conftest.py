# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the runs share: each pair is made once, whichever of pytest-xdist's workers comes first."""

from __future__ import annotations

import collections
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
    config.addinivalue_line("markers", "slow: it takes half a minute of real time")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    # Not named like the password of the vault, which ansible-core 2.22 hides wherever it stands.
    folder = (base if worker_id == "master" else base.parent) / "both-ways"
    folder.mkdir(exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(path: Path, wait: bool = True) -> t.Iterator[bool]:
    """Alone among the workers; or not, where another one is and this one does not wait."""
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


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


class Pairs:
    """Both runs of a file of cases, of its slow ones or of the others: in-process where possible, and as modules only."""

    def __init__(self, folder: Path, pythons: tuple[Path, Path], wanted: list[tuple[str, bool]]) -> None:
        self._folder = folder
        self._pythons = pythons
        self._wanted = wanted
        self._known: dict[tuple[str, bool], Pair] = {}

    def __call__(self, name: str, slow: bool) -> Pair:
        """The one that is asked for. While another worker makes it, this one makes what will be asked for next."""
        if (name, slow) not in self._known:
            for wanted in [(name, slow), *self._wanted]:
                if self._kept(name, slow).exists():
                    break
                self._make(*wanted, wait=False)
            self._make(name, slow, wait=True)
            self._known[name, slow] = pickle.loads(self._kept(name, slow).read_bytes())
        return self._known[name, slow]

    def _kept(self, name: str, slow: bool) -> Path:
        return self._folder / f"{name}{'-slow' if slow else ''}.pickle"

    def _make(self, name: str, slow: bool, wait: bool) -> None:
        kept = self._kept(name, slow)
        with locked(kept.with_suffix(".lock"), wait) as mine:
            if mine and not kept.exists():
                kept.write_bytes(pickle.dumps(both(name, slow, kept.with_suffix(""), self._pythons)))


@pytest.fixture(scope="session")
def pair_of(request: pytest.FixtureRequest, shared: Path, pythons: tuple[Path, Path]) -> Pairs:
    """The pairs of runs; each is made when it is first asked for."""
    asked = [getattr(item, "callspec", None) for item in request.session.items]
    params = [spec.params for spec in asked if spec is not None and "case" in spec.params]
    wanted = collections.Counter((param["name"], bool(param["case"].get("slow"))) for param in params)
    # The longest first.
    return Pairs(shared, pythons, [key for key, _count in wanted.most_common()])


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
