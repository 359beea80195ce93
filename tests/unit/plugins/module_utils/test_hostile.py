# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that no sane server gives: whatever comes, a task ends with a result that keeps the collection's promises."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
import typing as t
from email.utils import formatdate

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _job_build, _job_build_abort, _job_build_info, _job_build_wait
from ansible_collections.community.northflank.plugins.plugin_utils._progress import Progress
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script, SimulatedClock
from ansible_collections.community.northflank.tests.fake_northflank.server import Connection, HangUp, Reply
from ansible_collections.community.northflank.tests.scanner import printed_result, scan
from ansible_collections.community.northflank.tests.simulation import Task
from hypothesis import HealthCheck, given, settings, strategies as st

PROJECT, JOB = "default-project", "example-job"
PATIENCE = 30
"""Seconds of CPU time. What takes the square of a megabyte takes many minutes; what does not, a second on any machine."""

SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
KINDS = {
    "invalid_arguments", "missing_dependency", "network", "authentication", "permission", "not_found", "rejected", "rate_limited",
    "server_error", "invalid_response", "unknown_outcome", "build_failed", "wait_timeout",
}  # fmt: skip
WRONG = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["", "SUCCESS", "2021-07-28T15:55:38.296Z", "{{ 7 * 7 }}", "\x1b[31mred\x1b[0m", "\u202eevil", "\x00", "\ud800", "x" * 5000]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "id",
    "branch",
    "pullRequestId",
    "sha",
    "registry",
    "createdAt",
    "status",
    "concluded",
    "success",
    "message",
    "buildConcludedAt",
    "newOne",
]
BUILD = st.dictionaries(st.sampled_from(FIELDS), WRONG, max_size=12)
ODD_BUILD = st.one_of(WRONG, BUILD, BUILD.map(lambda build: {**build, "id": "b-1"}))
PAGINATION = st.one_of(WRONG, st.fixed_dictionaries({"hasNextPage": WRONG, "cursor": WRONG, "count": WRONG}))
ANSWERS = {
    "start": st.fixed_dictionaries({"data": ODD_BUILD}),
    "get": st.fixed_dictionaries({"data": ODD_BUILD}),
    "list": st.fixed_dictionaries(
        {"data": st.one_of(WRONG, st.fixed_dictionaries({"builds": st.one_of(WRONG, st.lists(ODD_BUILD, max_size=3))}))},
        optional={"pagination": PAGINATION},
    ),
    "abort": st.fixed_dictionaries({"data": WRONG}),
    "logs": st.fixed_dictionaries(
        {"data": st.one_of(WRONG, st.lists(st.one_of(WRONG, st.fixed_dictionaries({"log": WRONG, "ts": WRONG})), max_size=4))}
    ),
    "job": st.fixed_dictionaries({"data": st.one_of(WRONG, st.fixed_dictionaries({"vcsData": WRONG}))}),
    "branches": st.fixed_dictionaries(
        {"data": st.one_of(WRONG, st.fixed_dictionaries({"branches": WRONG}))}, optional={"pagination": PAGINATION}
    ),
}
ERRORS = st.one_of(
    WRONG, st.fixed_dictionaries({"error": st.one_of(WRONG, st.fixed_dictionaries({"message": WRONG, "id": WRONG, "details": WRONG}))})
)

OPERATIONS: dict[str, tuple[t.Any, dict[str, t.Any]]] = {
    "start": (_job_build.OPERATION, {"sha": SHA}),
    "start and wait": (_job_build.OPERATION, {"wait": True, "wait_timeout": 200, "follow_logs": True}),
    "reuse": (_job_build.OPERATION, {"reuse": "any", "wait": True, "wait_timeout": 200}),
    "info": (_job_build_info.OPERATION, {"log_lines": 3, "limit": 0}),
    "info of one": (_job_build_info.OPERATION, {"build_id": "b-1", "log_lines": 3}),
    "wait": (_job_build_wait.OPERATION, {"builds": [{"id": "b-1"}], "wait_timeout": 200, "abort_on_timeout": True}),
    "abort": (_job_build_abort.OPERATION, {"build_id": "b-1"}),
}


@pytest.fixture(scope="module")
def server() -> t.Iterator[tuple[FakeNorthflank, SimulatedClock]]:
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        yield fake, clock


