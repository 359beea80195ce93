# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which runs are returned."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

LOG = [(0, "one"), (1, "two"), (2, "three")]


@pytest.fixture
def history(fake):
    """The runs, the newest first: every third has failed."""
    fake.page_order = ("shuffled", 5)
    scripts = [Script.success(5, log=LOG), Script.success(5), Script.failure(5)]
    return [fake.add_run(PROJECT, JOB, age=60 * (number + 1), script=scripts[number % 3]).id for number in range(120)]


def test_runs_are_returned_newest_first_and_filtered_by_status(run_info, history):
    result = run_info()
    assert ([run["id"] for run in result["runs"]], result["truncated"]) == (history[:50], True)
    assert [run["id"] for run in run_info(limit=0, status=["failed"])["runs"]] == history[2::3]
    assert run_info(status=["FAILURE"])["runs"] == []
    assert "Not a known status of runs: FAILURE. Known are RUNNING, SUCCESS, FAILED." in run_info.warnings[0]


def test_one_run_is_looked_up_with_its_log(run_info, fake, history):
    result = run_info(run_id=history[0], log_lines=2)
    assert [(run["id"], run["logs"]) for run in result["runs"]] == [(history[0], ["two", "three"])]
    assert result["changed"] is False
    assert [call.endpoint for call in fake.journal] == ["run_get", "run_logs"]


def test_an_unknown_run_is_an_empty_list_and_an_unknown_job_a_failure(run_info, history):
    assert run_info(run_id="no-such-run")["runs"] == []
    assert run_info(job_id="worker", run_id=history[0])["runs"] == []
    assert run_info(job_id="no-such-job", run_id=history[0])["error"]["kind"] == "not_found"
    assert run_info(run_id="a", status=["FAILED"])["error"]["kind"] == "invalid_arguments"
