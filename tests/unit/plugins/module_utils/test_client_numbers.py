# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers of the client, exactly: pauses, limits, times. Mutation testing showed that other tests let them drift."""

from __future__ import annotations

import json
import random
from email.utils import formatdate
from types import SimpleNamespace

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _client, _errors as errors, _exchange, _failures
from ansible_collections.community.northflank.plugins.module_utils._client import Client
from ansible_collections.community.northflank.plugins.module_utils._exchange import Answer, Call
from ansible_collections.community.northflank.plugins.module_utils._wire import Wire
from ansible_collections.community.northflank.tests.fake_northflank import SimulatedClock

CALL = Call("GET", "/v1/x", doing="look at x", permission="Project > X > Read", missing="Check x.")
NOW = 1_790_000_000
DATE = {"Date": formatdate(NOW, usegmt=True)}


def client(**options) -> Client:
    defaults = {
        "wire": Wire("the-token"),
        "timeout": 30,
        "retries": 3,
        "verify": True,
        "clock": SimulatedClock(),
        "scrub": lambda value: value,
    }
    return Client(api_url="http://x", **{**defaults, **options})


def answer(status: int = 200, body: object = None, received: float = 0.0, **headers: str) -> Answer:
    return Answer(status, {name.replace("_", "-"): text for name, text in headers.items()}, json.dumps(body).encode(), received)


@pytest.fixture
def full(monkeypatch):
    """Chance gives the upper end of its range; the ranges are kept."""
    ranges = []
    monkeypatch.setattr(random, "uniform", lambda low, high: ranges.append((low, high)) or high)
    return ranges


def test_pauses_double_up_to_eight_seconds(full):
    subject = client(retries=9)
    assert [subject.pause(errors.ServerError("x"), attempt, 99.0) for attempt in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert set(full) == {(0.5, 1.0)}
    assert subject.clock.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_a_pause_may_take_all_the_patience_and_no_more(full):
    subject = client()
    assert subject.pause(errors.ServerError("x", retry_after=7.0), 0, 7.0) == 7.0
    with pytest.raises(errors.ServerError):
        subject.pause(errors.ServerError("x", retry_after=7.0), 0, 6.9)


def test_attempts_are_counted(full):
    subject = client(retries=2)
    assert subject.pause(errors.ServerError("x"), 1, 99.0) == 1.0
    with pytest.raises(errors.ServerError):
        subject.pause(errors.ServerError("x"), 2, 99.0)


def refusal(subject: Client, given: Answer) -> errors.NorthflankError:
    subject._learn(given)
    with pytest.raises(errors.NorthflankError) as caught:
        subject.data(CALL, given)
    return caught.value


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry_After": "12"}, 12.0),
        ({"Retry_After": formatdate(NOW + 12, usegmt=True), **DATE}, 12.0),
        ({"Retry_After": formatdate(NOW - 12, usegmt=True), **DATE}, 0.0),
        ({"x_ratelimit_reset": "40", "x_ratelimit_remaining": "0"}, 40.0),
        ({"x_ratelimit_reset": "40", "x_ratelimit_remaining": "7"}, None),
        ({}, None),
    ],
    ids=["seconds", "date", "past date", "reset", "quota left", "nothing"],
)
def test_how_long_the_server_wants_to_be_left_alone(headers, pause):
    assert refusal(client(), answer(429, **headers)).retry_after == pause


def test_the_reset_of_the_quota_comes_nearer():
    subject = client()
    subject._learn(answer(429, received=100.0, x_ratelimit_reset="40", x_ratelimit_remaining="0"))
    assert refusal(subject, answer(429, received=115.0)).retry_after == 25.0
    assert refusal(subject, answer(429, received=150.0)).retry_after == 0.0
    assert refusal(subject, answer(503, received=115.0)).retry_after is None


def test_the_message_says_when_the_quota_returns():
    told = refusal(client(), answer(429, Retry_After="60", x_ratelimit_limit="1000", **DATE))
    assert (
        f"The quota of 1000 requests an hour is used up; it returns in 60 seconds, at {formatdate(NOW + 60, usegmt=True)}." in told.message
    )


def test_the_servers_clock():
    subject = client()
    assert subject.server_time(5.0) is None
    for received, date in ((10.0, NOW), (20.5, NOW + 10), (30.0, NOW + 20)):
        subject.data(CALL, answer(200, {"data": 1}, received=received, Date=formatdate(date, usegmt=True)))
    # The latest that it surely was: a date has its fraction of a second cut off, which makes it early, never late.
    assert subject.server_time(40.0) == NOW + 30.0


@pytest.mark.parametrize(
    ("body", "said", "added"),
    [
        ({"error": {"message": "No. "}}, "Could not look at x: No (HTTP 422).", ""),
        ({"error": {"details": {"a": 1}}}, "Could not look at x: HTTP 422.", 'Northflank refused the request. Details: {"a": 1}.'),
        ({"error": {"message": 7, "apple": 1}}, "Could not look at x: HTTP 422.", "Northflank refused the request."),
        ("no", "Could not look at x: HTTP 422.", "Northflank refused the request."),
    ],
    ids=["words", "details", "no text", "no object"],
)
def test_a_refusal_in_words(body, said, added):
    subject = client()
    assert refusal(subject, answer(422, body)).message == f"{said} {added}".strip()
    assert subject.understood is isinstance(body, dict)


