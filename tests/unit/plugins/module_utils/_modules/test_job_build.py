# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a start sends, what it returns, and what it says when it cannot; which build is reused."""

from __future__ import annotations

import base64
import json
import typing as t

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script
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


def test_without_sha_and_overrides_the_body_is_empty(build, fake):
    result = build()
    assert sent(fake) == {}
    assert fake.calls("start")[0].body == b"{}"
    assert result["changed"] is True
    assert "failed" not in result


def test_one_build_is_started_and_returned(build, fake):
    result = build()
    [there] = started(fake)
    assert result["build"]["id"] == there.id
    assert (result["build"]["sha"], result["build"]["branch"], result["build"]["project_id"]) == (SHA, "main", PROJECT)
    assert result["build"]["registry"]["uri"]
    assert result["build"]["success"] is None
    assert result["ansible_facts"] == {"northflank_job_build": result["build"]}
    assert (result["reused"], result["recovered"]) == (False, False)
    assert (result["rate_limit"]["limit"], result["rate_limit"]["remaining"]) == (1000, 999)
    assert len(fake.journal) == 1


@pytest.mark.parametrize("overrides", [FULL, FULL_API], ids=["snake_case", "as the API spells it"])
def test_overrides_are_sent_in_full(build, fake, overrides):
    build(sha=SHA, overrides=overrides)
    assert sent(fake) == {"sha": SHA, "overrides": FULL_API}


def test_options_may_have_the_spelling_of_the_api(build, fake):
    fake.add_job("default-project", "example-job", team_id="my-team")
    build(project_id=..., job_id=..., projectId="default-project", jobId="example-job", teamId="my-team")
    assert fake.calls("start")[0].target == "/v1/teams/my-team/projects/default-project/jobs/example-job/build"


BAD = {
    "token missing": ({"api_token": ...}, "NORTHFLANK_API_TOKEN"),
    "sha too short": ({"sha": "262ed98"}, "has 40 hexadecimal characters, this has 7"),
    "file path relative": ({"overrides": {"build_files": {"a/b": {"content": ""}}}}, "'a/b'"),
    "unknown option": ({"shaa": SHA}, "shaa"),
    "unknown override": ({"overrides": {"dockerfile": "x"}}, "overrides.dockerfile"),
    "unknown docker override": ({"overrides": {"docker": {"target": "x"}}}, "overrides.docker.target"),
    "ID is dots": ({"job_id": ".."}, "job_id is '..'"),
}


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD.keys())
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


STATUS = {
    400: ("rejected", "start a build of job"),
    401: ("authentication", "Team settings > API > Tokens"),
    402: ("rejected", "start a build of job"),
    403: ("permission", "Project > Jobs > Deployment > Deploy Build"),
    404: ("not_found", "job 'example-job' of project 'default-project'"),
    409: ("rejected", "start a build of job"),
    422: ("rejected", "start a build of job"),
}


@pytest.mark.parametrize("status", STATUS)
def test_each_refusal_has_its_kind_and_says_what_to_do(build, fake, status):
    kind, words = STATUS[status]
    fake.fault(Fault("status", "start", status=status, message="Because of the moon."))
    result = build()
    assert result["failed"] is True
    assert result["error"]["kind"] == kind
    assert result["error"]["status"] == status
    assert result["error"]["message"] == "Because of the moon."
    assert result["error"]["id"].startswith("err-")
    assert words in result["msg"]
    assert f": Because of the moon (HTTP {status})." in result["msg"]
    assert len(fake.calls("start")) == 1


def test_the_refusals_of_the_api_have_these_kinds(build, fake):
    assert build(api_token="wrong")["error"]["kind"] == "authentication"
    assert build(job_id="exmaple-job")["error"]["kind"] == "not_found"
    assert build(job_id="image-only")["error"]["kind"] == "rejected"
    fake.add_token("reader", permissions_without("Deploy Build"))
    assert build(api_token="reader")["error"]["kind"] == "permission"


def test_check_mode_sends_no_post_and_says_what_would_be_sent(build, fake):
    result = build(check_mode=True, sha=SHA, overrides=FULL)
    assert [call.method for call in fake.journal] == ["GET"]
    assert result["changed"] is True
    assert result["request"]["method"] == "POST"
    assert result["request"]["url"] == fake.url + "/v1/projects/default-project/jobs/example-job/build"
    assert result["request"]["body"]["sha"] == SHA
    assert result["request"]["body"]["overrides"]["buildArguments"] == {"ARGUMENT_1": "********", "ARGUMENT_2": "********"}
    assert result["request"]["body"]["overrides"]["buildFiles"] == {"/dir/fileName": {"data": "********", "encoding": "utf-8"}}
    assert result["request"]["body"]["overrides"]["docker"]["dockerfileTarget"] == "release"
    assert (result["build"]["id"], result["build"]["sha"], result["build"]["branch"]) == (None, SHA, "main")
    assert result["ansible_facts"]["northflank_job_build"] == result["build"]


@pytest.mark.parametrize(("arguments", "kind"), [({"job_id": "x"}, "not_found"), ({"api_token": "x"}, "authentication")])
def test_check_mode_fails_where_the_start_would(build, fake, arguments, kind):
    assert build(check_mode=True, **arguments)["error"]["kind"] == kind


