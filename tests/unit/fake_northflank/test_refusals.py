# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS, FakeNorthflank
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import ITEMS, JOB, PLACE

UPDATE = "Project > Jobs > General > Update"
READ = "Project > Jobs > General > Read"
LOGS = "Project > Jobs > Deployment > View Observability"
RUN = "Project > Jobs > General > Run Job"
MISSING = {
    "status": 400,
    "message": "Request failed payload validation - see details.",
    "id": "nf-invalid-request-body",
    "details": {"object": ['"value" is required. Received "undefined"']},
}


@pytest.mark.parametrize(
    ("body", "field", "received"),
    [
        ([], "object", "[]"),
        (b"null", "object", "null"),
        ({"branch": "main"}, "branch", "main"),
        ({"sha": "a" * 41}, "sha", "a" * 41),
        ({"sha": None}, "sha", "null"),
        ({"overrides": []}, "overrides", "[]"),
        ({"overrides": {"nonsense": 1}}, "overrides.nonsense", "1"),
        ({"overrides": {"buildArguments": {"A": 1}}}, "overrides.buildArguments.A", "1"),
        ({"overrides": {"buildArguments": {"A": {}}}}, "overrides.buildArguments.A", "[object Object]"),
        ({"overrides": {"buildFiles": {"/a": {}}}}, "overrides.buildFiles./a.data", "undefined"),
        ({"overrides": {"buildFiles": {"/a": {"data": "YQ"}}}}, "overrides.buildFiles./a.data", "YQ"),
        ({"overrides": {"dockerSecretMounts": {"a": {"data": "YQ==", "mode": 1}}}}, "overrides.dockerSecretMounts.a.mode", "1"),
        ({"overrides": {"docker": {"dockerFilePath": "Dockerfile"}}}, "overrides.docker.dockerFilePath", "Dockerfile"),
        ({"overrides": {"docker": {"dockerFilePath": "/Dockerfile\n"}}}, "overrides.docker.dockerFilePath", "/Dockerfile\n"),
        ({"overrides": {"docker": {"dockerFilePath": "/é"}}}, "overrides.docker.dockerFilePath", "/é"),
        ({"overrides": {"docker": {"dockerFilePath": "/a/../Dockerfile"}}}, "overrides.docker.dockerFilePath", "/a/../Dockerfile"),
        ({"overrides": {"docker": {"dockerWorkDir": "/."}}}, "overrides.docker.dockerWorkDir", "/."),
        ({"overrides": {"docker": {"dockerfileTarget": ""}}}, "overrides.docker.dockerfileTarget", ""),
        ({"overrides": {"docker": {"dockerfileContents": ""}}}, "overrides.docker.dockerfileContents", ""),
    ],
)
def test_bodies_of_builds_are_held_against_the_document_and_repeated(fake, client, body, field, received):
    answer = client("POST", f"{JOB}/build", body)
    [(told, [sentence])] = answer.error["details"].items()
    assert (answer.status, told) == (400, field)
    assert sentence.endswith(f'. Received "{received}"')
    assert [error.partition(": ")[0] for error in fake.journal[0].schema_errors] == [field]
    assert fake.builds(*PLACE) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "object"),
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
def test_bodies_of_runs_are_held_against_the_document(fake, client, image, body, field):
    answer = client("POST", ITEMS["run"], body)
    assert (answer.status, list(answer.error["details"])) == (400, [field])
    assert [error.partition(": ")[0] for error in fake.journal[0].schema_errors] == [field]
    assert fake.runs(*PLACE) == []


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[NaN]", b"[" * 100_000])
def test_bodies_that_are_no_json_are_refused(client, body):
    answer = client("POST", f"{JOB}/build", body)
    assert (answer.status, list(answer.error["details"])) == (400, ["object"])


def test_a_start_needs_a_body_of_json_and_nothing_else_is_held_against_one(fake, client):
    assert client("POST", f"{JOB}/build").error == MISSING
    assert client("POST", f"{JOB}/build", {}, Content_Type="text/plain").error == MISSING
    assert client("POST", f"{JOB}/build", {}, Content_Type="Application/JSON; charset=utf-8").status == 200
    assert client("GET", f"{JOB}/build?a=1&a=2", {}).status == 200
    assert fake.journal[-1].schema_errors == ["a: is not a parameter of this endpoint", "object: is not taken by this endpoint"]
    assert client("GET", f"{JOB}/build", Content_Type="application/json").status == 200


def test_every_problem_is_told_at_once(client):
    answer = client("POST", f"{JOB}/build", {"sha": "x", "y": 1})
    assert list(answer.error["details"]) == ["sha", "y"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("PUT", f"{JOB}/build", "HEAD, GET, POST"), ("POST", f"{JOB}/build/b", "HEAD, GET, DELETE"), ("DELETE", JOB, "HEAD, GET")],
)
def test_methods_that_a_path_does_not_have_get_plain_text(client, method, path, allowed):
    answer = client(method, path, token=None)
    assert (answer.status, answer.headers["allow"], answer.body) == (405, allowed, b"Method Not Allowed")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_tokens_must_be_known(fake, client):
    for token in (None, "wrong", "nf-example-token"):
        assert client("GET", f"{JOB}/build", token=token).error == {"status": 401, "message": "Unauthorized"}
    fake.add_token("another")
    assert client("GET", f"{JOB}/build", token="another").status == 200
    assert [entry.token_ok for entry in fake.journal] == [False, False, False, True]


