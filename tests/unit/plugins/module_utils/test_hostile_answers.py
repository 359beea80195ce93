# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever responds in Northflank's place, and whatever a build prints: a task ends with a result that keeps the collection's promises."""

from __future__ import annotations

import json
import time
import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils._modules import (
    job_build,
    job_build_abort,
    job_build_info,
    job_build_wait,
)
from ansible_collections.community.northflank.plugins.plugin_utils._progress import Progress
from ansible_collections.community.northflank.tests import hostile
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script as Life, SimulatedClock
from ansible_collections.community.northflank.tests.raw_server import Peer, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

SHA = hostile.SHA
CPU_SECONDS = 20
"""What takes the square of a megabyte takes many minutes; what does not, a moment on any machine."""

OPERATIONS: dict[str, tuple[t.Any, dict[str, t.Any]]] = {
    "start": (job_build.OPERATION, {"sha": SHA}),
    "start and wait": (job_build.OPERATION, {"wait": True, "wait_timeout": 60, "follow_logs": True}),
    "reuse": (job_build.OPERATION, {"reuse": "any", "wait": True, "wait_timeout": 3}),
    "info": (job_build_info.OPERATION, {"log_lines": 3, "limit": 0}),
    "info of one": (job_build_info.OPERATION, {"build_id": "b-1", "log_lines": 3}),
    "wait": (job_build_wait.OPERATION, {"builds": [{"id": "b-1"}], "wait_timeout": 3, "abort_on_timeout": True}),
    "abort": (job_build_abort.OPERATION, {"build_id": "b-1"}),
}
DOCUMENTED: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "project_id", "job_id", "team_id", "branch", "sha", "created_at", "status", "message"), (str,)),
    "pull_request_id": (int, str), "registry": (dict,), "concluded": (bool,), "success": (bool,), "build_concluded_at": (int, float, str),
}  # fmt: skip
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
UNPRINTABLE = {chr(code) for code in [*range(32), *range(127, 160)]} - {"\t"} | set(BIDI)


@pytest.fixture(scope="module")
def server() -> t.Iterator[tuple[FakeNorthflank, SimulatedClock]]:
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        yield fake, clock


def printable(text: str) -> bool:
    """Whether a terminal shows a text as it is."""
    return not set(text) & UNPRINTABLE


def is_documented(build: dict[str, t.Any]) -> None:
    """A build has all its keys and no others, each of its type or null."""
    assert set(build) - {"logs"} == set(DOCUMENTED)
    for key, types in DOCUMENTED.items():
        assert build[key] is None or (isinstance(build[key], types) and isinstance(build[key], bool) == (types == (bool,))), key
    assert set(build["registry"]) == {"uri"}
    assert isinstance(build["registry"]["uri"], (str, type(None)))
    assert build["message"] is None or printable(build["message"])


def keeps_its_promises(result: dict[str, t.Any], task: Task, surrogates: str = "strict") -> None:
    """What holds for every result. The task's own arguments are given back as they came, halves of surrogate pairs included."""
    json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8", surrogates)
    assert isinstance(result["changed"], bool)
    if result.get("failed"):
        assert result["msg"] and printable(result["msg"])
        assert set(result["error"]) == {"kind", "status", "message", "id", "details"}
        assert all(printable(result["error"][key] or "") for key in ("kind", "message", "id"))
    for build in [*([result["build"]] if "build" in result else []), *result.get("builds", []), *result.get("candidates", [])]:
        is_documented(build)
        assert all(map(printable, build.get("logs", [])))
    assert all(map(printable, [*result.get("logs", []), *task.warnings]))
    lines: list[str] = []
    progress = Progress(lines.append, host="web-1", columns=0, ascii_only=False)
    for event in task.events:
        progress(event)
    assert all(map(printable, lines))


def run(
    server: tuple[FakeNorthflank, SimulatedClock], name: str, *faults: Fault, surrogates: str = "strict", **more: t.Any
) -> dict[str, t.Any]:
    fake, clock = server
    fake.reset()
    fake.add_build(PROJECT, JOB, age=60, script=Life.failure(90, log=[(0, "x")]), id="b-1", sha=SHA)
    for fault in faults:
        fake.fault(fault)
    operation, arguments = OPERATIONS[name]
    task = Task(fake, clock, operation)
    result = task(**{**arguments, **{option: value for option, value in more.items() if option in operation.argument_spec}})
    keeps_its_promises(result, task, surrogates)
    return result


