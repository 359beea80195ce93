# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments and the result of an abort."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT


@pytest.fixture
def running(fake):
    return fake.add_build(PROJECT, JOB, age=10, script=Script.never_ends())


def test_a_running_build_is_aborted(abort, fake, running):
    result = abort(build_id=running.id)
    assert result["changed"] is True
    assert (result["build"]["id"], result["build"]["status"]) == (running.id, "ABORTED")
    assert [call.endpoint for call in fake.journal] == ["get", "abort", "get"]
    assert fake.calls("abort")[0].body == b""


def test_the_status_may_be_in_any_case(abort, running):
    running.raw["status"] = "aborted"
    running.raw["concluded"] = None
    assert abort(build_id=running.id)["changed"] is False


def test_an_abort_counts_in_any_case_of_its_status(abort, fake, running):
    fake.fault(Fault("json", "get", call=2, status=200, body={"data": {"id": running.id, "status": "aborted", "concluded": True}}))
    assert abort(build_id=running.id)["changed"] is True


def test_a_second_abort_changes_nothing(abort, fake, running):
    assert [abort(build_id=running.id)["changed"] for _each in range(2)] == [True, False]
    assert len(fake.calls("abort")) == 1


@pytest.mark.parametrize("script", [Script.success(5), Script.failure(5)])
def test_a_build_that_has_ended_is_left_alone(abort, fake, script):
    ended = fake.add_build(PROJECT, JOB, age=60, script=script)
    assert abort(build_id=ended.id)["changed"] is False
    assert fake.calls("abort") == []


@pytest.mark.parametrize("build_id", ["", None, ".."])
def test_a_build_needs_an_id(abort, fake, build_id):
    assert abort(build_id=build_id)["error"]["kind"] == "invalid_arguments"
    assert fake.journal == []


def test_check_mode_and_diff_mode_show_what_would_be_aborted(abort, fake, running):
    result = abort(build_id=running.id, check_mode=True, diff=True)
    assert result["changed"] is True
    assert result["diff"] == {"before": {"status": "BUILDING"}, "after": {"status": "ABORTED"}}
    ended = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5))
    assert abort(build_id=ended.id, check_mode=True)["changed"] is False
    assert fake.calls("abort") == []


@pytest.mark.parametrize("build_id", ["", None])
def test_check_mode_accepts_a_build_that_was_not_started(abort, fake, build_id):
    assert abort(build_id=build_id, check_mode=True)["changed"] is True
    assert fake.journal == []


@pytest.mark.parametrize("response", ["ok", "conflict"])
@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE"])
def test_a_build_that_ends_while_the_abort_is_under_way_is_not_aborted(abort, fake, response, status):
    fake.abort_of_ended = response
    there = fake.add_build(PROJECT, JOB, script=Script(steps=[(0, "BUILDING"), (10, status)]))
    # The abort gets through only when the build has ended.
    fake.fault(Fault("unavailable", "abort", seconds=15))
    result = abort(build_id=there.id)
    assert (result["changed"], result["build"]["status"]) == (False, status)
