# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What pipelines do: the commands out of their definitions, each with its environment."""

from __future__ import annotations

import re
import typing as t

import jinja2
import yaml

Environment = dict[str, str]
Step = tuple[str, Environment]  # A command, and the environment that the pipeline sets for it


def steps(name: str, text: str, secrets: Environment, values: Environment) -> list[Step] | None:
    """The commands of a pipeline; null for a file that defines none.

    :arg name: the file's name, which says what it is.
    :arg secrets: what is stored in the CI system's settings.
    :arg values: what the CI system knows of the run, by its own name for it.
    """
    if name.startswith(".github/workflows/"):
        return list(_github(yaml.safe_load(text), secrets, values))
    if name == ".gitlab-ci.yml":
        return list(_gitlab(yaml.safe_load(text), secrets, values))
    if name == "Jenkinsfile":
        return list(_jenkins(text, secrets, values))
    return None


def _github(workflow: dict[str, t.Any], secrets: Environment, values: Environment) -> t.Iterator[Step]:
    known = {**{f"secrets.{name}": value for name, value in secrets.items()}, **values}

    def environment(*parts: dict[str, t.Any]) -> Environment:
        merged = {name: str(value) for part in parts for name, value in part.get("env", {}).items()}
        return {name: re.sub(r"\$\{\{ *(\S+) *\}\}", lambda match: known[match[1]], value) for name, value in merged.items()}

    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "run" in step:
                yield step["run"], environment(workflow, job, step)
            else:
                assert step["uses"]


def _gitlab(pipeline: dict[str, t.Any], secrets: Environment, values: Environment) -> t.Iterator[Step]:
    for job in pipeline.values():
        if isinstance(job, dict) and "script" in job:
            # All commands of a job run in one shell.
            yield "\n".join([*job.get("before_script", []), *job["script"]]), {**secrets, **values, **job.get("variables", {})}


def _jenkins(text: str, secrets: Environment, values: Environment) -> t.Iterator[Step]:
    assert text.count("{") == text.count("}")
    set_here = dict(re.findall(r"(\w+) = credentials\('([\w-]+)'\)", text))
    environment = {name: secrets[name] for name in set_here}
    for command in re.findall(r"\bsh '([^']+)'", text):
        yield command, {**environment, **values}


def injected(injectors: dict[str, t.Any], inputs: Environment) -> Environment:
    """The environment that a credential of AWX gives a job: each template with the credential's fields."""
    return {name: jinja2.Template(template).render(inputs) for name, template in injectors["env"].items()}
