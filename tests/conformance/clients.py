# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each participant makes a call: the three official clients and the collection, each in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .cases import CLI, JS, OURS, RUN_ID, SDK, Case

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "conformance"
SDK_PYTHON = CACHE / "venv" / "bin" / "python"
NODE_PROJECT = CACHE / "node"
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))
ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"

# Seconds for one call; each takes about one, most of it the start of an interpreter.
PATIENCE = 120

CLI_COMMANDS = {
    "start": ("start", "job", "build"),
    "get": ("get", "job", "build"),
    "list": ("get", "job", "builds", "--loadAll"),
    "logs": ("get", "job", "build-logs", "--runId", RUN_ID),
    "abort": ("abort", "job", "build"),
    "run_start": ("start", "job", "run"),
    "run_get": ("get", "job", "run"),
    "run_list": ("get", "job", "runs", "--loadAll"),
    "run_logs": ("get", "job", "logs"),
    "run_abort": ("abort", "job", "run"),
}
MODULES = {
    "start": "northflank_job_build",
    "get": "northflank_job_build_info",
    "list": "northflank_job_build_info",
    "logs": "northflank_job_build_info",
    "abort": "northflank_job_build_abort",
    "run_start": "northflank_job_run",
    "run_get": "northflank_job_run_info",
    "run_list": "northflank_job_run_info",
    "run_logs": "northflank_job_run_info",
    "run_abort": "northflank_job_run_abort",
}


@dataclass(frozen=True)
class Call:
    """A case as it is made: against which server, with which token, about which build or run."""

    case: Case
    url: str
    token: str
    project_id: str
    target_id: str | None

    @property
    def target(self) -> dict[str, str]:
        """The id of the build or run, by the name of the parameter."""
        return {} if self.target_id is None else {f"{self.case.kind}Id": self.target_id}

    def as_json(self) -> str:
        case = self.case
        fields = {"operation": case.operation, "job_id": case.job_id, "team_id": case.team_id, "data": case.data}
        ours = {"url": self.url, "token": self.token, "project_id": self.project_id, "target_id": self.target_id}
        return json.dumps({**fields, **ours, "options": dict(case.options)})


@dataclass(frozen=True)
class Outcome:
    """How the process ended, and the answer that it gave."""

    code: int
    said: str
    answer: Any

    @property
    def succeeded(self) -> bool:
        """True when the process says so and gave an answer; a client may end with 0 and have said nothing."""
        return self.code == 0 and self.answer is not None


def complaints() -> list[str]:
    """What is missing on this machine, each as a sentence."""
    found = []
    if shutil.which("node") is None:
        found.append("Node.js is not installed.")
    found += [f"{name} {version} is not installed." for name, version in _wanted() if _installed(name) != version]
    if not ANSIBLE_PLAYBOOK.exists():
        found.append("ansible-playbook is not installed beside the Python that runs the tests.")
    return found


def run(client: str, call: Call, home: Path) -> Outcome:
    """Make the call; ``home`` is an empty folder, the client's home."""
    return _RUNNERS[client](call, home)


def _wanted() -> list[tuple[str, str]]:
    packages = json.loads((HERE / "package.json").read_text())["dependencies"].items()
    pins = [line for line in (HERE / "requirements.txt").read_text().splitlines() if "==" in line]
    name, version = pins[0].split("==")
    return [(name, version), *packages]


def _installed(name: str) -> str | None:
    manifest = NODE_PROJECT / "node_modules" / name / "package.json"
    if manifest.exists():
        return str(json.loads(manifest.read_text())["version"])
    info = next((CACHE / "venv").glob(f"lib/python*/site-packages/{name}-*.dist-info"), None)
    return info.name[len(name) + 1 : -len(".dist-info")] if info else None


@cache
def _node() -> Path:
    # A version manager's shim would look for its settings in the real home.
    found = subprocess.run(["node", "-p", "process.execPath"], capture_output=True, text=True, check=True)
    return Path(found.stdout.strip())


