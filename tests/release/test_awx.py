# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files in docs/awx: by the rules that AWX checks them with, and in a run as AWX makes it."""

from __future__ import annotations

import json
import os
import re
import sys
import typing as t
from pathlib import Path

import ansible_runner
import pytest
import yaml
from ansible_collections.community.northflank.plugins.module_utils._argspec import COMMON
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from .conftest import ROOT

AWX = ROOT / "docs" / "awx"
SURVEY = json.loads((AWX / "survey.json").read_text(encoding="utf-8"))
INPUTS, INJECTORS = (yaml.safe_load((AWX / f"credential_type_{name}.yml").read_text(encoding="utf-8")) for name in ("inputs", "injectors"))

NAME = re.compile("[a-zA-Z_][a-zA-Z0-9_]*")


def injected(**credential: str) -> dict[str, str]:
    """The environment that AWX gives to a job: a sandbox in which a name without a value is an error."""
    sandbox = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    return {name: sandbox.from_string(template).render(**credential) for name, template in INJECTORS["env"].items()}


def test_the_credential_type():
    fields = {field["id"]: field for field in INPUTS["fields"]}
    assert (INPUTS.keys(), INJECTORS.keys(), len(fields)) == ({"fields", "required"}, {"env"}, len(INPUTS["fields"]))
    assert all(NAME.fullmatch(name) for name in [*fields, *INJECTORS["env"]])
    assert all({"id", "label"} <= field.keys() <= {"id", "label", "type", "help_text", "secret"} for field in fields.values())
    assert fields["api_token"]["secret"]
    assert INPUTS["required"] == ["api_token"]
    assert not [name for name in INJECTORS["env"] if name.startswith("ANSIBLE_")]


def test_a_credential_reaches_the_environment_that_the_modules_read():
    assert injected(api_token="nf-token") == {"NORTHFLANK_API_TOKEN": "nf-token", "NORTHFLANK_API_BASE_URL": COMMON["api_url"]["default"]}
    assert injected(api_token="t", api_url="https://api.example.com")["NORTHFLANK_API_BASE_URL"] == "https://api.example.com"


def test_the_survey():
    assert SURVEY.keys() == {"name", "description", "spec"}
    for question in SURVEY["spec"]:
        assert {"question_name", "variable", "type", "required"} <= question.keys()
        assert question["type"] in ("text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect")
        assert NAME.fullmatch(question["variable"])
        assert ("choices" in question) == (question["type"] == "multiplechoice")
        assert question["default"] in question.get("choices", [question["default"]])
        assert isinstance(question["default"], int if question["type"] == "integer" else str)


def test_the_playbook_asks_for_what_the_survey_answers():
    asked = {question["variable"] for question in SURVEY["spec"]}
    used = set(re.findall(r"\b(northflank_(?!job_build)\w+)", (AWX / "build.yml").read_text(encoding="utf-8"))) - {"northflank_image"}
    assert used == asked


@pytest.mark.parametrize(("answers", "started"), [({}, 1), ({"northflank_again": "yes"}, 2), ({"northflank_again": "no"}, 1)])
def test_a_job_of_awx(fake, installed, tmp_path, monkeypatch, answers, started):
    """Twice the same job template, under ansible-runner, with the survey's answers and the credential's environment."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    given: dict[str, t.Any] = {question["variable"]: question["default"] for question in SURVEY["spec"]}
    given.update({"northflank_project": "default-project", "northflank_job": "example-job", **answers})
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "build.yml").write_bytes((AWX / "build.yml").read_bytes())
    where = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    for _job in range(2):
        ran = ansible_runner.run(
            private_data_dir=str(tmp_path),
            playbook="build.yml",
            inventory="localhost ansible_connection=local",
            extravars=given,
            envvars={**injected(api_token=fake.token, api_url=fake.url), **where},
            quiet=True,
        )
        assert ran.status == "successful", ran.stdout.read()
        [stats] = [event for event in ran.events if event["event"] == "playbook_on_stats"]
        assert "example-job" in stats["event_data"]["artifact_data"]["northflank_image"]
    assert len([call for call in fake.calls() if call.method == "POST"]) == started
