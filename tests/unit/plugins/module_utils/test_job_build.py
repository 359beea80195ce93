# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a start sends, what it returns, and what it says when it cannot."""

from __future__ import annotations

import base64
import json
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault

SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
TEXT = base64.b64encode(b"hello build\n").decode()

BUILD_KEYS = {
    "id", "project_id", "job_id", "team_id", "branch", "pull_request_id", "sha", "registry", "created_at", "status",
    "concluded", "success", "message", "build_concluded_at",
}  # fmt: skip

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
    [there] = [b for b in fake.builds("default-project", "example-job") if b.started_by == "api"]
    assert result["build"]["id"] == there.id
    assert set(result["build"]) == BUILD_KEYS
    assert result["build"]["sha"] == SHA
    assert result["build"]["branch"] == "main"
    assert result["build"]["project_id"] == "default-project"
    assert result["build"]["registry"]["uri"]
    assert result["build"]["success"] is None
    assert result["ansible_facts"] == {"northflank_job_build": result["build"]}
    assert (result["reused"], result["recovered"]) == (False, False)
    assert result["rate_limit"]["limit"] == 1000
    assert result["rate_limit"]["remaining"] == 999
    assert len(fake.journal) == 1


@pytest.mark.parametrize("overrides", [FULL, FULL_API], ids=["snake_case", "as the API spells it"])
def test_overrides_in_full(build, fake, overrides):
    build(sha=SHA, overrides=overrides)
    assert sent(fake) == {"sha": SHA, "overrides": FULL_API}


def test_all_aliases(build, fake):
    fake.add_job("default-project", "example-job", team_id="my-team")
    build(project_id=..., job_id=..., projectId="default-project", jobId="example-job", teamId="my-team")
    assert fake.calls("start")[0].target == "/v1/teams/my-team/projects/default-project/jobs/example-job/build"


@pytest.mark.parametrize(
    ("overrides", "body"),
    [
        ({}, {}),
        ({"build_arguments": {}}, {"buildArguments": {}}),
        ({"docker": {}}, {"docker": {}}),
        ({"docker": {"dockerfile_target": "a_b-1"}}, {"docker": {"dockerfileTarget": "a_b-1"}}),
        ({"docker": {"dockerfile_contents": "FROM scratch\n"}}, {"docker": {"dockerfileContents": "FROM scratch\n"}}),
    ],
)
def test_nothing_is_sent_that_was_not_asked_for(build, fake, overrides, body):
    build(overrides=overrides)
    assert sent(fake) == {"overrides": body}


def test_build_argument_values_become_strings(build, fake):
    build(overrides={"build_arguments": {"A": True, "B": False, "C": 7, "D": 1.5, "E": "", "F": "ü\n'\"", "G": "yes"}})
    assert sent(fake)["overrides"]["buildArguments"] == {
        "A": "true", "B": "false", "C": "7", "D": "1.5", "E": "", "F": "ü\n'\"", "G": "yes",
    }  # fmt: skip


def test_three_kinds_of_file_content(build, fake, tmp_path: Path):
    (tmp_path / "binary").write_bytes(b"\x00\xff")
    files = {
        "/data": {"data": TEXT},
        "/content": {"content": "hello build\n", "encoding": "utf-16-le"},
        "/json": {"content": {"a": [1, True]}},
        "/src": {"src": str(tmp_path / "binary")},
    }
    build(overrides={"build_files": files})
    assert sent(fake)["overrides"]["buildFiles"] == {
        "/data": {"data": TEXT},
        "/content": {"data": base64.b64encode("hello build\n".encode("utf-16-le")).decode(), "encoding": "utf-16-le"},
        "/json": {"data": base64.b64encode(b'{"a": [1, true]}').decode(), "encoding": "utf-8"},
        "/src": {"data": "AP8="},
    }


