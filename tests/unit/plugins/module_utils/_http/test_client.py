# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retries, pauses, the rate limit, pages, and the address of the API."""

from __future__ import annotations

import contextlib
import json
import random
import typing as t
import warnings
from email.utils import formatdate

import pytest
import urllib3
from ansible_collections.community.northflank.plugins.module_utils import _errors as errors
from ansible_collections.community.northflank.plugins.module_utils._http.client import MAX_PAGES, MIN_SECONDS, Client, base_url
from ansible_collections.community.northflank.plugins.module_utils._http.messages import Request
from ansible_collections.community.northflank.plugins.module_utils._http.transport import Transport
from ansible_collections.community.northflank.plugins.module_utils._masking import Redactor
from ansible_collections.community.northflank.tests.raw_server import Peer, RawServer, Script, http, respond

NOW = 1_790_000_000
DATE = "Date: " + formatdate(NOW, usegmt=True)
GET = Request("GET", "/v1/x", description="look at x", permission="Project > X > Read", not_found_hint="Check x.")
GOOD = http(200, b'{"data": 1}')


@pytest.fixture
def connect(serve, clock) -> t.Callable[..., Client]:
    """Make a client of a server that does what a script says."""

    def make(script: Script, **options: t.Any) -> Client:
        server: RawServer = serve(script)
        defaults: dict[str, t.Any] = {"timeout": 30, "retries": 3, "clock": clock, "redactor": Redactor()}
        transport = Transport("nf-a-long-token", options.pop("verify", True))
        client = Client(api_url=server.url, transport=transport, **{**defaults, **options})
        client.server = server  # type: ignore[attr-defined]
        return client

    return make


@pytest.fixture
def longest_pauses(monkeypatch) -> list[tuple[float, float]]:
    """Chance gives the upper end of its range; the ranges are kept."""
    ranges: list[tuple[float, float]] = []
    monkeypatch.setattr(random, "uniform", lambda low, high: ranges.append((low, high)) or high)
    return ranges


def test_pauses_double_up_to_eight_seconds(connect, clock, longest_pauses):
    client = connect(respond(GOOD), retries=9)
    pauses = [client.sleep_before_retry(errors.ServerError("x"), attempt, 99.0) for attempt in range(7)]
    assert pauses == clock.sleeps == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert set(longest_pauses) == {(0.5, 1.0)}


@pytest.mark.parametrize(("attempt", "patience", "goes_on"), [(0, 7.0, True), (0, 6.9, False), (1, 7.0, True), (2, 7.0, False)])
def test_a_pause_needs_a_retry_and_patience(connect, attempt, patience, goes_on):
    client = connect(respond(GOOD), retries=2)
    error = errors.ServerError("x", retry_after=7.0)
    if goes_on:
        assert client.sleep_before_retry(error, attempt, patience) == 7.0
    else:
        with pytest.raises(errors.ServerError):
            client.sleep_before_retry(error, attempt, patience)


@pytest.mark.parametrize(("deadline", "pauses"), [(None, 3), (20, 2)])
def test_pauses_together_take_no_longer_than_the_timeout_or_the_deadline(connect, clock, deadline, pauses):
    client = connect(respond(http(503, b"", "Retry-After: 8")), retries=99, timeout=30)
    with pytest.raises(errors.ServerError):
        client.request(GET, deadline=deadline and clock.monotonic() + deadline)
    assert clock.sleeps == [8.0] * pauses


def test_a_request_without_time_left_is_not_sent(connect, clock):
    client = connect(respond(GOOD))
    with pytest.raises(errors.NetworkError, match="there was no time left for it") as caught:
        client.send(GET, deadline=clock.monotonic() + MIN_SECONDS - 0.01)
    assert not caught.value.sent
    assert client.server.accepted == 0
    assert client.send(GET, deadline=clock.monotonic() + MIN_SECONDS).status == 200


def refusal(client: Client) -> errors.NorthflankError:
    with pytest.raises(errors.NorthflankError) as caught:
        client.parse(GET, client.send(GET))
    return caught.value


