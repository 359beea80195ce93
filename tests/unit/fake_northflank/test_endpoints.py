# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import email.utils
import re
from itertools import chain

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script
from ansible_collections.community.northflank.tests.fake_northflank.schema import document
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import ITEMS, JOB, LOGS, PLACE, TEAM

JOBS = "/v1/projects/default-project/jobs"
WORKER = f"{JOBS}/worker"
HEAD = "262ed9817b3cad5142fbceabe0c9e371e390d616"
RUNS = ITEMS["run"]
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


def test_a_started_build_has_the_documented_keys_alone(client):
    build = client.start()
    common = {"branch": "main", "sha": HEAD, "createdAt": "2026-09-21T14:13:20.000Z", "status": "PENDING", "concluded": False}
    assert build == {"id": build["id"], **common}


def test_a_run_is_started_read_and_ends(fake, client, clock, image):
    started = client.start(EVERYTHING, RUNS)
    assert started.keys() == {"id", "runName"}
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", started["id"])
    assert re.fullmatch("example-job-[0-9a-f]{24}", started["runName"])
    common = {**started, "backoffLimit": 0, "completions": 1, "succeeded": 0, "failed": 0, "startedAt": "2026-09-21T14:13:20Z"}
    assert client.data("GET", f"{RUNS}/{started['id']}") == {**common, "status": "RUNNING", "concluded": False, "active": 1}
    clock.advance(5)
    ended = {**common, "status": "SUCCESS", "concluded": True, "active": 0, "concludedAt": "2026-09-21T14:13:22Z"}
    assert client.data("GET", RUNS) == {"runs": [ended]}
    (known,) = fake.runs(*PLACE)
    assert (known.request_body, known.started_by) == (EVERYTHING, "api")


def test_start_builds_the_newest_commit_of_the_jobs_branch(fake, client):
    assert client.start(path=f"{WORKER}/build")["branch"] == "release"
    sha = fake.push(*PLACE)
    feature = fake.push(*PLACE, branch="feature", sha="f" * 40)
    assert client.start({"sha": feature})["branch"] == "feature"
    assert client.start()["sha"] == sha


@pytest.mark.parametrize("path", [ITEMS["build"], f"{JOBS}/image-only/runs"])
def test_ids_are_unique_and_the_same_each_time(fake, client, path):
    ids = [client.start(path=path)["id"] for _each in range(20)]
    assert len(set(ids)) == 20
    fake.reset()
    assert [client.start(path=path)["id"] for _each in range(20)] == ids


def test_a_job_runs_once_it_has_an_image(fake, client, clock):
    fake.plan(*PLACE, Script.failure(1), times=1)
    for _each in range(2):
        build_id = client.start()["id"]
        for body in ({}, {"deployment": {"internal": {"buildId": build_id}}}):
            answer = client("POST", RUNS, body)
            assert (answer.status, answer.error["message"]) == (409, "No deployment configured")
        clock.advance(2)
    client.start(path=RUNS)
    assert [run.build.id for run in fake.runs(*PLACE)] == [build_id]


@pytest.mark.parametrize(
    ("deployment", "build_id"),
    [
        *(({}, "newest-1234"), ({"internal": {}}, "newest-1234"), ({"internal": {"buildSHA": "latest"}}, "newest-1234")),
        *(({"docker": {"configType": "default"}}, "newest-1234"), ({"internal": {"buildId": "older-1234"}}, "older-1234")),
        *(({"internal": {"buildSHA": "b" * 40}}, "older-1234"), ({"internal": {"branch": "topic"}}, "older-1234")),
        ({"internal": {"id": "project/service", "buildId": "x"}}, None),
        ({"external": {"imagePath": "docker.io/library/alpine:3.20"}}, None),
    ],
)
def test_a_run_uses_the_image_that_is_asked_for(fake, client, deployment, build_id):
    fake.add_build(*PLACE, id="newest-1234", age=100, status="SUCCESS", sha=HEAD)
    fake.add_build(*PLACE, id="older-1234", age=200, status="SUCCESS", sha="b" * 40, branch="topic")
    fake.add_build(*PLACE, id="failed-1234", age=80, status="FAILURE", sha=HEAD)
    client.start({"deployment": deployment}, RUNS)
    assert [run.build and run.build.id for run in fake.runs(*PLACE)] == [build_id]


