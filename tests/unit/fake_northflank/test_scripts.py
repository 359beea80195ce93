# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Script, SimulatedClock
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import JOB, PLACE


def test_a_build_goes_on_by_the_clock(fake, client, clock):
    build_id, seen = client.start()["id"], []
    for _each in range(21):
        seen.append(client.get(build_id)["status"])
        clock.advance(0.1)
    assert list(dict.fromkeys(seen)) == ["PENDING", "CLONING", "BUILDING", "UPLOADING", "SUCCESS"]


def test_a_build_goes_on_by_looks_of_both_kinds(fake, client, clock):
    fake.plan(*PLACE, Script([(0, "QUEUED"), (1, "PENDING"), (3, "BUILDING"), (5, "CRASHED")], by="looks"))
    build = client.start()
    assert build["status"] == "QUEUED"
    clock.advance(1000)
    assert client.get(build["id"])["status"] == "PENDING"
    assert client.data("GET", f"{JOB}/build")["builds"][0]["status"] == "PENDING"
    assert fake.builds(*PLACE)[0].view()["status"] == "PENDING"
    assert [client.get(build["id"])["status"] for _each in range(3)] == ["BUILDING", "BUILDING", "CRASHED"]
    ended = client.get(build["id"])
    assert (ended["concluded"], ended["success"], ended["buildConcludedAt"]) == (True, False, 1_790_001_000)


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "SUBMISSION_FAILURE", "CRASHED", "ABORTED"])
def test_a_build_can_end_in_five_ways(fake, client, status):
    build = client.get(fake.add_build(*PLACE, age=100, status=status).id)
    assert (build["status"], build["concluded"], build["success"]) == (status, True, status == "SUCCESS")
    assert build["buildConcludedAt"] == 1_790_000_000 - 100 + 60


def test_plans_count_in_their_order(fake, client):
    def status(sha=None):
        return client.start({"sha": sha} if sha else {})["status"]

    for name, options in (
        ("A", {}),
        ("B", {}),
        ("C", {"times": 2}),
        ("D", {"times": 1}),
        ("E", {"sha": "e" * 40, "times": 1}),
        ("F", {"sha": "f" * 40}),
    ):
        fake.plan(*PLACE, Script([(0, name)]), **options)
    assert [status(), status("e" * 40), status("e" * 40), status()] == ["C", "E", "C", "D"]
    assert [status(), status("f" * 40), status()] == ["B", "F", "B"]


def test_there_can_be_builds_from_before(fake, client, clock):
    running = fake.add_build(*PLACE)
    old = fake.add_build(*PLACE, age=500, status="FAILURE", duration=90, message="no", sha="b" * 40, pullRequestId=7)
    own = fake.add_build(*PLACE, age=5, branch="topic", script=Script.never_ends(), id="given-id-1234")
    assert client.get(running.id)["status"] == "PENDING"
    build = client.get(old.id)
    assert (build["message"], build["pullRequestId"], build["sha"]) == ("no", 7, "b" * 40)
    assert (build["buildConcludedAt"], build["createdAt"]) == (1_789_999_590, "2026-09-21T14:05:00.000Z")
    assert (own.id, own.branch, own.started_by, own.created_at) == ("given-id-1234", "topic", "history", clock.time() - 5)
    assert client.get(fake.add_build(*PLACE, age=3, duration=4).id)["concluded"] is False
    clock.sleep(86400)
    assert client.get(own.id)["status"] == "BUILDING"


def test_the_simulated_clock_moves_only_when_it_is_told_to():
    clock, calls = SimulatedClock(start=100.0), []
    forget = clock.on_advance(lambda: calls.append(clock.time()))
    clock.sleep(2)
    clock.advance(3)
    clock.jump(-50)
    assert (clock.time(), clock.monotonic(), clock.sleeps, calls) == (55.0, 5.0, [2], [102.0, 105.0])
    forget()
    clock.sleep(1)
    assert (clock.sleeps, calls) == ([2, 1], [102.0, 105.0])
