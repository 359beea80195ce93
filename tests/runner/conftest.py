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
from ansible_collections.community.northflank.tests.scanner import scan

ROOT = Path(__file__).parents[2]


@pytest.fixture
def playbook(tmp_path: Path) -> t.Callable[..., subprocess.CompletedProcess[str]]:
    """Run a playbook and return what it printed."""

    def run(path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        config = tmp_path / "ansible.cfg"
        config.touch()
        mine = {
            k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "NORTHFLANK_", "NF_")) and not k.lower().endswith("_proxy")
        }
        ran = subprocess.run(
            [Path(sys.executable).with_name("ansible-playbook"), path, *arguments],
            env={
                **mine,
                "HOME": str(tmp_path),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_CONFIG": str(config),
                "ANSIBLE_ROLES_PATH": str(ROOT / "tests/integration/targets"),
                "PYTHONDONTWRITEBYTECODE": "1",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        scan(f"what {path.name} printed", ran.stdout + ran.stderr)
        assert "[DEPRECATION WARNING]" not in ran.stderr
        return ran

    return run
