# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait comes to: success, a failure with its log, or a timeout, and in which words."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, several

LOG = [(0, "Step 1/2 : FROM scratch"), (1, "Step 2/2 : RUN false"), (2, "exit code 1")]
LINES = [text for _time, text in LOG]


@pytest.mark.parametrize("status", ["FAILURE", "SUBMISSION_FAILURE", "CRASHED"])
def test_a_failed_build_fails_the_task_with_its_log(build, fake, status):
    fake.plan(PROJECT, JOB, Script.failure(5, status=status, message="Step 2/2 exited with 1.", log=LOG))
    result = build(wait=True)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, True, "build_failed")
    assert result["build"]["status"] == status
    assert result["msg"] == (
        f"Build {result['build']['id']!r} of job 'example-job' of project 'default-project' ended with {status}: Step 2/2 exited with 1. "
        "The last lines of the log are in logs."
    )
    assert result["error"]["message"] == "Step 2/2 exited with 1."
    assert result["logs"] == LINES


def test_a_build_that_somebody_aborts_fails_the_task(build, fake, clock):
    fake.plan(PROJECT, JOB, Script.success(60))
    clock.on_advance(lambda: [there.abort() for there in fake.builds(PROJECT, JOB) if clock.monotonic() > 20 and not there.aborted])
    result = build(wait=True)
    assert result["error"]["kind"] == "build_failed"
    assert "ended with ABORTED" in result["msg"]


@pytest.mark.parametrize(("status", "shown"), [("FAILURE", "FAILURE"), ("aborted", "ABORTED"), ("SKIPPED", "SKIPPED"), (None, None)])
def test_the_error_has_the_status_of_the_build_as_it_is_documented(build, fake, status, shown):
    fake.plan(PROJECT, JOB, Script([(0, "PENDING"), (5, "CRASHED")], raw={"status": status}, omit=["success"]))
    result = build(wait=True)
    assert (result["error"]["kind"], result["error"]["build_status"]) == ("build_failed", shown)
    assert result["build"]["status"] == status


def test_with_fail_fast_the_builds_that_go_on_are_counted(wait, fake):
    bad, slow = several(fake, 1, Script.failure(5)), several(fake, 2, Script.never_ends())
    result = wait(builds=[*bad, *slow], fail_fast=True)
    assert "1 of 3 builds failed" in result["msg"]
    assert "With fail_fast, the task did not wait for the rest (2), which continues in Northflank." in result["msg"]


@pytest.mark.parametrize("fault", [Fault("html", times=None, status=404), Fault("reset", times=None)])
def test_nothing_is_said_to_go_on_where_northflank_never_responded(wait, fake, fault):
    fake.fault(fault)
    result = wait(builds=["a-build"], wait_timeout=10)
    assert result["error"]["kind"] in ("invalid_response", "network")
    assert "Check " in result["msg"] and "continues" not in result["msg"]


@pytest.mark.parametrize("abort", [False, True])
def test_a_build_that_was_never_found_is_not_said_to_go_on(wait, fake, abort):
    result = wait(builds=["no-such-build"], wait_timeout=10, abort_on_timeout=abort)
    assert result["error"]["kind"] == "not_found"
    assert "'no-such-build' of job 'example-job' of project 'default-project' was not found. Check its ID" in result["msg"]
    assert "continue" not in result["msg"]
    assert fake.calls("abort") == []
    [slow] = several(fake, 1, Script.never_ends())
    message = wait(builds=["no-such-build", slow], wait_timeout=10)["msg"]
    assert "It continues" in message and "'no-such-build' (job 'example-job'): not found" in message


def test_a_build_that_is_not_yet_found_after_its_start_goes_on(build, fake):
    fake.plan(PROJECT, JOB, Script.success(60, visible_after=30))
    result = build(wait=True, wait_timeout=10)
    assert result["error"]["kind"] == "wait_timeout"
    assert "It continues" in result["msg"]


def test_failures_of_many_builds_are_counted_and_the_first_are_named(wait, fake):
    good, bad = several(fake, 1, Script.success(10)), several(fake, 7, Script.failure(5, message="Broken", log=LOG))
    result = wait(builds=[*good, *bad])
    assert result["error"]["kind"] == "build_failed"
    assert f"7 of 8 builds failed: {bad[0]!r} (job 'example-job'): FAILURE: Broken; " in result["msg"]
    assert "; and 2 more" in result["msg"]
    assert "Logs of others are in builds[].logs." in result["msg"]
    assert [b["success"] for b in result["builds"]] == [True] + [False] * 7
    assert result["logs"] == result["builds"][1]["logs"] == LINES
    assert len(fake.calls("logs")) == 5


