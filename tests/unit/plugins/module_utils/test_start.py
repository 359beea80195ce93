# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build is started exactly once, however the network fails."""

from __future__ import annotations

import socket

import pytest
from ansible_collections.community.northflank.plugins.module_utils._wire import Wire
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script

PROJECT, JOB = "default-project", "example-job"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
OTHER = "a" * 40

# No answer, or one that does not tell what became of the request.
AMBIGUOUS = {
    "reset": Fault("reset", "start"),
    "close": Fault("close", "start"),
    "cut": Fault("cut", "start"),
    "bad length": Fault("bad_length", "start"),
    "not HTTP": Fault("not_http", "start"),
    "HTML 502": Fault("html", "start"),
    "HTML 200": Fault("html", "start", status=200),
    "empty": Fault("empty", "start"),
    "204": Fault("no_content", "start"),
    "500": Fault("status", "start", status=500),
    "503": Fault("unavailable", "start"),
    "504": Fault("status", "start", status=504),
    "408": Fault("status", "start", status=408),
    "302": Fault("redirect", "start", status=302, location="/v1/elsewhere"),
    "307": Fault("redirect", "start", status=307, location="/v1/elsewhere"),
    "no id": Fault("json", "start", status=200, body={"data": {}}),
    "a list": Fault("json", "start", status=200, body=[]),
    "id a number": Fault("json", "start", status=200, body={"data": {"id": 7}}),
}


def again(fault: Fault, **changes) -> Fault:
    """The same fault with something else about it."""
    fields = {**vars(fault), **changes}
    detail = fields.pop("detail", {})
    return Fault(
        fields.pop("kind"), fields.pop("endpoint"), **{k: v for k, v in fields.items() if k in ("call", "times", "when")}, **detail
    )


def started(fake: FakeNorthflank) -> list:
    return [build for build in fake.builds(PROJECT, JOB) if build.started_by == "api"]