def said(endpoint: str, body: t.Any) -> Fault:
    """A success with any body."""
    return Fault("json", endpoint, status=200, body=json.dumps(body), times=None, when="after")


# What responds in Northflank's place.

BUILD = {
    "id": "b-1", "branch": "main", "sha": SHA, "createdAt": "2026-09-21T14:13:20.000Z", "registry": {"uri": "registry.example.com/app"},
    "status": "FAILURE", "concluded": True, "success": False, "message": "No", "buildConcludedAt": 1_790_000_060, "pullRequestId": None,
}  # fmt: skip
PAGE = {"hasNextPage": False, "count": 1, "cursor": "c" * 24}
GOOD = {
    "start": {"data": BUILD},
    "get": {"data": BUILD},
    "list": {"data": {"builds": [BUILD]}, "pagination": PAGE},
    "abort": {"data": {}},
    "logs": {"data": [{"containerId": "c", "log": "stdout F text", "ts": "2026-09-21T14:13:21.000Z"}]},
    "job": {"data": {"id": JOB, "vcsData": {"projectBranch": "main"}}},
    "branches": {"data": {"branches": [{"name": "main", "commit": {"sha": SHA}}]}, "pagination": PAGE},
}
WRONG = [
    None,
    True,
    -1,
    10**30,
    1e999,
    [],
    {},
    {"\x1b[31m": {"id": 7}},
    "",
    "..",
    "\ud800",
    "\x1b]0;title\x07\n\u202e\x00{{ 7 * 7 }}",
    "x" * 5000,
]


def spoilt(value: t.Any) -> t.Iterator[t.Any]:
    """A JSON value with each of its parts in turn replaced by each wrong value, or left out."""
    yield from WRONG
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        copy = value.copy()
        for copy[key] in spoilt(part):
            yield copy
        del copy[key]
        yield copy


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        *(("start", "start"), ("reuse", "branches"), ("reuse", "job"), ("info", "list"), ("info of one", "get"), ("info of one", "logs")),
        *(("wait", "list"), ("abort", "get"), ("abort", "abort")),
    ],
)
def test_any_field_may_have_any_value(server, name, endpoint):
    for body in spoilt(GOOD[endpoint]):
        run(server, name, said(endpoint, body))


def test_any_field_of_an_error_may_have_any_value(server):
    for body in spoilt({"error": {"status": 422, "message": "No.", "id": "err-1", "details": {"body": ["x"]}}}):
        result = run(server, "start", Fault("json", "start", status=422, body=json.dumps(body)))
        assert result["error"]["kind"] == "rejected"
        assert "HTTP 422" in result["msg"]


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(
    "body", ['{"data": {"id": 1, "id": "b-2"}, "data": {"id": "b-3"}}', "\xff\xfe", '\ufeff{"data": {"id": "b-1"}}', "<html>"]
)
def test_json_may_be_odd(server, name, body):
    run(server, name, Fault("json", "any", status=200, body=body, times=None, when="after"))