@pytest.mark.parametrize(("name", "value"), [("buildId", "none-1234"), ("buildSHA", "c" * 40)])
def test_a_build_that_there_is_not_is_refused(fake, client, image, name, value):
    assert client("POST", RUNS, {"deployment": {"internal": {name: value}}}).status == 404
    assert fake.runs(*PLACE) == []


def test_the_server_has_a_clock_of_its_own(clock, connect):
    with FakeNorthflank(clock=clock, clock_skew=-3600) as fake:
        fake.stamp_delay = 0.0
        client = connect(fake)
        answer = client("POST", f"{JOB}/build", {})
        assert answer.json["data"]["createdAt"] == "2026-09-21T13:13:20.000Z"
        assert email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp() == clock.time() - 3600
        clock.jump(86400)
        assert client("GET", JOB).headers["date"] == answer.headers["date"]
        clock.advance(1)
        assert client("GET", JOB).headers["date"] != answer.headers["date"]


@pytest.mark.parametrize(("setting", "status"), [("ok", 200), ("conflict", 409)])
def test_abort_ends_a_build_or_run_and_its_log(kind, fake, client, clock, setting, status):
    fake.abort_of_ended = setting
    kind.plan(Script.never_ends(log=[(0, "first"), (2, "second")]))
    item_id = client.start(path=ITEMS[kind.name])["id"]
    path = f"{ITEMS[kind.name]}/{item_id}"
    clock.advance(1)
    assert client("DELETE", path).json == {"data": {}}
    clock.advance(10)
    item = client.data("GET", path)
    ended = {"build": ("ABORTED", 1_790_000_001), "run": ("FAILED", "2026-09-21T14:13:21Z")}[kind.name]
    assert (item["status"], item.get("buildConcludedAt", item.get("concludedAt"))) == ended
    assert (item["concluded"], item.get("success", False), kind.ours[0].aborted) == (True, False, True)
    assert len(client.data("GET", f"{LOGS[kind.name]}?{kind.name}Id={item_id}")) == 1
    assert client("DELETE", path).status == status


def test_a_job_tells_its_branch_and_its_branches_their_heads(client):
    job = client.data("GET", WORKER)
    assert (job["id"], job["name"], job["vcsData"]["projectBranch"], job["jobType"]) == ("worker", "Worker", "release", "manual")
    heads = {row["name"]: row["commit"]["sha"] for row in client.data("GET", f"{WORKER}/branches")["branches"]}
    assert heads.keys() == {"release", "main"}
    assert client.start(path=f"{WORKER}/build")["sha"] == heads["release"]


NO_ROUTE = "Not found. The requested route does not exist"


@pytest.mark.parametrize(
    ("path", "message"),
    [
        *((path, "Not found") for path in (f"{JOB}/build/none", f"{RUNS}/none", f"{JOB}/build-logs?buildId=none", f"{JOBS}/none/build")),
        *((f"/v1/{path}/jobs/example-job/build", "Not found") for path in ("projects/none", "teams/none/projects/default-project")),
        *((f"{JOBS}/x%2F..%2Fexample-job/build", "Not found"), (f"{JOB}/build/", NO_ROUTE), (f"/v1{JOB}/build", NO_ROUTE)),
    ],
)
def test_what_there_is_not_is_not_told_by_name(client, path, message):
    answer = client("GET", path)
    assert (answer.status, answer.error) == (404, {"status": 404, "message": message})


