# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds are found out about with few requests, by whatever the token may do."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS, Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, permissions_without, several

READ = "General > Read"


def test_many_builds_of_one_job_share_their_requests(wait, fake):
    ids = several(fake, 50)
    result = wait(builds=ids)
    assert [build["id"] for build in result["builds"]] == ids
    assert all(build["success"] for build in result["builds"])
    assert len(fake.journal) <= 15


def test_two_builds_of_one_job_are_one_request_each_poll(wait, fake, clock):
    wait(builds=several(fake, 2, Script.success(60)))
    assert fake.calls("get") == []
    assert len(fake.calls("list")) <= len(clock.sleeps) + 1


@pytest.mark.parametrize("order", ["newest", "oldest", ("shuffled", 3)], ids=str)
def test_builds_are_found_on_whatever_page_they_are(wait, fake, order):
    fake.page_order = order
    fake.max_page_size = 5
    several(fake, 30, age=1000)
    assert all(build["success"] for build in wait(builds=several(fake, 10))["builds"])
    assert len(fake.journal) < 60


def test_a_build_that_appears_late_is_awaited(build, fake):
    fake.plan(PROJECT, JOB, Script.success(60, visible_after=15))
    assert build(wait=True)["build"]["success"] is True


def test_a_build_that_vanishes_is_given_up_after_half_a_minute(build, fake, clock):
    fake.plan(PROJECT, JOB, Script.vanishes(after=40))
    result = build(wait=True)
    assert result["error"]["kind"] == "not_found"
    assert result["build"]["status"] == "BUILDING"
    assert 40 + 30 <= sum(clock.sleeps) < 100


def test_a_build_that_the_list_has_is_not_given_up_because_its_id_is_unknown(build, fake):
    fake.plan(PROJECT, JOB, Script.success(200))
    fake.fault(Fault("status", "get", times=None, status=404, message="Build not found"))
    assert build(wait=True)["build"]["success"] is True
    assert 1 < len(fake.calls("get")) < 10


def test_a_build_that_its_id_shows_is_not_given_up_because_the_list_lacks_it(wait, fake):
    ids = several(fake, 2, Script.success(100))
    fake.fault(
        Fault("json", "list", times=None, status=200, body={"data": {"builds": []}, "pagination": {"hasNextPage": False, "count": 0}})
    )
    assert all(build["success"] for build in wait(builds=ids)["builds"])


@pytest.mark.parametrize(("raw", "verdict"), [({"status": "SKIPPED"}, True), ({"status": None}, True), ({"status": "IN_PROGRESS"}, False)])
def test_a_list_without_a_verdict_is_not_trusted_with_one(wait, fake, raw, verdict):
    script = Script.success(60, raw=raw) if verdict else Script.failure(60, raw=raw)
    ids = several(fake, 2, script)
    fake.fault(
        Fault("json", "list", times=None, call=3, status=200, body={"data": {"builds": [{"id": i, "concluded": True, **raw} for i in ids]}})
    )
    result = wait(builds=ids)
    assert [build["success"] for build in result["builds"]] == [verdict] * 2


def test_an_unknown_build_is_no_reason_to_give_up_the_others(wait, fake):
    [there] = several(fake, 1, Script.success(100))
    fake.fault(Fault("status", "get", times=None, status=403))
    result = wait(builds=[there, "gone-build-1"])
    assert result["error"]["kind"] == "not_found"
    assert [build["success"] for build in result["builds"]] == [True, None]
    assert "'gone-build-1' (job 'example-job'): not found" in result["msg"]


def test_a_build_that_cannot_be_looked_up_hides_no_other(wait, fake):
    broken, good = (fake.add_build(PROJECT, JOB, script=Script.success(20)) for _each in range(2))
    fake.add_token("no-list", permissions_without(READ))
    broken.raw["id"] = None
    result = wait(builds=[broken.id, good.id], api_token="no-list", wait_timeout=60)
    assert result["error"]["kind"] == "wait_timeout"
    assert [build["success"] for build in result["builds"]] == [None, True]


def test_a_token_that_may_not_list_looks_up_each_build(wait, fake):
    fake.add_token("no-list", permissions_without(READ))
    result = wait(api_token="no-list", builds=several(fake, 2, Script.success(60)))
    assert all(build["success"] for build in result["builds"])
    assert len(fake.calls("list")) == 1


def test_a_token_that_may_only_list_lists(wait, fake):
    fake.add_token("reader", PERMISSIONS - permissions_without(READ))
    result = wait(api_token="reader", builds=several(fake, 1, Script.success(60)))
    assert result["builds"][0]["success"] is True
    assert len(fake.calls("get")) <= 1


def test_a_verdict_that_may_not_be_looked_up_is_asked_for_once(wait, fake):
    raw = {"status": None, "success": None}
    ids = several(fake, 3, Script.success(10, raw=raw))
    fake.add_token("reader", PERMISSIONS - permissions_without(READ))
    wait(api_token="reader", builds=ids)
    assert len(fake.calls("get")) == 1


def test_a_failed_poll_is_repeated_at_the_next_poll_and_not_at_once(wait, fake):
    ids = several(fake, 2, Script.success(60))
    fake.fault(Fault("status", "list", call=2, status=502))
    assert all(build["success"] for build in wait(builds=ids)["builds"])
    times = [call.time for call in fake.calls("list")]
    assert min(later - earlier for earlier, later in zip(times, times[1:])) >= 2


def test_a_token_that_may_do_neither_fails_the_task(wait, fake):
    fake.add_token("nobody", set())
    [there] = several(fake, 1)
    result = wait(api_token="nobody", builds=[there])
    assert result["error"]["kind"] == "permission"
    assert result["builds"][0]["id"] == there


@pytest.mark.parametrize("unit", ["seconds", "milliseconds", "iso"])
def test_events_tell_how_long_builds_of_the_job_usually_take(build, fake, unit):
    fake.concluded_unit = unit
    for number in range(5):
        fake.add_build(PROJECT, JOB, age=4000 * (number + 1), script=Script.success(600 + number))
    fake.plan(PROJECT, JOB, Script.success(60))
    build(wait=True)
    [typical] = {event["typical"] for event in build.events if event["pending"] and event["kind"] != "start"}
    assert typical == pytest.approx(602, abs=1)