def sent(*headers: bytes, line: bytes = b"HTTP/1.1 200 OK", body: bytes = b"{}") -> Script:
    """Send a response as it is."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(b"\r\n".join([line, *headers, b"", body]))

    return script


LINES = [b"\x1b]0;title\x07", b"\xe2\x80\xaeHTTP", b"HTTP/1.1 \x1b[31m", b"HTTP/1.1 999 \x1b[31mNo", b"HTTP/1.1 99999", b"HTTP/1.1 -200 OK"]
BROKEN = [
    b"no colon \x1b[31m",
    b": no name",
    b"x: " + b"y" * 70_000,
    b"Content-Length: \x1b[31m",
    b"Content-Length: -1",
    b"Content-Length: 5",
]
CODED = [b"Content-Encoding: br, \x1b[31m", b"Content-Length: 2\r\nContent-Length: 3", b"Set-Cookie: \x1b[31m=\xff; Max-Age=" + b"9" * 99]
PLACES = [b"http://\x1b[31m\xe2\x80\xae/", b"http://[", b"\xc3\xa9", b"{{ 7 * 7 }}"]


@pytest.mark.parametrize(
    "script",
    [
        *(sent(line=line) for line in [*LINES, b"HTTP/9.9 200 OK", b"HTTP/1.1 200 " + b"x" * 70_000]),
        *(sent(header) for header in [*BROKEN, *CODED, b"\r\n".join(b"x-%d: y" % number for number in range(200))]),
        *(sent(b"Transfer-Encoding: chunked", body=body) for body in (b"\x1b[31m\r\n", b"ffffffffffffffffffff\r\n{}", b"-1\r\n{}")),
        *(sent(b"Location: " + place, line=b"HTTP/1.1 302 Found") for place in PLACES),
    ],
)
def test_a_response_may_hardly_be_http(server, serve, script):
    assert run(server, "start", api_url=serve(script).url, api_retries=0)["failed"] is True


NAMES = [b"x-ratelimit-limit", b"x-ratelimit-remaining", b"x-ratelimit-reset", b"Retry-After", b"Date", b"Location", b"Content-Type"]
VALUES = [b"0", b"30", b"-1", b"1.5", b"1e9", b"9" * 15, b"9" * 5000, b"\xb2", b"7, 8", b"NaN", b"", b"soon", b"\x1b[31m", b"{{ 7 }}"]
DATES = [b"Fri, 31 Dec 9999 23:59:59 GMT", b"Thu, 01 Jan 1970 00:00:00 GMT", b"Mon, 01 Jan 0001 00:00:00 +2359"]
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([*VALUES, *DATES])), max_size=6)


@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=8, phases=[Phase.generate], deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(headers=HEADERS, status=st.sampled_from([200, 302, 401, 408, 422, 429, 500, 503]))
def test_headers_may_have_any_value(server, serve, name, headers, status):
    body = json.dumps({"data": {**BUILD, "id": "b-9"}} if status == 200 else {"error": {"id": "e"}}).encode()
    script = sent(*(b"%s: %s" % header for header in headers), body=body, line=b"HTTP/1.1 %d Said so" % status)
    run(server, name, api_url=serve(script).url, wait_timeout=3)


@pytest.mark.parametrize("key", ["id", "status", "message", "newKey"])
def test_a_very_long_text_takes_no_long_time(server, key):
    began = time.process_time()
    for text in ("x" * 200_000, "\x1b[" * 100_000, "\u202e\n" * 100_000):
        run(server, "start", said("start", {"data": {**BUILD, key: text}}))
        run(server, "start", said("start", {"data": {**BUILD, text: 1, "new": {text: 1}}}))
    assert time.process_time() - began < CPU_SECONDS


# What a build's author controls.


@pytest.mark.parametrize(
    "text", ["\x1b]8;;http://evil\x07link\x1b]8;;\x07", "\x1b[2J\x1b[1;1H", "a\rb\bc", "\u202egnp.exe", "{{ 7 * 7 }}{% raw %}"]
)
def test_texts_of_a_build_neither_control_the_terminal_nor_are_templates(server, text):
    fake, clock = server
    fake.reset()
    fake.plan(PROJECT, JOB, Life.failure(5, message=text, log=[(0, text), (1, f"before {text} after")]))
    task = Task(fake, clock, job_build.OPERATION)
    result = task(wait=True, follow_logs=True)
    keeps_its_promises(result, task)
    assert result["logs"][-1].startswith("before ") and result["logs"][-1].endswith(" after")
    assert "{{" not in text or (text in result["msg"] and result["logs"][0] == text)


# The task's own arguments.


@pytest.mark.parametrize(
    "text", ["\ud800", "\x00", "\x1b]0;title\x07", "\u202e", "a\nb\rc", "{{ 7 * 7 }}", "x" * 100_000], ids=lambda text: repr(text[:9])
)
def test_arguments_may_be_any_text(server, text):
    for option in ("project_id", "job_id", "team_id", "api_url", "api_token", "ca_path", "sha"):
        run(server, "start", api_retries=0, surrogates="surrogatepass", **{option: text})
    run(server, "info of one", build_id=text, surrogates="surrogatepass")
    run(server, "wait", builds=[{"id": text}], surrogates="surrogatepass")
    for file in ({"content": text}, {"src": text}, {"data": text}, {"content": "x", "encoding": text, text: text}):
        overrides = {"build_arguments": {text: text}, "build_files": {text: file}, "docker": {"docker_file_path": text}}
        run(server, "start", overrides=overrides, surrogates="surrogatepass")