def test_permissions_are_those_of_the_docs(fake, client):
    assert {UPDATE, READ, LOGS, RUN} == PERMISSIONS
    build_id = client.start()["id"]
    fake.add_build(*PLACE, age=100, status="SUCCESS")
    run = f"{JOB}/runs/{fake.add_run(*PLACE).id}"
    calls = {
        ("POST", f"{JOB}/build"): UPDATE,
        ("GET", f"{JOB}/build/{build_id}"): UPDATE,
        ("DELETE", f"{JOB}/build/{build_id}"): UPDATE,
        ("GET", f"{JOB}/build"): READ,
        ("GET", JOB): READ,
        ("GET", f"{JOB}/branches"): READ,
        ("GET", f"{JOB}/build-logs"): LOGS,
        ("POST", f"{JOB}/runs"): RUN,
        ("GET", f"{JOB}/runs"): READ,
        ("GET", run): READ,
        ("DELETE", run): UPDATE,
        ("GET", f"{JOB}/logs"): LOGS,
    }
    for held in sorted(PERMISSIONS):
        fake.add_token("some", {held})
        fake.add_token("others", PERMISSIONS - {held})
        for (method, path), needed in calls.items():
            body = {} if method == "POST" else None
            assert (client(method, path, body, token="some").status == 200) is (needed == held)
            assert (client(method, path, body, token="others").status == 403) is (needed == held)
    fake.add_token("none", set())
    assert client("GET", f"{JOB}/build-logs", token="none").error == {"status": 403, "message": "Missing permission: View Observability"}
    with pytest.raises(ValueError, match="unknown permissions: everything"):
        fake.add_token("some", {"everything"})


def test_what_is_wrong_first_is_told(fake, client):
    """Route, body, token, quota, what there is, permission, query, state."""
    image_only = "/v1/projects/default-project/jobs/image-only/build"
    fake.add_token("none", set())
    fake.set_quota(limit=1)
    assert client("GET", "/v1/nowhere", token="wrong").status == 404
    assert [client("POST", "/v1/projects/a/jobs/b/build", body, token="wrong").status for body in ({"x": 1}, None, {})] == [400, 400, 401]
    assert [client("GET", JOB).status for _each in range(2)] == [200, 429]
    fake.set_quota(limit=100)
    assert client("POST", "/v1/projects/a/jobs/b/build", {}, token="none").status == 404
    assert [client("GET", f"{image_only}?per_page=0", token=token).status for token in ("none", "")] == [403, 400]
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
