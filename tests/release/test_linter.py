# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-lint finds wrong arguments of the modules in playbooks, and sends nothing."""

from __future__ import annotations

import json

import pytest
import yaml

RIGHT = [
    ("northflank_job_build", {"project_id": "p", "job_id": "{{ job }}", "wait": True, "overrides": {"build_arguments": "{{ arguments }}"}}),
    ("northflank_job_build_wait", {"builds": "{{ started.results }}"}),
    ("northflank_job_run", {"projectId": "p", "jobId": "j", "deployment": {"internal": {"buildSHA": "latest"}}}),
]
WRONG = [
    ("northflank_job_build", {"project_id": "p", "job_id": "j", "wiat": True}, "wiat"),
    ("northflank_job_build", {"project_id": "p"}, "job_id"),
    ("northflank_job_run", {"project_id": "p", "job_id": "j", "deployment": {"docker": {"config_type": "custom"}}}, "config_type"),
]


@pytest.fixture
def lint(command, installed, fake, tmp_path):
    """Lint a playbook with some tasks, and return what was found in each."""

    def run(tasks):
        names = [f"Task {number}" for number in range(len(tasks))]
        listed = [{"name": name, f"community.northflank.{module}": given} for name, (module, given, *_words) in zip(names, tasks)]
        play = tmp_path / "play.yml"
        play.write_text("---\n" + yaml.safe_dump([{"name": "Play", "hosts": "localhost", "tasks": listed}], sort_keys=False))
        # With a token in the environment, a linter that ran modules would start builds.
        where = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "NORTHFLANK_API_TOKEN": fake.token, "NORTHFLANK_API_BASE_URL": fake.url}
        options = ["--offline", "--enable-list", "args", "--format", "json", "--nocolor", "-q"]
        printed = command("ansible-lint", *options, play, status=None, **where)
        assert fake.journal == []
        problems = json.loads(printed[printed.index("[") : printed.rindex("]") + 1])
        return [problem["description"] + json.dumps(problem) for problem in problems if problem["check_name"].startswith("args")]

    return run


def test_right_arguments_pass(lint):
    assert lint(RIGHT) == []


def test_wrong_arguments_are_found(lint):
    found = lint(WRONG)
    assert len(found) == len(WRONG)
    assert [words for (*_task, words), problem in zip(WRONG, found) if words not in problem] == []
