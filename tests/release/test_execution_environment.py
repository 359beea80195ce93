# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-builder takes from the installed collection."""

from __future__ import annotations

import yaml

from .conftest import ROOT

REQUIREMENTS = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8")
NEEDED = [line for line in REQUIREMENTS.splitlines() if line and not line.startswith("#")]


def test_introspect_finds_the_requirements(command, installed):
    found = yaml.safe_load(command("ansible-builder", "introspect", installed))
    assert found == {"python": [f"{library}  # from collection community.northflank" for library in NEEDED], "system": []}


def test_create_brings_the_collection_into_the_image(command, tarball, tmp_path):
    (tmp_path / tarball.name).write_bytes(tarball.read_bytes())
    definition = {
        "version": 3,
        "images": {"base_image": {"name": "registry.example.com/base:latest"}},
        "dependencies": {
            "ansible_core": {"package_pip": "ansible-core"},
            "ansible_runner": {"package_pip": "ansible-runner"},
            "galaxy": {"collections": [{"name": tarball.name, "type": "file"}]},
        },
        "additional_build_files": [{"src": tarball.name, "dest": "collections"}],
    }
    (tmp_path / "execution-environment.yml").write_text(yaml.safe_dump(definition), encoding="utf-8")
    command("ansible-builder", "create", "--output-filename", "Containerfile", cwd=tmp_path)
    context = tmp_path / "context"
    assert "ansible-galaxy collection install" in (context / "Containerfile").read_text(encoding="utf-8")
    wanted = yaml.safe_load((context / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert wanted["collections"] == [{"name": tarball.name, "type": "file"}]
    assert (context / "_build" / "collections" / tarball.name).read_bytes() == tarball.read_bytes()
