# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs are aborted as builds are; what differs is that no status tells of it."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT


@pytest.fixture
def running(fake):
    return fake.add_run(PROJECT, JOB, age=10, script=Script.never_ends())


def test_a_running_run_is_aborted_once(run_abort, fake, running):
    results = [run_abort(run_id=running.id, diff=True) for _each in range(2)]
    assert [result["changed"] for result in results] == [True, False]
    assert (results[0]["run"]["id"], results[0]["run"]["status"]) == (running.id, "FAILED")
    assert results[0]["diff"] == {"before": {"status": "RUNNING"}, "after": {"status": "FAILED"}}
    assert len(fake.calls("run_abort")) == 1


@pytest.mark.parametrize("status", ["CANCELLED", None])
def test_an_accepted_abort_counts_whatever_the_run_is_called_then(run_abort, fake, status):
    there = fake.add_run(PROJECT, JOB, age=10, script=Script.never_ends(raw={"status": status}))
    assert run_abort(run_id=there.id)["changed"] is True


@pytest.mark.parametrize("script", [Script.success(5), Script.failure(5)])
def test_a_run_that_has_ended_is_left_alone(run_abort, fake, script):
    ended = fake.add_run(PROJECT, JOB, age=60, script=script)
    assert run_abort(run_id=ended.id)["changed"] is False
    assert fake.calls("run_abort") == []


def test_check_mode_aborts_nothing(run_abort, fake, running):
    assert run_abort(run_id=running.id, check_mode=True)["changed"] is True
    assert run_abort(run_id="", check_mode=True)["run"]["id"] is None
    assert run_abort(run_id="")["error"]["kind"] == "invalid_arguments"
    assert fake.calls("run_abort") == []


def test_the_run_of_another_job_is_not_found_and_the_job_is_named(run_abort, fake, running):
    fake.add_job(PROJECT, "other")
    result = run_abort(job_id="other", run_id=running.id)
    assert result["error"]["kind"] == "not_found"
    assert f"run {running.id!r} of job 'other' of project 'default-project'" in result["msg"]
    assert not running.aborted