def test_check_mode_only_warns_when_it_may_not_read_the_job(build, fake):
    fake.fault(Fault("status", "job", status=403, message="No."))
    result = build(check_mode=True)
    assert result["changed"] is True
    assert len(build.warnings) == 1
    assert "Project > Jobs > General > Read" in build.warnings[0]


@pytest.mark.parametrize("check_mode", [False, True])
def test_diff_is_the_masked_request(build, check_mode):
    result = build(check_mode=check_mode, diff=True, overrides={"build_arguments": {"NAME": "the-value"}})
    assert result["diff"]["before"] == ""
    assert json.loads(result["diff"]["after"])["body"] == {"overrides": {"buildArguments": {"NAME": "********"}}}
    assert "the-value" not in json.dumps(result)


def test_without_diff_mode_there_is_no_diff(build):
    assert "diff" not in build()


# Reuse


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


@pytest.mark.parametrize("order", ["newest", "oldest", ("shuffled", 1)], ids=str)
@pytest.mark.parametrize("sha", [SHA, SHA.upper(), None], ids=["sha", "upper case", "head of the branch"])
@pytest.mark.parametrize(("reuse", "which"), [("in_progress", "running"), ("successful", "success"), ("any", "success")])
def test_the_newest_build_of_the_commit_is_reused(build, fake, there, reuse, which, sha, order):
    fake.page_order = order
    fake.max_page_size = 2
    result = build(sha=sha, reuse=reuse)
    assert result["build"]["id"] == there[which].id
    assert (result["changed"], result["reused"], result["recovered"]) == (False, True, False)
    assert fake.calls("start") == []


def test_nothing_is_reused_by_default(build, fake, there):
    assert build(sha=SHA)["reused"] is False
    assert len(fake.calls("start")) == 1
    assert fake.calls("list") == []


@pytest.mark.parametrize("reuse", ["in_progress", "successful", "any"])
def test_a_build_is_started_where_there_is_none_to_reuse(build, fake, reuse):
    fake.add_build(PROJECT, JOB, sha=SHA, age=5000, script=Script.failure(10))
    fake.add_build(PROJECT, JOB, sha=OTHER_SHA, age=5000, script=Script.success(10))
    result = build(reuse=reuse)
    assert (result["changed"], result["reused"]) == (True, False)
    assert fake.calls("start")[0].json == {}


def test_a_reused_build_that_is_running_is_waited_for(build, fake, there):
    result = build(sha=SHA, reuse="in_progress", wait=True)
    assert result["build"]["id"] == there["running"].id
    assert result["build"]["success"] is True
    assert result["changed"] is False


def test_a_reused_build_that_fails_is_named(build, fake):
    running = fake.add_build(PROJECT, JOB, sha=SHA, age=10, script=Script.failure(60))
    result = build(sha=SHA, reuse="any", wait=True)
    assert result["error"]["kind"] == "build_failed"
    assert (result["build"]["id"], result["changed"], result["reused"]) == (running.id, False, True)


def test_a_reused_build_that_has_succeeded_is_not_polled(build, fake, there, clock):
    build(sha=SHA, reuse="successful", wait=True)
    assert fake.calls("get") == []
    assert clock.sleeps == []


def test_check_mode_says_what_would_be_reused(build, fake, there):
    result = build(sha=SHA, reuse="any", check_mode=True)
    assert (result["changed"], result["reused"]) == (False, True)
    assert result["build"]["id"] == there["success"].id
    assert build(sha="b" * 40, reuse="any", check_mode=True)["changed"] is True
    assert fake.calls("start") == []


def test_a_job_without_a_branch_needs_a_sha(build, fake):
    result = build(job_id="image-only", reuse="any")
    assert result["error"]["kind"] == "invalid_arguments"
    assert "Set sha" in result["msg"]


def test_reuse_needs_the_permission_to_read_the_job(build, fake):
    fake.add_token("starter", permissions_without("General > Read"))
    result = build(api_token="starter", sha=SHA, reuse="any")
    assert result["error"]["kind"] == "permission"
    assert fake.calls("start") == []


def test_two_tasks_in_a_row_build_once(build, fake):
    first = build(reuse="any")
    second = build(reuse="any")
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["build"]["id"] == second["build"]["id"]


def test_overrides_cannot_be_compared_and_a_warning_says_so(build, there):
    assert build(sha=SHA, reuse="any", overrides={"build_arguments": {"A": "b"}})["reused"] is True
    assert "overrides cannot be compared" in build.warnings[0]


def test_a_build_that_succeeds_is_returned_as_it_ended(build, fake, clock):
    fake.plan(PROJECT, JOB, Script.success(60))
    result = build(wait=True)
    assert result["changed"] is True
    assert (result["build"]["status"], result["build"]["concluded"], result["build"]["success"]) == ("SUCCESS", True, True)
    assert result["ansible_facts"]["northflank_job_build"] == result["build"]
    assert 60 <= sum(clock.sleeps) < 71


def test_check_mode_does_not_wait(build, clock):
    assert build(wait=True, check_mode=True)["build"]["id"] is None
    assert clock.sleeps == []
