# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example in the documentation does what it says, against the embedded API."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault
from ansible_collections.community.northflank.tests.runner.conftest import where

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "plugins" / "modules").glob("northflank_*.py"))
PLAYBOOKS = sorted((ROOT / "docs" / "examples").glob("*.yml"))

# What the examples take from their reader.
VARIABLES = {"northflank_token": "{{ lookup('ansible.builtin.env', 'NORTHFLANK_API_TOKEN') }}", "npm_token": "example-npm-token"}


def examples(module: Path) -> list[dict[str, t.Any]]:
    """The tasks of a module's C(EXAMPLES)."""
    text = re.search(r'^EXAMPLES = r"""\n(.*?)^"""', module.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert text, f"{module.name} has no EXAMPLES"
    return yaml.safe_load(text.group(1))


def tasks(listed: list[dict[str, t.Any]]) -> t.Iterator[dict[str, t.Any]]:
    """All tasks, those in blocks as well."""
    for task in listed:
        nested = [inner for key in ("block", "rescue", "always") for inner in task.get(key, [])]
        yield from tasks(nested) if nested else [task]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_task_of_the_examples_runs(module, fake, playbook, tmp_path):
    listed = examples(module)
    if "_job_run" in module.stem:
        for job in fake.jobs():
            if not job.image_only:
                fake.add_build(job.project_id, job.id, job.team_id, age=600, status="SUCCESS")
    play = tmp_path / "examples.yml"
    play.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": VARIABLES, "tasks": listed}]), encoding="utf-8")
    ran = playbook(play, **where(fake))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " failed=0 " in ran.stdout
    assert "[WARNING]: Both option" not in ran.stderr
    assert any(f"community.northflank.{module.stem}" in task for task in tasks(listed))


@pytest.mark.parametrize("example", PLAYBOOKS, ids=lambda path: path.stem)
def test_every_example_playbook_runs(example, fake, playbook, tmp_path):
    repository = tmp_path / "repository"  # Ansible's git module takes no address with a space.
    repository.symlink_to(ROOT)
    with FakeNorthflank() as chat:
        chat.fault(Fault("json", "any", status=200, body={}))
        elsewhere = {"REPOSITORY": str(repository), "CHAT_WEBHOOK": f"{chat.url}/webhook"}
        ran = playbook(example, **where(fake), **elsewhere)
        posted = [entry.json["text"] for entry in chat.journal]
    assert ran.returncode == (2 if example.stem in ("notify_a_chat", "show_the_log_of_a_failed_build") else 0), ran.stdout + ran.stderr
    assert fake.calls(), "the example sent nothing"
    assert ran.returncode == 0 or "TASK [Fail anyway]" in ran.stdout
    assert bool(posted) is (example.stem == "notify_a_chat")
    assert all("\n" in text and "\\n" not in text for text in posted)


def test_of_two_pipelines_that_supersede_older_builds_the_newer_one_goes_on(fake, playbook):
    older = fake.add_build("default-project", "example-job", age=600, status="BUILDING")
    fake.add_build("default-project", "example-job", status="BUILDING", createdAt="2999-01-01T00:00:00.000Z")
    example = ROOT / "docs" / "examples" / "supersede_older_builds.yml"
    ran = playbook(example, **where(fake))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [entry.path.rpartition("/")[2] for entry in fake.journal if entry.method == "DELETE"] == [older.id]


def test_there_are_examples():
    assert MODULES
    assert PLAYBOOKS
