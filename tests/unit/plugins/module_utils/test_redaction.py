# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token leaves on no way, wherever an answer repeats it."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _client, _errors as errors
from ansible_collections.community.northflank.plugins.module_utils._secrets import without_commands, without_credentials
from ansible_collections.community.northflank.plugins.plugin_utils._progress import Progress
from ansible_collections.community.northflank.tests.fake_northflank import Fault

FIELDS = ["id", "branch", "sha", "status", "message", "createdAt", "pullRequestId"]


@pytest.mark.parametrize("field", [*FIELDS, "registry"])
def test_a_token_that_a_build_repeats(build, fake, field):
    data = {"id": "b-1", "status": "FAILURE", "concluded": True, "success": False}
    data[field] = {"uri": f"x/{fake.token}"} if field == "registry" else f"x{fake.token}"
    fake.fault(Fault("json", "start", status=200, body={"data": {**data, "concluded": False}}, times=None))
    fake.fault(Fault("json", "get", status=200, body={"data": data}, times=None))
    fake.fault(Fault("json", "list", status=200, body={"data": {"builds": [data]}}, times=None))
    fake.fault(Fault("json", "logs", status=200, body={"data": [{"log": fake.token}]}, times=None))
    result = build(wait=True, wait_timeout=30, follow_logs=True)
    lines: list[str] = []
    progress = Progress(lines.append, host="h", columns=0, ascii_only=False)
    for event in build.events:
        progress(event)
    assert lines
    assert fake.token not in json.dumps([result, build.warnings, build.events, lines])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500])
def test_a_token_that_a_refusal_repeats(build, fake, status):
    body = {"error": {"message": fake.token, "id": fake.token, "details": {fake.token: [fake.token]}}}
    fake.fault(Fault("json", "any", status=status, body=body, times=None))
    result = build(check_mode=True)
    assert fake.token not in json.dumps([result, build.warnings])
    assert "********" in json.dumps([result, build.warnings])


def test_a_token_in_a_header(build, fake):
    fake.fault(Fault("redirect", "job", location=f"https://{fake.token}.example.com/{fake.token}", times=None))
    assert fake.token not in json.dumps([build(check_mode=True), build.warnings])


@pytest.mark.parametrize(
    "address",
    [
        "https://user:password@api.example.com",
        "https://user:pass/word@api.example.com",
        "https://user:pass word@api.example.com",
        "https://user:pass//word@api.example.com",
        "https://user:pass@word@api.example.com",
        "https://user:1/pass@word@api.example.com",
        "https://user:pass\nword@api.example.com",
        "https://user:pass#word?@api.example.com",
        "user:pass/word@api.example.com",
    ],
)
def test_an_address_with_a_password(build, address):
    result = build(api_url=address)
    assert result["error"]["kind"] == "invalid_arguments"
    shown = json.dumps(result)
    assert not [part for part in ("user", "pass", "word") if part in shown.replace("user name, password", "").replace("user name", "")]
    assert without_credentials(address).endswith("api.example.com")
    with pytest.raises(errors.InvalidArgumentsError):
        _client.base_url(address)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("##vso[task.setvariable variable=a]b", "# #vso[task.setvariable variable=a]b"),
        ("at the end ##[error]x", "at the end # #[error]x"),
        ("###[group]", "## #[group]"),
        ("##teamcity[buildStatus]", "# #teamcity[buildStatus]"),
        ("## a heading [x]", "## a heading [x]"),
        ("a #5 [2/5] step", "a #5 [2/5] step"),
    ],
)
def test_a_mark_that_a_ci_system_takes_for_a_command(line, shown):
    assert without_commands(line) == shown


def test_a_log_line_with_a_command(wait, fake):
    there = fake.add_build("default-project", "example-job", id="b-1")
    fake.fault(Fault("json", "logs", status=200, body={"data": [{"log": "x ##vso[task.complete]"}]}, times=None))
    wait(builds=[there.id], follow_logs=True, wait_timeout=600)
    lines: list[str] = []
    for event in wait.events:
        Progress(lines.append, host="h", columns=0, ascii_only=False)(event)
    assert any("x # #vso[" in line for line in lines)
