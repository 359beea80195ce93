# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mitogen's strategies run tasks in both ways."""

from __future__ import annotations

from pathlib import Path

import ansible_mitogen
import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script
from ansible_collections.community.northflank.tests.runner.conftest import where
from ansible_collections.community.northflank.tests.runner.test_progress import LINE, play

STRATEGIES = Path(ansible_mitogen.__file__).parent / "plugins" / "strategy"


@pytest.mark.parametrize("in_process", ["true", "false"])
def test_a_build_is_awaited(playbook, tmp_path, in_process):
    options = play(tmp_path / "play.yml", ["web-1"], {"loop": [1, 2]})
    # Ansible warns of every strategy that is not its own.
    quiet = {"ANSIBLE_DEPRECATION_WARNINGS": "false"}
    strategy = {"ANSIBLE_STRATEGY_PLUGINS": str(STRATEGIES), "ANSIBLE_STRATEGY": "mitogen_linear", **quiet}
    with FakeNorthflank() as fake:
        fake.plan("default-project", "example-job", Script.success(1))
        ran = playbook(tmp_path / "play.yml", *options, NORTHFLANK_IN_PROCESS=in_process, **strategy, **where(fake))
        assert ran.returncode == 0, ran.stdout
        assert len(fake.calls("start")) == 2
    assert bool(LINE.search(ran.stdout)) is (in_process == "true")
