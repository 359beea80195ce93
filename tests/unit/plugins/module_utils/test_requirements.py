# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The oldest libraries are the same wherever they are named, and older ones are refused in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _wire

ROOT = Path(__file__).parents[4]
NEEDED = {"requests": _wire.OLDEST_REQUESTS, "urllib3": _wire.OLDEST_URLLIB3}


@pytest.mark.parametrize("file", ["requirements.txt", "tests/oldest.txt", "README.md", "plugins/doc_fragments/northflank.py"])
def test_the_oldest_versions_are_the_same_everywhere(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    named = re.findall(r"\b(requests|urllib3)(?:\]\S*)? ?(?:>=|==) ?([\d.]+\d)", text)
    assert dict(named) == NEEDED
    assert len(named) == len(NEEDED)


@pytest.mark.parametrize("found", [("2.24.9", "1.26.0"), ("2.25.0", "1.25.11"), ("2.32.5", "0.9"), ("1.99", "2.5.0")])
def test_older_ones_are_refused(found):
    with pytest.raises(ImportError, match=f"requests {found[0]} with urllib3 {found[1]} is too old"):
        _wire.demand_versions(*found)


@pytest.mark.parametrize("found", [("2.25.0", "1.26.0"), ("2.25.1", "1.26.20"), ("3.0.dev1", "2.5.0+local.1"), ("2.100", "10.0")])
def test_newer_ones_are_taken(found):
    _wire.demand_versions(*found)
