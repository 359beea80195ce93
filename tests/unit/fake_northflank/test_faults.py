# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.client
import json
import socket
import threading

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import JOB, PLACE

JSON = "application/json; charset=utf-8"
BROKEN = [
    ("reset", ConnectionResetError, None),
    ("close", http.client.RemoteDisconnected, None),
    ("cut", ConnectionResetError, 200),
    ("bad_length", http.client.IncompleteRead, 200),
    ("not_http", http.client.BadStatusLine, None),
]
SPOILT = [
    ("html", {}, 502, "text/html"),
    ("html", {"status": 200}, 200, "text/html"),
    ("empty", {}, 200, JSON),
    ("empty", {"status": 503}, 503, JSON),
    ("no_content", {}, 204, None),
    ("json", {"body": {"data": []}}, 200, JSON),
    ("redirect", {}, 302, None),
    ("status", {"status": 500}, 500, JSON),
    ("rate_limited", {}, 429, JSON),
    ("unavailable", {}, 503, JSON),
]


def post(client):
    return client("POST", f"{JOB}/build", {})


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "error", "status"), BROKEN)
def test_a_broken_answer_comes_before_or_after_the_effect(fake, client, kind, error, status, when):
    fake.fault(Fault(kind, "start", when=when))
    with pytest.raises(error):
        post(client)
    # Where nothing happened, not even a piece of a good answer may be told.
    expected = 503 if status and when == "before" else status
    assert [(entry.endpoint, entry.fault, entry.status) for entry in fake.journal] == [("start", kind, expected)]
    assert len(fake.builds(*PLACE)) == (when == "after")
    assert post(client).status == 200


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "detail", "status", "content_type"), SPOILT)
def test_a_spoilt_answer_comes_before_or_after_the_effect(fake, client, kind, detail, status, content_type, when):
    fake.fault(Fault(kind, "start", when=when, **detail))
    answer = post(client)
    assert (answer.status, answer.headers.get("content-type")) == (status, content_type)
    assert (fake.journal[0].fault, fake.journal[0].status) == (kind, status)
    assert [build.id for build in fake.builds(*PLACE)] == ([fake.journal[0].build_id] if when == "after" else [])
    assert post(client).status == 200


def test_a_stall_lasts_until_the_client_goes(fake, connect):
    impatient = connect(fake, timeout=0.05)
    fake.fault(Fault("stall", "start", when="after"))
    with pytest.raises(socket.timeout):
        post(impatient)
    assert (fake.journal[0].status, len(fake.builds(*PLACE))) == (None, 1)
    assert post(impatient).status == 200


@pytest.mark.parametrize("end", ["stop", "down"])
def test_a_stall_ends_with_the_server(fake, connect, end):
    fake.fault(Fault("stall"))
    errors = []

    def ask():
        try:
            post(connect(fake, timeout=30))
        except (OSError, http.client.HTTPException) as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not fake.journal:
        pass
    fake.stop() if end == "stop" else fake.down(1)
    thread.join(timeout=5)
    assert (thread.is_alive(), len(errors)) == (False, 1)


@pytest.mark.parametrize("headers", [False, True])
def test_a_trickle_is_whole_in_the_end(fake, client, headers):
    fake.fault(Fault("trickle", "job", gap=0.0001, headers=headers))
    assert client("GET", JOB).json == client("GET", JOB).json


@pytest.mark.parametrize("declared", [False, True])
def test_a_huge_answer_begins_like_json(fake, client, declared):
    fake.fault(Fault("huge", size=300_000, declared=declared))
    answer = client("GET", JOB)
    assert (answer.status, len(answer.body)) == (200, 300_000)
    assert answer.headers.get("content-length") == ("300000" if declared else None)
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(answer.body)
    assert client("GET", JOB).status == 200


@pytest.mark.parametrize("status", [301, 308])
def test_a_redirect_leads_anywhere(fake, client, status):
    fake.fault(Fault("redirect", status=status))
    fake.fault(Fault("redirect", status=status, location="http://example.com/"))
    assert client("GET", f"{JOB}?a=1").headers["location"] == f"/moved{JOB}?a=1"
    answer = client("GET", JOB)
    assert (answer.status, answer.headers["location"]) == (status, "http://example.com/")


def test_a_status_comes_as_the_api_tells_errors(fake, client):
    fake.fault(Fault("status", status=418, message="short and stout"))
    answer = client("GET", JOB)
    assert (answer.status, answer.error["message"], answer.error["status"]) == (418, "short and stout", 418)
    assert answer.headers["x-ratelimit-remaining"] == "1000"


@pytest.mark.parametrize(
    ("header", "reset", "retry_after"),
    [
        ("retry-after", None, "12"),
        ("retry-after-date", None, "Mon, 21 Sep 2026 14:13:32 GMT"),
        ("reset", "12", None),
        (None, None, None),
    ],
)
def test_a_429_says_in_each_way_when_to_come_back(fake, client, header, reset, retry_after):
    fake.fault(Fault("rate_limited", header=header, seconds=12))
    answer = client("GET", JOB)
    assert (answer.headers.get("x-ratelimit-reset"), answer.headers.get("retry-after")) == (reset, retry_after)
    assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == ("1000", "0")


def statuses(client, count, path=JOB):
    return [client("GET", path).status for _each in range(count)]


def test_a_fault_meets_the_nth_call_and_some_more(fake, client):
    client("GET", JOB)
    fake.fault(Fault("status", "job", status=500, call=2, times=2))
    client("GET", f"{JOB}/branches")
    assert statuses(client, 5) == [200, 500, 500, 200, 200]


def test_a_fault_meets_the_next_calls_that_no_earlier_one_meets(fake, client):
    fake.fault(Fault("status", "job", status=500, times=2))
    fake.fault(Fault("status", "any", status=501, times=1))
    fake.fault(Fault("status", "any", status=502, call=4))
    assert statuses(client, 6) == [500, 500, 501, 502, 200, 200]


def test_a_fault_lasts_until_it_is_cleared(fake, client):
    fake.fault(Fault("status", "job", status=500, times=None))
    fake.fault(Fault("status", "branches", status=500, call=3, times=None))
    assert statuses(client, 3) == [500] * 3
    assert statuses(client, 5, f"{JOB}/branches") == [200, 200, 500, 500, 500]
    fake.clear_faults()
    assert statuses(client, 1) == [200]


def test_a_faulty_request_is_still_judged(fake, client):
    fake.fault(Fault("reset"))
    with pytest.raises(ConnectionResetError):
        client("POST", f"{JOB}/build", {"sha": "x"}, token="wrong")
    [entry] = fake.journal
    assert (entry.token_ok, entry.schema_errors) == (False, ["sha: must have exactly 40 characters"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "magic"}, "unknown kind of fault: 'magic'"),
        ({"kind": "reset", "endpoint": "door"}, "unknown endpoint: 'door'"),
        ({"kind": "reset", "when": "during"}, "when must be"),
        ({"kind": "reset", "call": 0}, "count from 1"),
        ({"kind": "reset", "status": 500}, "has no status"),
        ({"kind": "redirect", "status": 200}, "status of a redirect"),
        ({"kind": "rate_limited", "header": "x"}, "header must be"),
    ],
)
def test_wrong_faults_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Fault(**arguments)