BAD = {
    "token missing": ({"api_token": ...}, "NORTHFLANK_API_TOKEN"),
    "token empty": ({"api_token": ""}, "api_token is empty"),
    "token with a line break": ({"api_token": "abc\n"}, "trim filter"),
    "sha too short": ({"sha": "262ed98"}, "has 40 hexadecimal characters, this has 7"),
    "sha not hexadecimal": ({"sha": "z" * 40}, "40 hexadecimal characters"),
    "sha with a line break": ({"sha": SHA + "\n"}, "40 hexadecimal characters"),
    "Dockerfile path relative": ({"overrides": {"docker": {"docker_file_path": "Dockerfile"}}}, "docker_file_path 'Dockerfile'"),
    "Dockerfile path a folder": ({"overrides": {"docker": {"docker_file_path": "/a/"}}}, "docker_file_path"),
    "Dockerfile path with a space": ({"overrides": {"docker": {"dockerFilePath": "/a b"}}}, "docker_file_path"),
    "work dir": ({"overrides": {"docker": {"docker_work_dir": "a"}}}, "docker_work_dir 'a'"),
    "target": ({"overrides": {"docker": {"dockerfile_target": "a.b"}}}, "dockerfile_target 'a.b'"),
    "target with a line break": ({"overrides": {"docker": {"dockerfile_target": "a\n"}}}, "dockerfile_target"),
    "file path relative": ({"overrides": {"build_files": {"a/b": {"content": ""}}}}, "'a/b'"),
    "bad base64": ({"overrides": {"build_files": {"/a": {"data": "!!!"}}}}, "not base64"),
    "base64 of a wrong length": ({"overrides": {"build_files": {"/a": {"data": "abcde"}}}}, "not base64"),
    "two kinds of content": ({"overrides": {"build_files": {"/a": {"data": TEXT, "content": "x"}}}}, "mutually exclusive"),
    "no content": ({"overrides": {"docker_secret_mounts": {"a": {"encoding": "utf-8"}}}}, "one of the following is required"),
    "unknown key in a file": ({"overrides": {"build_files": {"/a": {"contents": "x"}}}}, "contents"),
    "file not a dictionary": ({"overrides": {"build_files": {"/a": "x"}}}, "must be a dictionary"),
    "unreadable src": ({"overrides": {"build_files": {"/a": {"src": "/no/such/file"}}}}, "No such file"),
    "src a folder": ({"overrides": {"build_files": {"/a": {"src": "/"}}}}, "cannot read src '/'"),
    "unknown encoding": ({"overrides": {"build_files": {"/a": {"content": "x", "encoding": "utf-99"}}}}, "encoding 'utf-99'"),
    "mount without an id": ({"overrides": {"docker_secret_mounts": {"": {"content": "x"}}}}, "ID of the secret mount is empty"),
    "null build argument": ({"overrides": {"build_arguments": {"TOKEN_X": None}}}, "build_arguments['TOKEN_X'] is empty (null)"),
    "nested build argument": ({"overrides": {"build_arguments": {"DEEP": {"a": 1}}}}, "build_arguments['DEEP'] is a dictionary"),
    "list as build argument": ({"overrides": {"build_arguments": {"LIST": [1]}}}, "build_arguments['LIST'] is a list"),
    "build argument without a name": ({"overrides": {"build_arguments": {"": "x"}}}, "without a name"),
    "unknown option": ({"shaa": SHA}, "shaa"),
    "unknown override": ({"overrides": {"dockerfile": "x"}}, "overrides.dockerfile"),
    "unknown docker override": ({"overrides": {"docker": {"target": "x"}}}, "overrides.docker.target"),
    "address without a scheme": ({"api_url": "api.northflank.com"}, "https://api.northflank.com"),
    "address without a host": ({"api_url": "https:///v1"}, "with a host"),
    "address with credentials": ({"api_url": "https://a:b@api.northflank.com"}, "without user name"),
    "address with a query": ({"api_url": "https://api.northflank.com/?a=b"}, "query"),
    "address with a bad port": ({"api_url": "https://api.northflank.com:port"}, "with a host"),
    "id is dots": ({"job_id": ".."}, "job_id is '..'"),
    "id is empty": ({"project_id": " "}, "project_id is ' '"),
    "team is empty": ({"team_id": ""}, "team_id is ''"),
    "timeout": ({"timeout": 0}, "timeout is 0"),
    "retries": ({"retries": -1}, "retries is -1"),
    "ca_path": ({"ca_path": "/no/such/file"}, "ca_path '/no/such/file'"),
}


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check"])
@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_before_any_request(build, fake, arguments, words, check_mode):
    result = build(check_mode=check_mode, **arguments)
    assert result["failed"] is True
    assert words in result["msg"]
    assert result["error"]["kind"] == "invalid_arguments"
    assert fake.journal == []


