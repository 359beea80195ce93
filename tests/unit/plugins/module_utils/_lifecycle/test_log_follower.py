# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A log is shown as it grows, each line once."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.plugins.module_utils._resources.logs import CUT_LINE, MAX_LOG_BYTES
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task, permissions_without, several

LOG = [(0, "Step 1/2 : FROM scratch"), (1, "Step 2/2 : RUN false"), (2, "exit code 1")]


def follow(build: Task, script: Script, **arguments) -> list[str]:
    """The lines that are shown of a build."""
    build.fake.plan(PROJECT, JOB, script)
    build(wait=True, follow_logs=True, **arguments)
    return [line for event in build.events if event["kind"] == "log" for line in event["lines"]]


@pytest.mark.parametrize("log_format", ["time", "stream", "plain"])
def test_the_log_is_followed(build, fake, log_format):
    fake.log_format = log_format
    log = [(second, f"line {second}") for second in range(60)]
    assert follow(build, Script.success(60, log=log)) == [text for _time, text in log]
    events = [event for event in build.events if event["kind"] == "log"]
    assert len(events) > 5
    assert events[0]["item"]["job_id"] == JOB


def test_each_line_is_shown_once_even_of_the_same_moment_or_the_same_text(build):
    log = [(3, "a"), (3, "b"), (3, "b!"), (9, "c"), (12, "."), (12, "."), (13, "."), (16, ".")]
    assert follow(build, Script.success(20, log=log)) == [text for _time, text in log]


DAY = 86_400
CLOCKS = {
    "a line a day ahead": [(second, f"line {second}", second + DAY * (second == 7)) for second in range(60)],
    "a line years ahead": [(second, f"line {second}", second + 9999 * DAY * (second == 7)) for second in range(60)],
    "a container that is ahead": [(second / 2, f"line {second}", second / 2 + 300 * (second % 2)) for second in range(120)],
    "a container that is behind": [(second / 2, f"line {second}", second / 2 - 300 * (second % 2)) for second in range(120)],
    "all behind": [(second, f"line {second}", second - 3000) for second in range(60)],
    "a clock that is set back": [(second, f"line {second}", second - 200 * (second > 30)) for second in range(60)],
    "late lines": [(second, f"line {second}", second - 25 * (second % 3)) for second in range(60)],
    "backwards": [(second, f"line {second}", -second) for second in range(60)],
    "many, some of them ahead": [(second / 50, f"line {second}", second / 50 + 100 * (second % 2)) for second in range(2900)],
}


@pytest.mark.parametrize("log", CLOCKS.values(), ids=CLOCKS)
def test_each_line_is_shown_once_whatever_its_time(build, log):
    shown = follow(build, Script.success(60, log=log))
    assert sorted(shown) == sorted(line[1] for line in log)
    assert build.warnings == []


@pytest.mark.parametrize("name", ["a line a day ahead", "a container that is ahead", "all behind", "late lines"])
def test_a_wrong_clock_does_not_keep_lines_until_the_end(build, name):
    follow(build, Script.success(60, log=CLOCKS[name]))
    events = [event for event in build.events if event["kind"] == "log"]
    assert len(events) > 5
    assert len(events[-1]["lines"]) < 30


def test_a_log_that_cannot_be_read_at_the_end_is_warned_about(build, fake):
    fake.fault(Fault("reset", "logs", times=None, call=3))
    follow(build, Script.success(60, log=LOG))
    assert "not all of its lines were shown" in build.warnings[0]


def test_following_takes_one_request_a_poll_and_one_for_the_whole_log(build, fake):
    follow(build, Script.success(600, log=[(second, "x") for second in range(600)]))
    assert len(fake.calls("logs")) <= len(fake.calls("get")) + len(fake.calls("list")) + 1


def test_the_log_is_not_followed_by_default(build, fake):
    fake.plan(PROJECT, JOB, Script.success(60, log=LOG))
    build(wait=True)
    assert fake.calls("logs") == []


