# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build is started exactly once, however the network fails. tests/faults has every fault; here are the clocks and the other builds."""

from __future__ import annotations

from itertools import accumulate

import pytest
from ansible_collections.community.northflank.plugins.module_utils._http.transport import Transport
from ansible_collections.community.northflank.plugins.module_utils._lifecycle.start import RECOVERY_DELAYS
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, OTHER_SHA, PROJECT, SHA, Task, started

PHASES = [0.0, 0.5, 0.97]
"""Where in a second of the server's clock a test begins."""
EMPTY_LIST = {"data": {"builds": []}, "pagination": {"hasNextPage": False, "count": 0}}


def candidates(result: dict) -> set[str]:
    """The builds that may be the lost one, where it cannot be told."""
    assert not result.get("failed") or result["error"]["kind"] == "unknown_outcome"
    return {candidate["id"] for candidate in result.get("candidates", [])}


@pytest.mark.parametrize("latency", [0, 0.1, 1.0])
@pytest.mark.parametrize("phase", PHASES)
def test_a_start_whose_response_was_lost_is_recovered_at_any_distance(build, fake, clock, latency, phase):
    fake.latency = latency
    clock.advance(phase)
    fake.fault(Fault("reset", "start", when="after"))
    result = build(sha=SHA)
    assert [there.id for there in started(fake)] == [result["build"]["id"]]
    assert result["recovered"] is True


def test_the_moments_at_which_a_lost_build_is_looked_for(build, fake, clock):
    fake.fault(Fault("reset", "start"))
    clock.advance(0.4)
    assert build(sha=SHA, api_retries=0)["error"]["kind"] == "network"
    polls = list(accumulate(clock.sleeps))
    assert len(polls) == len(RECOVERY_DELAYS) == 7
    # Less than a second later than planned: when it tells most about the server's clock.
    assert all(-1e-6 < poll - delay < 1 for poll, delay in zip(polls, RECOVERY_DELAYS))


def test_a_build_that_one_poll_has_shown_is_not_forgotten(build, fake):
    fake.fault(Fault("reset", "start", when="after"))
    fake.fault(Fault("json", "list", call=2, times=None, status=200, body=EMPTY_LIST))
    assert build(sha=SHA)["build"]["id"] == started(fake)[0].id


@pytest.mark.parametrize(("order", "skew"), [("newest", -420.0), ("oldest", 0.0), (("shuffled", 7), 420.0)], ids=str)
def test_it_is_found_among_hundreds_of_builds_by_the_clock_of_the_server(build, fake, order, skew):
    fake.clock_skew = skew
    fake.page_order = order
    for number in range(150):
        fake.add_build(PROJECT, JOB, sha=SHA if number % 2 else OTHER_SHA, age=61 + number * 60)
    fake.fault(Fault("reset", "start", when="after"))
    result = build(sha=SHA)
    assert (result["build"]["id"], result["recovered"]) == (started(fake)[0].id, True)


@pytest.mark.parametrize("sha", ["b" * 40, None], ids=["sha", "newest commit"])
def test_builds_of_other_commits_or_branches_are_not_taken(build, fake, sha):
    fake.fault(Fault("reset", "start"))
    # A smaller hash and a greater one, on another branch.
    for other in (OTHER_SHA, "f" * 40):
        fake.add_build(PROJECT, JOB, sha=other, branch="develop")
    result = build(sha=sha)
    assert (result["recovered"], result["build"]["id"]) == (False, started(fake)[0].id)


def test_with_a_sha_the_branch_is_not_looked_up(build, fake):
    """The token may start builds and not read jobs."""
    fake.fault(Fault("reset", "start", when="after"))
    assert build(sha="b" * 40)["recovered"] is True
    assert fake.calls("job") == []


