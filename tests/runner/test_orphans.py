# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever has lost its play stops: it asks nothing more, starts nothing, and aborts nothing."""

from __future__ import annotations

import subprocess
import time

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script
from ansible_collections.community.northflank.tests.runner.conftest import PLAYBOOK, surroundings, where
from ansible_collections.community.northflank.tests.runner.test_progress import play

WAIT_TIMEOUT = 8
GRACE = 5.0  # Seconds, on a busy machine: a worker and its module look once a second, one after the other.


@pytest.mark.parametrize("in_process", ["true", "false"])
def test_a_killed_play_leaves_nobody_behind(tmp_path, in_process):
    task = {"loop": [1, 2], "ignore_errors": True}
    options = play(tmp_path / "play.yml", ["web-1"], task, wait_timeout=WAIT_TIMEOUT, wait_interval=2, abort_on_timeout=True)
    with FakeNorthflank() as fake:
        fake.plan("default-project", "example-job", Script.never_ends())
        environment = {**surroundings(tmp_path), **where(fake), "NORTHFLANK_IN_PROCESS": in_process}
        with subprocess.Popen([PLAYBOOK, tmp_path / "play.yml", *options], env=environment, stdout=subprocess.PIPE) as process:
            while not fake.calls("list"):
                assert process.poll() is None
                time.sleep(0.1)
            process.kill()
            killed = fake.now()
            # The worker has its end of the pipe, too.
            process.communicate(timeout=GRACE)
        time.sleep(WAIT_TIMEOUT)
        assert (len(fake.calls("start")), fake.calls("abort")) == (1, [])
        assert all(request.time < killed + GRACE for request in fake.journal)