CONTROLS = {chr(code) for code in [*range(32), *range(127, 160)]} - {"\t"}
BIDI = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

DOCUMENTED: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "project_id": (str,),
    "job_id": (str,),
    "team_id": (str,),
    "branch": (str,),
    "pull_request_id": (int, str),
    "sha": (str,),
    "registry": (dict,),
    "created_at": (str,),
    "status": (str,),
    "concluded": (bool,),
    "success": (bool,),
    "message": (str,),
    "build_concluded_at": (int, float, str),
}


def printable(text: str) -> bool:
    """Whether a terminal shows a text as it is: no control character but the tab, none that turns the text around."""
    return not set(text) & (CONTROLS | BIDI)


def is_documented(build: dict[str, t.Any]) -> None:
    """A build has all its keys and no others, each of its type or null."""
    assert set(build) - {"logs"} == set(DOCUMENTED)
    assert set(build["registry"]) == {"uri"}
    for key, types in DOCUMENTED.items():
        assert build[key] is None or (isinstance(build[key], types) and isinstance(build[key], bool) == (types == (bool,))), key
    assert build["registry"]["uri"] is None or isinstance(build["registry"]["uri"], str)
    assert build["message"] is None or printable(build["message"])


def keeps_its_promises(result: dict[str, t.Any], task: Task, surrogates: str = "strict") -> None:
    """What holds for every result of every module.

    :arg surrogates: C(surrogatepass) where the task's own arguments have such characters, since those are given back as they came.
    """
    json.dumps(result).encode("utf-8")
    json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8", surrogates)
    assert isinstance(result["changed"], bool)
    if result.get("failed"):
        is_a_failure(result)
    for build in [*([result["build"]] if "build" in result else []), *result.get("builds", []), *result.get("candidates", [])]:
        is_documented(build)
    logs = [result.get("logs", []), *(build.get("logs") or [] for build in result.get("builds", []))]
    assert all(isinstance(line, str) and printable(line) for lines in logs for line in lines)
    for number in result.get("rate_limit", {}).values():
        assert number is None or (isinstance(number, int) and number >= 0)
    assert all(map(printable, task.warnings))
    shows_its_progress(task)


def is_a_failure(result: dict[str, t.Any]) -> None:
    """A failure has its words and its facts."""
    error = result["error"]
    assert result["msg"] and printable(result["msg"])
    assert set(error) == {"kind", "status", "message", "id", "details"}
    assert error["kind"] in KINDS
    assert error["status"] is None or isinstance(error["status"], int)
    for key in ("message", "id"):
        assert error[key] is None or (isinstance(error[key], str) and printable(error[key])), key


def shows_its_progress(task: Task) -> None:
    """All events can be shown, and printed on one line each."""
    lines: list[str] = []
    progress = Progress(lines.append, host="web-1", columns=0, ascii_only=False)
    for event in task.events:
        assert all(map(printable, event.get("lines", [])))
        progress(event)
    assert all(map(printable, lines))


def run(
    server: tuple[FakeNorthflank, SimulatedClock], name: str, faults: list[Fault], *, existing: bool = True, **more: t.Any
) -> dict[str, t.Any]:
    fake, clock = server
    fake.reset()
    if existing:
        fake.add_build(PROJECT, JOB, age=60, script=Script.failure(90, log=[(0, "x")]), id="b-1", sha=SHA)
    for fault in faults:
        fake.fault(fault)
    operation, arguments = OPERATIONS[name]
    known = {option: value for option, value in more.items() if option in operation.argument_spec}
    task = Task(fake, clock, operation)
    result = task(**{**arguments, **known})
    keeps_its_promises(result, task, "surrogatepass" if re.search(r"\\ud[89a-f]", json.dumps(more)) else "strict")
    return result


SETTINGS = settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("endpoint", ANSWERS)
@pytest.mark.parametrize("name", OPERATIONS)
@SETTINGS
@given(data=st.data())
def test_wrong_types_in_every_field(server, name, endpoint, data):
    bodies = data.draw(st.lists(ANSWERS[endpoint], min_size=1, max_size=2))
    times = data.draw(st.sampled_from([1, None]))
    run(server, name, [Fault("json", endpoint, status=200, body=body, times=times, when="after") for body in bodies])


