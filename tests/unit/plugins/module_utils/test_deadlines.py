# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deadlines hold whatever an API says: no wait ends later than its timeout and the time of one request."""

from __future__ import annotations

import itertools
import typing as t

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script
from ansible_collections.community.northflank.tests.fake_northflank.server import Reply

PROJECT, JOB = "default-project", "example-job"
API_TIMEOUT = 30


@pytest.fixture
def endless_list(fake, monkeypatch):
    """Each page of a list says that more follow, and none has the wanted build."""
    cursors = itertools.count()
    perform = FakeNorthflank._handle

    def handle(self: FakeNorthflank, request: t.Any) -> Reply:
        reply = perform(self, request)
        if request.method == "GET" and request.target.partition("?")[0].endswith("/build"):
            page = {"data": {"builds": []}, "pagination": {"hasNextPage": True, "cursor": f"{next(cursors):024}", "count": 0}}
            return Reply.of_json(200, page, {"Date": reply.headers["Date"]})
        return reply

    monkeypatch.setattr(fake._server, "_handler", lambda request: handle(fake, request))


@pytest.mark.parametrize("latency", [0.3, 1.8, 9.0])
@pytest.mark.parametrize("builds", [1, 2, 30])
def test_a_list_without_an_end(wait, fake, clock, endless_list, latency, builds):
    ids = [fake.add_build(PROJECT, JOB, script=Script.never_ends()).id for _number in range(builds)]
    fake.latency = latency
    began = clock.monotonic()
    result = wait(builds=ids, wait_timeout=5, abort_on_timeout=True, follow_logs=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert clock.monotonic() - began <= 5 + API_TIMEOUT + latency


@pytest.mark.parametrize("latency", [1.8, 9.0, 29.0])
def test_many_jobs_that_answer_slowly(wait, fake, clock, latency):
    builds = []
    for number in range(20):
        fake.add_job(PROJECT, f"job-{number}")
        builds.append({"id": fake.add_build(PROJECT, f"job-{number}", script=Script.never_ends()).id, "job_id": f"job-{number}"})
    fake.latency = latency
    began = clock.monotonic()
    result = wait(builds=builds, wait_timeout=60, abort_on_timeout=True)
    assert result["error"]["kind"] == "wait_timeout"
    assert clock.monotonic() - began <= 60 + API_TIMEOUT + latency


def test_logs_that_come_slowly(wait, fake, clock):
    ids = [fake.add_build(PROJECT, JOB, script=Script.failure(30)).id for _number in range(5)]
    fake.latency = 20.0
    began = clock.monotonic()
    result = wait(builds=ids, wait_timeout=40)
    assert result["error"]["kind"] in ("build_failed", "wait_timeout")
    assert clock.monotonic() - began <= 40 + API_TIMEOUT + 20


def test_an_abort_after_a_slow_last_look_has_time_left(wait, fake):
    there = fake.add_build(PROJECT, JOB, script=Script.never_ends())
    fake.latency = 8.0
    result = wait(builds=[there.id], wait_timeout=5, abort_on_timeout=True)
    assert "Aborted: 1 of 1." in result["msg"]
    assert result["builds"][0]["status"] == "ABORTED"


def test_the_look_for_a_lost_start_ends(build, fake, clock, endless_list):
    fake.fault(Fault("reset", "start", when="after"))
    fake.latency = 4.0
    began = clock.monotonic()
    result = build()
    assert result["error"]["kind"] == "unknown_outcome"
    assert clock.monotonic() - began <= 20 + 2 * API_TIMEOUT + 2 * 4.0
    assert len(fake.calls("start")) == 1


@pytest.mark.parametrize("arguments", [{"reuse": "any"}, {"limit": 0}])
def test_a_list_that_nobody_waits_for_ends(build, info, fake, clock, endless_list, arguments):
    fake.latency = 20.0
    began = clock.monotonic()
    result = (build if "reuse" in arguments else info)(**arguments)
    assert result["error"]["kind"] == "network"
    assert "no time left" in result["msg"]
    # The look for the branch and its head are not part of the list.
    assert clock.monotonic() - began <= 10 * API_TIMEOUT + 3 * 20
