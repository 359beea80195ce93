# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from itertools import chain

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.fake_northflank.schema import document
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import JOB, PLACE
from ansible_collections.community.northflank.tests.unit.fake_northflank.test_paging import ORDERS, pages

RUNS = f"{JOB}/runs"
IMAGE_ONLY = ("default-project", "image-only")
SHA = "a" * 40
FILE = {"data": "aGVsbG8gcnVuCg==", "encoding": "utf-8"}
EVERYTHING = {
    "runtimeEnvironment": {"VARIABLE_1": "abcdef"},
    "runtimeFiles": {"/dir/fileName": FILE},
    "dockerSecretMounts": {"example-secret-mount_1": FILE},
    "billing": {"deploymentPlan": "nf-compute-20"},
    "deployment": {
        "internal": {"id": "example-build-service", "branch": "main", "buildSHA": "latest", "buildId": "premium-guide-6393"},
        "docker": {"configType": "customCommand", "customCommand": "npm run migrate"},
        "buildpack": {"configType": "default"},
        "storage": {"ephemeralStorage": {"storageSize": 1024}, "shmSize": 64, "useHdbStorage": False, "usePdSsdStorage": True},
        "gpu": {},
    },
}


@pytest.fixture
def image(fake):
    """A build of the job that has ended well, so that the job can run."""
    return fake.add_build(*PLACE, age=600, status="SUCCESS", sha=SHA)


@pytest.fixture
def start(client, image):
    """Starts a run; its id."""
    return lambda **body: client.data("POST", RUNS, body)["id"]


def listed(client, job=JOB):
    return [run["id"] for run in client.data("GET", f"{job}/runs")["runs"]]


def test_a_run_is_started_read_and_ends(fake, client, clock, image):
    started = client.data("POST", RUNS, EVERYTHING)
    assert started.keys() == {"id", "runName"}
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", started["id"])
    assert re.fullmatch("example-job-[0-9a-f]{24}", started["runName"])
    clock.advance(0.9)
    run = client.data("GET", f"{RUNS}/{started['id']}")
    common = {**started, "backoffLimit": 0, "completions": 1, "succeeded": 0, "startedAt": "2026-09-21T14:13:20Z"}
    assert run == {**common, "status": "RUNNING", "concluded": False, "active": 1, "failed": 0}
    clock.advance(5)
    run = client.data("GET", f"{RUNS}/{started['id']}")
    assert run == {**common, "status": "SUCCESS", "concluded": True, "active": 0, "failed": 0, "concludedAt": "2026-09-21T14:13:22Z"}
    assert client.data("GET", RUNS) == {"runs": [run]}
    (known,) = fake.runs(*PLACE)
    assert (known.view(), known.request_body, known.started_by) == (run, EVERYTHING, "api")


