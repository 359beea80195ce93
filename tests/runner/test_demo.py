# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make demo) shows what it promises, on this machine unless something else is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.community.northflank.tests.runner.conftest import CLOCK
from ansible_collections.community.northflank.tests.scanner import CANARIES, scan

DEMO = Path(__file__).parents[1] / "demo" / "run.py"
SHOWN = (
    *("nothing leaves this machine", "DATABASE_PASSWORD: '********'", "kind: not_found, HTTP status: 404"),
    *("2 migrations applied", "returned a non-zero code: 1", "5 of 5 succeeded"),
)


def demo(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "NORTHFLANK_", "NF_"))}
    mine = {**kept, **CLOCK.environment, **environment}
    return subprocess.run([sys.executable, DEMO, *arguments], env=mine, capture_output=True, text=True, check=False)


def test_whatever_a_shell_exports_the_demo_stays_on_this_machine():
    elsewhere = {"API_BASE_URL": "http://127.0.0.1:9", "API_TOKEN": "nf-real", "PROJECT_ID": "real", "JOB_ID": "real", "TEAM_ID": "real"}
    ran = demo(http_proxy="http://127.0.0.1:9", **{f"NORTHFLANK_{name}": value for name, value in elsewhere.items()})
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [words for words in SHOWN if words not in ran.stdout] == []
    scan("what the demo printed", ran.stdout + ran.stderr, [*CANARIES, "s3cr3t"])


def test_the_real_api_needs_to_be_asked_for_and_named():
    ran = demo("--real")
    assert ran.returncode == 1
    assert "set NORTHFLANK_API_TOKEN, NORTHFLANK_PROJECT_ID, NORTHFLANK_JOB_ID" in ran.stderr
