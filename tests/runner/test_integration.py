# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The targets of C(ansible-test integration), each as a role in a play on this machine, against an embedded API that is there already."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TARGETS = Path(__file__).parents[1] / "integration" / "targets"


@pytest.mark.parametrize("target", sorted(p.name for p in TARGETS.iterdir() if not p.name.startswith("setup_")))
def test_target(target, fake, playbook, tmp_path):
    play = tmp_path / "play.yml"
    play.write_text(f"- hosts: localhost\n  gather_facts: false\n  roles: [{target}]\n", encoding="utf-8")
    where = {"url": fake.url, "token": fake.token}
    (tmp_path / "ready.json").write_text(json.dumps(where), encoding="utf-8")
    ran = playbook(play, "-e", json.dumps({"fake_northflank": where, "fake_northflank_folder": {"path": str(tmp_path)}}))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "All assertions passed" in ran.stdout
