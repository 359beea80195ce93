# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rounds of a benchmark say of its limits."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tools.benchmark.rows import Limit, Row, Verdict


@pytest.mark.parametrize(
    ("mine", "verdict"),
    [
        ([1.0, 1.9, 2.0], Verdict.KEPT),
        ([1.0, 1.9, 2.1], Verdict.KEPT),
        ([1.9, 2.1, 2.2], Verdict.UNCLEAR),
        ([2.1, 2.2, 2.3], Verdict.BROKEN),
    ],
)
def test_the_median_decides_and_noise_is_told(mine, verdict):
    row = Row("task", "One more task", "ms", lambda stage, side: 0.0, {}, {"mine": mine, "theirs": [1.0, 1.0, 1.0]})
    assert Limit("mine to theirs", "task", "mine", "theirs", 2.0).verdict({"task": row}) is verdict
    assert Limit("mine to seconds", "task", "mine", 1.0, 2.0).verdict({"task": row}) is verdict
