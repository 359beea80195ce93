# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that is run on the controller, with the token in it, goes through a pipe and not through a file."""

from __future__ import annotations

import json
import shlex
import sys
import typing as t

import pytest
from ansible.release import __version__
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank

# Before that, nobody can tell whether somebody decided about pipelining.
CAN_TELL = tuple(map(int, __version__.split(".")[:2])) >= (2, 18)


@pytest.fixture
def fake() -> t.Iterator[FakeNorthflank]:
    with FakeNorthflank() as server:
        yield server


@pytest.mark.parametrize(
    ("settings", "keywords", "in_a_file"),
    [
        ({}, {}, not CAN_TELL),
        ({}, {"environment": {"A": "b"}}, not CAN_TELL),
        ({}, {"loop": [1, 2]}, not CAN_TELL),
        ({"ANSIBLE_PIPELINING": "true"}, {}, False),
        ({"ANSIBLE_PIPELINING": "false"}, {}, True),
        ({}, {"vars": {"ansible_pipelining": False}}, True),
        ({"ANSIBLE_KEEP_REMOTE_FILES": "true"}, {}, True),
        ({}, {"async": 60, "poll": 1}, True),
    ],
    ids=["default", "environment", "loop", "on", "off", "off for a task", "kept files", "async"],
)
def test_where_the_token_is_while_the_module_starts(playbook, fake, tmp_path, settings, keywords, in_a_file):
    seen, temporary, interpreter = tmp_path / "seen", tmp_path / "temporary", tmp_path / "python"
    # What Ansible calls to run the module looks at Ansible's temporary files first.
    look = f"grep -rqF {fake.token} {shlex.quote(str(temporary))} && touch {shlex.quote(str(seen))}"
    interpreter.write_text(f'#!/bin/sh\n{look}\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    interpreter.chmod(0o755)
    build = {"api_url": fake.url, "api_token": fake.token, "project_id": "default-project", "job_id": "example-job"}
    task = {"community.northflank.northflank_job_build": build, **keywords}
    variables = {"ansible_connection": "local", "ansible_python_interpreter": str(interpreter)}
    path = tmp_path / "play.json"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}]), encoding="utf-8")
    ran = playbook(path, ANSIBLE_REMOTE_TEMP=str(temporary), ANSIBLE_ASYNC_DIR=str(tmp_path / "jobs"), **settings)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(fake.calls("start")) == len(keywords.get("loop", [1]))
    assert seen.exists() is in_a_file
