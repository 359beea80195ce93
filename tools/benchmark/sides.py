# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is compared: the same work done by each side, as playbooks and as commands. Every start sends the same body."""

from __future__ import annotations

import hashlib
import json
import shutil
import typing as t
from dataclasses import replace

from ansible_collections.community.northflank.tests.conformance import clients
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT
from ansible_collections.community.northflank.tools.benchmark.stage import BIN, Stage, Work

URI = "uri"
MODULE = "as a module"
HERE = "in-process"
DEBUG = "debug"
CLI = "command: CLI"
SDK = "Python SDK"
JS = "JavaScript client"
BARE_CLI = "CLI"
CURL = "curl"

BODY = {"sha": "262ed9817b3cad5142fbceabe0c9e371e390d616"}
OURS = "community.northflank.northflank_job_build"

Task = dict[str, t.Any]


def available() -> list[str]:
    """The sides that can be measured on this machine."""
    official = [CLI, BARE_CLI, SDK, JS] if not clients.complaints() else []
    return [HERE, MODULE, URI, DEBUG, *official, *([CURL] if shutil.which("curl") else [])]


def tasks(stage: Stage, side: str, count: int) -> Work:
    """A playbook of so many tasks that start a build each."""
    return _playbook(stage, side, [_start(stage, side) for _number in range(count)], count)


def loop(stage: Stage, side: str, count: int) -> Work:
    """A playbook of one task that starts so many builds in a loop."""
    return _playbook(stage, side, [{**_start(stage, side), "loop": list(range(count))}], count)


def hosts(stage: Stage, side: str, count: int) -> Work:
    """A playbook of one task for so many hosts, all of them this machine, five at a time."""
    return _playbook(stage, side, [_start(stage, side)], count, hosts=count)


def many(stage: Stage, side: str, count: int, length: float) -> Work:
    """A playbook that starts so many builds in a loop, then waits for all of them in one task."""
    start = {**_start(stage, side), "loop": list(range(count)), "register": "started"}
    return _playbook(stage, side, [start, _wait(stage, side)], count, length=length)


def bare(stage: Stage, side: str) -> Work:
    """One build without Ansible."""
    call = {"operation": "start", "url": stage.url, "token": stage.token, "project_id": PROJECT, "job_id": JOB, "team_id": None}
    stdin = json.dumps({**call, "build_id": None, "data": BODY, "options": {}})
    if side == SDK:
        return Work([str(clients.SDK_PYTHON), str(clients.HERE / "drive_sdk.py")], 1, stdin=stdin)
    if side == JS:
        return Work(["node", str(clients.HERE / "drive_js.mjs"), str(clients.NODE_PROJECT)], 1, stdin=stdin)
    if side == BARE_CLI:
        return Work(_cli("start", "-i", json.dumps(BODY)), 1)
    headers = [f"Authorization: Bearer {stage.token}", "Content-Type: application/json"]
    given = [word for header in headers for word in ("--header", header)]
    return Work(["curl", "--fail", "--silent", "--show-error", *given, "--data", json.dumps(BODY), stage.builds_url], 1)


def _start(stage: Stage, side: str) -> Task:
    if side == URI:
        return {"ansible.builtin.uri": {**_uri(stage), "url": stage.builds_url, "method": "POST", "body_format": "json", "body": BODY}}
    if side == DEBUG:
        return {"ansible.builtin.debug": {"msg": f"Start a build of {JOB}"}}
    if side == CLI:
        return {"ansible.builtin.command": {"argv": _cli("start", "-i", json.dumps(BODY))}}
    return {OURS: {**_ours(stage), "job_id": JOB, **BODY}}


def _wait(stage: Stage, side: str) -> Task:
    if side == URI:
        one = {**_uri(stage), "url": stage.builds_url + "/{{ item.json.data.id }}"}
        until = {"register": "looked", "until": "looked.json.data.concluded", "retries": 1000, "delay": 2}
        return {"ansible.builtin.uri": one, "loop": "{{ started.results }}", **until}
    return {f"{OURS}_wait": {**_ours(stage), "builds": "{{ started.results | map(attribute='build') }}"}}


def _uri(stage: Stage) -> Task:
    return {"headers": {"Authorization": f"Bearer {stage.token}"}, "status_code": 200}


def _ours(stage: Stage) -> Task:
    return {"api_url": stage.url, "api_token": stage.token, "project_id": PROJECT}


def _cli(verb: str, *arguments: str) -> list[str]:
    return ["northflank", verb, "job", "build", "--projectId", PROJECT, "--jobId", JOB, *arguments, "-o", "json"]


def _playbook(stage: Stage, side: str, play_tasks: list[Task], builds: int, hosts: int = 0, length: float | None = None) -> Work:
    play = {"hosts": "all" if hosts else "localhost", "gather_facts": False, "tasks": play_tasks}
    text = json.dumps([play])
    path = stage.home / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    path.write_text(text, encoding="utf-8")
    inventory = []
    if hosts:
        file = stage.home / f"hosts-{hosts}.ini"
        # The interpreter is named, as the documentation of local connections advises: else each host would have it looked for.
        settings = "[all:vars]\nansible_connection=local\nansible_python_interpreter={{ ansible_playbook_python }}\n"
        file.write_text("".join(f"host-{number}\n" for number in range(hosts)) + settings, encoding="utf-8")
        inventory = ["--inventory", str(file), "--forks", "5"]
    environment = {"NORTHFLANK_IN_PROCESS": "false"} if side == MODULE else {}
    command = [str(BIN / "ansible-playbook"), *inventory, str(path)]
    return Work(command, 0 if side == DEBUG else builds, environment, length=length)


def verbose(work: Work) -> Work:
    """The same, telling what it does."""
    return replace(work, command=[*work.command, "-vvv"])


def through(work: Work, program: list[str]) -> Work:
    """The same playbook, run by another program."""
    return replace(work, command=[*program, work.command[-1]])