@pytest.mark.parametrize("sha", [None, SHA], ids=["newest commit", "sha"])
@pytest.mark.parametrize("fault", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_an_answer_lost_after_the_effect_starts_nothing_twice(build, fake, fault, sha):
    fake.fault(again(fault, when="after"))
    result = build(sha=sha)
    [there] = started(fake)
    assert result["build"]["id"] == there.id
    assert result["recovered"] is True
    assert len(fake.calls("start")) == 1
    assert there.id in build.warnings[0]


@pytest.mark.parametrize("fault", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_a_start_that_surely_had_no_effect_is_sent_again(build, fake, clock, fault):
    fake.fault(again(fault, when="before"))
    result = build()
    [there] = started(fake)
    assert result["build"]["id"] == there.id
    assert result["recovered"] is False
    assert len(fake.calls("start")) == 2
    # Not before the build could no longer turn up.
    assert fake.calls("start")[1].time - fake.calls("start")[0].time >= 20


def test_when_nothing_ever_arrives_it_ends_after_the_retries(build, fake):
    fake.fault(Fault("reset", "start", times=None))
    result = build(retries=2)
    assert result["error"]["kind"] == "network"
    assert len(fake.calls("start")) == 3
    assert started(fake) == []


def test_retries_zero_never_sends_again(build, fake):
    fake.fault(Fault("reset", "start"))
    assert build(retries=0)["failed"] is True
    assert len(fake.calls("start")) == 1


def test_the_build_that_appears_seconds_late_is_found(build, fake):
    fake.plan(PROJECT, JOB, Script.success(60, visible_after=12))
    fake.fault(Fault("reset", "start", when="after"))
    result = build(sha=SHA)
    [there] = started(fake)
    assert result["build"]["id"] == there.id


@pytest.mark.parametrize("skew", [-420.0, 0.0, 420.0])
@pytest.mark.parametrize("order", ["newest", "oldest", ("shuffled", 7)], ids=str)
def test_among_hundreds_of_builds_with_a_clock_of_its_own(clock, build, fake, order, skew):
    fake.clock_skew = skew
    fake.page_order = order
    for number in range(250):
        fake.add_build(PROJECT, JOB, sha=SHA if number % 2 else OTHER, age=30 + number * 60)
    fake.fault(Fault("reset", "start", when="after"))
    result = build(sha=SHA)
    [there] = started(fake)
    assert result["build"]["id"] == there.id
    assert result["recovered"] is True


def test_other_commits_in_between_do_not_matter(build, fake, clock):
    fake.fault(Fault("reset", "start", when="after"))
    clock.on_advance(lambda: fake.add_build(PROJECT, JOB, sha=OTHER) if len(fake.builds(PROJECT, JOB)) < 4 else None)
    result = build(sha=SHA)
    [there] = started(fake)
    assert result["build"]["id"] == there.id


def test_two_builds_of_the_same_commit_cannot_be_told_apart(build, fake, clock):
    fake.fault(Fault("reset", "start", when="after"))
    clock.on_advance(lambda: fake.add_build(PROJECT, JOB, sha=SHA) if len(fake.builds(PROJECT, JOB)) < 2 else None)
    result = build(sha=SHA)
    assert result["error"]["kind"] == "unknown_outcome"
    assert {b["id"] for b in result["candidates"]} == {b.id for b in fake.builds(PROJECT, JOB)}
    assert len(fake.calls("start")) == 1
    for candidate in result["candidates"]:
        assert candidate["id"] in result["msg"]


def test_when_the_list_is_forbidden_nothing_is_started(build, fake):
    fake.fault(Fault("reset", "start"))
    fake.fault(Fault("status", "list", times=None, status=403, message="No."))
    result = build()
    assert result["error"]["kind"] == "unknown_outcome"
    assert "Project > Jobs > General > Read" in result["msg"]
    assert len(fake.calls("start")) == 1


def test_when_the_list_fails_for_good_nothing_is_started(build, fake):
    fake.fault(Fault("reset", "start"))
    fake.fault(Fault("status", "list", times=None, status=502))
    assert build()["error"]["kind"] == "unknown_outcome"
    assert len(fake.calls("start")) == 1


def test_when_the_list_fails_for_a_while_it_is_asked_again(build, fake):
    fake.fault(Fault("reset", "start", when="after"))
    fake.fault(Fault("status", "list", times=6, status=502))
    assert build()["recovered"] is True


def test_a_refused_connection_is_tried_again_without_looking(build, fake, clock):
    fake.down(1.2)
    result = build()
    assert result["changed"] is True
    assert len(fake.calls("start")) == 1
    assert fake.calls("list") == []
    assert sum(clock.sleeps) < 10


def test_nobody_listening(build, fake):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        result = build(api_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
    assert result["error"]["kind"] == "network"
    assert "Connection refused" in result["msg"]


def test_a_host_without_an_address(build):
    result = build(api_url="https://northflank.invalid", retries=0)
    assert result["error"]["kind"] == "network"
    assert "northflank.invalid" in result["msg"]


@pytest.mark.parametrize("header", ["retry-after", "retry-after-date", "reset"])
def test_a_used_up_quota_is_waited_for_where_that_fits(build, fake, clock, header):
    fake.fault(Fault("rate_limited", "start", header=header, seconds=7))
    assert build()["changed"] is True
    assert len(fake.calls("start")) == 2
    assert sum(clock.sleeps) == pytest.approx(7, abs=1.01)
    assert fake.calls("list") == []


@pytest.mark.parametrize("header", ["retry-after", "retry-after-date", "reset"])
def test_a_quota_that_returns_too_late_fails_at_once(build, fake, clock, header):
    fake.fault(Fault("rate_limited", "start", header=header, seconds=1800))
    result = build()
    assert result["error"]["kind"] == "rate_limited"
    assert "returns in 1" in result["msg"]
    assert "GMT" in result["msg"]
    assert clock.sleeps == []
    assert len(fake.calls("start")) == 1


def test_a_quota_that_says_nothing_is_tried_again(build, fake, clock):
    fake.fault(Fault("rate_limited", "start", header=None))
    assert build()["changed"] is True
    assert 0 < sum(clock.sleeps) < 2


def test_unavailable_with_retry_after_was_not_processed(build, fake, clock):
    fake.fault(Fault("unavailable", "start", seconds=3))
    assert build()["changed"] is True
    assert clock.sleeps == [3]
    assert fake.calls("list") == []


@pytest.mark.parametrize("location", ["http://[", "é", "", "//", "/" * 70_000])
def test_a_redirect_to_anywhere_is_no_exception(build, fake, location):
    fake.fault(Fault("redirect", "start", location=location, when="after"))
    result = build(sha=SHA)
    [there] = started(fake)
    assert result["build"]["id"] == there.id


def test_a_list_that_does_not_say_that_it_is_empty_proves_nothing(build, fake):
    fake.fault(Fault("reset", "start", when="after"))
    fake.fault(Fault("json", "list", times=None, status=200, body={"data": {}}))
    assert build(sha=SHA)["error"]["kind"] == "unknown_outcome"
    assert len(started(fake)) == 1


def test_a_list_without_builds_that_says_so_is_empty(info, fake):
    body = {"data": {}, "pagination": {"hasNextPage": False, "count": 0}}
    fake.fault(Fault("json", "list", status=200, body=body))
    assert info()["builds"] == []


@pytest.mark.parametrize("fault", [Fault("status", "list", status=500, times=4), Fault("html", "list", status=200, times=4)])
def test_a_look_that_fails_for_a_while_is_no_end(build, fake, fault):
    fake.fault(Fault("reset", "start", when="after"))
    fake.fault(fault)
    assert build(sha=SHA)["recovered"] is True


def test_a_build_that_one_look_has_shown_is_not_forgotten(build, fake):
    fake.fault(Fault("reset", "start", when="after"))
    nothing = {"data": {"builds": []}, "pagination": {"hasNextPage": False, "count": 0}}
    fake.fault(Fault("json", "list", call=2, times=None, status=200, body=nothing))
    result = build(sha=SHA)
    [there] = started(fake)
    assert result["build"]["id"] == there.id


def test_the_build_of_an_earlier_item_is_not_taken_for_a_lost_one(build, fake):
    build.wire = Wire(fake.token)
    fake.fault(Fault("close", "start", call=2))
    results = [build(sha=SHA, overrides={"build_arguments": {"VARIANT": variant}}) for variant in ("alpha", "beta")]
    build.wire.close()
    assert [result["build"]["id"] for result in results] == [there.id for there in started(fake)]
    assert len(started(fake)) == 2
    assert not results[1]["recovered"]


@pytest.mark.parametrize("age", [1.8, 50])
def test_a_build_of_a_moment_before_may_be_the_lost_one_or_not(build, fake, age):
    """The clock that stamps builds may be behind, so it cannot be told: nothing is started."""
    other = fake.add_build(PROJECT, JOB, sha=SHA, age=age)
    fake.fault(Fault("close", "start"))
    result = build(sha=SHA)
    assert result["error"]["kind"] == "unknown_outcome"
    assert [candidate["id"] for candidate in result["candidates"]] == [other.id]
    assert len(fake.calls("start")) == 1


@pytest.mark.parametrize("age", [1.8, 50])
def test_a_lost_build_is_told_from_one_of_a_moment_before(build, fake, age):
    fake.add_build(PROJECT, JOB, sha=SHA, age=age)
    fake.fault(Fault("close", "start", when="after"))
    assert build(sha=SHA)["build"]["id"] == started(fake)[0].id


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"REQUESTS_CA_BUNDLE": "/nonexistent/ca.pem"}, "/nonexistent/ca.pem"),
        ({"https_proxy": "http://user:pass#word@proxy.invalid:3128"}, "an address is not valid"),
    ],
    ids=["no bundle", "no proxy's address"],
)
def test_what_fails_before_any_connection_has_sent_nothing(build, clock, monkeypatch, environment, words):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = build(api_url="https://northflank.invalid", retries=1)
    assert result["error"]["kind"] == "network"
    assert words in result["msg"]
    assert "pass" not in result["msg"]
    assert clock.monotonic() < 10


