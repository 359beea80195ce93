# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS, FakeNorthflank
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import JOB, PLACE

DEPLOY = "Project > Jobs > Deployment > Deploy Build"
READ = "Project > Jobs > General > Read"
LOGS = "Project > Jobs > Deployment > View Instance Logs"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], ""),
        (b"null", ""),
        ({"branch": "main"}, ".branch"),
        ({"sha": "a" * 41}, ".sha"),
        ({"sha": None}, ".sha"),
        ({"overrides": []}, ".overrides"),
        ({"overrides": {"nonsense": 1}}, ".overrides.nonsense"),
        ({"overrides": {"buildArguments": {"A": 1}}}, ".overrides.buildArguments.A"),
        ({"overrides": {"buildFiles": {"/a": {}}}}, ".overrides.buildFiles./a.data"),
        ({"overrides": {"buildFiles": {"/a": {"data": "YQ"}}}}, ".overrides.buildFiles./a.data"),
        ({"overrides": {"dockerSecretMounts": {"a": {"data": "YQ==", "mode": 1}}}}, ".overrides.dockerSecretMounts.a.mode"),
        ({"overrides": {"docker": {"dockerFilePath": "Dockerfile"}}}, ".overrides.docker.dockerFilePath"),
        ({"overrides": {"docker": {"dockerFilePath": "/Dockerfile\n"}}}, ".overrides.docker.dockerFilePath"),
        ({"overrides": {"docker": {"dockerFilePath": "/é"}}}, ".overrides.docker.dockerFilePath"),
        ({"overrides": {"docker": {"dockerfileTarget": ""}}}, ".overrides.docker.dockerfileTarget"),
    ],
)
def test_bodies_are_held_against_the_document(fake, client, body, path):
    answer = client("POST", f"{JOB}/build", body)
    assert (answer.status, list(answer.error["details"])) == (400, [f"body{path}"])
    assert [error.partition(": ")[0] for error in fake.journal[0].schema_errors] == [f"body{path}"]
    assert fake.builds(*PLACE) == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[NaN]", b"[" * 100_000])
def test_bodies_that_are_no_json_are_refused(fake, client, body):
    answer = client("POST", f"{JOB}/build", body)
    assert (answer.status, answer.error["details"]) == (400, {"body": "is no JSON"})


def test_only_a_start_takes_a_body_and_it_needs_its_content_type(fake, client):
    answer = client("POST", f"{JOB}/build", {}, Content_Type="text/plain")
    assert list(answer.error["details"]) == ["header.content-type"]
    assert client("POST", f"{JOB}/build", {}, Content_Type="Application/JSON; charset=utf-8").status == 200
    assert client("GET", f"{JOB}/build", {}).status == 400
    assert client("GET", f"{JOB}/build", Content_Type="application/json").status == 200


def test_every_problem_is_told_at_once(fake, client):
    answer = client("POST", f"{JOB}/build?a=1&a=2", {"sha": "x", "y": 1})
    assert list(answer.error["details"]) == ["query", "query.a", "body.sha", "body.y"]


def test_tokens_must_be_known(fake, client):
    for token in (None, "wrong", "nf-example-token"):
        assert client("GET", f"{JOB}/build", token=token).status == 401
    fake.add_token("another")
    assert client("GET", f"{JOB}/build", token="another").status == 200
    fake.revoke_token("another")
    assert client("GET", f"{JOB}/build", token="another").error["status"] == 401
    assert [entry.token_ok for entry in fake.journal] == [False, False, False, True, False]


def test_permissions_are_those_of_the_docs(fake, client):
    assert {DEPLOY, READ, LOGS} == PERMISSIONS
    build_id = client.start()["id"]
    calls = {
        ("POST", f"{JOB}/build"): DEPLOY,
        ("GET", f"{JOB}/build/{build_id}"): DEPLOY,
        ("DELETE", f"{JOB}/build/{build_id}"): DEPLOY,
        ("GET", f"{JOB}/build"): READ,
        ("GET", JOB): READ,
        ("GET", f"{JOB}/branches"): READ,
        ("GET", f"{JOB}/build-logs"): LOGS,
    }
    for held in sorted(PERMISSIONS):
        fake.add_token("some", {held})
        fake.add_token("others", PERMISSIONS - {held})
        for (method, path), needed in calls.items():
            assert (client(method, path, token="some").status == 200) is (needed == held)
            assert (client(method, path, token="others").status == 403) is (needed == held)
    with pytest.raises(ValueError, match="unknown permissions: everything"):
        fake.add_token("some", {"everything"})


def test_what_is_wrong_first_is_told(fake, client):
    """Token, quota, what there is, permission, schema, state."""
    image_only = "/v1/projects/default-project/jobs/image-only/build"
    fake.add_token("none", set())
    fake.set_quota(limit=1)
    assert client("GET", f"{JOB}/build", token="wrong").status == 401
    assert [client("GET", "/v1/nowhere").status for _each in range(2)] == [404, 429]
    fake.set_quota(limit=100)
    assert client("POST", "/v1/projects/a/jobs/b/build", {"x": 1}, token="none").status == 404
    assert client("POST", image_only, {"x": 1}, token="none").status == 403
    assert [client("POST", image_only, body).status for body in ({"x": 1}, {})] == [400, 409]


def quota(answer):
    return tuple(answer.headers.get(f"x-ratelimit-{name}") for name in ("limit", "remaining", "reset"))


def test_the_hour_starts_with_the_first_request(clock, connect):
    with FakeNorthflank(clock=clock, quota=2) as fake:
        client = connect(fake)
        clock.advance(1000)
        assert quota(client("GET", JOB)) == ("2", "1", "3600")
        clock.advance(3599.5)
        assert quota(client("GET", JOB)) == ("2", "0", "1")
        answer = client("POST", f"{JOB}/build", {})
        assert (answer.status, quota(answer), "retry-after" in answer.headers) == (429, ("2", "0", "1"), False)
        assert fake.builds(*PLACE) == []
        clock.advance(0.5)
        assert quota(client("GET", JOB)) == ("2", "1", "3600")
        fake.set_quota(remaining=5, reset=60, limit=50)
        assert quota(client("GET", JOB)) == ("50", "4", "60")


@pytest.mark.parametrize(
    ("headers", "reset", "retry_after"),
    [
        ((), None, None),
        ("reset", "90", None),
        (["retry-after-date"], None, "Mon, 21 Sep 2026 14:14:50 GMT"),
        ({"reset", "retry-after"}, "90", "90"),
    ],
)
def test_a_429_carries_what_is_set(fake, client, headers, reset, retry_after):
    fake.quota_headers = headers
    fake.set_quota(remaining=0, reset=90)
    answer = client("GET", JOB)
    assert answer.status == 429
    assert (answer.headers.get("x-ratelimit-reset"), answer.headers.get("retry-after")) == (reset, retry_after)
