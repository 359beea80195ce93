# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin: when it runs an operation itself, what it gives the play then, and what the items of a loop share."""

from __future__ import annotations

import datetime
import json
import os
import sys
import typing as t
from collections import OrderedDict

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play import Play
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible.utils.display import Display
from ansible_collections.community.northflank.plugins.action.northflank_job_build import ActionModule
from ansible_collections.community.northflank.plugins.action.northflank_job_build_wait import ActionModule as WaitAction
from ansible_collections.community.northflank.plugins.plugin_utils._action import native
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.raw_server import http, respond
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

NAME = "community.northflank.northflank_job_build"
AS_MODULE = {"ran as": "a module"}
DATES = (datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3, 4))


@pytest.fixture
def run(fake, monkeypatch, tmp_path) -> t.Callable[..., dict[str, t.Any]]:
    """Run a task as a worker does."""
    monkeypatch.setattr(NormalAction, "run", lambda self, tmp, task_vars: dict(AS_MODULE))

    def run(
        keywords: dict[str, t.Any] | None = None,
        variables: dict[str, t.Any] | None = None,
        plugin: type[NormalAction] = ActionModule,
        **arguments: t.Any,
    ) -> dict[str, t.Any]:
        defaults = {"api_url": fake.url, "api_token": fake.token, "project_id": PROJECT, "job_id": JOB}
        loader = DataLoader()
        loader.set_basedir(str(tmp_path))
        play = Play.load({"hosts": "all", "tasks": []}, loader=loader)
        keywords = dict(keywords or {})
        transport = keywords.pop("connection", "local")
        task = Task.load({"action": {"module": NAME}, **keywords}, loader=loader)
        task._parent = play
        task.args = {k: v for k, v in {**defaults, **arguments}.items() if v is not ...}
        context = PlayContext(play=play)
        connection = connection_loader.get(transport, context, os.devnull)
        task_vars = {"ansible_python_interpreter": sys.executable, "inventory_hostname": "web-1", **(variables or {})}
        task_vars.setdefault("ansible_inject_invocation", True)
        connection.set_become_plugin(keywords.get("become") or None)
        templar = Templar(loader=loader, variables=task_vars)
        action = plugin(task, connection, context, loader, templar, shared_loader_obj=None)
        return t.cast(dict[str, t.Any], action.run(task_vars=task_vars))

    return run


@pytest.fixture
def shown(monkeypatch) -> list[str]:
    """The lines that the play shows."""
    lines: list[str] = []
    monkeypatch.setattr(Display, "display", lambda self, line, *args, **kwargs: lines.append(line))
    return lines


@pytest.mark.parametrize(
    ("keywords", "variables", "arguments"),
    [
        *(({}, {"northflank_in_process": False}, {}), ({}, {"northflank_in_process": "{{ 'no' }}"}, {}), ({"connection": "ssh"}, {}, {})),
        *(({"become": True}, {}, {}), ({"async": 60}, {}, {}), ({"environment": {"A": "b"}}, {}, {})),
        *(({}, {"ansible_python_interpreter": "/other/python"}, {}), ({}, {}, {"overrides": {"build_arguments": {"A": [b"\xff"]}}})),
        ({"delegate_to": "b"}, {"ansible_delegated_vars": {"b": {"ansible_python_interpreter": "/other/python"}}}, {}),
    ],
    ids=["off", "off by a template", "not local", "become", "async", "environment", "interpreter", "binary", "delegated"],
)
def test_it_runs_as_a_module_where_that_may_make_a_difference(run, fake, keywords, variables, arguments):
    assert run(keywords, variables, **arguments) == AS_MODULE
    assert fake.journal == []


def test_the_environment_can_turn_it_off(run, monkeypatch):
    monkeypatch.setenv("NORTHFLANK_IN_PROCESS", "0")
    assert run() == AS_MODULE
    assert run(variables={"northflank_in_process": True})["changed"] is True


@pytest.mark.parametrize("interpreter", [sys.executable, "auto", "auto_silent", os.path.join(os.path.dirname(sys.executable), "python3")])
def test_the_same_interpreter_by_another_name_is_no_difference(run, interpreter):
    assert run(variables={"ansible_python_interpreter": interpreter})["changed"] is True


def test_relative_paths_mean_what_they_mean_to_a_module(run, fake, tmp_path):
    (tmp_path / "file.txt").write_text("content")
    before = os.getcwd()
    result = run(overrides={"build_files": {"/a": {"src": "file.txt"}}})
    assert result["changed"] is True
    assert "Y29udGVudA==" in json.dumps(json.loads(fake.calls("start")[0].body))
    assert os.getcwd() == before


