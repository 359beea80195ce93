# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action group has all modules, and its name is the documented one."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.community.northflank.plugins.doc_fragments._attributes import ModuleDocFragment

ROOT = Path(__file__).parents[3]


def test_the_documented_action_group_has_all_modules():
    documented = yaml.safe_load(ModuleDocFragment.ACTIONGROUP_NORTHFLANK)["attributes"]["action_group"]
    groups = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))["action_groups"]
    modules = sorted(path.stem for path in (ROOT / "plugins/modules").glob("northflank_*.py"))
    assert {f"community.northflank.{name}": sorted(members) for name, members in groups.items()} == {documented["membership"][0]: modules}
    assert f"C(group/{documented['membership'][0]})" in documented["description"]
