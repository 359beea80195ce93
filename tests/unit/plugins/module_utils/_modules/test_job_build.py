# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a start sends, what it returns, and what it says when it cannot; which build is reused."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script
from ansible_collections.community.northflank.tests.simulation import JOB, OTHER_SHA, PROJECT, SHA, permissions_without, started

TEXT = base64.b64encode(b"hello build\n").decode()

FULL_API = {
    "buildArguments": {"ARGUMENT_1": "abcdef", "ARGUMENT_2": "12345"},
    "buildFiles": {"/dir/fileName": {"data": TEXT, "encoding": "utf-8"}},
    "dockerSecretMounts": {"example-secret-mount_1": {"data": TEXT, "encoding": "utf-8"}},
    "docker": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/", "dockerfileTarget": "release"},
}
FULL = {
    "build_arguments": {"ARGUMENT_1": "abcdef", "ARGUMENT_2": 12345},
    "build_files": {"/dir/fileName": {"content": "hello build\n"}},
    "docker_secret_mounts": {"example-secret-mount_1": {"data": TEXT, "encoding": "utf-8"}},
    "docker": {"docker_file_path": "/Dockerfile", "docker_work_dir": "/", "dockerfile_target": "release"},
}


def sent(fake: FakeNorthflank) -> t.Any:
    """The JSON body of the only start."""
    [call] = fake.calls("start")
    assert call.method == "POST"
    assert call.status == 200
    assert not call.schema_errors
    return json.loads(call.body)


def test_one_build_is_started_and_returned(build, fake):
    result = build()
    [there] = started(fake)
    assert (result["changed"], result["reused"], result["recovered"]) == (True, False, False)
    known = {"id": there.id, "sha": SHA, "branch": "main", "project_id": PROJECT, "success": None}
    assert {key: result["build"][key] for key in known} == known
    assert result["build"]["registry"] == {"uri": None}
    assert result["ansible_facts"] == {"northflank_job_build": result["build"]}
    assert result["rate_limit"]["remaining"] == 999
    assert "failed" not in result and "diff" not in result
    assert (len(fake.journal), fake.calls("start")[0].body) == (1, b"{}")


def test_a_build_that_succeeds_is_returned_as_it_ended(build, fake, clock):
    fake.plan(PROJECT, JOB, Script.success(60))
    result = build(wait=True)
    assert result["changed"] is True
    assert (result["build"]["status"], result["build"]["concluded"], result["build"]["success"]) == ("SUCCESS", True, True)
    assert result["ansible_facts"]["northflank_job_build"] == result["build"]
    assert 60 <= sum(clock.sleeps) < 71


@pytest.mark.parametrize("overrides", [FULL, FULL_API], ids=["snake_case", "as the API spells it"])
def test_overrides_are_sent_in_full(build, fake, overrides):
    build(sha=SHA, overrides=overrides)
    assert sent(fake) == {"sha": SHA, "overrides": FULL_API}


BAD = [
    *(({"api_token": ...}, "NORTHFLANK_API_TOKEN"), ({"sha": "262ed98"}, "has 40 hexadecimal characters, this has 7")),
    *(({"shaa": SHA}, "shaa"), ({"job_id": ".."}, "job_id is '..'"), ({"overrides": {"build_files": {"a/b": {"content": ""}}}}, "'a/b'")),
    ({"overrides": {"docker": {"target": "x"}}}, "overrides.docker.target"),
]


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_bad_arguments_are_refused_before_any_request(build, fake, arguments, words, check_mode):
    result = build(check_mode=check_mode, **arguments)
    assert result["failed"] is True
    assert words in result["msg"]
    assert result["error"]["kind"] == "invalid_arguments"
    assert fake.journal == []


@pytest.mark.parametrize("names", [["NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST"], ["NF_API_HOST", "NF_HOST"], ["NF_HOST"]])
def test_the_url_may_be_in_the_environment(build, fake, monkeypatch, names):
    for number, name in enumerate(names):
        monkeypatch.setenv(name, "http://wrong.invalid" if number else fake.url)
    assert build(api_url=...)["changed"]


def test_a_refusal_says_what_was_wrong_and_what_to_do(build, fake):
    fake.add_token("reader", permissions_without("General > Update"))
    for arguments, kind, words in (
        ({"api_token": "wrong"}, "authentication", "Team settings > API > Tokens"),
        ({"job_id": "exmaple-job"}, "not_found", "job 'exmaple-job' of project 'default-project'"),
        ({"job_id": "image-only"}, "rejected", "start a build of job"),
        (
            {"api_token": "reader"},
            "permission",
            "Missing permission: Update (HTTP 403). Give the role of the API token the permission 'Project > Jobs > General > Update'.",
        ),
    ):
        result = build(**arguments)
        assert result["error"]["kind"] == kind
        assert words in result["msg"]