def test_an_announcement_is_no_answer(build, fake):
    fake.fault(Fault("early_hints", "start"))
    [there] = [build(sha=SHA)["build"]["id"]]
    assert [one.id for one in started(fake)] == [there]


def test_what_came_before_an_attempt_that_was_not_processed_is_no_candidate(build, fake, clock):
    fake.fault(Fault("rate_limited", "start", seconds=25))
    fake.fault(Fault("close", "start", call=2))
    others = []
    forget = clock.on_advance(lambda: others or others.append(fake.add_build(PROJECT, JOB, sha=SHA, age=10)))
    result = build(sha=SHA, timeout=60)
    forget()
    assert result["error"]["kind"] == "unknown_outcome"
    assert [candidate["id"] for candidate in result["candidates"]] == [others[0].id]
    assert started(fake) == []


def test_an_address_that_redirects_everything_says_where_to(build, fake, clock):
    """Whether the start was processed on the way, nobody can tell."""
    fake.fault(Fault("redirect", "any", times=None, location="https://login.example.com/"))
    result = build(sha=SHA)
    assert result["error"]["kind"] == "unknown_outcome"
    assert "'https://login.example.com/'" in result["msg"]
    assert "Set api_url to the address" in result["msg"]
    assert clock.monotonic() < 5
