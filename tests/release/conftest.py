# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as users get it: built, and installed from the tarball into an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> t.Callable[..., str]:
    """Run a tool of this environment away from the checkout, and return what it printed."""
    home = tmp_path_factory.mktemp("home")

    def run(tool: str, *arguments: object, cwd: Path = home, status: int | None = 0, **environment: str) -> str:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "NORTHFLANK_", "NF_"))}
        # Without the second setting, Ansible would find the checkout, too, which is linked into this environment.
        mine = {"HOME": str(home), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false", "ANSIBLE_NOCOLOR": "1", **environment}
        ran = subprocess.run(
            [Path(sys.executable).with_name(tool), *map(str, arguments)],
            cwd=cwd,
            env={**kept, **mine},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        assert status is None or ran.returncode == status, ran.stdout
        return ran.stdout

    return run


@pytest.fixture(scope="session")
def tarball(command: t.Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What C(ansible-galaxy) builds from this checkout."""
    folder = tmp_path_factory.mktemp("tarball")
    command("ansible-galaxy", "collection", "build", ROOT, "--output-path", folder)
    [built] = folder.glob("community-northflank-*.tar.gz")
    return built


@pytest.fixture(scope="session")
def installed(command: t.Callable[..., str], tarball: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for C(ANSIBLE_COLLECTIONS_PATH) with nothing but the collection in it."""
    folder = tmp_path_factory.mktemp("installed")
    command("ansible-galaxy", "collection", "install", "--offline", "--collections-path", folder, tarball)
    return folder


@pytest.fixture
def fake() -> t.Iterator[FakeNorthflank]:
    """The embedded API, with builds that take no time worth waiting for."""
    with FakeNorthflank(speed=0.1) as server:
        yield server
