# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(make demo) shows what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.community.northflank.tests.scanner import scan

DEMO = Path(__file__).parents[1] / "demo" / "run.py"


def test_demo():
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ANSIBLE_", "NORTHFLANK_", "NF_"))}
    # Whatever a shell exports, the demo stays on this machine.
    elsewhere = {"API_BASE_URL": "http://127.0.0.1:9", "API_TOKEN": "nf-real", "PROJECT_ID": "real", "JOB_ID": "real", "TEAM_ID": "real"}
    environment |= {f"NORTHFLANK_{name}": value for name, value in elsewhere.items()} | {"http_proxy": "http://127.0.0.1:9"}
    ran = subprocess.run([sys.executable, DEMO], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "nothing leaves this machine" in ran.stdout
    assert "DATABASE_PASSWORD: '********'" in ran.stdout
    assert "kind: not_found, HTTP status: 404" in ran.stdout
    assert "2 migrations applied" in ran.stdout
    assert "returned a non-zero code: 1" in ran.stdout
    assert "5 of 5 succeeded" in ran.stdout
    scan("what the demo printed", ran.stdout + ran.stderr)
    scan("what the demo printed", ran.stdout + ran.stderr, ["correct horse", "s3cr3t"])


def test_the_real_api_needs_to_be_asked_for_and_named():
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NORTHFLANK_")}
    ran = subprocess.run([sys.executable, DEMO, "--real"], env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "set NORTHFLANK_API_TOKEN, NORTHFLANK_PROJECT_ID, NORTHFLANK_JOB_ID" in ran.stderr
