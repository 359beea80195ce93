# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a build that was to be aborted is what the API shows afterwards, whatever it said to the abort."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT


@pytest.mark.parametrize("response", ["ok", "conflict"])
@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE"])
def test_a_build_that_ends_while_the_abort_is_under_way_is_not_aborted(abort, fake, response, status):
    fake.abort_of_ended = response
    there = fake.add_build(PROJECT, JOB, script=Script(steps=[(0, "BUILDING"), (10, status)]))
    # The abort gets through only when the build has ended.
    fake.fault(Fault("unavailable", "abort", seconds=15))
    result = abort(build_id=there.id)
    assert (result["changed"], result["build"]["status"]) == (False, status)
