# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that no sane server gives: whatever comes, a task ends with a result that keeps the collection's promises."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _job_build, _job_build_abort, _job_build_info, _job_build_wait
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import Task
from hypothesis import HealthCheck, given, settings, strategies as st

PROJECT, JOB = "default-project", "example-job"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
KINDS = {
    "invalid_arguments", "missing_dependency", "network", "authentication", "permission", "not_found", "rejected", "rate_limited",
    "server_error", "invalid_response", "unknown_outcome", "build_failed", "wait_timeout",
}  # fmt: skip
BUILD_KEYS = {
    "id", "project_id", "job_id", "team_id", "branch", "pull_request_id", "sha", "registry", "created_at", "status",
    "concluded", "success", "message", "build_concluded_at",
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


def printable(text: str) -> bool:
    """Whether a terminal shows a text as it is: no control character but line breaks and tabs, none that turns the text around."""
    return not any(
        (ord(c) < 32 and c not in "\t\n") or ord(c) == 127 or c in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for c in text
    )


def keeps_its_promises(result: dict[str, t.Any], task: Task) -> None:
    """What holds for every result of every module."""
    json.dumps(result).encode("utf-8")
    if result.get("failed"):
        assert result["error"]["kind"] in KINDS
        assert result["msg"]
        assert printable(result["msg"])
    for build in [*([result["build"]] if "build" in result else []), *result.get("builds", [])]:
        assert set(build) >= BUILD_KEYS
        assert build["concluded"] in (True, False, None)
        assert build["success"] in (True, False, None)
        assert isinstance(build["registry"], dict)
        for key in ("id", "sha", "branch", "status", "created_at", "message"):
            assert build[key] is None or isinstance(build[key], str), key
        assert printable(build["message"] or "")
    for line in result.get("logs", []):
        assert printable(line) and "\n" not in line
    for warning in task.warnings:
        assert printable(warning)


def run(server: tuple[FakeNorthflank, SimulatedClock], name: str, faults: list[Fault], *, existing: bool = True) -> dict[str, t.Any]:
    fake, clock = server
    fake.reset()
    if existing:
        fake.add_build(PROJECT, JOB, age=60, script=Script.failure(90, log=[(0, "x")]), id="b-1", sha=SHA)
    for fault in faults:
        fake.fault(fault)
    operation, arguments = OPERATIONS[name]
    task = Task(fake, clock, operation)
    result = task(**arguments)
    keeps_its_promises(result, task)
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
