# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run C(ansible-playbook) as a user does, with the embedded API and without anything of the user's own configuration."""

from __future__ import annotations

import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.clock.fast_clock import FastClock
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank
from ansible_collections.community.northflank.tests.scanner import scan

ROOT = Path(__file__).parents[2]
CLOCK = FastClock(20)  # Pauses of seconds take a moment
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")


def surroundings(home: Path) -> dict[str, str]:
    """The environment for C(ansible-playbook): the user's without what would steer Ansible, the collection, requests or a terminal."""
    (home / "ansible.cfg").touch()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "NORTHFLANK_", "NF_", "COLUMNS", "LINES")) and not name.lower().endswith("_proxy")
    }
    mine = {"HOME": str(home), "ANSIBLE_CONFIG": str(home / "ansible.cfg"), "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **CLOCK.environment, **mine}


def where(fake: FakeNorthflank) -> dict[str, str]:
    """What tells the modules where the API is."""
    return {"NORTHFLANK_API_BASE_URL": fake.url, "NORTHFLANK_API_TOKEN": fake.token}


@pytest.fixture
def fake() -> t.Iterator[FakeNorthflank]:
    """The embedded API, in which all time passes fast."""
    with FakeNorthflank(clock=CLOCK) as server:
        yield server


@pytest.fixture
def playbook(tmp_path: Path) -> t.Callable[..., subprocess.CompletedProcess[str]]:

    def run(path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        roles = str(ROOT / "tests/integration/targets")
        ran = subprocess.run(
            [PLAYBOOK, path, *arguments],
            env={**surroundings(tmp_path), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_ROLES_PATH": roles, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        scan(f"what {path.name} printed", ran.stdout + ran.stderr)
        assert "[DEPRECATION WARNING]" not in ran.stderr
        return ran

    return run