def test_two_new_builds_of_the_same_commit_cannot_be_told_apart(build, fake, clock):
    fake.fault(Fault("reset", "start", when="after"))
    clock.on_advance(lambda: fake.add_build(PROJECT, JOB, sha=SHA) if len(fake.builds(PROJECT, JOB)) < 2 else None)
    result = build(sha=SHA)
    assert candidates(result) == {b.id for b in fake.builds(PROJECT, JOB)}
    assert f"Seen: {', '.join(map(repr, (candidate['id'] for candidate in result['candidates'])))}." in result["msg"]
    assert len(fake.calls("start")) == 1


def test_of_many_candidates_ten_are_named_and_the_others_counted(build, fake):
    for _number in range(13):
        fake.add_build(PROJECT, JOB, sha=SHA, age=1)
    fake.fault(Fault("close", "start"))
    result = build(sha=SHA)
    assert ", and 3 more." in result["msg"]
    assert sum(repr(build_id) in result["msg"] for build_id in candidates(result)) == 10
    assert len(candidates(result)) == 13


@pytest.mark.parametrize(("age", "kind"), [(0.1, "unknown_outcome"), (58, "unknown_outcome"), (61, None)])
def test_a_build_of_the_minute_before_may_be_the_lost_one(build, fake, age, kind):
    """The clock that stamps builds may be behind the one that stamps responses."""
    other = fake.add_build(PROJECT, JOB, sha=SHA, age=age)
    fake.fault(Fault("close", "start"))
    result = build(sha=SHA)
    assert result.get("error", {}).get("kind") == kind
    assert candidates(result) == ({other.id} if kind else set())
    assert len(started(fake)) == (0 if kind else 1)


@pytest.mark.parametrize("age", [0.1, 50])
def test_the_lost_build_is_told_from_one_of_the_minute_before(build, fake, age):
    fake.add_build(PROJECT, JOB, sha=SHA, age=age)
    fake.fault(Fault("close", "start", when="after"))
    assert build(sha=SHA)["build"]["id"] == started(fake)[0].id


@pytest.mark.parametrize("created", [None, "yesterday", "2026-06-25T15:55:38.296"], ids=str)
def test_a_build_without_a_date_or_its_zone_may_be_the_lost_one(build, fake, created):
    other = fake.add_build(PROJECT, JOB, sha=SHA, age=5000, createdAt=created)
    fake.fault(Fault("close", "start"))
    assert candidates(build(sha=SHA)) == {other.id}


def test_what_came_before_an_attempt_that_was_not_processed_is_not_taken(build, fake, clock):
    fake.fault(Fault("rate_limited", "start", seconds=25))
    fake.fault(Fault("close", "start", call=2))
    others = []
    clock.on_advance(lambda: others or others.append(fake.add_build(PROJECT, JOB, sha=SHA, age=10)))
    assert candidates(build(sha=SHA, api_timeout=60)) == {others[0].id}
    assert started(fake) == []


GAPS = [0.0, 0.4, 0.9]
"""Seconds from the first build to the second start."""


def two_starts(task: Task, gap: float, phase: float, when: str) -> tuple[dict, dict]:
    """Two starts of the same commit; the response to the second one is lost."""
    task.clock.advance(phase)
    task.fake.fault(Fault("reset", "start", call=2, when=when))
    one = task(sha=SHA)
    # The simulated server stamps a build later than it responds. No real one does.
    task.clock.advance(task.fake.stamp_delay + gap)
    return one, task(sha=SHA)


@pytest.mark.parametrize("latency", [0, 0.1])
@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("phase", PHASES)
def test_a_module_does_not_take_the_build_of_the_task_before_for_its_own(build, fake, phase, gap, latency):
    fake.latency = latency
    one, two = two_starts(build, gap, phase, "before")
    assert candidates(two) == {one["build"]["id"]}
    assert len(started(fake)) == 1


@pytest.mark.parametrize("phase", PHASES)
def test_a_module_recovers_the_second_of_two_starts_if_it_took_effect(build, fake, phase):
    one, two = two_starts(build, 0.4, phase, "after")
    assert [one["build"]["id"], two["build"]["id"]] == [there.id for there in started(fake)]
    assert two["recovered"] is True


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("phase", PHASES)
def test_in_a_loop_a_lost_start_is_sent_again_or_recovered(build, fake, phase, gap, when):
    build.started, build.transport = set(), Transport(fake.token)
    one, two = two_starts(build, gap, phase, when)
    build.transport.close()
    assert [one["build"]["id"], two["build"]["id"]] == [there.id for there in started(fake)]
    assert two["recovered"] is (when == "after")
    assert len(fake.calls("start")) == (3 if when == "before" else 2)