def test_check_mode_sends_no_post_and_says_what_would_be_sent(build, fake, clock):
    result = build(check_mode=True, wait=True, sha=SHA, overrides=FULL)
    assert [call.method for call in fake.journal] == ["GET"]
    assert (result["changed"], result["request"]["method"], clock.sleeps) == (True, "POST", [])
    assert result["request"]["url"] == fake.url + "/v1/projects/default-project/jobs/example-job/build"
    body = result["request"]["body"]
    assert body["sha"] == SHA
    assert body["overrides"]["buildArguments"] == {"ARGUMENT_1": "********", "ARGUMENT_2": "********"}
    assert body["overrides"]["buildFiles"] == {"/dir/fileName": {"data": "********", "encoding": "utf-8"}}
    assert body["overrides"]["docker"]["dockerfileTarget"] == "release"
    assert (result["build"]["id"], result["build"]["sha"], result["build"]["branch"]) == (None, SHA, "main")
    assert result["ansible_facts"]["northflank_job_build"] == result["build"]


@pytest.mark.parametrize("check_mode", [False, True])
def test_diff_is_the_masked_request(build, check_mode):
    result = build(check_mode=check_mode, diff=True, overrides={"build_arguments": {"NAME": "the-value"}})
    assert result["diff"]["before"] == ""
    assert json.loads(result["diff"]["after"])["body"] == {"overrides": {"buildArguments": {"NAME": "********"}}}
    assert "the-value" not in json.dumps(result)


@pytest.fixture
def there(fake):
    """Builds of the wanted commit, from the oldest to the newest, and newer ones of another commit."""
    builds = {
        "failed": fake.add_build(PROJECT, JOB, sha=SHA, age=5000, script=Script.failure(10)),
        "old success": fake.add_build(PROJECT, JOB, sha=SHA, age=4000, script=Script.success(10)),
        "success": fake.add_build(PROJECT, JOB, sha=SHA, age=3000, script=Script.success(10)),
        "running": fake.add_build(PROJECT, JOB, sha=SHA, age=50, script=Script.success(100)),
    }
    fake.add_build(PROJECT, JOB, sha=OTHER_SHA, age=40, script=Script.success(10))
    return builds


@pytest.mark.parametrize(("sha", "order"), [(SHA, "newest"), (SHA.upper(), "oldest"), (None, ("shuffled", 1))], ids=str)
@pytest.mark.parametrize(("reuse", "which"), [("in_progress", "running"), ("successful", "success"), ("any", "success")])
def test_the_newest_build_of_the_commit_is_reused(build, fake, there, reuse, which, sha, order):
    fake.page_order = order
    fake.max_page_size = 2
    result = build(sha=sha, reuse=reuse)
    assert result["build"]["id"] == there[which].id
    assert (result["changed"], result["reused"], result["recovered"]) == (False, True, False)
    assert fake.calls("start") == []


@pytest.mark.parametrize("reuse", ["in_progress", "successful", "any"])
def test_a_build_is_started_where_there_is_none_to_reuse(build, fake, reuse):
    fake.add_build(PROJECT, JOB, sha=SHA, age=5000, script=Script.failure(10))
    fake.add_build(PROJECT, JOB, sha=OTHER_SHA, age=5000, script=Script.success(10))
    result = build(reuse=reuse)
    assert (result["changed"], result["reused"]) == (True, False)
    assert fake.calls("start")[0].json == {}


@pytest.mark.parametrize(("status", "reused"), [("success", True), ("SKIPPED", False), (None, False)])
def test_only_a_build_that_says_so_has_succeeded(build, fake, status, reused):
    script = Script.success(10, raw={"status": status, "concluded": True}, omit=["success"])
    fake.add_build(PROJECT, JOB, sha=SHA, age=5000, script=script)
    assert build(sha=SHA, reuse="any")["reused"] is reused


def test_a_reused_build_is_waited_for_if_it_is_running_and_not_polled_if_it_has_ended(build, fake, there, clock):
    assert build(sha=SHA, reuse="successful", wait=True)["build"]["id"] == there["success"].id
    assert (fake.calls("get"), clock.sleeps) == ([], [])
    result = build(sha=SHA, reuse="in_progress", wait=True)
    assert (result["build"]["id"], result["build"]["success"], result["changed"]) == (there["running"].id, True, False)


def test_a_reused_build_that_fails_is_named(build, fake):
    running = fake.add_build(PROJECT, JOB, sha=SHA, age=10, script=Script.failure(60))
    result = build(sha=SHA, reuse="any", wait=True)
    assert result["error"]["kind"] == "build_failed"
    assert (result["build"]["id"], result["changed"], result["reused"]) == (running.id, False, True)


def test_reuse_needs_a_commit_and_the_permission_to_read_the_job(build, fake):
    result = build(job_id="image-only", reuse="any")
    assert result["error"]["kind"] == "invalid_arguments"
    assert "Set sha" in result["msg"]
    fake.add_token("starter", permissions_without("General > Read"))
    assert build(api_token="starter", sha=SHA, reuse="any")["error"]["kind"] == "permission"
    assert fake.calls("start") == []


def test_check_mode_says_what_would_be_reused(build, fake, there):
    result = build(sha=SHA, reuse="any", check_mode=True)
    assert (result["changed"], result["reused"]) == (False, True)
    assert result["build"]["id"] == there["success"].id
    assert build(sha="b" * 40, reuse="any", check_mode=True)["changed"] is True
    assert fake.calls("start") == []


def test_a_reuse_with_overrides_is_no_reason_for_a_warning(build, there):
    assert build(sha=SHA, reuse="any", overrides={"build_arguments": {"A": "b"}})["reused"] is True
    assert build.warnings == []