@pytest.mark.parametrize("lines", [0, 2])
def test_only_as_many_lines_of_the_log_are_returned_as_wanted(build, fake, lines):
    fake.plan(PROJECT, JOB, Script.failure(5, log=LOG))
    result = build(wait=True, log_lines=lines)
    assert result["logs"] == LINES[3 - lines :]
    assert (len(fake.calls("logs")), "log" in result["msg"].lower()) == ((1, True) if lines else (0, False))


def test_a_build_that_does_not_end_in_time_goes_on_and_the_last_failure_is_told(build, fake):
    fake.plan(PROJECT, JOB, Script.never_ends())
    fake.fault(Fault("status", "get", status=502, times=None))
    fake.fault(Fault("status", "list", status=502, times=None, call=2))
    result = build(wait=True, wait_timeout=100)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, True, "wait_timeout")
    for words in (
        result["build"]["id"],
        "has not ended after 100 s (wait_timeout)",
        "It continues in Northflank",
        "The last poll failed",
        "502",
    ):
        assert words in result["msg"]
    assert fake.calls("abort") == []


@pytest.mark.parametrize("abort", [False, True])
def test_of_many_builds_those_that_are_late_are_named_and_aborted_if_wanted(wait, fake, abort):
    quick, slow = several(fake, 1, Script.success(10)), several(fake, 2, Script.never_ends())
    result = wait(builds=[*quick, *slow], wait_timeout=60, abort_on_timeout=abort)
    assert "2 of 3 builds have not ended after 60 s (wait_timeout)" in result["msg"]
    assert all(build_id in result["msg"] for build_id in slow) and quick[0] not in result["msg"]
    assert ("Aborted: 2 of 2." if abort else "They continue in Northflank") in result["msg"]
    assert [b["status"] for b in result["builds"]] == ["SUCCESS", *["ABORTED" if abort else "BUILDING"] * 2]
    assert result["changed"] is abort


def test_an_abort_that_is_forbidden_is_a_warning(build, fake):
    fake.plan(PROJECT, JOB, Script.never_ends())
    fake.fault(Fault("status", "abort", status=403, message="No.", times=None))
    result = build(wait=True, wait_timeout=100, abort_on_timeout=True)
    assert "Aborted: 0 of 1." in result["msg"]
    assert "General > Update" in build.warnings[0]


def test_a_build_that_ends_well_while_it_is_aborted_is_no_failure(wait, fake):
    # By looks: the one after the abort shows the end.
    there = fake.add_build(PROJECT, JOB, script=Script([(0, "BUILDING"), (4, "SUCCESS")], by="looks"))
    fake.fault(Fault("status", "abort", status=409, message="The build has ended"))
    result = wait(builds=[there.id], wait_timeout=6, abort_on_timeout=True)
    assert len(fake.calls("abort")) == 1
    assert result["builds"][0]["success"] is True
    assert "failed" not in result


def test_a_build_of_somebody_else_is_not_aborted(build, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.never_ends())
    result = build(reuse="in_progress", wait=True, wait_timeout=30, abort_on_timeout=True)
    assert (result["error"]["kind"], result["build"]["id"]) == ("wait_timeout", there.id)
    assert "It continues" in result["msg"]
    assert not there.aborted


def test_check_mode_aborts_nothing(wait, fake):
    ids = several(fake, 1, Script.never_ends())
    result = wait(builds=ids, wait_timeout=5, abort_on_timeout=True, check_mode=True)
    assert (result["error"]["kind"], result["changed"]) == ("wait_timeout", False)
    assert {entry.method for entry in fake.journal} == {"GET"}


@pytest.mark.parametrize("arguments", [{"wait_timeout": 0}, {"wait_interval": 0}, {"log_lines": -1}, {"wait_timeout": 10**400}], ids=str)
def test_numbers_that_make_no_sense_are_refused(build, fake, arguments):
    result = build(wait=True, **arguments)
    assert (result["error"]["kind"], fake.journal) == ("invalid_arguments", [])
    assert next(iter(arguments)) in result["msg"] and len(result["msg"]) < 200
