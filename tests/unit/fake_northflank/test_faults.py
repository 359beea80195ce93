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

JOB = "/v1/projects/default-project/jobs/example-job"
PLACE = ("default-project", "example-job")
BROKEN = [
    ("reset", {}, ConnectionResetError, None),
    ("close", {}, http.client.RemoteDisconnected, None),
    ("cut", {}, ConnectionResetError, 200),
    ("bad_length", {}, http.client.IncompleteRead, 200),
    ("not_http", {}, http.client.BadStatusLine, None),
]
SPOILT = [
    ("html", {}, 502, "text/html"),
    ("html", {"status": 200}, 200, "text/html"),
    ("empty", {}, 200, "application/json; charset=utf-8"),
    ("empty", {"status": 503}, 503, "application/json; charset=utf-8"),
    ("no_content", {}, 204, None),
    ("json", {"body": {"data": []}}, 200, "application/json; charset=utf-8"),
    ("redirect", {}, 302, None),
    ("status", {"status": 500}, 500, "application/json; charset=utf-8"),
    ("rate_limited", {}, 429, "application/json; charset=utf-8"),
    ("unavailable", {}, 503, "application/json; charset=utf-8"),
]


def post(client):
    return client("POST", f"{JOB}/build", {})


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "detail", "error", "status"), BROKEN)
def test_broken_answers(fake, client, kind, detail, error, status, when):
    fake.fault(Fault(kind, "start", when=when, **detail))
    with pytest.raises(error):
        post(client)
    # Where nothing happened, not even a piece of a good answer may be told.
    expected = 503 if status and when == "before" else status
    assert [(entry.endpoint, entry.fault, entry.status) for entry in fake.journal] == [("start", kind, expected)]
    assert len(fake.builds(*PLACE)) == (when == "after")
    assert post(client).status == 200


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "detail", "status", "content_type"), SPOILT)
def test_spoilt_answers(fake, client, kind, detail, status, content_type, when):
    fake.fault(Fault(kind, "start", when=when, **detail))
    answer = post(client)
    assert (answer.status, answer.headers.get("content-type")) == (status, content_type)
    assert (fake.journal[0].fault, fake.journal[0].status) == (kind, status)
    assert len(fake.builds(*PLACE)) == (when == "after")
    assert fake.journal[0].build_id == (fake.builds(*PLACE)[0].id if when == "after" else None)
    assert post(client).status == 200


@pytest.mark.parametrize("kind", ["reset", "cut", "html"])
def test_an_abort_that_is_faulty(fake, client, kind):
    build_id = client.start()["id"]
    for when, aborted in (("before", False), ("after", True)):
        fake.fault(Fault(kind, "abort", when=when))
        try:
            assert client("DELETE", f"{JOB}/build/{build_id}").status == 502
        except ConnectionResetError:
            assert kind != "html"
        assert fake.builds(*PLACE)[0].aborted is aborted


