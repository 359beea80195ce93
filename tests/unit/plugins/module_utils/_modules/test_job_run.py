# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run sends, what it returns, and what it says when it cannot."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, OTHER_SHA, PROJECT, permissions_without, started

LOG = [(0, "Applying 0042_accounts"), (1, "duplicate key value")]


def test_one_run_is_started_and_returned(run, fake):
    result = run()
    [there] = started(fake, "run")
    assert (result["changed"], result["recovered"], "reused" in result) == (True, False, False)
    unknown = ("status", "concluded", "active", "failed", "succeeded", "completions", "backoff_limit", "started_at", "concluded_at")
    known = {"id": there.id, "run_name": there.name, "project_id": PROJECT, "job_id": JOB, "team_id": None}
    assert result["run"] == {**dict.fromkeys(unknown), **known}
    assert result["ansible_facts"] == {"northflank_job_run": result["run"]}
    assert (len(fake.journal), fake.calls("run_start")[0].body) == (1, b"{}")


def test_a_run_that_succeeds_is_returned_as_it_ended(run, fake, clock):
    fake.plan(PROJECT, JOB, Script.success(60), kind="run")
    result = run(wait=True)
    ended = {"status": "SUCCESS", "concluded": True, "succeeded": 0, "failed": 0, "completions": 1, "backoff_limit": 0}
    assert {key: result["run"][key] for key in ended} == ended
    assert 60 <= sum(clock.sleeps) < 71


def test_a_run_that_fails_carries_the_run_its_log_and_its_attempts(run, fake):
    fake.plan(PROJECT, JOB, Script.failure(5, log=LOG), kind="run")
    result = run(wait=True)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, True, "run_failed")
    assert result["msg"] == (
        f"Run {result['run']['id']!r} of job 'example-job' of project 'default-project' ended with FAILED: failed attempts: 1, "
        "backoff limit: 0. The last lines of the log are in logs."
    )
    assert (result["logs"], result["run"]["failed"]) == ([text for _time, text in LOG], 1)
    assert run.events[-1]["item"]["message"] == "failed attempts: 1, backoff limit: 0"


def test_the_build_that_was_asked_for_is_run(run, fake, image):
    newest = fake.add_build(PROJECT, JOB, age=60, sha=OTHER_SHA, status="SUCCESS")
    run(build_id=image.id)
    run()
    assert [there.build for there in started(fake, "run")] == [image, newest]


def test_a_job_without_an_image_says_how_to_get_one(run, fake):
    fake.add_job(PROJECT, "new-job")
    result = run(job_id="new-job")
    assert (result["error"]["kind"], result["error"]["status"]) == ("rejected", 409)
    assert "No deployment configured (HTTP 409)." in result["msg"]
    assert "build it first with northflank_job_build" in result["msg"]
    fake.fault(Fault("status", "run_start", status=409, message="Something else."))
    assert "build it first" not in run()["msg"]


def test_a_refusal_names_the_job_and_the_permission(run, fake):
    fake.add_token("reader", permissions_without("Run Job"))
    for arguments, kind, words in (
        ({"job_id": "exmaple-job"}, "not_found", "Could not start a run of job 'exmaple-job' of project 'default-project'"),
        ({"build_id": "no-such-build"}, "not_found", "Check the build (build_id, or deployment.internal). Check project_id"),
        ({"api_token": "reader"}, "permission", "Project > Jobs > General > Run Job"),
    ):
        result = run(**arguments)
        assert result["error"]["kind"] == kind
        assert words in result["msg"]


@pytest.mark.parametrize("build_id", [None, ""])
def test_check_mode_sends_no_post_and_accepts_a_build_that_was_not_started(run, fake, clock, build_id):
    result = run(check_mode=True, diff=True, wait=True, build_id=build_id, runtime_environment={"NAME": "the-value"})
    assert [call.method for call in fake.journal] == ["GET"]
    assert (result["changed"], result["run"]["id"], clock.sleeps) == (True, None, [])
    assert result["request"] == {
        "method": "POST",
        "url": fake.url + "/v1/projects/default-project/jobs/example-job/runs",
        "body": {"runtimeEnvironment": {"NAME": "********"}},
    }
    assert json.loads(result["diff"]["after"]) == result["request"]


def test_check_mode_warns_if_the_job_may_not_be_seen(run, fake):
    fake.add_token("starter", permissions_without("General > Read"))
    assert run(api_token="starter", check_mode=True)["changed"] is True
    assert "a token may have permission to start runs, but not to read jobs" in run.warnings[0]
    assert run(job_id="no-such-job", check_mode=True)["error"]["kind"] == "not_found"


def test_what_a_run_was_given_is_masked_in_its_log(run, fake):
    fake.plan(PROJECT, JOB, Script.failure(5, log=[(0, "production: hunter22, 4711-secret")]), kind="run")
    run.recorded = False  # A setting that is no secret.
    files = {"/etc/app.env": {"content": "PASSWORD=4711-secret"}}
    result = run(wait=True, runtime_environment={"DATABASE_PASSWORD": "hunter22", "NODE_ENV": "production"}, runtime_files=files)
    assert result["logs"] == ["production: ********, ********"]
    assert (result["error"]["kind"], result["error"]["run_status"]) == ("run_failed", "FAILED")