def test_builds_and_runs_are_those_of_their_job_and_team(kind, client):
    item, path, log = kind.add(), ITEMS[kind.name], f"{LOGS[kind.name]}?{kind.name}Id="
    for job in (TEAM, WORKER):
        assert client.listed(path.replace(JOB, job)) == []
        assert client("GET", (log + item.id).replace(JOB, job)).status == 404
        assert [client(method, f"{path}/{item.id}".replace(JOB, job)).status for method in ("GET", "DELETE")] == [404, 404]
    of_team = kind.add(team_id="example-team")
    assert (client.listed(path), client.listed(path.replace(JOB, TEAM))) == ([item.id], [of_team.id])


@pytest.mark.parametrize("query", ["queryType=tail", "lineLimit=many", "startTime=2026-99-21T14:13:22Z"])
def test_wrong_log_queries_are_refused(client, query):
    answer = client("GET", f"{JOB}/build-logs?{query}")
    assert (answer.status, list(answer.error["details"])) == (400, [query.partition("=")[0]])


def test_logs_are_of_one_item_or_of_all(kind, client):
    for name in "ab":
        kind.add(age=10, id=f"item-{name}", script=Script.failure(5, log=[(1, f"{name}1"), (3, f"{name}2"), (30, "late")]))
    one = f"{kind.name}Id=item-a"
    for query, lines in (
        *(("", ["a1", "b1", "a2", "b2"]), (one, ["a1", "a2"]), (f"{one}&lineLimit=1&direction=backward", ["a2"])),
        *((f"{one}&type=mesh&type={name}", lines) for name, lines in (("runtime", ["a1", "a2"]), ("cdn", [])) if kind.name == "run"),
    ):
        found = client.data("GET", f"{LOGS[kind.name]}?{query}")
        assert [line["log"].rpartition(" ")[2] for line in found] == lines, query


def test_a_schedule_starts_runs_by_itself(fake, client, clock):
    path = "/v1/projects/p/jobs/j"
    fake.add_job("p", "j", schedule=60)
    assert client.data("GET", path)["jobType"] == "cron"
    clock.advance(90)
    assert client.listed(f"{path}/runs") == []  # there was no image
    fake.add_build("p", "j", status="SUCCESS", age=5)
    clock.advance(150)
    assert [run["startedAt"][-6:] for run in client.data("GET", f"{path}/runs")["runs"]] == ["17:20Z", "16:20Z", "15:20Z"]
    assert [(run.status(), run.started_by) for run in fake.runs("p", "j")] == [(it, "schedule") for it in ("SUCCESS", "SUCCESS", "RUNNING")]


def test_the_journal_holds_requests_as_they_were_sent(fake, client, clock):
    clock.advance(1)
    build = client.start({"sha": HEAD})
    client("GET", f"{JOB}/build?per_page=7", X_Example="one")
    start, listing = fake.journal
    assert (start.time, start.method, start.endpoint, start.status) == (1_790_000_001.0, "POST", "start", 200)
    assert (start.json, start.body) == ({"sha": HEAD}, b'{"sha": "%s"}' % HEAD.encode())
    assert (start.build_id, start.token_ok, start.schema_errors, start.fault) == (build["id"], True, [], None)
    assert (listing.target, listing.path, listing.query) == (f"{JOB}/build?per_page=7", f"{JOB}/build", {"per_page": "7"})
    assert (listing.headers["x-example"], listing.body, listing.json) == ("one", b"", None)
    assert (fake.calls("list"), fake.calls()) == ([listing], [start, listing])


