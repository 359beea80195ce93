# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arguments and the result of an abort."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, endpoint

ABORTED = {"build": "ABORTED", "run": "FAILED"}
"""The status after an abort. No status of a run tells of it."""


@pytest.fixture
def running(kind):
    return kind.add(age=10, script=Script.never_ends())


@pytest.fixture
def abort_it(kind):
    """Abort what has that ID."""
    return lambda item_id, **options: kind.task("abort")(**{f"{kind.name}_id": item_id}, **options)


def test_what_is_running_is_aborted_once(kind, abort_it, fake, running):
    result = abort_it(running.id, diff=True)
    assert result["changed"] is True
    assert (result[kind.name]["id"], result[kind.name]["status"]) == (running.id, ABORTED[kind.name])
    assert result["diff"]["after"] == {"status": ABORTED[kind.name]}
    assert [call.endpoint for call in fake.journal] == [endpoint(kind.name, name) for name in ("get", "abort", "get")]
    assert kind.calls("abort")[0].body == b""
    assert abort_it(running.id)["changed"] is False
    assert len(kind.calls("abort")) == 1


@pytest.mark.parametrize("script", [Script.success(5), Script.failure(5)])
@pytest.mark.parametrize("check_mode", [False, True])
def test_what_has_ended_is_left_alone(kind, abort_it, script, check_mode):
    ended = kind.add(age=60, script=script)
    assert abort_it(ended.id, check_mode=check_mode)["changed"] is False
    assert kind.calls("abort") == []


def test_check_mode_and_diff_mode_show_what_would_be_aborted(kind, abort_it, running):
    result = abort_it(running.id, check_mode=True, diff=True)
    assert result["changed"] is True
    before = {"build": "BUILDING", "run": "RUNNING"}[kind.name]
    assert result["diff"] == {"before": {"status": before}, "after": {"status": ABORTED[kind.name]}}
    assert kind.calls("abort") == []


@pytest.mark.parametrize("item_id", ["", None, ".."])
def test_an_id_is_needed_unless_check_mode_started_nothing(kind, abort_it, fake, item_id):
    assert abort_it(item_id)["error"]["kind"] == "invalid_arguments"
    if item_id != "..":
        result = abort_it(item_id, check_mode=True)
        assert (result["changed"], result[kind.name]["id"]) == (True, None)
    assert fake.journal == []


def test_one_of_another_job_is_not_found_and_the_job_is_named(kind, abort_it, running):
    result = abort_it(running.id, job_id="worker")
    assert result["error"]["kind"] == "not_found"
    assert f"{kind.name} {running.id!r} of job 'worker' of project 'default-project'" in result["msg"]
    assert not running.aborted


@pytest.mark.parametrize("response", ["ok", "conflict"])
@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE"])
def test_a_build_that_ends_while_the_abort_is_under_way_is_not_aborted(abort, fake, response, status):
    fake.abort_of_ended = response
    there = fake.add_build(PROJECT, JOB, script=Script(steps=[(0, "BUILDING"), (10, status)]))
    # The abort gets through only when the build has ended.
    fake.fault(Fault("unavailable", "abort", seconds=15))
    result = abort(build_id=there.id)
    assert (result["changed"], result["build"]["status"]) == (False, status)


def test_the_status_of_an_aborted_build_may_be_in_any_case(abort, fake):
    there = fake.add_build(PROJECT, JOB, age=10, script=Script.never_ends())
    fake.fault(Fault("json", "get", call=2, status=200, body={"data": {"id": there.id, "status": "aborted", "concluded": True}}))
    assert abort(build_id=there.id)["changed"] is True
    there.aborted, there.raw = False, {"status": "aborted", "concluded": None}
    assert abort(build_id=there.id)["changed"] is False


@pytest.mark.parametrize("status", ["CANCELLED", None])
@pytest.mark.parametrize("kind", ["run"], indirect=True)
def test_an_accepted_abort_counts_whatever_the_run_is_called_then(kind, abort_it, status):
    there = kind.add(age=10, script=Script.never_ends(raw={"status": status}))
    assert abort_it(there.id)["changed"] is True