def test_once_understood_is_understood():
    subject = client()
    subject.data(CALL, answer(200, {"data": 1}))
    refusal(subject, answer(502, "<html>"))
    assert subject.understood is True


def sanitize(value: object) -> object:
    return _exchange.sanitize_json(value, str)


def test_the_depth_of_an_answer():
    def lists(levels: int) -> object:
        return json.loads("[" * levels + "]" * levels)

    assert sanitize(lists(_exchange.MAX_DEPTH + 1)) == lists(_exchange.MAX_DEPTH + 1)
    with pytest.raises(ValueError, match="too deep"):
        sanitize(lists(_exchange.MAX_DEPTH + 2))
    with pytest.raises(ValueError, match="too deep"):
        sanitize(json.loads('{"a":' * (_exchange.MAX_DEPTH + 1) + "1" + "}" * (_exchange.MAX_DEPTH + 1)))


def test_texts_of_an_answer_can_be_written():
    assert sanitize({"k\ud800": ["a\ud800", "grün", "plain", 1.5, float("inf"), None, True]}) == {
        "k?": ["a?", "grün", "plain", 1.5, None, None, True]
    }


def test_the_length_of_a_key():
    assert sanitize({"k" * 200: 1})
    with pytest.raises(ValueError, match="key too long"):
        sanitize({"k" * 201: 1})


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("9" * 15, 10**15 - 1), ("9" * 16, 7), ("9" * 17, 7), ("-1", 7), ("²", 7), ("", 7), (None, 7)]
)
def test_numbers_in_headers(text, number):
    assert _client._integer(text, 7) == number


def test_the_limits():
    assert (_exchange.MAX_RESPONSE, _exchange.MAX_DEPTH, _exchange.MAX_KEY, _client.MAX_PAGES) == (1_048_576, 16, 200, 100)


@pytest.mark.parametrize(("pages", "fails"), [(100, False), (101, True)])
def test_how_many_pages_a_list_may_have(monkeypatch, pages, fails):
    asked = []

    def ask(call: Call, deadline: float, retries: None) -> SimpleNamespace:
        asked.append(call.params)
        more = len(asked) < pages
        return SimpleNamespace(body=b"", json={"data": [], "pagination": {"hasNextPage": more, "cursor": f"c{len(asked)}"}})

    subject = client()
    monkeypatch.setattr(subject, "ask", ask)
    if fails:
        with pytest.raises(errors.InvalidResponseError, match="no end"):
            list(subject.pages(CALL))
    else:
        assert len(list(subject.pages(CALL))) == pages
    assert len(asked) == 100
    assert asked[:2] == [{"per_page": 100}, {"per_page": 100, "cursor": "c1"}]


@pytest.mark.parametrize("more", [1, "yes", None, False, 0])
def test_only_true_means_another_page(monkeypatch, more):
    subject = client()
    monkeypatch.setattr(
        subject, "ask", lambda *arguments: SimpleNamespace(body=b"", json={"pagination": {"hasNextPage": more, "cursor": "c"}})
    )
    assert len(list(subject.pages(CALL))) == 1


@pytest.mark.parametrize(("verify", "silenced"), [(False, 1), (True, 0), ("/ca.pem", 0)])
def test_warnings_are_silenced_only_where_certificates_are_not_checked(monkeypatch, verify, silenced):
    calls = []
    monkeypatch.setattr(_client, "silence_insecure", lambda: calls.append(1))
    client(verify=verify)
    assert len(calls) == silenced


@pytest.mark.parametrize(("before", "found"), [(0, True), (995, True), (996, False)])
def test_a_page_of_html_is_known_by_its_first_kilobyte(before, found):
    assert (_failures.kind_of_body(Answer(200, {}, b" " * before + b"<HTML>", 0.0)) == "an HTML page") is found


@pytest.mark.parametrize(("status", "taken"), [(199, False), (200, True), (299, True), (300, False)])
def test_which_statuses_are_successes(status, taken):
    if taken:
        assert client().data(CALL, answer(status, {"data": 1})) == 1
    else:
        with pytest.raises(errors.NorthflankError):
            client().data(CALL, answer(status, {"data": 1}))


def test_how_a_request_is_sent(monkeypatch):
    """Its body comes in parts, so that its size can be bounded."""
    sent = {}

    def send(request: object, **options: object) -> None:
        sent.update(options, request=request)
        raise OSError("no network here")

    subject = client(timeout=7)
    monkeypatch.setattr(subject._wire._adapter, "send", send)
    with pytest.raises(errors.NetworkError) as caught:
        subject.exchange(CALL)
    assert caught.value.sent is False
    assert (sent["request"].method, sent["request"].url) == ("GET", "http://x/v1/x")
    assert sent["request"].headers["Authorization"] == "Bearer the-token"
    assert (sent["stream"], sent["timeout"], sent["verify"]) == (True, 7, True)


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://api.example.com/gateway/v1", "https://api.example.com/gateway"),
        ("https://api.example.com/gateway/v1/", "https://api.example.com/gateway"),
        ("https://api.example.com/gateway", "https://api.example.com/gateway"),
        ("http://localhost:8080/v1", "http://localhost:8080"),
    ],
)
def test_the_base_of_an_address(given, base):
    assert _client.base_url(given) == base


@pytest.mark.parametrize("given", ["https://api.example.com?a=1", "https://api.example.com#a", "https://me@api.example.com"])
def test_an_address_has_nothing_else(given):
    with pytest.raises(errors.InvalidArgumentsError, match="an address alone"):
        _client.base_url(given)
