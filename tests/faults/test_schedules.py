# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A seeded part of the random schedules; `run.py` plays thousands."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.faults.schedules import judge, numbers

SEED = 2026
COUNT = 100
AT_ONCE = 10


@pytest.mark.parametrize("of", ["build", "run"])
@pytest.mark.parametrize("first", range(0, COUNT, AT_ONCE))
def test_promises_are_kept(first: int, of: str) -> None:
    """Nothing is started twice, lost, late, or told; `run.py --only NUMBER --of OF` shows one that breaks a promise."""
    verdicts = [judge(number, of) for number in numbers(SEED, COUNT)[first : first + AT_ONCE]]
    assert {verdict.number: verdict.violations for verdict in verdicts if verdict.violations} == {}