def _execute(command: list[str], home: Path, stdin: str = "", **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {"HOME": str(home), "PATH": f"{_node().parent}:{os.defpath}", "LC_ALL": "C.UTF-8", **extra}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, cwd=home, env=environment, timeout=PATIENCE, check=False)


def _outcome(done: subprocess.CompletedProcess[str], answer: str | None = None) -> Outcome:
    """The answer is what the process wrote on stdout, unless it is given."""
    said = f"{done.stdout}\n{done.stderr}".strip()
    try:
        return Outcome(done.returncode, said, json.loads(done.stdout if answer is None else answer))
    except ValueError:
        return Outcome(done.returncode, said, None)


def _run_sdk(call: Call, home: Path) -> Outcome:
    return _outcome(_execute([str(SDK_PYTHON), str(HERE / "drive_sdk.py")], home, call.as_json()))


def _run_js(call: Call, home: Path) -> Outcome:
    command = [str(_node()), str(HERE / "drive_js.mjs"), str(NODE_PROJECT)]
    return _outcome(_execute(command, home, call.as_json()))


def _run_cli(call: Call, home: Path) -> Outcome:
    log_cli_in(home, call.url, call.token)
    case = call.case
    ids = {"projectId": call.project_id, "jobId": case.job_id, "teamId": case.team_id, **call.target}
    flags = {**{name: value for name, value in ids.items() if value is not None}, **case.options}
    given = [word for name, value in flags.items() for word in (f"--{name}", str(value))]
    body = [] if case.data is None else ["-i", json.dumps(case.data)]
    northflank = str(NODE_PROJECT / "node_modules" / ".bin" / "northflank")
    return _outcome(_execute([northflank, *CLI_COMMANDS[case.operation], *given, *body, "-o", "json"], home))


def log_cli_in(home: Path, url: str, token: str) -> None:
    """Log the CLI in, as its ``login`` does."""
    folder = home / ".northflank"
    folder.mkdir(exist_ok=True)
    context = {"name": "tests", "host": url, "token": token}
    # Milliseconds: a date as text counts as none, and the CLI would then look for an update of itself on the network.
    settings = {"current": "tests", "contexts": [context], "lastUpdateCheck": int(time.time() * 1000)}
    (folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")


def _run_ours(call: Call, home: Path) -> Outcome:
    result = home / "result.json"
    playbook = home / "playbook.json"
    playbook.write_text(json.dumps(_play(call, result)))
    settings = home / "ansible.cfg"  # empty, and there: this machine's own settings are not part of the comparison
    settings.touch()
    done = _execute(
        [str(ANSIBLE_PLAYBOOK), str(playbook)],
        home,
        ANSIBLE_CONFIG=str(settings),
        ANSIBLE_COLLECTIONS_PATH=str(SITE_PACKAGES),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        ANSIBLE_NOCOLOR="true",
    )
    return _outcome(done, result.read_text() if result.exists() else "")


def _play(call: Call, result: Path) -> list[dict[str, Any]]:
    case = call.case
    settings = {"api_url": call.url, "api_token": call.token, "project_id": call.project_id, "job_id": case.job_id}
    if case.team_id is not None:
        settings["team_id"] = case.team_id
    # The very body that the clients get: the modules know the API's own spelling.
    arguments = {**settings, **call.target, **(case.data or {}), **case.ours}
    task = {f"community.northflank.{MODULES[case.operation]}": arguments, "register": "result"}
    save = {"ansible.builtin.copy": {"content": "{{ result | to_json }}", "dest": str(result), "mode": "0600"}}
    return [{"hosts": "localhost", "gather_facts": False, "tasks": [task, save]}]


_RUNNERS = {SDK: _run_sdk, JS: _run_js, CLI: _run_cli, OURS: _run_ours}
