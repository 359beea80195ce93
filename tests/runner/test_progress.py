# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress in the play: live, under ansible-runner too, and nothing where nothing may be shown."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import typing as t
from pathlib import Path

import ansible_runner
import pytest
import yaml
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script
from ansible_collections.community.northflank.tests.runner.conftest import CLOCK, PLAYBOOK, surroundings, where
from ansible_collections.community.northflank.tests.scanner import scan

LINE = re.compile(r"\[(\w[\w-]*)\] ([a-z]+-[a-z]+-\d+) \(example-job\): (\w+)")


@pytest.fixture
def fake(fake: FakeNorthflank) -> FakeNorthflank:
    """The embedded API, with builds of a minute, which is some seconds of ours."""
    fake.plan("default-project", "example-job", Script.success(60, log=[(1, "compiling {{ 7 * 7 }}")]))
    return fake


def play(path: Path, hosts: list[str], task: dict[str, t.Any], **arguments: t.Any) -> list[str]:
    """Write a play in which each host builds and waits; returns the arguments for ansible-playbook."""
    module = {"project_id": "default-project", "job_id": "example-job", "wait": True, **arguments}
    tasks = [{"name": "Build and wait", "community.northflank.northflank_job_build": module, **task}]
    path.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "connection": "local", "tasks": tasks}]), encoding="utf-8")
    return ["-i", "".join(f"{host}," for host in hosts), "-e", json.dumps({"ansible_python_interpreter": sys.executable})]


def test_each_line_says_whose_it_is_and_nothing_is_shown_where_that_is_not_wanted_or_cannot_be(fake, playbook, tmp_path):
    variables = {"northflank_in_process": "{{ inventory_hostname != 'module' }}"}
    task = {"no_log": "{{ inventory_hostname == 'hidden' }}", "vars": variables}
    arguments = {"follow_logs": True, "progress": "{{ inventory_hostname != 'quiet' }}"}
    options = play(tmp_path / "play.yml", ["web-1", "web-2", "hidden", "quiet", "module"], task, **arguments)
    ran = playbook(tmp_path / "play.yml", *options, "-f", "5", **where(fake))
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("changed: [") == 5
    shown = [match.groups() for match in map(LINE.search, ran.stdout.splitlines()) if match]
    assert {(host, status) for host, _build, status in shown} >= {("web-1", "SUCCESS"), ("web-2", "SUCCESS")}
    assert {host for host, _build, _status in shown} == {"web-1", "web-2"}
    assert len({build for _host, build, _status in shown}) == 2
    assert ran.stdout.count("| compiling {{ 7 * 7 }}") == 2


def test_another_callback_has_standard_output_for_itself(fake, playbook, tmp_path):
    options = play(tmp_path / "play.yml", ["web-1"], {})
    ran = playbook(tmp_path / "play.yml", *options, ANSIBLE_STDOUT_CALLBACK="minimal", **where(fake))
    assert ran.returncode == 0, ran.stdout
    assert "web-1 | CHANGED" in ran.stdout
    assert not LINE.search(ran.stdout)
    assert LINE.search(ran.stderr)


def test_it_is_live_under_ansible_runner(fake, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "project").mkdir()
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts").write_text("web-1\n", encoding="utf-8")
    play(tmp_path / "project" / "play.yml", ["web-1"], {}, follow_logs=True)
    environment = {**where(fake), **CLOCK.environment, "ANSIBLE_NOCOLOR": "1"}
    ran = ansible_runner.run(private_data_dir=str(tmp_path), playbook="play.yml", quiet=True, envvars=environment)
    assert ran.status == "successful"
    events = list(ran.events)
    # Runner's own event of the start has the environment that it was given.
    scan("the events of ansible-runner", json.dumps([event for event in events if event["event"] != "playbook_on_start"]))
    [end] = [event for event in events if event["event"] == "runner_on_ok"]
    lines = [event for event in events if event["event"] == "verbose" and LINE.search(event["stdout"])]
    assert lines[0]["stdout"].strip().startswith("[web-1] ")
    # Long before the task ended, not with its result.
    first, last = (datetime.datetime.fromisoformat(event["created"]) for event in (lines[0], end))
    assert (last - first).total_seconds() > 1
    # What a build prints stays text.
    assert any("| compiling {{ 7 * 7 }}" in event["stdout"] for event in events)


def test_on_a_narrow_terminal(fake, tmp_path):
    long = "Build failed: step 5/7 RUN npm run build exited with code 1"
    fake.plan("default-project", "example-job", Script.failure(5, message=long))
    options = play(tmp_path / "play.yml", ["web-1"], {})
    shown = on_terminal([tmp_path / "play.yml", *options], 60, where(fake), tmp_path)
    scan("a terminal", shown)
    [line] = [line for line in shown.splitlines() if "FAILURE after" in line]
    assert "\x1b[" in line
    plain = re.sub(r"\x1b\[[\d;]*m", "", line).rstrip("\r")
    assert plain.endswith(f": {long}")  # The terminal wraps it.


@pytest.mark.parametrize("until", ["PENDING after", " | line 0"], ids=["first line", "in a log"])
@pytest.mark.parametrize("open_output", [os.pipe, pty.openpty], ids=["pipe", "terminal"])
def test_a_play_whose_output_is_closed_ends_as_usual(fake, tmp_path, open_output, until):
    log = [(1, f"line {number}") for number in range(200)]
    fake.plan("default-project", "example-job", Script.success(2.5, log=log))
    options = play(tmp_path / "play.yml", ["web-1"], {}, follow_logs=True)
    environment = {**surroundings(tmp_path), **where(fake), "PYTHONUNBUFFERED": "1"}
    outer, inner = open_output()
    command = [PLAYBOOK, tmp_path / "play.yml", *options]
    with (tmp_path / "stderr").open("wb") as errors:
        process = subprocess.Popen(command, env=environment, stdout=inner, stderr=errors, start_new_session=True)
    os.close(inner)
    shown = b""
    while until.encode() not in shown:
        shown += (part := os.read(outer, 65536))
        assert part, shown
    os.close(outer)
    try:
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
    assert len(fake.calls("start")) == 1
    assert "Broken pipe" in (tmp_path / "stderr").read_text() or "Input/output error" in (tmp_path / "stderr").read_text()


@pytest.mark.parametrize("options", [[], ["--one-line"]], ids=["minimal", "oneline"])
def test_a_command_has_standard_output_for_itself(fake, tmp_path, options):
    arguments = "project_id=default-project job_id=example-job wait=true"
    module = ["localhost", "-m", "community.northflank.northflank_job_build", "-a", arguments]
    environment = {**surroundings(tmp_path), **where(fake), "ANSIBLE_NOCOLOR": "1"}
    command = [PLAYBOOK.with_name("ansible"), *module, *options, "-e", json.dumps({"ansible_python_interpreter": sys.executable})]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.startswith("localhost | CHANGED")
    assert "[localhost]" not in ran.stdout
    assert LINE.search(ran.stderr)


def on_terminal(arguments: list[t.Any], columns: int, environment: dict[str, str], home: Path) -> str:
    """What C(ansible-playbook) shows on a terminal of that width."""
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [PLAYBOOK, *arguments],
        env={**surroundings(home), "TERM": "xterm-256color", **environment},
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    ):
        os.close(inner)
        shown = b""
        # The end of a terminal is an error to its reader.
        with contextlib.suppress(OSError):
            while part := os.read(outer, 65536):
                shown += part
    os.close(outer)
    return shown.decode("utf-8")
