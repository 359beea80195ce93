# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds are followed to their end, one and many, whatever goes wrong on the way."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.northflank.plugins.module_utils._watch import Watcher
from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS, Fault, Script

PROJECT, JOB = "default-project", "example-job"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
LOG = [(0, "Step 1/2 : FROM scratch"), (1, "Step 2/2 : RUN false"), (2, "exit code 1")]


def plan(fake, script, **options):
    fake.plan(PROJECT, JOB, script, **options)


def without(*words: str) -> set[str]:
    """All permissions but those with one of these words."""
    return {permission for permission in PERMISSIONS if not any(word in permission for word in words)}


# One build.


def test_a_build_is_waited_for(build, fake, clock):
    plan(fake, Script.success(60))
    result = build(wait=True)
    assert result["changed"] is True
    assert (result["build"]["status"], result["build"]["concluded"], result["build"]["success"]) == ("SUCCESS", True, True)
    assert result["ansible_facts"]["northflank_job_build"] == result["build"]
    assert 60 <= sum(clock.sleeps) < 66


def test_the_exact_pauses(build, fake, clock):
    plan(fake, Script.success(20))
    build(wait=True)
    # 2 + 0.5 * root of the age, a second less at most because the server's Date has whole seconds.
    assert clock.sleeps == pytest.approx([2, 2.7, 3.08, 3.4, 3.67, 3.93, 4.17], abs=0.3)
    # One look after each pause, and none before the first.
    assert len(fake.calls("list") + fake.calls("get")) == len(clock.sleeps)


def test_wait_interval_is_the_longest_pause(build, fake, clock):
    plan(fake, Script.success(100))
    build(wait=True, wait_interval=3)
    assert max(clock.sleeps) == pytest.approx(3)
    assert len(clock.sleeps) < 40


@pytest.mark.parametrize("status", ["FAILURE", "SUBMISSION_FAILURE", "CRASHED"])
def test_a_failed_build_fails_the_task_with_its_log(build, fake, status):
    plan(fake, Script.failure(5, status=status, message="Step 2/2 exited with 1.", log=LOG))
    result = build(wait=True)
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["error"]["kind"] == "build_failed"
    assert result["build"]["status"] == status
    assert result["build"]["id"] in result["msg"]
    assert f"ended with {status}: Step 2/2 exited with 1." in result["msg"]
    assert result["logs"] == [text for _time, text in LOG]


@pytest.mark.parametrize("log_format", ["time", "stream", "plain"])
def test_the_last_lines_of_the_log(build, fake, log_format):
    fake.log_format = log_format
    plan(fake, Script.failure(5, log=LOG))
    assert build(wait=True, log_lines=2)["logs"] == ["Step 2/2 : RUN false", "exit code 1"]


def test_a_log_of_objects(build, fake):
    fake.log_format = "object"
    plan(fake, Script.failure(5, log=LOG[:1]))
    [line] = build(wait=True)["logs"]
    assert "Step 1/2" in json.dumps(json.loads(line))


def test_no_log_is_read_where_none_is_wanted(build, fake):
    plan(fake, Script.failure(5, log=LOG))
    result = build(wait=True, log_lines=0)
    assert result["logs"] == []
    assert fake.calls("logs") == []
    assert "log" not in result["msg"].lower()


def test_no_permission_to_read_logs_is_a_warning(build, fake):
    fake.add_token("no-logs", without("Logs"))
    plan(fake, Script.failure(5, log=LOG))
    result = build(wait=True, api_token="no-logs")
    assert result["error"]["kind"] == "build_failed"
    assert result["logs"] == []
    assert "View Instance Logs" in build.warnings[0]


def test_an_aborted_build_fails_the_task(build, fake, clock):
    plan(fake, Script.success(60))
    began = clock.monotonic()

    def somebody_aborts() -> None:
        if clock.monotonic() > began + 20:
            for there in fake.builds(PROJECT, JOB):
                there.aborted = True

    clock.on_advance(somebody_aborts)
    result = build(wait=True)
    assert result["error"]["kind"] == "build_failed"
    assert "ABORTED" in result["msg"]


