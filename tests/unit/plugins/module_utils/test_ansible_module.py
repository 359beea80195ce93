# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as a process of its own: what it prints, and what it writes to the host's syslog."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible_collections.community.northflank.tests.scanner import printed_result, scan

NAME = "ansible_collections.community.northflank.plugins.modules.northflank_job_build"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
SECRET = "the-secret-value"

# Ansible passes the arguments on standard input to a module run by hand, and says that it did by this key.
WRAPPER = """
import runpy, sys, syslog
log = open(sys.argv.pop(1), "a", encoding="utf-8")
syslog.openlog = lambda *args: None
syslog.syslog = lambda *args: print(*args, file=log, flush=True)
hidden = sys.argv.pop(1)
if hidden:
    sys.modules[hidden] = None
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""


@dataclass
class Ran:
    """What became of a module's process."""

    result: dict[str, t.Any]
    output: str
    syslog: str


@pytest.fixture
def module(fake, tmp_path: Path) -> t.Callable[..., Ran]:
    def run(hide: str = "", **arguments: t.Any) -> Ran:
        defaults = {"api_url": fake.url, "api_token": fake.token, "project_id": "default-project", "job_id": "example-job"}
        given = {k: v for k, v in {**defaults, **arguments}.items() if v is not ...}
        given.update({"_ansible_syslog_facility": "LOG_USER", "_ansible_verbosity": 5})
        if "inject_invocation" in PASS_VARS:  # Since ansible-core 2.21.
            given["_ansible_inject_invocation"] = True
        log = tmp_path / "syslog"
        ran = subprocess.run(
            [sys.executable, "-c", WRAPPER, str(log), hide, NAME],
            input=json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode(),
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C"},
        )
        assert ran.stderr == b""
        [line] = [line for line in ran.stdout.decode("utf-8").splitlines() if line]
        written = log.read_text(encoding="utf-8") if log.exists() else ""
        result = printed_result(line, given.get("api_token"))
        scan("a module's output or the host's syslog", json.dumps(result) + written)
        return Ran(result, json.dumps(result), written)

    return run


def test_check_mode_and_diff_reach_the_operation_and_warnings_the_play(module, fake):
    ran = module(_ansible_check_mode=True, _ansible_diff=True, follow_logs=True)
    assert ran.result["request"]["method"] == "POST"
    assert "POST" in ran.result["diff"]["after"]
    assert fake.calls("start") == []
    assert "follow_logs has no effect" in str(ran.result["warnings"])


# A value that stands inside IDs, shas, and times, and values that are easily quoted wrongly.
@pytest.mark.parametrize(
    ("kind", "value"),
    [("build_arguments", "1"), ("build_files", 'pässwörd\nline "two"'), ("build_arguments", "x" * 1_000_000)],
    ids=["short", "quoted", "megabyte"],
)
def test_no_secret_is_shown_and_nothing_else_is_altered(module, fake, kind, value):
    ran = module(sha=SHA, overrides={kind: {"/name": value if "rguments" in kind else {"content": value}}})
    [there] = [build for build in fake.builds("default-project", "example-job") if build.started_by == "api"]
    build = ran.result["build"]
    assert (build["id"], build["sha"], build["branch"], ran.result["changed"]) == (there.id, SHA, "main", True)
    assert build["created_at"] == there.view(fake.clock.time())["createdAt"]
    shown = ran.result["invocation"]["module_args"]
    assert (shown["sha"], shown["project_id"], list(shown["overrides"][kind])) == (SHA, "default-project", ["/name"])
    assert all(part in ran.syslog for part in ("'/name'", "api_token=********", f"sha={SHA}"))
    for secret in (fake.token, value, json.dumps(value)[1:-1]):
        assert secret == "1" or secret not in ran.output + ran.syslog


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        *(({"overides": {"build_arguments": {"NAME": SECRET}}}, "overides"), ({"api_tokn": SECRET}, "api_tokn")),
        *(({"overrides": SECRET}, "overrides is text, but takes a dictionary"), ({"overrides": {"docker": [SECRET]}}, "docker is a list")),
        ({"overrides": f"build_arguments={SECRET}"}, "overrides is text"),
        ({"overrides": {"buildArguments": f"A=1\nB={SECRET}"}}, "overrides.buildArguments is text"),
        ({"overrides": {"docker": f'{{"dockerfileContents": "{SECRET}"}}'}}, "overrides.docker is text"),
        ({"overrides": {"build_files": {"/a": f"content={SECRET}"}}}, "overrides.build_files['/a'] must be a dictionary"),
        ({"overrides": {"build_arguments": {"A": 1.1, "B": SECRET}}}, "overrides.build_arguments['A'] is a floating-point number"),
        ({"team_id": 1.1, "overrides": {"build_arguments": {"B": SECRET}}}, "team_id is a floating-point number, but takes text"),
        ({"api_timeout": "soon", "overrides": {"build_arguments": {"NAME": SECRET}}}, "api_timeout"),
        ({"api_token": ..., "overrides": {"build_arguments": {"NAME": SECRET}}}, "api_token is not set"),
    ],
    ids=str,
)
def test_refused_arguments_show_no_secret_and_leave_the_others_whole(module, fake, arguments, words):
    ran = module(**arguments)
    assert ran.result["error"]["kind"] == "invalid_arguments"
    assert words in ran.result["msg"]
    assert ran.result["invocation"]["module_args"]["project_id"] == "default-project"
    assert SECRET not in ran.output + ran.syslog
    assert fake.token not in ran.output + ran.syslog
    assert fake.journal == []


def test_a_missing_library_is_named(module, fake):
    ran = module(hide="requests")
    assert ran.result["failed"] is True
    assert "Failed to import the required Python library (requests>=2.25.0, urllib3>=1.26.0)" in ran.result["msg"]
    assert ran.result["error"]["kind"] == "missing_dependency"
    assert fake.journal == []
