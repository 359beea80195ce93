# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball: what is in it, and that it works where there is nothing else."""

from __future__ import annotations

import re
import tarfile

import yaml
from ansible_collections.community.northflank.plugins.module_utils._http.transport import USER_AGENT

from .conftest import ROOT

GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))


def pattern(glob: str) -> re.Pattern[str]:
    return re.compile(re.escape(glob).replace(r"\*", "[^/]*"))


def test_it_holds_what_the_release_guide_lists(tarball):
    with tarfile.open(tarball) as content:
        files = [member.name for member in content.getmembers() if not member.isdir()]
    guide = (ROOT / "RELEASING.md").read_text(encoding="utf-8")
    [listed] = re.findall(r"^<!-- tarball -->\n```text\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    patterns = [pattern(line.split()[0]) for line in listed.splitlines()]
    assert [file for file in files if not any(known.fullmatch(file) for known in patterns)] == [], "not in RELEASING.md"
    assert [known.pattern for known in patterns if not any(map(known.fullmatch, files))] == [], "not in the tarball"


def test_ansible_galaxy_finds_it_whole(command, installed):
    printed = command("ansible-galaxy", "collection", "verify", "--offline", "--collections-path", installed, "community.northflank")
    assert "Successfully verified" in printed


def test_it_works_from_there(command, fake, installed):
    where = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "NORTHFLANK_API_TOKEN": fake.token, "NORTHFLANK_API_BASE_URL": fake.url}
    play = installed / "ansible_collections" / "community" / "northflank" / "docs" / "examples" / "build_and_use_the_image.yml"
    for in_process, way in (("true", "run in-process"), ("false", "run as a module")):
        fake.reset()
        printed = command("ansible-playbook", "-vvv", play, **where, NORTHFLANK_IN_PROCESS=in_process)
        assert way in printed
        assert " failed=0 " in printed
        assert [call.method for call in fake.calls() if call.method == "POST"] == ["POST"]
    assert f"Using module file {installed}/ansible_collections/community/northflank/plugins/modules/northflank_job_build.py" in printed


def test_its_documentation_can_be_read(command, installed):
    listed = command("ansible-doc", "--list", "community.northflank", ANSIBLE_COLLECTIONS_PATH=str(installed))
    modules = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
    assert re.findall(r"^community\.northflank\.(\w+)", listed, re.MULTILINE) == modules


def test_the_version_is_the_same_everywhere():
    changelog = yaml.safe_load((ROOT / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))
    assert USER_AGENT.endswith(f"/{GALAXY['version']}")
    assert GALAXY["version"] in changelog["releases"] or any((ROOT / "changelogs" / "fragments").glob("*.yml"))