def test_in_a_loop_a_recovered_build_is_not_taken_a_second_time(build, fake):
    build.started = set()
    fake.fault(Fault("close", "start", when="after"))
    fake.fault(Fault("close", "start", call=2))
    one, two = build(sha=SHA), build(sha=SHA)
    assert one["recovered"] is True
    assert [one["build"]["id"], two["build"]["id"]] == [there.id for there in started(fake)]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("times", [1, 2, 4, 6])
def test_when_the_list_fails_for_long_the_clock_is_read_more_often(build, fake, clock, times, phase):
    clock.advance(phase)
    fake.fault(Fault("reset", "start", when="after"))
    fake.fault(Fault("status", "list", status=500, times=times))
    result = build(sha=SHA)
    assert (result["build"]["id"], result["recovered"]) == (started(fake)[0].id, True)
    assert len(fake.journal) <= 15


def test_a_clock_that_cannot_be_read_leaves_the_outcome_unknown(build, fake):
    fake.fault(Fault("reset", "start", when="after"))
    fake.fault(Fault("status", "list", status=500, times=6))
    fake.fault(Fault("status", "get", status=500, times=None))
    assert candidates(build(sha=SHA)) == {there.id for there in started(fake)}
    assert len(fake.calls("get")) == 1


@pytest.mark.parametrize(("order", "builds", "recovered"), [("newest", 1600, True), ("oldest", 150, True), (("shuffled", 1), 1600, False)])
@pytest.mark.parametrize("sha", [None, SHA], ids=["newest commit", "sha"])
def test_the_search_takes_few_requests_however_long_the_history_is(build, fake, order, builds, recovered, sha):
    fake.page_order = order
    for number in range(builds):
        fake.add_build(PROJECT, JOB, sha=SHA, age=120 + number * 60)
    fake.fault(Fault("reset", "start", when="after"))
    result = build(sha=sha)
    assert result.get("recovered", False) is recovered
    assert len(fake.journal) <= 1 + 15
    assert len(fake.calls("start")) == 1
    if not recovered:
        assert "15 requests are not enough to list them all" in result["msg"]
        assert result["error"]["kind"] == "unknown_outcome"


def test_a_lost_build_from_about_then_is_not_passed_over_for_a_later_one(build, fake, clock):
    """The clock is not known well enough to see that the first of the two is surely ours."""
    fake.fault(Fault("reset", "start", when="after"))
    fake.fault(Fault("status", "list", status=500, times=4))
    clock.on_advance(lambda: clock.monotonic() > 5 and len(fake.builds(PROJECT, JOB)) < 2 and fake.add_build(PROJECT, JOB, sha=SHA))
    assert candidates(build(sha=SHA)) == {there.id for there in fake.builds(PROJECT, JOB)}


def test_an_address_that_redirects_everything_says_where_to(build, fake, clock):
    """Whether the start was processed on the way, nobody can tell."""
    fake.fault(Fault("redirect", "any", times=None, location="https://login.example.com/"))
    result = build(sha=SHA)
    assert result["error"]["kind"] == "unknown_outcome"
    assert "'https://login.example.com/'" in result["msg"]
    assert "Set api_url to the real address" in result["msg"]
    assert clock.monotonic() < 5


def test_the_search_for_a_lost_build_ends_even_if_its_list_does_not(build, fake, clock, endless_list):
    fake.fault(Fault("reset", "start", when="after"))
    fake.latency = 4.0
    began = clock.monotonic()
    assert build()["error"]["kind"] == "unknown_outcome"
    assert clock.monotonic() - began <= 21 + 2 * 30 + 2 * 4.0
    assert len(fake.calls("start")) == 1