def test_run_ids_are_unique_and_the_same_each_time(fake, client):
    job = "/v1/projects/default-project/jobs/image-only/runs"
    ids = [client.data("POST", job, {})["id"] for _each in range(20)]
    assert len(set(ids)) == 20
    fake.reset()
    assert [client.data("POST", job, {})["id"] for _each in range(20)] == ids


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({"command": "x"}, "command"),
        ({"runtimeEnvironment": {"A": 1}}, "runtimeEnvironment.A"),
        ({"runtimeEnvironment": ["A"]}, "runtimeEnvironment"),
        ({"runtimeFiles": {"/a": {"encoding": "utf-8"}}}, "runtimeFiles./a.data"),
        ({"runtimeFiles": {"/a": {"data": "?"}}}, "runtimeFiles./a.data"),
        ({"dockerSecretMounts": {"a": "b"}}, "dockerSecretMounts.a"),
        ({"billing": {"deploymentPlan": "nf_compute"}}, "billing.deploymentPlan"),
        ({"billing": {"deploymentPlan": "nf"}}, "billing.deploymentPlan"),
        ({"billing": {"deploymentPlan": "n" * 101}}, "billing.deploymentPlan"),
        ({"billing": {"deploymentPlan": "nf-compute-20\n"}}, "billing.deploymentPlan"),
        ({"billing": {"plan": "nf"}}, "billing.plan"),
        ({"deployment": {"internal": {}, "external": {"imagePath": "alpine:3.20"}}}, "deployment"),
        ({"deployment": {"instances": 1}}, "deployment.instances"),
        ({"deployment": {"internal": {"buildSHA": "a" * 39}}}, "deployment.internal.buildSHA"),
        ({"deployment": {"internal": {"buildSHA": "newest"}}}, "deployment.internal.buildSHA"),
        ({"deployment": {"internal": {"buildId": 6393}}}, "deployment.internal.buildId"),
        ({"deployment": {"internal": {"id": "a/b/c"}}}, "deployment.internal.id"),
        ({"deployment": {"external": {"credentials": "mine"}}}, "deployment.external.imagePath"),
        ({"deployment": {"external": {"imagePath": "alpine"}}}, "deployment.external.imagePath"),
        ({"deployment": {"external": {"imagePath": "alpine:3", "credentials": "a b"}}}, "deployment.external.credentials"),
        ({"deployment": {"docker": {"customCommand": "x"}}}, "deployment.docker.configType"),
        ({"deployment": {"docker": {"configType": "customProcess"}}}, "deployment.docker"),
        ({"deployment": {"docker": {"configType": "customEntrypointCustomCommand", "customCommand": "x"}}}, "deployment.docker"),
        ({"deployment": {"buildpack": {"configType": "customProcess", "customCommand": "x"}}}, "deployment.buildpack"),
        ({"deployment": {"buildpack": {"configType": "originalEntrypointCustomCommand"}}}, "deployment.buildpack"),
        ({"deployment": {"storage": {"shmSize": "64"}}}, "deployment.storage.shmSize"),
        ({"deployment": {"storage": {"shmSize": 64.5}}}, "deployment.storage.shmSize"),
        ({"deployment": {"storage": {"ephemeralStorage": {"storageSize": True}}}}, "deployment.storage.ephemeralStorage.storageSize"),
    ],
)
def test_bodies_are_held_against_the_document(fake, client, image, body, field):
    answer = client("POST", RUNS, body)
    assert (answer.status, list(answer.error["details"])) == (400, [field or "object"])
    assert [error.partition(": ")[0] for error in fake.journal[0].schema_errors] == [field or "object"]
    assert fake.runs(*PLACE) == []


def test_a_job_runs_once_it_has_an_image(fake, client, clock):
    fake.plan(*PLACE, Script.failure(1), times=1)
    for _each in range(2):
        build_id = client.start()["id"]
        answer = client("POST", RUNS, {})
        assert (answer.status, answer.error["message"]) == (409, "No deployment configured")
        assert client("POST", RUNS, {"deployment": {"internal": {"buildId": build_id}}}).status == 409
        clock.advance(2)
    assert client("POST", RUNS, {}).status == 200
    assert [run.build.id for run in fake.runs(*PLACE)] == [build_id]


@pytest.mark.parametrize(
    ("deployment", "build_id"),
    [
        ({}, "newest-1234"),
        ({"internal": {}}, "newest-1234"),
        ({"internal": {"buildSHA": "latest"}}, "newest-1234"),
        ({"docker": {"configType": "default"}}, "newest-1234"),
        ({"internal": {"buildId": "older-1234"}}, "older-1234"),
        ({"internal": {"buildSHA": "b" * 40}}, "older-1234"),
        ({"internal": {"branch": "topic"}}, "older-1234"),
        ({"internal": {"id": "project/service", "buildId": "x"}}, None),
        ({"external": {"imagePath": "docker.io/library/alpine:3.20"}}, None),
    ],
)
def test_a_run_uses_the_image_that_is_asked_for(fake, client, deployment, build_id):
    fake.add_build(*PLACE, id="newest-1234", age=100, status="SUCCESS", sha=SHA)
    fake.add_build(*PLACE, id="older-1234", age=200, status="SUCCESS", sha="b" * 40, branch="topic")
    fake.add_build(*PLACE, id="failed-1234", age=80, status="FAILURE", sha=SHA)
    assert client("POST", RUNS, {"deployment": deployment}).status == 200
    assert [run.build and run.build.id for run in fake.runs(*PLACE)] == [build_id]