@pytest.mark.parametrize("seconds", [0, 5])
def test_answers_are_what_the_document_says(client, clock, image, seconds):
    build, run = (f"{path}/{client.start(path=path)['id']}" for path in ITEMS.values())
    clock.advance(seconds)
    for method, path, name in (
        *(("POST", ITEMS["build"], "StartBuildResponse"), ("POST", RUNS, "StartRunResponse")),
        *(("GET", ITEMS["build"], "ListBuildsResponse"), ("GET", RUNS, "ListRunsResponse")),
        *(("GET", build, "GetBuildResponse"), ("GET", run, "GetRunResponse")),
        *(("GET", path, "LogsResponse") for path in LOGS.values()),
        *(("GET", JOB, "GetJobResponse"), ("GET", f"{JOB}/branches", "ListBranchesResponse")),
        *(("DELETE", build, "EmptyResponse"), ("DELETE", run, "EmptyResponse"), ("GET", f"{JOB}/build/none", "Error")),
    ):
        answer = client(method, path, {} if method == "POST" else None).json
        assert list(document().check(answer, document().raw["components"]["schemas"][name], name)) == []


# Pages


def pages(client, path, per_page, between=lambda: None):
    """Every page by cursor, as lists of ids."""
    found, query = [], f"?per_page={per_page}"
    while True:
        answer = client("GET", path + query).json
        [rows] = answer["data"].values()
        found.append([row["id"] for row in rows])
        assert answer["pagination"]["count"] == len(found[-1])
        if not answer["pagination"]["hasNextPage"]:
            assert "cursor" not in answer["pagination"]
            return found
        query = f"?per_page={per_page}&cursor={answer['pagination']['cursor']}"
        between()


@pytest.fixture
def ids(kind):
    """The ids of seven, the oldest first, though they were not made in that order."""
    for age in (50, 30, 70, 10, 20, 60, 40):
        kind.add(age=age)
    return [item.id for item in sorted(kind.there(), key=lambda item: item.created_at)]


@pytest.mark.parametrize("order", ["newest", "oldest", ("shuffled", 1)])
def test_nothing_is_lost_or_shown_twice(kind, fake, client, ids, order):
    fake.page_order, path = order, ITEMS[kind.name]
    for per_page in (1, 3, 7, 100):
        found = pages(client, path, per_page)
        assert sorted(chain(*found)) == sorted(ids)
        assert all(found)
        assert [client.listed(f"{path}?per_page={per_page}&page={number}") for number in range(1, len(found) + 2)] == [*found, []]
    meanwhile = list(chain(*pages(client, path, 2, between=lambda: kind.there()[7:] or client.start(path=path))))
    assert len(meanwhile) == len(set(meanwhile))
    assert set(ids) <= set(meanwhile)


def test_builds_and_runs_come_in_the_order_that_is_set(kind, fake, client, ids):
    path = ITEMS[kind.name]
    assert client.listed(path) == ids[::-1]
    fake.page_order = "oldest"
    assert client.listed(path) == ids
    fake.page_order = ("shuffled", 1)
    shuffled = client.listed(path)
    assert shuffled not in (ids, ids[::-1])
    assert client.listed(path) == shuffled
    fake.page_order = ("shuffled", 2)
    assert client.listed(path) != shuffled


def test_the_last_page_may_have_a_cursor(kind, fake, client, ids):
    fake.last_page_cursor = "null"
    assert client("GET", ITEMS[kind.name]).json["pagination"] == {"hasNextPage": False, "count": 7, "cursor": None}
    fake.last_page_cursor = "present"
    cursor = client("GET", ITEMS[kind.name]).json["pagination"]["cursor"]
    answer = client("GET", f"{ITEMS[kind.name]}?cursor={cursor}").json
    assert answer == {"data": {kind.plural: []}, "pagination": {"hasNextPage": False, "count": 0}}


def test_a_cursor_belongs_to_its_listing(kind, client, ids):
    path = ITEMS[kind.name]
    cursor = client("GET", f"{path}?per_page=1").json["pagination"]["cursor"]
    others = [*({*ITEMS.values()} - {path}), f"{JOB}/branches", path.replace(JOB, TEAM)]
    assert [client("GET", f"{it}?cursor={cursor}").status for it in (path, *others)] == [200, 400, 400, 400]