@pytest.mark.parametrize("job_id", ["a/b", "../x", "a?b=c", "a#b", "a%2Fb", "a b", "ü", "a/../../b", "..;", "&=+", "'\""])
def test_an_id_stays_in_its_segment(build, fake, job_id):
    fake.add_job("default-project", job_id)
    result = build(job_id=job_id)
    assert result["build"]["job_id"] == job_id
    prefix, _slash, rest = fake.calls("start")[0].target.partition("/v1/projects/default-project/jobs/")
    assert (prefix, rest.count("/"), rest.rpartition("/")[2]) == ("", 1, "build")


@pytest.mark.parametrize(("suffix"), ["", "/", "/v1", "/v1/", " "], ids=repr)
def test_address_with_and_without_v1(build, fake, suffix):
    build(api_url=fake.url + suffix)
    assert fake.calls("start")[0].target == "/v1/projects/default-project/jobs/example-job/build"


@pytest.mark.parametrize("names", [["NORTHFLANK_API_TOKEN", "NF_API_TOKEN"], ["NF_API_TOKEN"]])
def test_token_from_the_environment(build, fake, monkeypatch, names):
    for number, name in enumerate(names):
        monkeypatch.setenv(name, "wrong" if number else fake.token)
    assert build(api_token=...)["changed"]


@pytest.mark.parametrize("names", [["NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST"], ["NF_API_HOST", "NF_HOST"], ["NF_HOST"]])
def test_address_from_the_environment(build, fake, monkeypatch, names):
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
def test_each_refusal_has_its_kind_and_helps(build, fake, status):
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


def test_the_real_thing_says_the_same(build, fake):
    assert build(api_token="wrong")["error"]["kind"] == "authentication"
    assert build(job_id="exmaple-job")["error"]["kind"] == "not_found"
    assert build(job_id="image-only")["error"]["kind"] == "rejected"
    fake.add_token("reader", {"Project > Jobs > General > Read"} if "Project > Jobs > General > Read" in _permissions() else None)
    assert build(api_token="reader")["error"]["kind"] == "permission"


def _permissions() -> t.Any:
    from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS

    return PERMISSIONS


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
    assert set(result["build"]) == BUILD_KEYS
    assert (result["build"]["id"], result["build"]["sha"], result["build"]["branch"]) == (None, SHA, "main")
    assert result["ansible_facts"]["northflank_job_build"] == result["build"]


@pytest.mark.parametrize(("arguments", "kind"), [({"job_id": "x"}, "not_found"), ({"api_token": "x"}, "authentication")])
def test_check_mode_fails_where_the_start_would(build, fake, arguments, kind):
    assert build(check_mode=True, **arguments)["error"]["kind"] == kind


def test_check_mode_only_warns_when_it_may_not_look(build, fake):
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


def test_keys_that_nobody_documents_do_not_reach_a_result(build, fake):
    new = {"id": "b-1", "newThing": {"innerKey": 1}, "projectId": "x", "registry": {"uri": "r/i", "newThing": 1}}
    fake.fault(Fault("json", "start", when="after", status=200, body={"data": new}))
    result = build()
    assert set(result["build"]) == BUILD_KEYS
    assert result["build"]["registry"] == {"uri": "r/i"}
    assert result["build"]["project_id"] == "default-project"


def test_plain_http_through_a_proxy_is_warned_about(build, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://proxy.invalid:1")
    build(api_url="http://localhost:1", retries=0)
    assert "goes through the proxy" in build.warnings[0]
    build.warnings.clear()
    monkeypatch.setenv("no_proxy", "localhost")
    build(api_url="http://localhost:1", retries=0)
    assert build.warnings == []


def test_plain_http_to_another_machine_is_warned_about(build, fake):
    build(api_url="http://northflank.invalid", retries=0)
    assert len(build.warnings) == 1
    assert "unencrypted" in build.warnings[0]
    build.warnings.clear()
    build()
    assert build.warnings == []
