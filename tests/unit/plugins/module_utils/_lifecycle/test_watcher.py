# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds are followed to their end whatever goes wrong on the way, and in time whatever an API does."""

from __future__ import annotations

from itertools import accumulate

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script, SharedClock
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, on_hosts, several

API_TIMEOUT = 30


def running(fake, jobs: int, script: Script | None = None) -> list[dict]:
    """One build for each of so many jobs."""
    builds = []
    for number in range(jobs):
        fake.add_job(PROJECT, f"job-{number}")
        there = fake.add_build(PROJECT, f"job-{number}", script=script or Script.never_ends())
        builds.append({"id": there.id, "job_id": f"job-{number}"})
    return builds


def test_polls_come_after_2_s_and_then_after_5_s_or_a_tenth_of_the_age(build, fake, clock):
    fake.plan(PROJECT, JOB, Script.success(55))
    build(wait=True)
    # The age is a second too high at most, because a server's Date has whole seconds.
    for age, pause in zip(accumulate(clock.sleeps), clock.sleeps[1:]):
        assert max(5, age / 10) - 0.01 <= pause <= max(5, (age + 1) / 10)
    assert (clock.sleeps[0], len(clock.sleeps)) == (2, 12)
    assert len(fake.calls("list") + fake.calls("get")) == len(clock.sleeps)


@pytest.mark.parametrize(("option", "interval"), [("wait_interval", 3), ("wait_sleep", 60)])
def test_no_interval_is_longer_than_wait_interval(build, fake, option, interval):
    fake.add_build(PROJECT, JOB, age=4000, script=Script.success(900))
    fake.plan(PROJECT, JOB, Script.success(650))
    build(wait=True, **{option: interval})
    polls = [call.time for call in fake.journal if call.method == "GET"]
    assert max(later - earlier for earlier, later in zip(polls, polls[1:])) == pytest.approx(interval)


def test_an_old_build_is_polled_at_the_longest_interval_from_the_start(wait, fake, clock):
    there = fake.add_build(PROJECT, JOB, age=100, script=Script.success(160))
    wait(builds=[there.id])
    assert clock.sleeps == pytest.approx([10] * 6)


def test_a_short_rate_limit_slows_polls_down_until_it_resets_and_events_say_so(build, fake, clock):
    fake.plan(PROJECT, JOB, Script.success(1200))
    fake.set_quota(remaining=5, reset=300)
    assert build(wait=True)["build"]["success"] is True
    slower, faster = [event for event in build.events if event["kind"] == "pace"]
    assert slower["rate_limit"]["remaining"] < 5
    assert slower["pause"] > faster["pause"] == 0
    assert not [call for call in fake.journal if call.status == 429]
    # No gap without a sign of life.
    assert max(clock.sleeps) <= 60


@pytest.mark.parametrize("length", [10, 60, 300, 1200])
def test_hosts_that_share_a_rate_limit_never_exceed_it_and_see_every_end(length):
    clock = SharedClock()
    with FakeNorthflank(clock=clock, quota=200) as fake:
        results = on_hosts(fake, clock, hosts=60, forks=10, script=Script.success(length))
    assert not [call for call in fake.journal if call.status == 429]
    assert [result["build"]["success"] for result in results] == [True] * 60


def test_a_wait_that_has_found_itself_alone_needs_no_reserve(build, fake, clock):
    fake.plan(PROJECT, JOB, Script.success(600))
    fake.set_quota(remaining=330, reset=3600)
    build(wait=True)
    # Until the second response, nobody knows.
    assert clock.sleeps[0] == pytest.approx(3600 / 129, rel=0.1)
    assert max(clock.sleeps[1:]) == pytest.approx(10)


def test_the_last_polls_end_when_the_rate_limit_is_used_up(wait, fake):
    builds = running(fake, 20)
    fake.set_quota(remaining=25, reset=3600)
    assert wait(builds=builds, wait_timeout=60)["error"]["kind"] == "wait_timeout"
    assert sum(call.status == 429 for call in fake.journal) <= 1


