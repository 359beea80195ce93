# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs are waited for as builds are."""

from __future__ import annotations

from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT


def test_runs_of_several_jobs_end_in_the_order_in_which_they_were_given(run, run_wait, fake):
    results = [run() for _each in range(2)]
    other = fake.add_run(PROJECT, "worker", script=Script.success(20))
    result = run_wait(runs=[results[0], {"runId": other.id, "job_id": "worker"}, results[1]["run"]["id"]])
    assert [found["id"] for found in result["runs"]] == [results[0]["run"]["id"], other.id, results[1]["run"]["id"]]
    assert {found["status"] for found in result["runs"]} == {"SUCCESS"}
    assert result["changed"] is False


def test_what_a_loop_registers_goes_in_as_it_is(run, run_wait, fake):
    results = [run(), {"skipped": True, "changed": False}, {"failed": True, "item": "worker", "msg": "No."}]
    result = run_wait(runs={"results": results})
    assert [found["id"] for found in result["runs"]] == [results[0]["run"]["id"]]
    assert (result["error"]["kind"], result["error"]["run_status"]) == ("run_failed", None)
    assert "1 task failed to start a run: runs.results[2] (item 'worker'): No." in result["msg"]


def test_failed_runs_are_counted(run_wait, fake):
    ids = [fake.add_run(PROJECT, JOB, script=script).id for script in (Script.success(5), Script.failure(5, log=[(0, "boom")]))]
    result = run_wait(runs=ids)
    assert result["error"]["kind"] == "run_failed"
    assert f"1 of 2 runs failed: {ids[1]!r} (job 'example-job'): FAILED: failed attempts: 1, backoff limit: 0." in result["msg"]
    assert result["logs"] == result["runs"][1]["logs"] == ["boom"]


def test_a_run_of_another_job_is_not_found_and_the_job_is_named(run_wait, fake):
    other = fake.add_run(PROJECT, "worker")
    result = run_wait(runs=[other.id])
    assert result["error"]["kind"] == "not_found"
    assert f"run {other.id!r} of job 'example-job'" in result["msg"].lower()