@pytest.mark.parametrize(("name", "value"), [("buildId", "none-1234"), ("buildSHA", "c" * 40)])
def test_a_build_that_there_is_not_is_refused(fake, client, image, name, value):
    assert client("POST", RUNS, {"deployment": {"internal": {name: value}}}).status == 404
    assert fake.runs(*PLACE) == []


def test_a_job_with_a_ready_made_image_needs_no_build(fake, client):
    assert client("POST", "/v1/projects/default-project/jobs/image-only/runs", {}).status == 200
    assert fake.runs(*IMAGE_ONLY)[0].build is None


def test_runs_are_those_of_their_job_and_team(fake, client, start):
    run_id = start()
    team = f"/v1/teams/example-team{JOB[3:]}"
    for job in (team, "/v1/projects/default-project/jobs/worker"):
        assert listed(client, job) == []
        paths = (f"{job}/runs/{run_id}", f"{job}/logs?runId={run_id}", f"{job}/containers?runId={run_id}")
        assert [client("GET", path).status for path in paths] == [404, 404, 404]
        assert client("DELETE", paths[0]).status == 404
    fake.add_build(*PLACE, team_id="example-team", status="SUCCESS")
    run_id = client.data("POST", f"{team}/runs", {})["id"]
    assert (listed(client, team), [run.id for run in fake.runs(*PLACE, team_id="example-team")]) == ([run_id], [run_id])


@pytest.mark.parametrize("by", ["clock", "looks"])
def test_a_run_goes_on_by_its_script(fake, client, clock, start, by):
    fake.plan(*PLACE, Script.failure(3, by=by, raw={"failed": 2}), kind="run")
    run_id, seen = start(), []
    for _each in range(3):
        clock.advance(1)
        seen.append(client.data("GET", f"{RUNS}/{run_id}"))
    assert [run["status"] for run in seen] == ["RUNNING", "RUNNING", "FAILED"]
    assert (seen[-1]["concluded"], seen[-1]["failed"], seen[-1]["concludedAt"]) == (True, 2, "2026-09-21T14:13:23Z")


@pytest.mark.parametrize(
    ("script", "status", "concluded"),
    [
        (Script([(0, "FAILED")]), "FAILED", True),
        (Script([(0, "QUEUED")]), "QUEUED", False),
        (Script.never_ends(), "RUNNING", False),
        (Script.success(0, raw={"status": "success", "concluded": "yes"}, omit=["active"]), "success", "yes"),
    ],
)
def test_statuses_can_be_any(fake, client, start, script, status, concluded):
    fake.plan(*PLACE, script, kind="run")
    run = client.data("GET", f"{RUNS}/{start()}")
    assert (run["status"], run["concluded"], "active" in run) == (status, concluded, status != "success")


def test_a_run_can_show_late_and_vanish(fake, client, clock, start):
    fake.plan(*PLACE, Script.vanishes(9, visible_after=5, get_visible_after=1), kind="run")
    run_id, seen = start(), []
    for seconds in (0, 1, 4, 4):
        clock.advance(seconds)
        seen.append((listed(client), client("GET", f"{RUNS}/{run_id}").status))
    assert seen == [([], 404), ([], 200), ([run_id], 200), ([], 404)]


def test_plans_are_for_builds_or_for_runs(fake, client, start):
    fake.plan(*PLACE, Script([(0, "A")]))
    fake.plan(*PLACE, Script([(0, "B")]), kind="run", times=1)
    fake.plan(*PLACE, Script([(0, "C")]), kind="run", sha=SHA)
    assert client.start()["status"] == "A"
    assert [client.data("GET", f"{RUNS}/{start()}")["status"] for _each in range(2)] == ["B", "C"]
    external = {"deployment": {"external": {"imagePath": "alpine:3.20"}}}
    assert client.data("GET", f"{RUNS}/{start(**external)}")["status"] == "RUNNING"


def test_there_can_be_runs_from_before(fake, client):
    old = fake.add_run(*PLACE, age=500, status="FAILED", duration=90, succeeded=1, id="given-id")
    assert fake.add_run(*PLACE, age=3, duration=4).status() == "RUNNING"
    run = client.data("GET", f"{RUNS}/given-id")
    assert (run["status"], run["startedAt"], run["concludedAt"]) == ("FAILED", "2026-09-21T14:05:00Z", "2026-09-21T14:06:30Z")
    assert (run["succeeded"], run["failed"], old.started_by) == (1, 1, "history")
    with pytest.raises(ValueError, match="already has a run given-id"):
        fake.add_run(*PLACE, id="given-id")


