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

# Ansible passes the arguments on standard input to a module run by hand, and says that it did by this key.
WRAPPER = """
import atexit, builtins, gc, runpy, sys, syslog
atexit.register(lambda: print("frozen at exit:", len(gc.get_objects()) < gc.get_freeze_count(), file=sys.stderr))
utils = "ansible_collections.community.northflank.plugins.module_utils._"
atexit.register(lambda: print("loaded:", *sorted(name[len(utils):] for name in sys.modules if name.startswith(utils)), file=sys.stderr))
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
            input=json.dumps({"ANSIBLE_MODULE_ARGS": given}),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"},
        )
        assert ran.stdout, ran.stderr
        written = log.read_text(encoding="utf-8") if log.exists() else ""
        result = printed_result(ran.stdout, given.get("api_token"))
        output = json.dumps(result) + ran.stderr
        scan("a module's output or the host's syslog", output + written)
        return Ran(result, output, written)

    return run


def test_a_build_is_started(module, fake):
    ran = module(sha=SHA)
    assert ran.result["changed"] is True
    assert ran.result["build"]["sha"] == SHA
    assert "failed" not in ran.result
    assert len(fake.calls("start")) == 1


@pytest.mark.parametrize("arguments", [{}, {"job_id": ...}], ids=["started", "refused"])
def test_a_process_that_ends_does_not_look_for_garbage(module, arguments):
    assert "frozen at exit: True" in module(**arguments).output


def loaded(ran: Ran) -> set[str]:
    return set(ran.output.partition("loaded: ")[2].splitlines()[0].split())


RARE = {"await", "failures", "follow", "logs", "overrides", "pace", "recovery", "watch", "watched"}
"""What is compiled, as a module in each task anew, only where it is needed."""


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        ({}, set()),
        ({"sha": SHA}, set()),
        ({"overrides": {"build_arguments": {"A": "1"}}}, {"overrides"}),
        ({"job_id": "no-such-job"}, {"failures"}),
    ],
    ids=["plain", "commit", "overrides", "refused"],
)
def test_a_start_loads_only_what_it_needs(module, arguments, needed):
    assert loaded(module(**arguments)) & RARE == needed


# Values that stand inside ids, shas, branches and times, and values that are easily quoted wrongly.
VALUES = ["1", "main", "true", SHA, "reeze", "https://registry.example.com", 'line one\nline "two"', "pässwörd-ß", "x" * 1_000_000]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value[:12]))
@pytest.mark.parametrize("kind", ["build_arguments", "build_files", "docker_secret_mounts", "buildArguments"])
def test_no_secret_is_shown_and_nothing_else_is_altered(module, fake, kind, value):
    overrides = {kind: {"/name": value if "rguments" in kind else {"content": value}}}
    ran = module(sha=SHA, overrides=overrides)
    [there] = [b for b in fake.builds("default-project", "example-job") if b.started_by == "api"]
    build = ran.result["build"]
    assert (build["id"], build["sha"], build["branch"]) == (there.id, SHA, "main")
    assert build["created_at"] == there.view(fake.clock.time())["createdAt"]
    shown = ran.result["invocation"]["module_args"]
    assert shown["sha"] == SHA
    assert shown["project_id"] == "default-project"
    assert "/name" in json.dumps(shown["overrides"])
    assert "'/name'" in ran.syslog
    assert "api_token=********" in ran.syslog
    assert f"sha={SHA}" in ran.syslog
    assert fake.token not in ran.output + ran.syslog
    if value not in json.dumps(build) + SHA and value not in ("true", "1"):
        assert value not in ran.output + ran.syslog
        assert json.dumps(value)[1:-1] not in ran.output + ran.syslog


@pytest.mark.parametrize(
    "arguments",
    [
        {"overides": {"build_arguments": {"NAME": "the-secret-value"}}},
        {"overrides": {"build_argument": {"NAME": "the-secret-value"}}},
        {"overrides": {"docker": {"dockerfile_content": "the-secret-value"}}},
        {"overrides": "the-secret-value"},
        {"overrides": {"build_arguments": ["the-secret-value"]}},
        {"overrides": {"build_files": {"/a": "the-secret-value"}}},
        {"overrides": {"build_files": {"/a": {"contents": "the-secret-value"}}}},
        {"overrides": {"build_files": {"/a": {"data": "the-secret-value"}}}},
        {"api_tokn": "the-secret-value"},
        {"sha": "short", "overrides": {"build_arguments": {"NAME": "the-secret-value"}}},
        {"timeout": "soon", "overrides": {"build_arguments": {"NAME": "the-secret-value"}}},
        {"job_id": ..., "overrides": {"build_arguments": {"NAME": "the-secret-value"}}},
    ],
    ids=str,
)
def test_refused_arguments_show_no_secret(module, fake, arguments):
    ran = module(**arguments)
    assert ran.result["failed"] is True
    assert ran.result["error"]["kind"] == "invalid_arguments"
    assert "the-secret-value" not in ran.output + ran.syslog
    assert fake.token not in ran.output + ran.syslog
    assert fake.journal == []


def test_refused_arguments_leave_the_others_whole(module):
    ran = module(shaa=SHA, overrides={"build_arguments": {"A": "1", "B": "default"}})
    assert ran.result["invocation"]["module_args"]["project_id"] == "default-project"
    assert ran.result["invocation"]["module_args"]["overrides"]["build_arguments"] == {"A": "********", "B": "********"}
    assert "Unsupported parameters for" in ran.result["msg"]


def test_a_missing_token_says_where_it_may_be(module):
    ran = module(api_token=...)
    assert ran.result["error"]["kind"] == "invalid_arguments"
    assert "missing required arguments: api_token" in ran.result["msg"]
    assert "NORTHFLANK_API_TOKEN" in ran.result["msg"]


def test_requests_missing(module, fake):
    ran = module(hide="requests")
    assert ran.result["failed"] is True
    assert "Failed to import the required Python library (requests>=2.25.0, urllib3>=1.26.0)" in ran.result["msg"]
    assert ran.result["error"]["kind"] == "missing_dependency"
    assert fake.journal == []


def test_check_mode(module, fake):
    ran = module(_ansible_check_mode=True, _ansible_diff=True)
    assert ran.result["request"]["method"] == "POST"
    assert "POST" in ran.result["diff"]["after"]
    assert fake.calls("start") == []