def test_one_failed_build_ends_the_wait_with_fail_fast(wait, fake, clock):
    slow = fake.add_build(PROJECT, JOB, script=Script.success(900))
    bad = fake.add_build(PROJECT, JOB, script=Script.failure(20))
    result = wait(builds=[slow.id, bad.id], fail_fast=True)
    assert result["error"]["kind"] == "build_failed"
    assert sum(clock.sleeps) < 40
    assert result["builds"][0]["concluded"] is False
    assert fake.calls("abort") == []


def test_a_wrong_address_is_given_up_after_a_minute(wait, fake, clock):
    fake.fault(Fault("html", "any", status=200, times=None))
    assert wait(builds=["b-1"])["error"]["kind"] == "invalid_response"
    assert 60 < sum(clock.sleeps) < 75


def test_the_events_of_one_build(build, fake):
    fake.plan(PROJECT, JOB, Script.success(200))
    there = build(wait=True)["build"]
    changes = [event for event in build.events if event["kind"] == "status"]
    assert [event["item"]["status"] for event in changes] == ["CLONING", "BUILDING", "UPLOADING", "SUCCESS"]
    message = {"id": there["id"], "job_id": JOB, "status": "SUCCESS", "message": "Image successfully built", "ended": True, "failed": False}
    assert changes[-1]["item"] == message
    beats = [event for event in build.events if event["kind"] == "heartbeat"]
    assert [event["elapsed"] for event in beats] == pytest.approx([60, 120, 180])
    assert all((event["total"], event["ended"], event["failed"]) == (1, 0, 0) for event in beats)
    assert [pending["id"] for pending in beats[0]["pending"]] == [there["id"]]


def test_builds_of_every_job_that_end_at_the_last_moment_are_seen(wait, fake):
    result = wait(builds=running(fake, 3, Script.success(59.9)), wait_timeout=60, wait_interval=30)
    assert [build["success"] for build in result["builds"]] == [True, True, True]


@pytest.mark.parametrize(("builds", "latency"), [(1, 0.3), (2, 1.8), (30, 9.0)])
def test_a_wait_ends_in_time_even_if_the_list_of_builds_does_not(wait, fake, clock, endless_list, latency, builds):
    ids = several(fake, builds, Script.never_ends())
    fake.latency = latency
    began = clock.monotonic()
    result = wait(builds=ids, wait_timeout=5, abort_on_timeout=True, follow_logs=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert clock.monotonic() - began <= 5 + API_TIMEOUT + latency


@pytest.mark.parametrize("latency", [1.8, 29.0])
def test_a_wait_ends_in_time_if_many_jobs_respond_slowly(wait, fake, clock, latency):
    builds = running(fake, 20)
    fake.latency = latency
    began = clock.monotonic()
    assert wait(builds=builds, wait_timeout=60, abort_on_timeout=True)["error"]["kind"] == "wait_timeout"
    assert clock.monotonic() - began <= 60 + API_TIMEOUT + latency


def test_logs_that_are_read_slowly_end_in_time(wait, fake, clock):
    ids = several(fake, 5, Script.failure(30))
    fake.latency = 20.0
    began = clock.monotonic()
    assert wait(builds=ids, wait_timeout=40)["error"]["kind"] in ("build_failed", "wait_timeout")
    assert clock.monotonic() - began <= 40 + API_TIMEOUT + 20


def test_aborts_that_fail_end_in_time(wait, fake, clock):
    ids = several(fake, 40, Script.never_ends())
    fake.fault(Fault("unavailable", "abort", times=None))
    result = wait(builds=ids, wait_timeout=60, abort_on_timeout=True)
    assert "Aborted: 0 of 40" in result["msg"]
    assert sum(clock.sleeps) <= 60 + API_TIMEOUT


def test_after_a_slow_last_poll_there_is_time_left_to_abort(wait, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.never_ends())
    fake.latency = 8.0
    result = wait(builds=[there.id], wait_timeout=5, abort_on_timeout=True)
    assert "Aborted: 1 of 1." in result["msg"]
    assert result["builds"][0]["status"] == "ABORTED"