@pytest.mark.parametrize("order", ORDERS)
def test_lists_of_runs_are_paged_like_those_of_builds(fake, client, order):
    fake.page_order = order
    for age in (50, 30, 70, 10, 20):
        fake.add_run(*PLACE, age=age)
    by_age = [run.id for run in sorted(fake.runs(*PLACE), key=lambda run: run.created_at)]
    found = list(chain(*pages(client, 2, RUNS, "runs")))
    assert sorted(found) == sorted(by_age)
    assert found == {"newest": by_age[::-1], "oldest": by_age}.get(order, listed(client))
    cursor = client("GET", f"{RUNS}?per_page=1").json["pagination"]["cursor"]
    assert [client("GET", f"{JOB}/{path}?cursor={cursor}").status for path in ("runs", "build", "containers")] == [200, 400, 400]


@pytest.mark.parametrize(("setting", "status"), [("ok", 200), ("conflict", 409)])
def test_abort_ends_a_run_and_its_log(fake, client, clock, start, setting, status):
    fake.abort_of_ended = setting
    fake.plan(*PLACE, Script.never_ends(log=[(0, "first"), (2, "second")]), kind="run")
    run_id = start()
    clock.advance(1)
    assert client("DELETE", f"{RUNS}/{run_id}").json == {"data": {}}
    clock.advance(10)
    run = client.data("GET", f"{RUNS}/{run_id}")
    assert (run["status"], run["concluded"], run["concludedAt"], fake.runs(*PLACE)[0].aborted) == (
        "FAILED",
        True,
        "2026-09-21T14:13:21Z",
        True,
    )
    assert len(client.data("GET", f"{JOB}/logs?runId={run_id}")) == 1
    assert client.data("GET", f"{JOB}/containers?runId={run_id}")["containers"][0]["status"] == "TASK_KILLED"
    assert client("DELETE", f"{RUNS}/{run_id}").status == status


def test_logs_are_of_a_run_or_a_container(fake, client, clock):
    for name in "ab":
        fake.add_run(*PLACE, age=10, id=f"run-{name}", script=Script.failure(5, log=[(1, f"{name}1"), (3, f"{name}2"), (30, "late")]))
    containers = {row["name"]: row for row in client.data("GET", f"{JOB}/containers")["containers"]}
    of_a = client.data("GET", f"{JOB}/containers?runId=run-a")
    (name,) = [row["name"] for row in of_a["containers"]]
    assert (len(containers), of_a["runId"], of_a["containers"][0]) == (2, "run-a", containers[name])
    assert containers[name] == {"name": name, "createdAt": clock.time() - 10, "updatedAt": clock.time() - 5, "status": "TASK_FAILED"}
    for query, lines in (
        ("", ["a1", "b1", "a2", "b2"]),
        ("runId=run-a", ["a1", "a2"]),
        (f"containerName={name}", ["a1", "a2"]),
        (f"runId=run-b&containerName={name}", []),
        ("runId=run-b&containerName=all", ["b1", "b2"]),
        ("runId=run-a&queryType=range&lineLimit=1&direction=backward", ["a2"]),
        ("type=runtime&runId=run-a", ["a1", "a2"]),
        ("type=mesh&type=runtime&runId=run-a", ["a1", "a2"]),
        ("type=mesh&type=cdn&runId=run-a", []),
    ):
        found = client.data("GET", f"{JOB}/logs?{query}")
        assert [line["log"].rpartition(" ")[2] for line in found] == lines, query
        assert {line["containerId"] for line in found if line["log"].endswith(("a1", "a2"))} <= {name}
    assert client("GET", f"{JOB}/logs?type=nonsense").status == 400
    assert client.data("GET", f"{JOB}/build-logs") == []