@pytest.fixture
def boundary(clock):
    """The next request takes effect in a later second than it was sent in, by which a run is known to be new: its time has no fraction."""
    clock.advance(0.97)


@pytest.mark.parametrize("stamped", ["in whole seconds", "to the millisecond"])
def test_a_lost_run_is_recovered_if_it_is_the_only_new_one(run, fake, clock, boundary, stamped):
    fake.fault(Fault("reset", "run_start", when="after"))
    if stamped == "to the millisecond":
        clock.advance(0.5)
        fake.plan(PROJECT, JOB, Script.success(60, raw={"startedAt": "2026-09-21T14:13:21.600Z"}), kind="run")
    result = run()
    assert (result["run"]["id"], result["recovered"]) == (started(fake, "run")[0].id, True)
    assert "is the only run that was started since then" in run.warnings[0]
    assert [call.endpoint for call in fake.journal].count("job") == 1


def test_a_run_of_the_same_second_may_be_an_earlier_one(run, fake):
    fake.fault(Fault("reset", "run_start", when="after"))
    assert candidates(run()) == {there.id for there in started(fake, "run")}
    assert len(fake.calls("run_start")) == 1


def test_a_later_run_is_not_taken_for_the_one_of_the_same_second(run, fake, clock):
    fake.fault(Fault("reset", "run_start", when="after"))
    clock.on_advance(lambda: clock.monotonic() > 5 and len(fake.runs(PROJECT, JOB)) < 2 and fake.add_run(PROJECT, JOB))
    assert candidates(run()) == {there.id for there in fake.runs(PROJECT, JOB)}


def test_a_run_of_much_later_is_not_taken(run, fake, clock):
    fake.fault(Fault("reset", "run_start"))
    clock.on_advance(lambda: clock.monotonic() > 8 and not fake.runs(PROJECT, JOB) and fake.add_run(PROJECT, JOB))
    result = run()
    assert candidates(result) == {there.id for there in fake.runs(PROJECT, JOB)}
    assert "what was found was started much later" in result["msg"]


def test_a_run_that_a_schedule_may_have_started_is_not_taken(run, fake, boundary):
    fake.jobs()[0].run_every(3600)
    fake.fault(Fault("reset", "run_start", when="after"))
    result = run()
    assert candidates(result) == {there.id for there in started(fake, "run")}
    assert "the job has a schedule, which may have started what was found" in result["msg"]


def test_a_job_that_may_not_be_seen_may_have_a_schedule(run, fake, boundary):
    fake.fault(Fault("reset", "run_start", when="after"))
    fake.fault(Fault("status", "job", status=403, times=None))
    result = run()
    assert candidates(result) == {there.id for there in started(fake, "run")}
    assert "that failed, too: Could not look up job" in result["msg"]


@pytest.mark.parametrize("schedule", [None, 3600])
def test_a_run_that_was_not_started_is_started_then(run, fake, schedule):
    fake.jobs()[0].schedule = schedule
    fake.fault(Fault("reset", "run_start"))
    result = run()
    assert (result["run"]["id"], result["recovered"]) == (started(fake, "run")[0].id, False)
    assert len(fake.calls("run_start")) == 2


@pytest.mark.parametrize("phase", PHASES)
def test_in_a_loop_an_earlier_run_is_not_taken_for_a_lost_one(run, fake, clock, phase):
    clock.advance(phase)
    run.started = set()
    fake.fault(Fault("reset", "run_start", call=2))
    one, two = run(), run()
    assert [one["run"]["id"], two["run"]["id"]] == [there.id for there in started(fake, "run")]
    assert two["recovered"] is False


@pytest.mark.parametrize(
    ("sha", "words"), [(SHA, "build of this commit"), (None, "build of the job's branch")], ids=["sha", "newest commit"]
)
def test_the_warning_says_by_what_a_build_was_recognized(build, fake, sha, words):
    fake.fault(Fault("reset", "start", when="after"))
    assert build(sha=sha)["recovered"] is True
    assert f"is the only {words} that was started since then" in build.warnings[0]