def test_half_of_a_body_arrives(fake):
    fake.fault(Fault("cut", "job"))
    received = b""
    with socket.create_connection(("127.0.0.1", int(fake.url.rpartition(":")[2])), timeout=5) as sock:
        sock.sendall(f"GET {JOB} HTTP/1.1\r\nAuthorization: Bearer {fake.token}\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            while True:
                received += sock.recv(65536)
    head, _gap, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body.startswith(b'{"data":{')
    assert f"Content-Length: {len(body) * 2}" in head.decode() or f"Content-Length: {len(body) * 2 + 1}" in head.decode()


def test_a_stall_lasts_until_the_client_goes(fake, connect):
    impatient = connect(fake, timeout=0.05)
    fake.fault(Fault("stall", "start", when="after"))
    with pytest.raises(socket.timeout):
        post(impatient)
    assert (fake.journal[0].status, len(fake.builds(*PLACE))) == (None, 1)
    assert post(impatient).status == 200
    impatient.connection.close()


def test_a_stall_ends_with_the_server(fake, connect):
    patient = connect(fake, timeout=30)
    fake.fault(Fault("stall"))
    errors = []

    def ask():
        try:
            post(patient)
        except (OSError, http.client.HTTPException) as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not fake.journal:
        pass
    fake.stop()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert len(errors) == 1


def test_a_stall_of_some_seconds_is_a_late_answer(fake, client):
    fake.fault(Fault("stall", "start", when="after", seconds=0.02))
    fake.fault(Fault("stall", "start", when="before", seconds=0))
    assert post(client).status == 200
    assert post(client).status == 503
    assert len(fake.builds(*PLACE)) == 1


@pytest.mark.parametrize("headers", [False, True])
@pytest.mark.parametrize("gap", [0, 0.0001])
def test_a_trickle_is_whole_in_the_end(fake, client, headers, gap):
    fake.fault(Fault("trickle", "job", gap=gap, headers=headers))
    answer = client("GET", JOB)
    assert answer.json["data"]["id"] == "example-job"
    assert client("GET", JOB) == answer._replace(headers={**answer.headers, "x-ratelimit-remaining": "998"})


def test_a_trickle_outlasts_a_client(fake, connect):
    impatient = connect(fake, timeout=0.05)
    fake.fault(Fault("trickle", "job", gap=60, headers=True))
    with pytest.raises(socket.timeout):
        impatient("GET", JOB)


@pytest.mark.parametrize("declared", [False, True])
def test_a_huge_answer(fake, client, declared):
    fake.fault(Fault("huge", size=300_000, declared=declared))
    answer = client("GET", JOB)
    assert (answer.status, len(answer.body)) == (200, 300_000)
    assert answer.headers.get("content-length") == ("300000" if declared else None)
    assert answer.body.startswith(b'{"data":{"id":"aaaa')
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(answer.body)
    assert client("GET", JOB).status == 200


@pytest.mark.parametrize(("body", "text"), [({"data": None}, b'{"data": null}'), ("[1,", b"[1,"), (None, b"null"), (7, b"7")])
def test_json_of_any_shape(fake, client, body, text):
    fake.fault(Fault("json", status=201, body=body))
    answer = client("GET", JOB)
    assert (answer.status, answer.body) == (201, text)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(fake, client, status):
    fake.fault(Fault("redirect", status=status))
    fake.fault(Fault("redirect", status=status, location="http://example.com/"))
    assert client("GET", f"{JOB}?a=1").headers["location"] == f"/moved{JOB}?a=1"
    answer = client("GET", JOB)
    assert (answer.status, answer.headers["location"]) == (status, "http://example.com/")


def test_errors_as_the_api_tells_them(fake, client):
    fake.fault(Fault("status", status=418, message="short and stout"))
    answer = client("GET", JOB)
    assert (answer.status, answer.error["message"], answer.error["status"]) == (418, "short and stout", 418)
    assert answer.headers["x-ratelimit-remaining"] == "1000"


@pytest.mark.parametrize(
    ("header", "reset", "retry_after"),
    [("retry-after", None, "12"), ("retry-after-date", None, "Mon, 21 Sep 2026 14:13:32 GMT"), ("reset", "12", None), (None, None, None)],
)
def test_rate_limited(fake, client, header, reset, retry_after):
    fake.fault(Fault("rate_limited", header=header, seconds=12))
    answer = client("GET", JOB)
    assert (answer.headers.get("x-ratelimit-reset"), answer.headers.get("retry-after")) == (reset, retry_after)
    assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == ("1000", "0")


def test_unavailable_with_and_without_a_hint(fake, client):
    fake.fault(Fault("unavailable", seconds=3))
    fake.fault(Fault("unavailable"))
    assert [client("GET", JOB).headers.get("retry-after") for _each in range(2)] == ["3", None]


def statuses(client, count, path=JOB):
    return [client("GET", path).status for _each in range(count)]


def test_the_nth_call(fake, client):
    client("GET", JOB)
    fake.fault(Fault("status", "job", status=500, call=2, times=2))
    client("GET", f"{JOB}/branches")
    assert statuses(client, 5) == [200, 500, 500, 200, 200]


def test_from_the_next_call_on(fake, client):
    fake.fault(Fault("status", "job", status=500, times=2))
    fake.fault(Fault("status", "any", status=501, times=1))
    fake.fault(Fault("status", "any", status=502, call=4))
    assert statuses(client, 6) == [500, 500, 501, 502, 200, 200]


def test_for_ever_until_cleared(fake, client):
    fake.fault(Fault("status", "job", status=500, times=None))
    fake.fault(Fault("status", "branches", status=500, call=3, times=None))
    assert statuses(client, 3) == [500] * 3
    assert statuses(client, 5, f"{JOB}/branches") == [200, 200, 500, 500, 500]
    fake.clear_faults()
    assert statuses(client, 1) == [200]


def test_a_faulty_request_is_still_judged(fake, client):
    fake.fault(Fault("reset", times=2))
    with pytest.raises(ConnectionResetError):
        client("POST", f"{JOB}/build", {"sha": "x"}, token="wrong")
    with pytest.raises(ConnectionResetError):
        client("GET", "/v1/nowhere")
    first, second = fake.journal
    assert (first.token_ok, first.schema_errors) == (False, ["body.sha: must have exactly 40 characters"])
    assert second.endpoint == "other"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "magic"}, "unknown kind of fault: 'magic'"),
        ({"kind": "reset", "endpoint": "door"}, "unknown endpoint: 'door'"),
        ({"kind": "reset", "when": "during"}, "when must be"),
        ({"kind": "reset", "call": 0}, "count from 1"),
        ({"kind": "reset", "times": 0}, "count from 1"),
        ({"kind": "reset", "status": 500}, "has no status"),
        ({"kind": "redirect", "status": 200}, "status of a redirect"),
        ({"kind": "rate_limited", "header": "x"}, "header must be"),
    ],
)
def test_wrong_faults(arguments, message):
    with pytest.raises(ValueError, match=message):
        Fault(**arguments)