def test_the_time_out(build, fake, clock):
    plan(fake, Script.never_ends())
    result = build(wait=True, wait_timeout=100)
    assert result["error"]["kind"] == "wait_timeout"
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["build"]["status"] == "BUILDING"
    assert result["build"]["id"] in result["msg"]
    assert "100 s (wait_timeout)" in result["msg"]
    assert sum(clock.sleeps) == pytest.approx(100)
    assert fake.calls("abort") == []


def test_an_end_at_the_last_moment_is_seen(build, fake):
    plan(fake, Script.success(99.9))
    assert build(wait=True, wait_timeout=100)["build"]["success"] is True


def test_abort_on_timeout(build, fake):
    plan(fake, Script.never_ends())
    result = build(wait=True, wait_timeout=100, abort_on_timeout=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert result["build"]["status"] == "ABORTED"
    assert "Aborted: 1 of 1" in result["msg"]


def test_abort_on_timeout_that_is_forbidden_is_a_warning(build, fake):
    plan(fake, Script.never_ends())
    fake.fault(Fault("status", "abort", status=403, message="No.", times=None))
    result = build(wait=True, wait_timeout=100, abort_on_timeout=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert "Aborted: 0 of 1" in result["msg"]
    assert "Deploy Build" in build.warnings[0]


# What ends a build, and what does not.


@pytest.mark.parametrize("status", ["QUEUED", "UNSCHEDULABLE", "IN_PROGRESS", "NEW_AND_UNKNOWN", "success", None, 7])
def test_other_statuses_are_no_end(build, fake, status):
    plan(fake, Script(steps=[(0, "PENDING"), (60, "SUCCESS")], raw={"status": status}))
    result = build(wait=True)
    assert result["build"]["success"] is True


def test_concluded_and_success_count_not_the_status(build, fake):
    plan(fake, Script(raw={"status": "IN_PROGRESS", "concluded": True, "success": True}))
    assert build(wait=True)["build"]["concluded"] is True
    plan(fake, Script(raw={"status": "SUCCESS", "concluded": True, "success": False}))
    assert build(wait=True)["error"]["kind"] == "build_failed"
    plan(fake, Script(raw={"status": "SUCCESS", "concluded": False}))
    assert build(wait=True, wait_timeout=30)["error"]["kind"] == "wait_timeout"


@pytest.mark.parametrize(("status", "kind"), [("SUCCESS", None), ("FAILURE", "build_failed"), ("ABORTED", "build_failed")])
def test_the_status_backs_up_a_missing_concluded(build, fake, status, kind):
    plan(fake, Script(steps=[(0, "PENDING"), (5, status)], omit=["concluded", "success"]))
    assert build(wait=True).get("error", {}).get("kind") == kind


@pytest.mark.parametrize("unit", ["seconds", "milliseconds"])
def test_the_history_in_seconds_or_milliseconds(build, fake, clock, unit):
    fake.concluded_unit = unit
    for number in range(5):
        fake.add_build(PROJECT, JOB, age=4000 * (number + 1), script=Script.success(600 + number))
    plan(fake, Script.success(600))
    build(wait=True)
    assert len(fake.calls("get")) < 45
    assert max(clock.sleeps) == pytest.approx(30)
    assert max(event["usual"] or 0 for event in build.events) == pytest.approx(602, abs=1)


# What goes wrong on the way.

PASSING = {
    "reset": Fault("reset", "any", times=3),
    "cut": Fault("cut", "any", times=3),
    "500": Fault("status", "any", status=500, times=3),
    "502": Fault("status", "any", status=502, times=3),
    "HTML": Fault("html", "any", status=200, times=3),
    "HTML 502": Fault("html", "any", times=3),
    "empty": Fault("empty", "any", times=3),
    "no id": Fault("json", "any", status=200, body={"data": {}}, times=3),
    "429": Fault("rate_limited", "any", header="retry-after", seconds=20, times=2),
    "503": Fault("unavailable", "any", seconds=20, times=2),
}


@pytest.mark.parametrize("endpoint", ["list", "get"])
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_lost_look_is_not_a_failed_build(build, fake, clock, fault, endpoint):
    plan(fake, Script.success(90))
    fake.fault(Fault(fault.kind, endpoint, times=fault.times, **fault.detail))
    result = build(wait=True)
    assert result["build"]["success"] is True
    assert sum(clock.sleeps) < 150


def test_the_time_out_says_why_the_latest_look_failed(build, fake):
    plan(fake, Script.success(90))
    fake.fault(Fault("status", "get", status=502, times=None))
    fake.fault(Fault("status", "list", status=502, times=None))
    result = build(wait=True, wait_timeout=200)
    assert result["error"]["kind"] == "wait_timeout"
    assert "The latest look failed" in result["msg"]
    assert "HTTP 502" in result["msg"]


def test_a_revoked_token_ends_the_wait_at_once(build, fake, clock):
    plan(fake, Script.success(900))
    fake.fault(Fault("status", "get", call=3, status=401, message="Revoked."))
    result = build(wait=True)
    assert result["error"]["kind"] == "authentication"
    assert result["build"]["id"]
    assert result["changed"] is True
    assert sum(clock.sleeps) < 60


def test_a_build_that_appears_late(build, fake):
    plan(fake, Script.success(60, visible_after=15))
    assert build(wait=True)["build"]["success"] is True


def test_a_build_that_vanishes(build, fake, clock):
    plan(fake, Script.vanishes(after=40))
    result = build(wait=True)
    assert result["error"]["kind"] == "not_found"
    assert result["build"]["status"] == "BUILDING"
    assert 40 + 30 <= sum(clock.sleeps) < 100


def test_list_forbidden_get_allowed(build, fake):
    fake.add_token("no-list", without("General > Read"))
    plan(fake, Script.success(60))
    assert build(wait=True, api_token="no-list")["build"]["success"] is True
    assert len(fake.calls("list")) == 1


def test_get_forbidden_list_allowed(wait, fake):
    fake.add_token("reader", {permission for permission in PERMISSIONS if "General > Read" in permission})
    there = fake.add_build(PROJECT, JOB, script=Script.success(60))
    assert wait(api_token="reader", builds=[{"id": there.id}])["builds"][0]["success"] is True
    assert len(fake.calls("get")) <= 1


def test_both_forbidden(wait, fake):
    fake.add_token("nobody", set())
    there = fake.add_build(PROJECT, JOB, script=Script.success(60))
    result = wait(api_token="nobody", builds=[{"id": there.id}])
    assert result["error"]["kind"] == "permission"
    assert result["builds"][0]["id"] == there.id


def test_a_wall_clock_that_jumps_changes_nothing(build, fake, clock):
    plan(fake, Script.success(60))
    clock.on_advance(lambda: clock.jump(-86400) if len(clock.sleeps) == 3 else None)
    assert build(wait=True)["build"]["success"] is True
    assert 60 <= sum(clock.sleeps) < 66


def test_a_server_clock_minutes_away_changes_nothing(build, fake, clock):
    fake.clock_skew = 600
    plan(fake, Script.success(60))
    build(wait=True)
    assert len(fake.calls("get")) + len(fake.calls("list")) < 19


def test_a_wrong_address_is_not_waited_out(wait, fake, clock):
    fake.fault(Fault("html", "any", status=200, times=None))
    result = wait(builds=[{"id": "b-1"}])
    assert result["error"]["kind"] == "invalid_response"
    assert sum(clock.sleeps) < 75


def test_a_quota_that_returns_after_the_time_out_fails_at_once(build, fake, clock):
    plan(fake, Script.success(900))
    fake.fault(Fault("rate_limited", "get", header="retry-after", seconds=3000, times=None))
    result = build(wait=True, wait_timeout=600)
    assert result["error"]["kind"] == "rate_limited"
    assert "returns in 3000 seconds" in result["msg"]
    assert result["build"]["id"]
    assert sum(clock.sleeps) < 60


def test_check_mode_does_not_wait(build, fake, clock):
    result = build(wait=True, check_mode=True)
    assert result["build"]["id"] is None
    assert clock.sleeps == []


@pytest.mark.parametrize("arguments", [{"wait_timeout": 0}, {"wait_interval": 0}, {"log_lines": -1}])
def test_numbers_that_make_no_sense(build, fake, arguments):
    assert build(wait=True, **arguments)["error"]["kind"] == "invalid_arguments"
    assert fake.journal == []


# Progress.


def test_events_of_one_build(build, fake):
    plan(fake, Script.success(200))
    build(wait=True)
    statuses = [event["build"]["status"] for event in build.events if event["kind"] == "status"]
    assert statuses == ["CLONING", "BUILDING", "UPLOADING", "SUCCESS"]
    beats = [event for event in build.events if event["kind"] == "heartbeat"]
    assert [event["elapsed"] for event in beats] == pytest.approx([60, 120, 180])
    assert all((event["total"], event["ended"], event["failed"]) == (1, 0, 0) for event in beats)


def test_an_event_tells_when_the_quota_lowers_the_pace(build, fake, clock):
    plan(fake, Script.success(1200))
    fake.set_quota(remaining=30, reset=3000)
    assert build(wait=True)["build"]["success"] is True
    [slower, *_later] = [event for event in build.events if event["kind"] == "pace"]
    assert slower["pause"] > 60
    assert slower["rate_limit"]["remaining"] < 30
    assert not [call for call in fake.journal if call.status == 429]
    # No gap without a sign of life.
    assert max(clock.sleeps) <= 60


def test_a_build_that_usually_takes_long_is_looked_at_seldom_on_a_short_quota(build, fake, clock):
    for number in range(3):
        fake.add_build(PROJECT, JOB, age=4000 * (number + 1), script=Script.success(900))
    plan(fake, Script.success(900))
    fake.set_quota(remaining=60, reset=3000)
    assert build(wait=True)["build"]["success"] is True
    # Without that, no pause is longer than 30 seconds.
    assert sum(pause > 31 for pause in clock.sleeps) > 5


# Many builds.


def test_many_builds_of_one_job_share_their_looks(wait, fake):
    ids = [fake.add_build(PROJECT, JOB, script=Script.success(10)).id for _each in range(50)]
    result = wait(builds=[{"id": build_id} for build_id in ids])
    assert [build["id"] for build in result["builds"]] == ids
    assert all(build["success"] for build in result["builds"])
    assert result["changed"] is False
    assert len(fake.journal) <= 15


@pytest.mark.parametrize("order", ["newest", "oldest", ("shuffled", 3)], ids=str)
def test_builds_are_found_wherever_the_pages_put_them(wait, fake, order):
    fake.page_order = order
    fake.max_page_size = 5
    for number in range(30):
        fake.add_build(PROJECT, JOB, age=1000 + number)
    ids = [fake.add_build(PROJECT, JOB, script=Script.success(10)).id for _each in range(10)]
    result = wait(builds=[{"id": build_id} for build_id in ids])
    assert all(build["success"] for build in result["builds"])
    assert len(fake.journal) < 60


def test_builds_of_several_jobs_and_teams(wait, fake):
    fake.add_job(PROJECT, "other")
    entries = [
        {"id": fake.add_build(PROJECT, JOB, script=Script.success(10)).id},
        {"build_id": fake.add_build(PROJECT, "other", script=Script.success(20)).id, "job_id": "other", "status": "whatever"},
        {
            "id": fake.add_build(PROJECT, JOB, team_id="example-team", script=Script.success(5)).id,
            "team_id": "example-team",
            "project_id": PROJECT,
            "job_id": JOB,
        },
    ]
    result = wait(builds=entries)
    assert [build["job_id"] for build in result["builds"]] == [JOB, "other", JOB]
    assert [build["team_id"] for build in result["builds"]] == [None, None, "example-team"]
    assert all(build["success"] for build in result["builds"])


def test_builds_of_another_result_go_in_as_they_are(build, wait, fake):
    started = [build(sha=None)["build"] for _each in range(3)]
    result = wait(builds=started, project_id=..., job_id=...)
    assert [b["id"] for b in result["builds"]] == [b["id"] for b in started]


def test_the_same_build_twice(wait, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.success(10))
    result = wait(builds=[{"id": there.id}, {"id": there.id}])
    assert [b["success"] for b in result["builds"]] == [True, True]


def test_no_builds_at_all(wait, fake):
    assert wait(builds=[])["builds"] == []
    assert fake.journal == []


def test_some_of_many_fail(wait, fake):
    good = fake.add_build(PROJECT, JOB, script=Script.success(10))
    bad = [fake.add_build(PROJECT, JOB, script=Script.failure(5, message="Broken", log=LOG)) for _each in range(7)]
    result = wait(builds=[{"id": b.id} for b in [good, *bad]])
    assert result["error"]["kind"] == "build_failed"
    assert "7 of 8 builds failed" in result["msg"]
    assert "and 2 more" in result["msg"]
    assert [b["success"] for b in result["builds"]] == [True] + [False] * 7
    assert result["logs"] == result["builds"][1]["logs"] == [text for _time, text in LOG]
    assert len(fake.calls("logs")) == 5


def test_fail_fast(wait, fake, clock):
    slow = fake.add_build(PROJECT, JOB, script=Script.success(900))
    bad = fake.add_build(PROJECT, JOB, script=Script.failure(20))
    result = wait(builds=[{"id": slow.id}, {"id": bad.id}], fail_fast=True)
    assert result["error"]["kind"] == "build_failed"
    assert sum(clock.sleeps) < 40
    assert result["builds"][0]["concluded"] is False
    assert fake.calls("abort") == []


def test_the_time_out_of_many(wait, fake):
    quick = fake.add_build(PROJECT, JOB, script=Script.success(10))
    slow = [fake.add_build(PROJECT, JOB, script=Script.never_ends()) for _each in range(2)]
    result = wait(builds=[{"id": b.id} for b in [quick, *slow]], wait_timeout=60, abort_on_timeout=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert "Aborted: 2 of 2" in result["msg"]
    assert [b["status"] for b in result["builds"]] == ["SUCCESS", "ABORTED", "ABORTED"]
    assert quick.id not in result["msg"]


@pytest.mark.parametrize(
    ("builds", "words"),
    [
        ([{"status": "x"}], "builds[0] has no ID"),
        ([{"id": None}], "builds[0] has no ID"),
        ([{"id": "a", "job_id": ".."}], "job_id is '..'"),
    ],
)
def test_wrong_entries(wait, fake, builds, words):
    result = wait(builds=builds)
    assert result["error"]["kind"] == "invalid_arguments"
    assert words in result["msg"]
    assert fake.journal == []


def test_entries_without_a_job(wait):
    assert "builds[0] has no job_id" in wait(builds=[{"id": "a"}], job_id=...)["msg"]


def test_check_mode_accepts_builds_that_were_not_started(build, wait, fake):
    preview = build(check_mode=True)["build"]
    result = wait(builds=[preview], check_mode=True)
    assert result["builds"][0]["id"] is None
    assert "failed" not in result


def test_events_of_many(wait, fake):
    ids = [fake.add_build(PROJECT, JOB, script=Script.success(100 + 10 * number)).id for number in range(5)]
    wait(builds=[{"id": build_id} for build_id in ids])
    counts = [event["ended"] for event in wait.events]
    assert counts == sorted(counts)
    assert (counts[-1], wait.events[-1]["total"]) == (5, 5)
    assert any(event["kind"] == "heartbeat" for event in wait.events)


def test_aborting_many_takes_no_longer_than_one_request_may(wait, fake, clock):
    ids = [fake.add_build(PROJECT, JOB, script=Script.never_ends()).id for _each in range(100)]
    fake.fault(Fault("unavailable", "abort", times=None))
    result = wait(builds=[{"id": build_id} for build_id in ids], wait_timeout=60, abort_on_timeout=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert sum(clock.sleeps) < 60 + 2 * 30
    assert "Aborted: 0 of 100" in result["msg"]


def test_a_short_absence_of_the_api_at_first_is_waited_out(wait, fake, clock):
    there = fake.add_build(PROJECT, JOB, script=Script.success(90))
    fake.fault(Fault("rate_limited", "any", header="retry-after", seconds=20, times=5))
    assert wait(builds=[{"id": there.id}])["builds"][0]["success"] is True
    fake.down(45)
    assert wait(builds=[{"id": there.id}])["builds"][0]["success"] is True


# The log as it grows.


@pytest.mark.parametrize("log_format", ["time", "stream", "plain"])
def test_the_log_is_followed(build, fake, log_format):
    fake.log_format = log_format
    log = [(second, f"line {second}") for second in range(60)]
    plan(fake, Script.success(60, log=log))
    build(wait=True, follow_logs=True)
    lines = [line for event in build.events if event["kind"] == "log" for line in event["lines"]]
    assert lines == [text for _time, text in log]
    assert len([event for event in build.events if event["kind"] == "log"]) > 5


def test_lines_of_the_same_moment_are_shown_once(build, fake):
    plan(fake, Script.success(20, log=[(3, "a"), (3, "b"), (3, "b!"), (9, "c")]))
    build(wait=True, follow_logs=True)
    assert [line for event in build.events if event["kind"] == "log" for line in event["lines"]] == ["a", "b", "b!", "c"]


def test_logs_that_may_not_be_read_are_warned_about_once(build, fake):
    fake.add_token("no-logs", without("Logs"))
    plan(fake, Script.success(60))
    assert build(wait=True, follow_logs=True, api_token="no-logs")["build"]["success"] is True
    assert len(build.warnings) == 1
    assert len(fake.calls("logs")) == 1


def test_a_log_that_cannot_be_read_for_a_moment_is_no_reason_to_stop(build, fake):
    plan(fake, Script.success(60, log=LOG))
    fake.fault(Fault("reset", "logs", times=3))
    build(wait=True, follow_logs=True)
    assert [line for event in build.events if event["kind"] == "log" for line in event["lines"]] == [text for _time, text in LOG]


def test_the_log_is_not_followed_by_default(build, fake):
    plan(fake, Script.success(60, log=LOG))
    build(wait=True)
    assert fake.calls("logs") == []


def test_following_keeps_to_the_quota(wait, fake):
    ids = [fake.add_build(PROJECT, JOB, script=Script.success(900, log=[(s, "x") for s in range(0, 900, 5)])).id for _each in range(10)]
    fake.set_quota(remaining=200, reset=1800)
    result = wait(builds=[{"id": build_id} for build_id in ids], follow_logs=True)
    assert all(build["success"] for build in result["builds"])
    assert not [call for call in fake.journal if call.status == 429]


def followed(task) -> list[str]:
    return [line for event in task.events if event["kind"] == "log" for line in event["lines"]]


def test_a_burst_of_lines_is_read_to_its_end(build, fake):
    log = [(10 + number / 3000, f"burst {number}") for number in range(3500)] + [(20 + number, f"late {number}") for number in range(30)]
    plan(fake, Script.success(60, log=log))
    build(wait=True, follow_logs=True)
    assert followed(build) == [text for _time, text in log]
    assert build.warnings == []


def test_the_last_lines_of_a_build_that_ends_in_a_burst_are_shown(build, fake):
    log = [(28 + number / 2500, f"line {number}") for number in range(5000)]
    plan(fake, Script.failure(30, log=log))
    build(wait=True, follow_logs=True)
    assert followed(build) == [text for _time, text in log]


def test_a_log_that_is_too_long_to_follow_is_warned_about(build, fake):
    plan(fake, Script.success(30, log=[(29, f"line {number}") for number in range(3000)] + [(29.5, "end")]))
    build(wait=True, follow_logs=True)
    # More lines of one moment than one answer has: those after them are shown all the same.
    assert followed(build)[-1] == "end"
    plan(fake, Script.success(30, log=[(29 + number / 30_000, f"line {number}") for number in range(25_000)]))
    build(wait=True, follow_logs=True)
    assert "too long to follow" in build.warnings[0]


def test_one_unknown_build_is_no_reason_to_give_up_the_others(wait, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.success(100))
    fake.fault(Fault("status", "get", times=None, status=403))
    result = wait(builds=[there.id, "gone-build-1"])
    assert result["error"]["kind"] == "not_found"
    assert [build["success"] for build in result["builds"]] == [True, None]
    assert "'gone-build-1' (job 'example-job'): not found" in result["msg"]


def test_a_build_of_somebody_else_is_not_aborted(build, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.never_ends())
    result = build(reuse="in_progress", wait=True, wait_timeout=30, abort_on_timeout=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert result["build"]["id"] == there.id
    assert "It goes on" in result["msg"]
    assert not there.aborted


def test_entries_in_the_api_spelling(wait, fake):
    there = fake.add_build(PROJECT, "worker", script=Script.success(5))
    entry = {"buildId": there.id, "projectId": PROJECT, "jobId": "worker"}
    assert wait(builds=[entry], job_id="example-job")["builds"][0]["success"] is True


@pytest.mark.parametrize(
    ("name", "value", "most"),
    [("timeout", 10**10, 86_400), ("retries", 3000, 100), ("wait_timeout", 10**400, 1_000_000), ("wait_interval", 10**10, 86_400)],
    ids=lambda value: str(value)[:12],
)
def test_numbers_that_are_too_large(build, fake, name, value, most):
    result = build(**{name: value})
    assert result["error"]["kind"] == "invalid_arguments"
    assert f"at most {most}" in result["msg"]
    assert fake.journal == []


def test_a_pause_of_no_seconds_is_no_reason_to_hurry(build, fake, clock):
    fake.fault(Fault("rate_limited", "start", times=3, seconds=0))
    assert build(retries=3)["changed"] is True
    assert clock.monotonic() > 1


def test_check_mode_aborts_nothing(wait, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.never_ends())
    result = wait(builds=[there.id], wait_timeout=5, abort_on_timeout=True, check_mode=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert result["changed"] is False
    assert {entry.method for entry in fake.journal} == {"GET"}


def test_aborting_is_a_change(wait, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.never_ends())
    result = wait(builds=[there.id], wait_timeout=5, abort_on_timeout=True)
    assert (result["changed"], result["builds"][0]["status"]) == (True, "ABORTED")


def test_builds_of_every_job_that_end_in_time_are_seen(wait, fake):
    fake.add_job(PROJECT, "third-job")
    jobs = (JOB, "worker", "third-job")
    builds = [{"id": fake.add_build(PROJECT, job, script=Script.success(59.5)).id, "job_id": job} for job in jobs]
    result = wait(builds=builds, wait_timeout=60, wait_interval=30)
    assert [build["success"] for build in result["builds"]] == [True, True, True]


@pytest.mark.parametrize(("seconds", "looked_at"), [(0, 3), (7, 3), (14, 2), (15, 1)])
def test_the_last_looks_take_half_the_time_of_a_request(wait, fake, clock, monkeypatch, seconds, looked_at):
    fake.add_job(PROJECT, "third-job")
    jobs = (JOB, "worker", "third-job")
    builds = [{"id": fake.add_build(PROJECT, job, script=Script.never_ends()).id, "job_id": job} for job in jobs]
    began, look, late = clock.monotonic(), Watcher._look, []

    def slow(self: Watcher, group: object, until: float) -> None:
        look(self, group, until)
        if clock.monotonic() - began >= 60:
            late.append(group)
            clock.sleep(seconds)

    monkeypatch.setattr(Watcher, "_look", slow)
    assert wait(builds=builds, wait_timeout=60, wait_interval=30)["error"]["kind"] == "wait_timeout"
    assert len(late) == looked_at


def test_a_build_that_ends_well_while_it_is_aborted_is_no_failure(wait, fake):
    # By looks: the one after the abort shows the end.
    there = fake.add_build(PROJECT, JOB, script=Script([(0, "BUILDING"), (5, "SUCCESS")], by="looks"))
    fake.fault(Fault("status", "abort", status=409, message="The build has ended"))
    result = wait(builds=[there.id], wait_timeout=6, abort_on_timeout=True)
    assert len(fake.calls("abort")) == 1
    assert result["builds"][0]["success"] is True
    assert "failed" not in result


def test_a_build_that_cannot_be_looked_up_hides_no_other(wait, fake):
    broken, good = (fake.add_build(PROJECT, JOB, script=Script.success(20)) for _each in range(2))
    fake.add_token("no-list", without("Jobs > General > Read"))
    broken.raw["id"] = None
    result = wait(builds=[broken.id, good.id], api_token="no-list", wait_timeout=60)
    assert result["error"]["kind"] == "wait_timeout"
    assert [build["success"] for build in result["builds"]] == [None, True]
