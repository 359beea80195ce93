# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the runs share. All tests of a file of cases are for one of pytest-xdist's workers, so that its pair of runs is made once."""

from __future__ import annotations

import contextlib
import functools
import subprocess
import sys
import sysconfig
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.equivalence import runs, sshd

Pair = tuple[runs.Run, runs.Run]


def new_python(folder: Path, requests: bool) -> Path:
    """Another Python, with all that this one has, or with nothing."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    if requests:
        paths = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
        site = next(folder.glob("lib/python*/site-packages"))
        (site / "other.pth").write_text("\n".join(sorted(paths)), encoding="utf-8")
    return folder / "bin" / "python"


@pytest.fixture(scope="session")
def pair_of(tmp_path_factory: pytest.TempPathFactory) -> t.Callable[[str], Pair]:
    """Both runs of a file of cases: in-process where possible, and as modules only."""
    # Not named like the password of the vault, which ansible-core 2.22 hides wherever it stands.
    folder = tmp_path_factory.mktemp("both-ways")
    pythons = new_python(folder / "other", requests=True), new_python(folder / "bare", requests=False)

    @functools.cache
    def both(name: str) -> Pair:
        details = runs.group(name)
        cases = [case for case in details["cases"] if not runs.lacking(case)]
        with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as pool:
            ssh = stack.enter_context(sshd.server()) if details.get("ssh") else None
            places = {way: runs.Place(folder / name / way, *pythons, ssh) for way in ("in_process", "module")}
            ways = [pool.submit(runs.run, name, cases, place, way == "in_process") for way, place in places.items()]
            one, other = (way.result() for way in ways)
        return one, other

    return both