def test_check_mode_and_diff_reach_the_operation_and_warnings_the_play(run, fake):
    result = run({"check_mode": True, "diff": True}, overrides={"build_arguments": {"A": "1"}}, follow_logs=True)
    assert result["request"]["method"] == "POST"
    assert "POST" in result["diff"]["after"]
    assert fake.calls("start") == []
    assert "follow_logs has no effect" in result["warnings"][0]
    shown = result["invocation"]["module_args"]
    assert (shown["api_token"], shown["overrides"]["build_arguments"]) == ("********", {"A": "********"})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"shaa": "x"}, f"Unsupported parameters for ({NAME}) module: shaa. Supported parameters include:"),
        *(({"job_id": ...}, "missing required arguments: job_id"), ({"api_token": ...}, "NORTHFLANK_API_TOKEN")),
        ({"overrides": {"docker": ["the-secret-value"]}}, "overrides.docker is a list, but takes a dictionary"),
        *(({"overrides": "the-secret-value"}, "overrides is text"), ({"api_timeout": float("inf")}, "whole")),
    ],
    ids=str,
)
def test_arguments_are_refused_as_a_module_refuses_them(run, fake, arguments, words):
    result = run(**arguments)
    assert (result["failed"], result["error"]["kind"], fake.journal) == (True, "invalid_arguments", [])
    assert words in result["msg"]
    assert "the-secret-value" not in json.dumps(result)


@pytest.mark.parametrize("in_process", [True, False])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        *(
            ({"overrides": {"build_arguments": {"A": at}}}, "overrides.build_arguments.A is a date, but takes text. Quote it")
            for at in DATES
        ),
        ({"overrides": {"buildFiles": {"/a": {"content": {"b": [DATES[0]]}}}}}, "overrides.buildFiles./a.content.b[0] is a date"),
        ({"sha": DATES[0]}, "sha is a date, but takes text. Quote it"),
        *(
            ({"overrides": {"build_arguments": {name: "x"}}}, f"overrides.build_arguments.{name} is a name that is not text. Quote it")
            for name in (*DATES, 1.1, True, None)
        ),
    ],
    ids=str,
)
def test_what_a_module_would_not_see_is_refused_in_both_ways_to_run(run, fake, arguments, words, in_process):
    result = run(variables={"northflank_in_process": in_process}, **arguments)
    assert (result["failed"], result["error"]["kind"], fake.journal) == (True, "invalid_arguments", [])
    assert words in result["msg"]
    assert result["invocation"]["module_args"]["job_id"] == JOB


def test_dates_in_what_is_not_sent_are_no_mistake(run, fake):
    build = fake.add_build(PROJECT, JOB, age=1000, script=Script.success(10))
    assert run(plugin=WaitAction, builds=[{"id": build.id, "at": DATES[0], 1.1: "x"}])["builds"][0]["status"] == "SUCCESS"


@pytest.mark.parametrize(
    "arguments",
    [{"wait_interval": 5, "wait_sleep": 6}, {"overrides": {"buildArguments": {"A": "b"}, "build_arguments": {"A": "b"}}}],
    ids=["option", "suboption"],
)
def test_an_option_that_is_given_twice_is_warned_of_once(run, shown, arguments):
    # Since ansible-core 2.19 it shows the warnings of suboptions itself.
    warnings = [*run(**arguments).get("warnings", []), *shown]
    assert len([line for line in warnings if "Both option " in line]) == 1


@pytest.mark.parametrize(
    ("keywords", "arguments", "lines"), [({}, {}, True), ({}, {"progress": False}, False), ({"no_log": True}, {}, False)]
)
def test_progress_is_shown_unless_it_may_not_be(run, fake, shown, keywords, arguments, lines):
    build = fake.add_build(PROJECT, JOB, age=1000, script=Script.success(10))
    result = run(keywords, plugin=WaitAction, builds=[build.id], **arguments)
    assert result["builds"][0]["status"] == "SUCCESS"
    assert any(f"[web-1] {build.id} (example-job): SUCCESS after" in line for line in shown) is lines


def test_the_items_of_a_loop_share_a_connection_for_each_token_and_few_are_kept(run, serve):
    server = serve(respond(http(401, b"")))
    tokens = [f"a-token-{number}" for number in range(12) for _item in range(2)]
    for token in tokens:
        assert run(api_url=server.url, api_token=token)["error"]["kind"] == "invalid_response"
    assert all(f"Bearer {token}".encode() in request for token, request in zip(tokens, server.requests))
    assert server.accepted == len(tokens) / 2
    assert server.open_within(10)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        *((type("Text", (str,), {})("a"), "a"), (type("Number", (int,), {})(5), 5), (OrderedDict(a=(1, 2.5)), {"a": [1, 2.5]})),
        *(({True: 1, None: 2, 3: 4, 1.5: 6}, {"true": 1, "null": 2, "3": 4, "1.5": 6}), ({"a"}, ["a"]), (3j, "3j")),
        *((datetime.date(2026, 1, 2), "2026-01-02"), (datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00")),
    ],
    ids=repr,
)
def test_arguments_become_plain_data(value, plain):
    found = native(value)
    assert (found, type(found)) == (plain, type(plain))
    assert json.loads(json.dumps(found)) == plain