@pytest.mark.parametrize("name", OPERATIONS)
@SETTINGS
@given(body=ERRORS, status=st.sampled_from([400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503]), times=st.sampled_from([1, None]))
def test_errors_of_any_shape(server, name, body, status, times):
    run(server, name, [Fault("json", "any", status=status, body=body, times=times)])


RAW = {
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep unknown key": '{"data": {"id": "b-1", "new": ' + '{"a": ' * 400 + "1" + "}" * 400 + "}}",
    "deeper unknown key": '{"data": {"id": "b-1", "new": ' + "[" * 900 + "]" * 900 + "}}",
    "duplicate keys": '{"data": {"id": "b-1", "id": "b-2"}, "data": {"id": "b-3"}}',
    "huge integer": '{"data": {"id": "b-1", "buildConcludedAt": ' + "9" * 6000 + "}}",
    "large integer": '{"data": {"id": "b-1", "buildConcludedAt": ' + "9" * 400 + "}}",
    "NaN": '{"data": {"id": "b-1", "buildConcludedAt": NaN, "new": Infinity}}',
    "surrogate": '{"data": {"id": "b-1", "message": "\\ud800", "new": "\\udfff"}}',
    "NUL": '{"data": {"id": "b-1", "message": "\\u0000"}}',
    "not UTF-8": "\xff\xfe",
    "a BOM": '\ufeff{"data": {"id": "b-1"}}',
}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("body", RAW.values(), ids=RAW.keys())
def test_odd_json(server, name, body):
    run(server, name, [Fault("json", "any", status=200, body=body, times=None, when="after")])


@pytest.mark.parametrize(
    "text", ["\x1b]8;;http://evil\x07link\x1b]8;;\x07", "\x1b[2J\x1b[1;1H", "a\rb\bc", "\u202egnp.exe", "\x9b31m", "{{ 7 * 7 }}{% raw %}"]
)
def test_texts_that_would_play_with_the_terminal(server, text):
    fake, clock = server
    fake.reset()
    fake.plan(PROJECT, JOB, Script.failure(5, message=text, log=[(0, text), (1, f"before {text} after")]))
    task = Task(fake, clock, _job_build.OPERATION)
    result = task(wait=True, follow_logs=True)
    keeps_its_promises(result, task)
    assert result["logs"][-1].startswith("before ")
    assert result["logs"][-1].endswith(" after")
    for event in task.events:
        assert all(printable(line) for line in event.get("lines", []))
    if "{{" in text:
        assert text in result["msg"] and result["logs"][0] == text


@pytest.mark.parametrize("job_id", ["\x1b[31m", "\u202e", "a\nb", "{{ 7 }}"])
def test_ids_that_would_play_with_the_terminal(server, job_id):
    fake, clock = server
    fake.reset()
    task = Task(fake, clock, _job_build.OPERATION)
    keeps_its_promises(task(job_id=job_id), task)


# Every field of every answer, one at a time.

GOOD_BUILD = {
    "id": "b-1",
    "branch": "main",
    "pullRequestId": None,
    "sha": SHA,
    "registry": {"uri": "registry.example.com/app"},
    "createdAt": "2026-09-21T14:13:20.000Z",
    "status": "FAILURE",
    "concluded": True,
    "success": False,
    "message": "Build failed",
    "buildConcludedAt": 1_790_000_060,
}
LAST_PAGE = {"hasNextPage": False, "count": 1, "cursor": "c" * 24}
GOOD = {
    "start": {"data": GOOD_BUILD},
    "get": {"data": GOOD_BUILD},
    "list": {"data": {"builds": [GOOD_BUILD]}, "pagination": LAST_PAGE},
    "abort": {"data": {}},
    "logs": {"data": [{"containerId": "c", "log": "stdout F text", "ts": "2026-09-21T14:13:21.000Z"}]},
    "job": {"data": {"id": JOB, "vcsData": {"projectBranch": "main"}}},
    "branches": {"data": {"branches": [{"name": "main", "commit": {"sha": SHA}}]}, "pagination": LAST_PAGE},
}
WRONG_VALUES: list[t.Any] = [
    *(None, True, -1, 10**30, 1e999, [], ["text"], {}, {"\x1b[31m": {"id": 7}}),
    *("", "..", "text", "2026-09-21T14:13:20Z", "\ud800", "\x1b]0;title\x07\r\n\b\u202e\x00{{ 7 * 7 }}"),
]


