# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo stays on this machine whatever a shell exports, unless it is told otherwise. Its output is tried with the page that shows it."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.demo import run


def test_nothing_of_the_users_environment_names_the_target(capsys):
    with run.target(real=False) as where:
        assert where["NORTHFLANK_API_BASE_URL"].startswith("http://127.0.0.1:")
        assert where.keys() >= {f"NORTHFLANK_{name}" for name in ("API_TOKEN", "PROJECT_ID", "JOB_ID", "TEAM_ID")}
        assert where["no_proxy"] == "127.0.0.1"
    assert "nothing leaves this machine" in capsys.readouterr().out


def test_the_real_api_needs_a_token_a_project_and_a_job(monkeypatch):
    for name in run.REAL:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SystemExit, match="set NORTHFLANK_API_TOKEN, NORTHFLANK_PROJECT_ID, NORTHFLANK_JOB_ID"), run.target(real=True):
        pass
