# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import JOB, PLACE

RUNS = f"{JOB}/runs"


@pytest.fixture
def image(fake):
    """A build of the job that has ended well, so that the job can run."""
    return fake.add_build(*PLACE, age=600, status="SUCCESS")


@pytest.fixture
def run(client, image):
    """Starts a run; its id."""
    return lambda body=None: client.data("POST", RUNS, body or {})["id"]


def test_a_run_is_started_read_and_ends(client, clock, run):
    started = client.data("POST", RUNS, {})
    assert started.keys() == {"id", "runName"}
    view = client.data("GET", f"{RUNS}/{started['id']}")
    common = {**started, "backoffLimit": 0, "completions": 1, "succeeded": 0, "startedAt": "2026-09-21T14:13:20Z"}
    assert view == {**common, "status": "RUNNING", "concluded": False, "active": 1, "failed": 0}
    clock.advance(2)
    view = client.data("GET", f"{RUNS}/{started['id']}")
    assert view == {**common, "status": "SUCCESS", "concluded": True, "active": 0, "failed": 0, "concludedAt": "2026-09-21T14:13:22Z"}
    assert client.data("GET", RUNS) == {"runs": [view]}


def test_a_run_is_aborted(fake, client, run):
    run_id = run()
    assert client("DELETE", f"{RUNS}/{run_id}").json == {"data": {}}
    view = client.data("GET", f"{RUNS}/{run_id}")
    assert (view["status"], view["concluded"], view["failed"], fake.runs(*PLACE)[0].aborted) == ("FAILED", True, 1, True)


def test_a_job_runs_only_once_it_has_an_image(fake, client, clock):
    answer = client("POST", RUNS, {})
    assert (answer.status, answer.error["message"]) == (409, "No deployment configured")
    client.start()
    assert client("POST", RUNS, {}).status == 409
    clock.advance(5)
    assert client("POST", RUNS, {}).status == 200
    assert client("POST", "/v1/projects/default-project/jobs/image-only/runs", {}).status == 200


def test_faults_meet_runs(fake, client, run):
    fake.fault(Fault("status", endpoint="run_start", when="after"))
    assert client("POST", RUNS, {}).status == 500
    assert [(entry.endpoint, entry.fault, entry.run_id) for entry in fake.journal] == [("run_start", "status", fake.runs(*PLACE)[0].id)]
    fake.plan(*PLACE, Script.failure(3, log=[(1, "boom")]), kind="run")
    run_id = run()
    assert client.data("GET", f"{JOB}/logs?runId={run_id}") == []