def spoilt(value: t.Any) -> t.Iterator[t.Any]:
    """A JSON value with each of its parts in turn replaced by each wrong value, or left out."""
    yield from WRONG_VALUES
    parts = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    for key, part in parts:
        for other in spoilt(part):
            copy = value.copy()
            copy[key] = other
            yield copy
        copy = value.copy()
        del copy[key]
        yield copy


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("start", "start"),
        ("reuse", "branches"),
        ("reuse", "job"),
        ("info", "list"),
        ("info of one", "get"),
        ("info of one", "logs"),
        ("wait", "list"),
        ("abort", "get"),
        ("abort", "abort"),
    ],
)
def test_every_field_in_turn(server, name, endpoint):
    arguments = {"wait_timeout": 3} if name in ("wait", "reuse") else {}
    for body in spoilt(GOOD[endpoint]):
        run(server, name, [Fault("json", endpoint, status=200, body=json.dumps(body), times=None, when="after")], **arguments)


def test_every_field_of_an_error_in_turn(server):
    error = {"error": {"status": 422, "message": "No.", "id": "err-1", "details": {"body": ["x"]}}}
    for body in spoilt(error):
        result = run(server, "start", [Fault("json", "start", status=422, body=json.dumps(body))])
        assert result["error"]["kind"] == "rejected"
        assert "HTTP 422" in result["msg"]


# Headers, and what comes before them.


class Sent(Fault):
    """An answer as bytes: a status line, headers, a body."""

    def __init__(
        self, endpoint: str, headers: t.Sequence[bytes] = (), body: t.Any = None, line: bytes = b"HTTP/1.1 200 OK", **detail: t.Any
    ) -> None:
        super().__init__("json", endpoint, times=None, **detail)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if not any(header.lower().startswith((b"content-length", b"transfer-encoding")) for header in headers):
            headers = [*headers, b"Content-Length: %d" % len(raw)]
        self.bytes = b"\r\n".join([line, *headers, b"Connection: close", b"", raw])

    def reply(self, *_answer: t.Any) -> Reply:
        """What is sent."""

        def deliver(connection: Connection, _head: bytes, _body: bytes) -> None:
            connection.send(self.bytes)
            raise HangUp

        return Reply(200, deliver=deliver)


DATES = [
    formatdate(1_790_000_000, usegmt=True).encode(),
    b"Fri, 31 Dec 9999 23:59:59 GMT",
    b"Thu, 01 Jan 1970 00:00:00 GMT",
    b"Mon, 01 Jan 0001 00:00:00 +2359",
]
NUMBERS = [
    b"0",
    b"1",
    b"30",
    b"-1",
    b"1.5",
    b"1e9",
    b"9" * 15,
    b"9" * 16,
    b"9" * 5000,
    b"0x10",
    b"\xb2",
    b" 7 ",
    b"7, 8",
    b"NaN",
    b"inf",
    b"true",
]
HEADER = st.one_of(
    st.sampled_from(
        [
            *DATES,
            *NUMBERS,
            b"",
            b"soon",
            b"\xff\xfe",
            b"\xe2\x80\xae",
            b"\x1b[31m",
            b"{{ 7 }}",
            b"http://[",
            b"//",
            b"\xc3\xa9",
            b"x" * 60_000,
        ]
    ),
    st.binary(max_size=20).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"")),
)
NAMES = [
    b"x-ratelimit-limit",
    b"x-ratelimit-remaining",
    b"x-ratelimit-reset",
    b"Retry-After",
    b"Date",
    b"Location",
    b"Content-Type",
    b"Set-Cookie",
]
LINES = [b"200 OK", b"302 Found", b"401 No", b"408 Late", b"422 No", b"429 Slow down", b"500 Oh", b"503 Later"]


