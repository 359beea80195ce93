# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import email.utils

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script
from ansible_collections.community.northflank.tests.fake_northflank.schema import document
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import JOB, PLACE

JOBS = "/v1/projects/default-project/jobs"
WORKER = f"{JOBS}/worker"
HEAD = "262ed9817b3cad5142fbceabe0c9e371e390d616"


def test_start_answers_the_documented_keys_alone(fake, client):
    build = client.start()
    assert build.keys() == {"id", "branch", "sha", "createdAt", "status", "concluded"}
    assert (build["branch"], build["sha"], build["status"], build["concluded"]) == ("main", HEAD, "PENDING", False)
    assert build["createdAt"] == "2026-09-21T14:13:20.000Z"


def test_start_builds_the_newest_commit_of_the_jobs_branch(fake, client):
    assert client.start(job=WORKER)["branch"] == "release"
    sha = fake.push(*PLACE)
    feature = fake.push(*PLACE, branch="feature", sha="f" * 40)
    assert client.start({"sha": feature})["branch"] == "feature"
    assert client.start()["sha"] == sha


def test_build_ids_are_unique_and_the_same_each_time(fake, client):
    ids = [client.start()["id"] for _each in range(20)]
    assert len(set(ids)) == 20
    fake.reset()
    assert [client.start()["id"] for _each in range(20)] == ids


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


def test_abort_ends_a_build_and_its_log(fake, client, clock):
    fake.plan(*PLACE, Script.never_ends(log=[(0, "first"), (2, "second")]))
    build_id = client.start()["id"]
    clock.advance(1)
    assert client("DELETE", f"{JOB}/build/{build_id}").json == {"data": {}}
    clock.advance(10)
    build = client.get(build_id)
    assert (build["status"], build["concluded"], build["success"]) == ("ABORTED", True, False)
    assert build["buildConcludedAt"] == 1_790_000_001
    assert fake.builds(*PLACE)[0].aborted
    assert len(client.data("GET", f"{JOB}/build-logs?buildId={build_id}")) == 1


def test_a_job_tells_its_branch_and_its_branches_their_heads(fake, client):
    job = client.data("GET", WORKER)
    assert (job["id"], job["name"], job["vcsData"]["projectBranch"]) == ("worker", "Worker", "release")
    heads = {row["name"]: row["commit"]["sha"] for row in client.data("GET", f"{WORKER}/branches")["branches"]}
    assert heads.keys() == {"release", "main"}
    assert client.start(job=WORKER)["sha"] == heads["release"]
    assert client("GET", "/v1/login").json == {"data": {}}


NO_ROUTE = {"status": 404, "message": "Not found. The requested route does not exist"}


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (f"{JOB}/build/none", {"status": 404, "message": "Not found"}),
        (f"{JOB}/build-logs?buildId=none", {"status": 404, "message": "Not found"}),
        (f"{JOBS}/none/build", {"status": 404, "message": "Not found"}),
        ("/v1/projects/none/jobs/example-job/build", {"status": 404, "message": "Not found"}),
        ("/v1/teams/none/projects/default-project/jobs/example-job/build", {"status": 404, "message": "Not found"}),
        (f"{JOBS}/x%2F..%2Fexample-job/build", {"status": 404, "message": "Not found"}),
        (f"{JOB}/build/", NO_ROUTE),
        (f"/v1{JOB}/build", NO_ROUTE),
    ],
)
def test_what_there_is_not_is_not_told_by_name(client, path, error):
    answer = client("GET", path)
    assert (answer.status, answer.error) == (404, error)


@pytest.fixture
def logged(fake, client, clock):
    """The id of a build with the lines `line 0` … `line 4`, one a second."""
    fake.plan(*PLACE, Script.never_ends(log=[(second, f"line {second}") for second in range(9)]))
    build_id = client.start()["id"]
    clock.advance(4)
    return build_id


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("&queryType=tail", "queryType"),
        ("&lineLimit=many", "lineLimit"),
        ("&startTime=2026-99-21T14:13:22Z", "startTime"),
    ],
)
def test_wrong_log_queries_are_refused(client, logged, query, path):
    answer = client("GET", f"{JOB}/build-logs?buildId={logged}{query}")
    assert (answer.status, list(answer.error["details"])) == (400, [path])


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


def test_answers_are_what_the_document_says(fake, client, clock):
    build_id, build = client.start()["id"], f"{JOB}/build"
    clock.advance(5)
    for method, path, schema in (
        ("POST", build, "StartBuildResponse"),
        ("GET", build, "ListBuildsResponse"),
        ("GET", f"{build}/{build_id}", "GetBuildResponse"),
        ("GET", f"{JOB}/build-logs", "LogsResponse"),
        ("GET", JOB, "GetJobResponse"),
        ("GET", f"{JOB}/branches", "ListBranchesResponse"),
        ("DELETE", f"{build}/{build_id}", "EmptyResponse"),
        ("GET", f"{build}/none", "Error"),
    ):
        assert (
            list(
                document().check(
                    client(method, path, {} if method == "POST" else None).json, document().raw["components"]["schemas"][schema], schema
                )
            )
            == []
        )