def test_a_schedule_starts_runs_by_itself(fake, client, clock):
    path = "/v1/projects/p/jobs/j"
    fake.add_job("p", "j", schedule=60)
    assert client.data("GET", path)["jobType"] == "cron"
    clock.advance(90)
    assert listed(client, path) == []  # there was no image
    fake.add_build("p", "j", status="SUCCESS", age=5)
    clock.advance(150)
    assert [run["startedAt"][-6:] for run in client.data("GET", f"{path}/runs")["runs"]] == ["17:20Z", "16:20Z", "15:20Z"]
    assert [run.status() for run in fake.runs("p", "j")] == ["SUCCESS", "SUCCESS", "RUNNING"]
    assert {run.started_by for run in fake.runs("p", "j")} == {"schedule"}
    assert client.data("GET", JOB)["jobType"] == "manual"


@pytest.mark.parametrize(("setting", "runs"), [("never", 0), ("cd-promote", 1), ("always", 1)])
def test_an_ended_build_can_start_a_run(fake, client, clock, setting, runs):
    path = "/v1/projects/p/jobs/j"
    fake.add_job("p", "j", run_on_source_change=setting)
    assert "runOnSourceChange" not in str(client.data("GET", path))
    fake.plan("p", "j", Script.failure(1), times=1)
    for _each in range(2):
        build_id = client.start(job=path)["id"]
        assert listed(client, path) == []
        clock.advance(3)
    for _each in range(2):
        assert len(listed(client, path)) == runs
    assert [(run.build.id, run.started_by) for run in fake.runs("p", "j")] == [(build_id, "build")] * runs


def test_faults_and_the_journal_know_runs(fake, client, start):
    run_id = start()
    for method, path, endpoint in (
        ("POST", RUNS, "run_start"),
        ("GET", RUNS, "run_list"),
        ("GET", f"{RUNS}/{run_id}", "run_get"),
        ("GET", f"{JOB}/logs", "run_logs"),
        ("GET", f"{JOB}/containers", "run_containers"),
        ("DELETE", f"{RUNS}/{run_id}", "run_abort"),
    ):
        for when in ("before", "after"):
            fake.fault(Fault("status", endpoint, when=when))
            assert client(method, path, {} if method == "POST" else None).status == 500
        assert [entry.endpoint for entry in fake.journal[-2:]] == [endpoint, endpoint]
    first, second = fake.runs(*PLACE)
    assert (first.id, first.aborted) == (run_id, True)
    started = fake.calls("run_start")
    assert [(entry.run_id, entry.build_id, entry.fault) for entry in started] == [
        (run_id, None, None),
        (None, None, "status"),
        (second.id, None, "status"),
    ]
    assert [entry.run_id for entry in fake.calls("run_abort")] == [run_id, run_id]


def test_runs_can_be_steered_over_http(fake, client):
    place = {"project_id": PLACE[0], "job_id": PLACE[1]}

    def steer(name, **body):
        answer = client("POST", f"/_fake/{name}", body)
        assert answer.status == 200, answer
        return answer.json

    assert steer("runs", **place, age=60, status="FAILED")["run"]["status"] == "FAILED"
    steer("builds", **place, age=60, status="SUCCESS")
    steer("plan", **place, kind="run", times=1, script={"kind": "failure", "duration": 0})
    steer("settings", default_run_script={"steps": [[0, "PAUSED"]]})
    ids = [client.data("POST", RUNS, {})["id"] for _each in range(2)]
    assert [client.data("GET", f"{RUNS}/{run_id}")["status"] for run_id in ids] == ["FAILED", "PAUSED"]
    assert client("POST", "/_fake/jobs", {**place, "run_on_source_change": "sometimes"}).status == 400


def test_answers_about_runs_are_what_the_document_says(fake, client, clock, start):
    run_id = start()
    for seconds in (0, 5):
        clock.advance(seconds)
        for method, path, schema in (
            ("POST", RUNS, "StartRunResponse"),
            ("GET", RUNS, "ListRunsResponse"),
            ("GET", f"{RUNS}/{run_id}", "GetRunResponse"),
            ("GET", f"{JOB}/logs", "LogsResponse"),
            ("GET", f"{JOB}/containers?runId={run_id}", "ListContainersResponse"),
        ):
            answer = client(method, path, {} if method == "POST" else None).json
            assert list(document().check(answer, document().raw["components"]["schemas"][schema], schema)) == []