@pytest.mark.parametrize("name", OPERATIONS)
@settings(SETTINGS, max_examples=25)
@given(headers=st.lists(st.tuples(st.sampled_from(NAMES), HEADER), max_size=6), line=st.sampled_from(LINES))
def test_headers_of_any_shape(server, name, headers, line):
    body = GOOD_BUILD if line.startswith(b"200") else None
    faults = [Sent("any", [b"%s: %s" % header for header in headers], {"data": body, "error": {"id": "e"}}, b"HTTP/1.1 " + line)]
    arguments = {"wait_timeout": 60} if name in ("start and wait", "reuse", "wait") else {}
    run(server, name, faults, **arguments)


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize("number", NUMBERS[:10], ids=lambda number: number[:20].decode())
def test_a_quota_that_returns_whenever(server, number, date):
    for header in (b"Retry-After", b"x-ratelimit-remaining: 0\r\nx-ratelimit-reset"):
        faults = [Sent("start", [b"%s: %s" % (header, number), b"Date: " + date], {"error": {"id": "e"}}, b"HTTP/1.1 429 Slow down")]
        result = run(server, "start", faults)
        assert result["error"]["kind"] == "rate_limited"
        assert "quota" in result["msg"]


@pytest.mark.parametrize(
    ("line", "headers", "body"),
    [
        (b"\x1b]0;title\x07", [], b""),
        (b"\xe2\x80\xaeHTTP", [], b""),
        (b"HTTP/1.1 \x1b[31m", [], b""),
        (b"HTTP/1.1 999 \x1b[31mNo", [], b"{}"),
        (b"HTTP/1.1 99999", [], b"{}"),
        (b"HTTP/1.1 -200 OK", [], b"{}"),
        (b"HTTP/9.9 200 OK", [], b'{"data": {}}'),
        (b"HTTP/1.1 200 " + b"x" * 70_000, [], b"{}"),
        (b"HTTP/1.1 200 OK", [b"x-%d: y" % number for number in range(200)], b"{}"),
        (b"HTTP/1.1 200 OK", [b"x: " + b"y" * 70_000], b"{}"),
        (b"HTTP/1.1 200 OK", [b"no colon \x1b[31m"], b"{}"),
        (b"HTTP/1.1 200 OK", [b": no name"], b"{}"),
        (b"HTTP/1.1 200 OK", [b"Content-Length: -1"], b"{}"),
        (b"HTTP/1.1 200 OK", [b"Content-Length: \x1b[31m"], b"{}"),
        (b"HTTP/1.1 200 OK", [b"Content-Length: 2", b"Content-Length: 3"], b"{}"),
        (b"HTTP/1.1 200 OK", [b"Transfer-Encoding: chunked"], b"\x1b[31m\r\n"),
        (b"HTTP/1.1 200 OK", [b"Transfer-Encoding: chunked"], b"ffffffffffffffffffff\r\n{}"),
        (b"HTTP/1.1 200 OK", [b"Content-Encoding: gzip"], b"no gzip \x1b[31m"),
        (b"HTTP/1.1 200 OK", [b"Content-Encoding: gzip"], gzip.compress(b'{"data": {"id": "\x1b[31m"}}', mtime=0)),
        (b"HTTP/1.1 200 OK", [b"Content-Encoding: br, \x1b[31m"], b"{}"),
        (b"HTTP/1.1 200 OK", [b"Set-Cookie: \x1b[31m=\xff; Max-Age=9999999999999999999999"], b"{}"),
        (b"HTTP/1.1 302 Found", [b"Location: http://\x1b[31m\xe2\x80\xae/"], b""),
        (b"HTTP/1.1 302 Found", [b"Location: http://["], b""),
        (b"HTTP/1.1 302 Found", [b"Location: \xc3\xa9"], b""),
        (b"HTTP/1.1 302 Found", [b"Location: {{ 7 * 7 }}"], b""),
        (b"HTTP/1.1 101 Switching", [], b""),
        (b"HTTP/1.1 204 None", [b"Content-Length: 5"], b""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["start", "info of one"])
def test_answers_that_are_hardly_http(server, name, line, headers, body):
    result = run(server, name, [Sent("any", headers, body, line)], retries=0)
    assert result["failed"] is True


def test_no_http_at_all(server):
    result = run(server, "info", [Fault("not_http", "any", times=None)], retries=0)
    assert result["error"]["kind"] == "network"


# Numbers, depth, length.


@pytest.mark.parametrize("levels", [10, 60, 100, 400, 900, 990, 1000, 1100, 20_000])
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a": ', "}")], ids=["lists", "objects"])
def test_depth(server, levels, left, right):
    deep = left * levels + "0" + right * levels
    build = json.dumps(GOOD_BUILD)[:-1]
    for name, endpoint, status, body in (
        ("start", "start", 200, f'{build}, "new": {deep}}}'),
        ("info of one", "get", 200, f'{build}, "message": {deep}}}'),
        ("info of one", "logs", 200, f'[{{"log": {deep}}}]'),
        ("info", "list", 200, f'{{"builds": [{build}, "registry": {deep}}}]}}'),
        ("start", "start", 422, deep),
    ):
        whole = f'{{"data": {body}}}' if status == 200 else f'{{"error": {{"message": "No.", "details": {body}}}}}'
        result = run(server, name, [Fault("json", endpoint, status=status, body=whole, times=None)])
        if levels == 10:
            assert "failed" not in result or result["error"]["details"]
        if status == 422:
            assert result["error"]["kind"] == "rejected"


@pytest.mark.parametrize("key", ["id", "sha", "status", "message", "branch", "newKey"])
def test_a_very_long_text_in_one_field(server, key):
    began = time.process_time()
    for text in ("x" * 200_000, "\x1b[" * 100_000, "\u202e\n" * 100_000):
        body = {"data": {**GOOD_BUILD, key: text}}
        run(server, "start", [Fault("json", "start", status=200, body=body)])
        run(server, "wait", [Fault("json", endpoint, status=200, body=body, times=None) for endpoint in ("get", "list")], wait_timeout=5)
    assert time.process_time() - began < PATIENCE


@pytest.mark.parametrize(
    "key", ["A" * 200_000, "aA" * 100_000, "Aa" * 100_000, "_" * 200_000, "\x1b[31m" * 100_000], ids=lambda key: repr(key[:5])
)
def test_a_megabyte_as_a_key(server, key):
    began = time.process_time()
    run(server, "start", [Fault("json", "start", status=200, body={"data": {**GOOD_BUILD, key: 1, "new": {key: {key: 1}}}})])
    run(server, "start", [Fault("json", "start", status=422, body={"error": {"message": "No.", "details": {key: 1}, key: 1}})])
    assert time.process_time() - began < PATIENCE


def test_not_a_number_is_null(server):
    body = '{"data": {"id": "b-1", "buildConcludedAt": 1e999, "pullRequestId": NaN, "new": [-Infinity, 1.5, {"a": -1e999}]}}'
    result = run(server, "start", [Fault("json", "start", status=200, body=body)])
    assert (result["build"]["build_concluded_at"], result["build"]["pull_request_id"]) == (None, None)


# What must come out whole.


@pytest.mark.parametrize(
    "text",
    ["b-1", "B/1?x=y#z%20", "ünï", "\x1b[31mred", "a\rb\bc\x00", "\u202egnp", "{{ 7 * 7 }}", "{% raw %}", "!vault", "x" * 1000, "  b  "],
)
def test_ids_shas_and_branches_are_never_altered(server, text):
    named = {"id": text, "sha": text, "branch": text, "createdAt": text, "registry": {"uri": text}}
    [build] = run(server, "info of one", [Fault("json", "get", status=200, body={"data": {**GOOD_BUILD, **named}}, times=None)])["builds"]
    assert [build[key] for key in ("id", "sha", "branch", "created_at")] == [text] * 4
    assert build["registry"] == {"uri": text}


@pytest.mark.parametrize("text", ["{{ 7 * 7 }}", "{% for a in b %}{% endfor %}", "{# #}", "${x} $(id) `id` %s {0} \\n"])
def test_templates_stay_text(server, text):
    body = {"data": {**GOOD_BUILD, "message": text, "status": text, "newKey": {text: [text]}}}
    result = run(
        server,
        "start and wait",
        [Fault("json", "start", status=200, body=body), Fault("json", "logs", status=200, body={"data": [{"log": text}]})],
    )
    assert (result["build"]["message"], result["build"]["status"], result["logs"]) == (text, text, [text])
    assert text in result["msg"]
    refused = run(server, "start", [Fault("json", "start", status=422, body={"error": {"message": text, "id": text, "details": text}})])
    assert (refused["error"]["message"], refused["error"]["id"], refused["error"]["details"]) == (text, text, text)


def test_a_build_whose_id_comes_back_in_another_spelling(server):
    body = {"data": {**GOOD_BUILD, "id": "B-1", "status": "SUCCESS", "success": True}}
    result = run(
        server,
        "wait",
        [Fault("json", "get", status=200, body=body, times=None), Fault("json", "list", body={"data": {"builds": []}}, times=None)],
    )
    assert "failed" not in result
    assert result["builds"][0]["success"] is True


@pytest.mark.parametrize("build_id", [".", "..", " ", "\t"])
def test_an_id_that_nobody_can_ask_for_is_none(server, build_id):
    result = run(server, "start", [Fault("json", "start", status=200, body={"data": {**GOOD_BUILD, "id": build_id}}, times=None)])
    assert result["error"]["kind"] != "invalid_arguments"


# The task's own arguments.


@pytest.mark.parametrize(
    "text",
    ["\ud800", "\udcff", "\x00", "\x1b]0;title\x07", "\u202e", "a\nb\rc\bd", "{{ 7 * 7 }}", "x" * 100_000],
    ids=lambda text: repr(text[:9]),
)
def test_arguments_of_any_shape(server, text):
    for name in OPERATIONS:
        for option in ("project_id", "job_id", "team_id", "api_url", "api_token", "ca_path"):
            run(server, name, [], retries=0, wait_timeout=2, **{option: text})
    for option in ("branch", "sha"):
        run(server, "info", [], **{option: text})
    run(server, "info of one", [], build_id=text)
    run(server, "abort", [], build_id=text)
    run(server, "start", [], sha=text)
    for key in ("id", "build_id", "project_id", "job_id", "team_id"):
        run(server, "wait", [], builds=[{"id": "b-1", key: text}], wait_timeout=2)


@pytest.mark.parametrize(
    "text", ["\ud800", "\x00", "a\x00b", "\x1b]0;title\x07", "\u202e", "{{ 7 * 7 }}", "/", "x" * 5000], ids=lambda text: repr(text[:9])
)
def test_overrides_of_any_shape(server, text):
    file = {"content": "x"}
    for overrides in (
        {"build_arguments": {text: "x"}},
        {"build_arguments": {"A": text}},
        {"build_files": {text: file}},
        {"build_files": {"/a": {"src": text}}},
        {"build_files": {"/a": {"data": text}}},
        {"build_files": {"/a": {"content": text}}},
        {"build_files": {"/a": {**file, "encoding": text}}},
        {"build_files": {"/a": {**file, text: text}}},
        {"docker_secret_mounts": {text: file}},
        {"docker": {"docker_file_path": text}},
        {"docker": {"docker_work_dir": text}},
        {"docker": {"dockerfile_target": text}},
        {"docker": {"dockerfile_contents": text}},
        {text: text},
    ):
        run(server, "start", [], overrides=overrides)


# The same as a module of its own, which prints its result.

PROCESS = "import runpy, sys; runpy.run_module(sys.argv.pop(1), run_name='__main__')"


def test_a_module_prints_one_line_of_json(server):
    fake, _clock = server
    fake.reset()
    hostile = "\x1b]0;title\x07\ud800\u202e\x00{{ 7 * 7 }}"
    fake.fault(
        Fault(
            "json",
            "start",
            status=200,
            body={"data": {**GOOD_BUILD, "id": "b-1", "message": hostile, "sha": hostile, "newKey": {hostile: 1e999}}},
        )
    )
    fake.fault(Fault("json", "logs", status=200, body={"data": [{"log": hostile}]}))
    arguments = {"api_url": fake.url, "api_token": fake.token, "project_id": PROJECT, "job_id": JOB, "wait": True}
    ran = subprocess.run(
        [sys.executable, "-c", PROCESS, "ansible_collections.community.northflank.plugins.modules.northflank_job_build"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode(),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C"},
    )
    assert ran.stderr == b""
    [line] = [line for line in ran.stdout.decode("utf-8").splitlines() if line]
    result = printed_result(line, fake.token)
    scan("a module's output", json.dumps(result))
    assert result["error"]["kind"] == "build_failed"
    assert printable(result["msg"]) and printable(line)
    assert "{{ 7 * 7 }}" in result["msg"]
    is_documented(result["build"])