RESET = "x-ratelimit-reset: 40"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        *((["Retry-After: 12"], 12.0), (["Retry-After: \t12 \t"], 12.0), (["Retry-After: 1.5"], 1.5), (["Retry-After: 12."], 12.0)),
        *(
            ([f"Retry-After: {text}"], None)
            for text in ("soon", "-1", "\xb2", "1e3", "0x10", "+5", "1,5", "1 2", "nan", "9" * 5000, "12, 12")
        ),
        *(
            (["Retry-After: " + formatdate(NOW + 12, usegmt=True), DATE], 12.0),
            (["Retry-After: " + formatdate(NOW - 12, usegmt=True), DATE], 0.0),
        ),
        *((["Retry-After: " + formatdate(NOW + 12, usegmt=True)], None), (["Retry-After: 1000000000"], None), ([], None)),
        *((["Retry-After: 12", RESET, "x-ratelimit-remaining: 0"], 12.0), ([RESET, "x-ratelimit-remaining: 0"], 40.0)),
        *(([RESET], 40.0), ([RESET, "x-ratelimit-remaining: 7"], None), (["x-ratelimit-reset: 39.5 ", "x-ratelimit-remaining: 0"], 40.0)),
    ],
)
def test_how_long_the_server_wants_to_be_left_alone(connect, headers, seconds):
    assert refusal(connect(respond(http(429, b"", *headers)))).retry_after == seconds


def test_the_reset_of_the_rate_limit_comes_nearer(connect, clock):
    full = http(429, b"", "x-ratelimit-reset: 40", "x-ratelimit-remaining: 0")
    client = connect(respond(full, http(429, b""), http(503, b""), http(429, b"")))
    assert refusal(client).retry_after == 40.0
    clock.advance(15)
    assert refusal(client).retry_after == 25.0
    assert refusal(client).retry_after is None  # Not a 429.
    clock.advance(50)
    assert refusal(client).retry_after == 0.0


def test_the_rate_limit_is_that_of_the_latest_response_that_has_one(connect, clock):
    first = http(200, b'{"data": 1}', "x-ratelimit-limit: 1000", "x-ratelimit-remaining: 7", "x-ratelimit-reset: 60")
    client = connect(respond(first, http(502, b"<html>"), http(200, b"{}", "x-ratelimit-remaining: 6", "x-ratelimit-limit: many")))
    assert client.rate_limit == {"limit": None, "remaining": None, "reset": None}
    clock.advance(5)
    for remaining in (7, 7, 6):
        client.send(GET)
        assert client.rate_limit == {"limit": 1000, "remaining": remaining, "reset": 60}
        assert client.rate_limit_at == 5.0
        clock.advance(5)


@pytest.mark.parametrize(
    ("status", "body", "confirmed"),
    [
        *((200, {"data": None}, True), (422, {"error": {"status": 422, "message": "No"}}, True)),
        *((404, {"error": "not found"}, False), (404, {"error": {"message": "not found", "code": 404}}, False)),
        *((404, "<html>", False), (200, {"ok": True}, False)),
    ],
)
def test_only_what_northflank_alone_sends_confirms_the_address(connect, status, body, confirmed):
    client = connect(respond(http(status, json.dumps(body).encode()), http(502, b"<html>")))
    for _each in range(2):
        with contextlib.suppress(errors.NorthflankError):
            client.parse(GET, client.send(GET))
        assert client.api_confirmed is confirmed


def test_only_northflanks_responses_set_the_servers_clock(connect):
    client = connect(respond(http(200, b"<html>", DATE), http(200, b'{"data": 1}', DATE)))
    refusal(client)
    assert client.server_clock.latest(0.0) is None
    client.parse(GET, client.send(GET))
    assert client.server_clock.latest(0.0) == NOW + 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[]," * 300_000, "has too many values"),
        (b'{"":1},' * 140_000, "has too many values"),
        (b" " * 1_048_577, "is longer than 1048576 bytes"),
    ],
    ids=["lists", "objects", "blanks"],
)
def test_a_response_that_would_fill_the_memory_is_refused(connect, body, words):
    with pytest.raises(errors.InvalidResponseError, match=words):
        connect(respond(http(200, body))).send(GET)


def paged(pages: int, entries: t.Sequence[t.Any] = (), **last: t.Any) -> Script:
    """Respond with so many pages of a list."""

    def script(peer: Peer) -> None:
        while peer.read() is not None:
            number = len(peer.server.requests)
            pagination = {"hasNextPage": True, "cursor": f"c{number}"} if number < pages else {"hasNextPage": False, **last}
            peer.send(http(200, json.dumps({"data": {"xs": list(entries)}, "pagination": pagination}).encode()))

    return script


def test_pages_follow_their_cursors(connect):
    client = connect(paged(3, [1]))
    assert list(client.pages(GET, "xs")) == [([1], False), ([1], False), ([1], True)]
    targets = [request.split()[1] for request in client.server.requests]
    assert targets == [b"/v1/x?per_page=100", b"/v1/x?per_page=100&cursor=c1", b"/v1/x?per_page=100&cursor=c2"]


