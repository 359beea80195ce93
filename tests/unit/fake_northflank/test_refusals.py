# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS, FakeNorthflank

JOB = "/v1/projects/default-project/jobs/example-job"
DEPLOY = "Project > Jobs > Deployment > Deploy Build"
READ = "Project > Jobs > General > Read"
LOGS = "Project > Jobs > Deployment > View Instance Logs"
SHA = "a" * 40


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ([], "body"),
        (None, "body"),
        ({"branch": "main"}, "body.branch"),
        ({"sha": "abc"}, "body.sha"),
        ({"sha": SHA + "a"}, "body.sha"),
        ({"sha": None}, "body.sha"),
        ({"overrides": []}, "body.overrides"),
        ({"overrides": {"nonsense": 1}}, "body.overrides.nonsense"),
        ({"overrides": {"buildArguments": {"A": 1}}}, "body.overrides.buildArguments.A"),
        ({"overrides": {"buildArguments": {"A": True}}}, "body.overrides.buildArguments.A"),
        ({"overrides": {"buildFiles": {"/a": {}}}}, "body.overrides.buildFiles./a.data"),
        ({"overrides": {"buildFiles": {"/a": {"data": "not base64"}}}}, "body.overrides.buildFiles./a.data"),
        ({"overrides": {"buildFiles": {"/a": {"data": "YQ"}}}}, "body.overrides.buildFiles./a.data"),
        ({"overrides": {"buildFiles": {"/a": {"data": "YQ==\n"}}}}, "body.overrides.buildFiles./a.data"),
        ({"overrides": {"dockerSecretMounts": {"a": {"data": "YQ==", "mode": 1}}}}, "body.overrides.dockerSecretMounts.a.mode"),
        ({"overrides": {"docker": {"dockerFilePath": "Dockerfile"}}}, "body.overrides.docker.dockerFilePath"),
        ({"overrides": {"docker": {"dockerFilePath": "/Dockerfile\n"}}}, "body.overrides.docker.dockerFilePath"),
        ({"overrides": {"docker": {"dockerFilePath": "/é"}}}, "body.overrides.docker.dockerFilePath"),
        ({"overrides": {"docker": {"dockerWorkDir": "/a b"}}}, "body.overrides.docker.dockerWorkDir"),
        ({"overrides": {"docker": {"dockerfileTarget": ""}}}, "body.overrides.docker.dockerfileTarget"),
        ({"overrides": {"docker": {"dockerfile": "/a"}}}, "body.overrides.docker.dockerfile"),
    ],
)
def test_bodies_are_held_against_the_document(fake, client, body, path):
    answer = client("POST", f"{JOB}/build", b"null" if body is None else body)
    assert (answer.status, list(answer.error["details"])) == (400, [path])
    assert [error.partition(": ")[0] for error in fake.journal[0].schema_errors] == [path]
    assert fake.builds("default-project", "example-job") == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[NaN]", b"[" * 100_000])
def test_bodies_that_are_no_json(fake, client, body):
    answer = client("POST", f"{JOB}/build", body)
    assert (answer.status, answer.error["details"]) == (400, {"body": "is no JSON"})
    assert fake.journal[0].json is None


def test_a_body_needs_its_content_type(fake, client):
    answer = client("POST", f"{JOB}/build", {}, Content_Type="text/plain")
    assert list(answer.error["details"]) == ["header.content-type"]
    assert client("POST", f"{JOB}/build", {}, Content_Type="Application/JSON; charset=utf-8").status == 200


def test_every_problem_is_told_at_once(fake, client):
    answer = client("POST", f"{JOB}/build?a=1&a=2", {"sha": "x", "y": 1})
    assert list(answer.error["details"]) == ["query", "query.a", "body.sha", "body.y"]


@pytest.mark.parametrize(
    "query", ["per_page=0", "per_page=101", "per_page=x", "page=0", "page=1.5", "cursor=abc", "cursor=" + "0" * 24, "x=1"]
)
def test_wrong_list_queries(fake, client, query):
    assert client("GET", f"{JOB}/build?{query}").status == 400


def test_only_a_start_takes_a_body(fake, client):
    assert client("GET", f"{JOB}/build", {}).status == 400
    assert client("GET", f"{JOB}/build", Content_Type="application/json").status == 200


def test_tokens(fake, client):
    for token in (None, "wrong", "nf-example-token"):
        assert client("GET", f"{JOB}/build", token=token).status == 401
    fake.add_token("another")
    assert client("GET", f"{JOB}/build", token="another").status == 200
    fake.revoke_token("another")
    answer = client("GET", f"{JOB}/build", token="another")
    assert (answer.status, answer.error["status"]) == (401, 401)
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
    fake.add_token("none", [])
    assert client("GET", JOB, token="none").error["message"] == f"Forbidden: the token lacks the permission {READ}"


def test_an_unknown_permission_is_refused(fake):
    with pytest.raises(ValueError, match="unknown permissions: everything"):
        fake.add_token("some", {"everything"})


def test_the_order_of_the_checks(fake, client):
    """Token, quota, what there is, permission, schema, state: what is wrong first is told."""
    image_only = "/v1/projects/default-project/jobs/image-only/build"
    fake.add_token("none", set())
    fake.set_quota(limit=1)
    assert client("GET", f"{JOB}/build", token="wrong").status == 401
    assert client("GET", "/v1/nowhere").status == 404
    assert client("GET", "/v1/nowhere").status == 429
    fake.set_quota(limit=100)
    assert client("POST", "/v1/projects/a/jobs/b/build", {"x": 1}, token="none").status == 404
    assert client("POST", image_only, {"x": 1}, token="none").status == 403
    assert client("POST", image_only, {"x": 1}).status == 400
    assert client("POST", image_only, {}).status == 409


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
        assert fake.builds("default-project", "example-job") == []
        clock.advance(0.5)
        assert quota(client("GET", JOB)) == ("2", "1", "3600")
        fake.reset()
        assert quota(client("GET", JOB)) == ("2", "1", "3600")
        client.connection.close()


@pytest.mark.parametrize(
    ("headers", "reset", "retry_after"),
    [
        ((), None, None),
        ("reset", "90", None),
        ({"retry-after"}, None, "90"),
        (["retry-after-date"], None, "Mon, 21 Sep 2026 14:14:50 GMT"),
        ({"reset", "retry-after"}, "90", "90"),
    ],
)
def test_what_a_429_carries(fake, client, headers, reset, retry_after):
    fake.quota_headers = headers
    fake.set_quota(remaining=0, reset=90)
    answer = client("GET", JOB)
    assert answer.status == 429
    assert (answer.headers.get("x-ratelimit-reset"), answer.headers.get("retry-after")) == (reset, retry_after)


def test_the_quota_can_be_set(fake, client):
    fake.set_quota(remaining=5, reset=60, limit=50)
    assert quota(client("GET", JOB)) == ("50", "4", "60")
    assert quota(client("GET", "/v1/nowhere")) == ("50", "3", "60")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page_order", "sideways"),
        ("page_order", ("shuffled",)),
        ("last_page_cursor", "maybe"),
        ("concluded_unit", "days"),
        ("log_format", "xml"),
        ("abort_of_ended", "no"),
        ("quota_headers", {"x"}),
        ("max_page_size", 0),
    ],
)
def test_settings_that_mean_nothing_are_refused(fake, name, value):
    with pytest.raises(ValueError, match=name):
        setattr(fake, name, value)


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nnonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /" + b"a" * 70_000,
    ],
)
def test_what_is_no_request_gets_400_and_an_end(fake, data):
    port = int(fake.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
        sock.sendall(data)
        answer = sock.recv(65536)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert fake.journal == []


@pytest.mark.parametrize(("version", "header"), [(b"1.0", b""), (b"1.1", b"Connection: close\r\n")])
def test_connections_end_when_asked_to(fake, version, header):
    port = int(fake.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as sock, sock.makefile("rb") as stream:
        sock.sendall(b"HEAD /v1/login HTTP/%b\r\n%b\r\n" % (version, header))
        answer = stream.read()
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"\r\n\r\n")
    assert b"Connection: close" in answer
