# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build is aborted, and one that has ended is left alone."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script

PROJECT, JOB = "default-project", "example-job"


@pytest.fixture
def running(fake):
    return fake.add_build(PROJECT, JOB, age=10, script=Script.never_ends())


def test_a_running_build_is_aborted(abort, fake, running):
    result = abort(build_id=running.id)
    assert result["changed"] is True
    assert (result["build"]["id"], result["build"]["status"]) == (running.id, "ABORTED")
    assert [call.endpoint for call in fake.journal] == ["get", "abort", "get"]
    assert fake.calls("abort")[0].body == b""


def test_twice_changes_once(abort, fake, running):
    assert abort(build_id=running.id)["changed"] is True
    assert abort(build_id=running.id)["changed"] is False
    assert len(fake.calls("abort")) == 1


@pytest.mark.parametrize("script", [Script.success(5), Script.failure(5)])
def test_an_ended_build_is_left_alone(abort, fake, script):
    ended = fake.add_build(PROJECT, JOB, age=60, script=script)
    assert abort(build_id=ended.id)["changed"] is False
    assert fake.calls("abort") == []


@pytest.mark.parametrize("answer", ["ok", "conflict"])
@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE"])
def test_a_build_that_ends_while_the_abort_is_under_way(abort, fake, clock, answer, status):
    fake.abort_of_ended = answer
    there = fake.add_build(PROJECT, JOB, script=Script(steps=[(0, "BUILDING"), (10, status)]))
    # The first look sees it run. The abort gets through to the API only when it has ended.
    fake.fault(Fault("unavailable", "abort", seconds=15))
    result = abort(build_id=there.id)
    assert result["changed"] is False
    assert result["build"]["status"] == status


@pytest.mark.parametrize("kind", ["reset", "close", "cut"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("ended", ["ok", "conflict"])
def test_a_lost_answer_to_the_abort(abort, fake, running, kind, when, ended):
    fake.abort_of_ended = ended
    fake.fault(Fault(kind, "abort", when=when))
    result = abort(build_id=running.id)
    assert result["changed"] is True
    assert result["build"]["status"] == "ABORTED"


def test_refused(abort, fake, running):
    fake.fault(Fault("status", "abort", status=409, message="Not now."))
    result = abort(build_id=running.id)
    assert result["error"]["kind"] == "rejected"
    assert "Not now" in result["msg"]


def test_accepted_but_no_longer_to_be_seen(abort, fake, running):
    fake.fault(Fault("status", "get", call=2, status=403, message="No."))
    result = abort(build_id=running.id)
    assert result["changed"] is True
    assert result["build"]["id"] == running.id
    assert len(abort.warnings) == 1


def test_unknown(abort):
    assert abort(build_id="no-such-build")["error"]["kind"] == "not_found"


@pytest.mark.parametrize("build_id", ["", None, ".."])
def test_no_id(abort, fake, build_id):
    assert abort(build_id=build_id)["error"]["kind"] == "invalid_arguments"
    assert fake.journal == []


def test_check_mode(abort, fake, running):
    result = abort(build_id=running.id, check_mode=True, diff=True)
    assert result["changed"] is True
    assert result["diff"] == {"before": {"status": "BUILDING"}, "after": {"status": "ABORTED"}}
    assert fake.calls("abort") == []
    ended = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5))
    assert abort(build_id=ended.id, check_mode=True)["changed"] is False


@pytest.mark.parametrize("build_id", ["", None])
def test_check_mode_accepts_a_build_that_was_not_started(abort, fake, build_id):
    assert abort(build_id=build_id, check_mode=True)["changed"] is True
    assert fake.journal == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault("no_content", "abort", when="after"),
        Fault("html", "abort", status=200, when="after"),
        Fault("status", "abort", status=500, when="after"),
        Fault("reset", "abort", when="after", times=None),
    ],
    ids=str,
)
def test_an_unclear_answer_to_the_abort_is_looked_into(abort, fake, running, fault):
    fake.fault(fault)
    result = abort(build_id=running.id)
    assert result["changed"] is True
    assert result["build"]["status"] == "ABORTED"


@pytest.mark.parametrize("status", [403, 404, 409, 500])
def test_a_failed_abort_names_the_build(abort, fake, running, status):
    fake.fault(Fault("status", "abort", status=status, times=None, message="No."))
    result = abort(build_id=running.id)
    assert result["failed"] is True
    assert result["build"]["id"] == running.id