@pytest.mark.parametrize("shows_progress", [True, False])
def test_where_nothing_can_be_shown_a_warning_says_so(build, fake, monkeypatch, shows_progress):
    context = build._context
    monkeypatch.setattr(build, "_context", lambda *modes: vars(made := context(*modes)).update(shows_progress=shows_progress) or made)
    assert follow(build, Script.success(5, log=LOG)) == ([text for _time, text in LOG] if shows_progress else [])
    assert ["follow_logs has no effect" in warning for warning in build.warnings] == ([] if shows_progress else [True])


@pytest.mark.parametrize(("status", "words"), [(403, "Missing permission: View Observability"), (401, "Feature flag is not enabled")])
def test_a_log_that_may_not_be_read_is_warned_about_once(build, fake, status, words):
    fake.fault(Fault("status", "logs", status=status, message=words, times=None))
    assert follow(build, Script.success(60)) == []
    assert [words in warning for warning in build.warnings] == [True]
    assert len(fake.calls("logs")) == 1


def test_a_log_that_cannot_be_read_for_a_moment_is_no_reason_to_stop(build, fake):
    fake.fault(Fault("reset", "logs", times=3))
    assert follow(build, Script.success(60, log=LOG)) == [text for _time, text in LOG]


def test_following_keeps_to_the_rate_limit(wait, fake):
    log = [(second, "x") for second in range(0, 300, 5)]
    ids = several(fake, 10, Script.success(300, log=log))
    fake.set_quota(remaining=70, reset=600)
    assert all(build["success"] for build in wait(builds=ids, follow_logs=True)["builds"])
    assert not [call for call in fake.journal if call.status == 429]


def test_the_last_lines_of_a_build_that_ends_in_a_burst_are_shown(build):
    log = [(28 + number / 2500, f"line {number}") for number in range(2500)]
    assert follow(build, Script.failure(30, log=log)) == [text for _time, text in log]


def test_more_lines_of_one_moment_than_one_response_has_do_not_hide_the_next(build):
    log = [(29, f"line {number}") for number in range(3000)]
    assert follow(build, Script.success(30, log=[*log, (29.5, "end")]))[-1] == "end"
    assert "not all of its lines were shown" in build.warnings[0]


def test_a_log_that_is_too_long_to_follow_is_warned_about(build):
    follow(build, Script.success(30, log=[(29 + number / 30_000, f"{number}") for number in range(25_000)]))
    assert "too long to follow" in build.warnings[0]


def test_of_a_line_of_megabytes_the_beginning_is_shown_once(build):
    log = [(1, "before"), (5, "x" * MAX_LOG_BYTES), (25, "after")]
    assert follow(build, Script.success(30, log=log)) == ["before", "x" * 2000 + CUT_LINE]
    assert "not all of its lines were shown" in build.warnings[0]


def test_of_a_log_that_is_too_long_to_read_again_the_end_is_shown(build):
    log = [*((number * 30 / 25_000, f"{number}") for number in range(25_000)), (31, "end")]
    assert follow(build, Script.failure(32, log=log))[-1] == "end"


def test_the_last_lines_are_shown_of_a_build_that_ends_in_a_poll_that_fails_for_another(wait, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.failure(21, log=[(1, "first"), (20.5, "last")]))
    broken = fake.add_build(PROJECT, JOB, script=Script.success(60))
    fake.add_token("no-list", permissions_without("General > Read"))
    broken.raw["id"] = None
    wait(builds=[there.id, broken.id], api_token="no-list", follow_logs=True, wait_timeout=40)
    assert [line for event in wait.events if event["kind"] == "log" for line in event["lines"]] == ["first", "last"]


def test_after_a_poll_that_fails_no_log_is_asked_for(build, fake):
    fake.fault(Fault("rate_limited", "get", times=3, seconds=20))
    assert follow(build, Script.success(60, log=LOG)) == [text for _time, text in LOG]
    failed = {call.time for call in fake.calls("get") if call.status == 429}
    assert len(failed) == 3
    assert failed.isdisjoint(call.time for call in fake.calls("logs"))
