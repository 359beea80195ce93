# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sides of the comparison: the same work as playbooks and as commands. Every start sends the same body."""

from __future__ import annotations

import itertools
import json
import shutil
import typing as t

from ansible_collections.community.northflank.tests.conformance import clients
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT
from ansible_collections.community.northflank.tools.benchmark.stage import BIN, Stage, Work

HERE = "in-process"
MODULE = "as a module"
URI = "uri"
DEBUG = "debug"
CLI = "command: CLI"
SDK = "Python SDK"
JS = "JavaScript client"
BARE_CLI = "CLI"
CURL = "curl"

BODY = {"sha": "262ed9817b3cad5142fbceabe0c9e371e390d616"}
OURS = "community.northflank.northflank_job_build"

Task = dict[str, t.Any]
_numbers = itertools.count()


def available() -> list[str]:
    official = [] if clients.complaints() else [CLI, BARE_CLI, SDK, JS]
    return [HERE, MODULE, URI, DEBUG, *official, *([CURL] if shutil.which("curl") else [])]


def tasks(stage: Stage, side: str, count: int) -> Work:
    return _playbook(stage, side, [_start(stage, side)] * count, count)


def loop(stage: Stage, side: str, count: int) -> Work:
    return _playbook(stage, side, [{**_start(stage, side), "loop": list(range(count))}], count)


def hosts(stage: Stage, side: str, count: int) -> Work:
    """One task for many hosts with local connections, five at a time."""
    return _playbook(stage, side, [_start(stage, side)], count, hosts=count)


def many(stage: Stage, side: str, count: int, length: float) -> Work:
    """One task that starts builds in a loop, and one that waits for all of them."""
    start = {**_start(stage, side), "loop": list(range(count)), "register": "started"}
    return _playbook(stage, side, [start, _wait(stage, side)], count, length=length)


def bare(stage: Stage, side: str) -> Work:
    call = {"operation": "start", "url": stage.url, "token": stage.token, "project_id": PROJECT, "job_id": JOB, "team_id": None}
    stdin = json.dumps({**call, "build_id": None, "data": BODY, "options": {}})
    if side == SDK:
        return Work([str(clients.SDK_PYTHON), str(clients.HERE / "drive_sdk.py")], 1, stdin=stdin)
    if side == JS:
        return Work(["node", str(clients.HERE / "drive_js.mjs"), str(clients.NODE_PROJECT)], 1, stdin=stdin)
    if side == BARE_CLI:
        return Work(_cli(), 1)
    headers = ["-H", f"Authorization: Bearer {stage.token}", "-H", "Content-Type: application/json"]
    return Work(["curl", "--fail", "--silent", "--show-error", *headers, "--data", json.dumps(BODY), stage.builds_url], 1)


def _start(stage: Stage, side: str) -> Task:
    if side == URI:
        return {"ansible.builtin.uri": {**_uri(stage), "url": stage.builds_url, "method": "POST", "body_format": "json", "body": BODY}}
    if side == DEBUG:
        return {"ansible.builtin.debug": {"msg": f"Start a build of {JOB}"}}
    if side == CLI:
        return {"ansible.builtin.command": {"argv": _cli()}}
    return {OURS: {**_ours(stage), "job_id": JOB, **BODY}}


def _wait(stage: Stage, side: str) -> Task:
    if side == URI:
        one = {**_uri(stage), "url": stage.builds_url + "/{{ item.json.data.id }}"}
        until = {"register": "polled", "until": "polled.json.data.concluded", "retries": 1000, "delay": 2}
        return {"ansible.builtin.uri": one, "loop": "{{ started.results }}", **until}
    return {f"{OURS}_wait": {**_ours(stage), "builds": "{{ started.results | map(attribute='build') }}"}}


def _uri(stage: Stage) -> Task:
    return {"headers": {"Authorization": f"Bearer {stage.token}"}, "status_code": 200}


def _ours(stage: Stage) -> Task:
    return {"api_url": stage.url, "api_token": stage.token, "project_id": PROJECT}


def _cli() -> list[str]:
    where = ["--projectId", PROJECT, "--jobId", JOB]
    return ["northflank", "start", "job", "build", *where, "-i", json.dumps(BODY), "-o", "json"]


def _playbook(stage: Stage, side: str, play_tasks: list[Task], builds: int, hosts: int = 0, length: float | None = None) -> Work:
    play: Task = {"hosts": "localhost", "gather_facts": False, "tasks": play_tasks}
    command = [str(BIN / "ansible-playbook")]
    if hosts:
        # Without a named interpreter, Ansible would look for one on each host.
        local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        play |= {"hosts": "all", "vars": local}
        command += ["--forks", "5", "--inventory", "".join(f"host-{number}," for number in range(hosts))]
    path = stage.home / f"play-{next(_numbers)}.json"
    path.write_text(json.dumps([play]), encoding="utf-8")
    environment = {"NORTHFLANK_IN_PROCESS": "false"} if side == MODULE else {}
    return Work([*command, str(path)], 0 if side == DEBUG else builds, environment, length=length)