def test_a_list_has_so_many_pages_and_no_more(connect):
    assert len(list(connect(paged(MAX_PAGES, cursor="c")).pages(GET, "xs"))) == MAX_PAGES
    client = connect(paged(MAX_PAGES + 1))
    with pytest.raises(errors.InvalidResponseError, match="has more than 100 pages, or no last page"):
        list(client.pages(GET, "xs"))
    assert len(client.server.requests) == MAX_PAGES


def test_a_cursor_that_comes_again_ends_the_list_and_so_does_the_deadline(connect, clock):
    again = respond(http(200, b'{"data": {"xs": []}, "pagination": {"hasNextPage": true, "cursor": "again"}}'))
    client = connect(again)
    with pytest.raises(errors.InvalidResponseError, match="no last page"):
        list(client.pages(GET, "xs"))
    assert len(client.server.requests) == 2
    pages = connect(again, timeout=3).pages(GET, "xs")
    next(pages)
    clock.advance(30)
    with pytest.raises(errors.NetworkError, match="no time left"):
        next(pages)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        *(({"data": {}}, "has no list of xs"), ({"data": []}, "has no list of xs"), ({"data": {"xs": {}}}, "has no list of xs")),
        *(({"data": {}, "pagination": {"count": 1}}, "has no list of xs"), ({"data": {"xs": None}, "pagination": {"count": False}}, None)),
        *(({"data": {}, "pagination": {"count": 0}}, None), ({"data": None, "pagination": {"count": 0}}, None)),
        *(({"data": {"xs": []}, "pagination": []}, None), ({"data": {"xs": []}, "pagination": {"hasNextPage": 1, "cursor": "c"}}, None)),
        *(({"data": {"xs": []}, "pagination": {"hasNextPage": True, "cursor": cursor}}, "no cursor") for cursor in (None, 7)),
    ],
)
def test_an_empty_list_must_be_certain(connect, page, words):
    pages = connect(respond(http(200, json.dumps(page).encode()))).pages(GET, "xs")
    with contextlib.nullcontext() if words is None else pytest.raises(errors.InvalidResponseError, match=words):
        assert list(pages) == [([], True)]


@pytest.mark.parametrize(("entries", "pages"), [(["x" * 990_000], 17), ([1] * 4500, 5)], ids=["bytes", "entries"])
def test_the_pages_of_a_list_are_bounded_together(connect, entries, pages):
    client = connect(paged(MAX_PAGES, entries))
    with pytest.raises(errors.InvalidResponseError, match="is longer than 16777216 bytes or 20000 entries on all pages"):
        list(client.pages(GET, "xs"))
    assert len(client.server.requests) == pages


@pytest.mark.parametrize(
    ("given", "base"),
    [
        *(("https://a.example", "https://a.example"), ("https://a.example/", "https://a.example"), ("http://b:80/v1", "http://b:80")),
        *((" https://a.example/gateway/v1/ ", "https://a.example/gateway"), ("http://[::1%lo]:9", "http://[::1%25lo]:9")),
        *(("https://bücher.example", "https://xn--bcher-kva.example"), ("https://a.example/a/../b/", "https://a.example/b")),
        *(("https://a.example/a%7Eb/v1", "https://a.example/a~b"), ("https://a.example/ä//b", "https://a.example/%C3%A4//b")),
    ],
)
def test_an_address_is_brought_into_one_form(given, base):
    assert base_url(given) == base


@pytest.mark.parametrize(
    "given",
    [
        *("", "api.example.com", "ftp://a.example", "https://", "https:///v1", "https://a b", "https://.example", "https://*.example"),
        *("https://[v1.a]", "https://[::1", "https://a:99999", "https://a.example?a=1", "https://a.example#a", "https://\x1b[31m"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(given):
    with pytest.raises(errors.InvalidArgumentsError, match=r"api_url .*Write it like https://api\.northflank\.com\."):
        base_url(given)


@pytest.mark.parametrize("credentials", ["me:pass-word", "me:pass word", "me:pass//word", "me:pass@word", "me:pass#word?"])
@pytest.mark.parametrize("scheme", ["https://", ""])
def test_an_address_with_a_password_is_refused_without_showing_it(scheme, credentials):
    with pytest.raises(errors.InvalidArgumentsError) as caught:
        base_url(f"{scheme}{credentials}@api.example.com")
    shown = caught.value.message.replace("user name, password", "")
    assert not [part for part in ("me:", "pass", "word") if part in shown]


@pytest.mark.parametrize(("verify", "warns"), [(False, False), (True, True)])
def test_a_warning_of_unchecked_certificates_is_silenced_where_that_was_asked_for(connect, verify, warns):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        connect(respond(GOOD), verify=verify)
        warnings.warn("unchecked", urllib3.exceptions.InsecureRequestWarning, stacklevel=1)
    assert bool(caught) is warns
