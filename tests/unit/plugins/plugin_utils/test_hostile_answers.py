# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever responds in Northflank's place: a task ends in time, with a result that is documented, printable, and plain data to Ansible."""

from __future__ import annotations

import copy
import importlib
import json
import typing as t

import pytest
from ansible.vars.clean import strip_internal_keys
from ansible_collections.community.northflank.plugins.plugin_utils._progress import Progress
from ansible_collections.community.northflank.tests import hostile
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script as Life, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, OPERATIONS, PROJECT, Task
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

Server = tuple[FakeNorthflank, SimulatedClock]

CASES: dict[str, tuple[str, dict[str, t.Any], tuple[str, ...]]] = {
    "start": ("start", {"sha": hostile.SHA}, ("start",)),
    "start and wait": ("start", {"wait": True, "wait_timeout": 60, "follow_logs": True}, ("start", "get", "list", "logs")),
    "check mode": ("start", {"check_mode": True, "diff": True}, ("job",)),
    "reuse": ("start", {"reuse": "any", "wait": True, "wait_timeout": 3}, ("job", "branches", "list")),
    "info": ("info", {"log_lines": 99, "limit": 0}, ("list", "logs")),
    "info of one": ("info", {"build_id": hostile.BUILD_ID, "log_lines": 99}, ("get", "logs")),
    "wait": ("wait", {"builds": [hostile.BUILD_ID], "wait_timeout": 3, "abort_on_timeout": True}, ("list", "abort")),
    "abort": ("abort", {"build_id": hostile.BUILD_ID}, ("get", "abort")),
}
"""Each operation, its arguments, and the endpoints that it reads."""
REACHED_BY = {
    "start": "start", "get": "info of one", "list": "info", "abort": "abort", "logs": "info of one", "job": "reuse", "branches": "reuse"
}  # fmt: skip
"""An operation whose result has of the endpoint's answer whatever any has."""
UNPRINTABLE = {chr(code) for code in [*range(32), *range(127, 160)]} - {"\t"} | set(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
TEMPLATE = hostile.run_if_trusted("true")
SHAPES = {**hostile.revived(TEMPLATE), **hostile.REFUSED}


def _profiles() -> dict[str, tuple[type[json.JSONEncoder], type[json.JSONDecoder]]]:
    """What Ansible writes and reads JSON with: its caches, the output of modules, and the filters to_json and from_json."""
    controller, both = "ansible._internal._json._profiles.", "ansible.module_utils._internal._json._profiles."
    names = [controller + "_cache_persistence", controller + "_legacy"]
    names += [both + name for name in ("_module_legacy_m2c", "_module_modern_m2c", "_tagless")]
    try:
        return {name: (profile.Encoder, profile.Decoder) for name in names for profile in [importlib.import_module(name)]}
    except ImportError:
        # Up to ansible-core 2.18 one pair does for all but modules, which Ansible reads as plain JSON.
        from ansible.parsing.ajson import AnsibleJSONDecoder, AnsibleJSONEncoder

        return {"cache": (AnsibleJSONEncoder, AnsibleJSONDecoder)}


PROFILES = _profiles()


@pytest.fixture(scope="module")
def server() -> t.Iterator[Server]:
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        yield fake, clock


def printable(text: str) -> bool:
    """Whether a terminal shows a text as it is."""
    return not set(text) & UNPRINTABLE


def same(one: t.Any, other: t.Any) -> bool:
    """Whether data is equal and plain throughout: an equal text that has a tag is not."""
    kind = type(one)
    if kind is not other.__class__ or kind not in (dict, list, str, int, float, bool, type(None)):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(key.__class__ is str and same(item, other[key]) for key, item in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def is_plain_to_ansible(result: dict[str, t.Any]) -> None:
    """All of Ansible's readers give back what its writers were given, and nothing is taken out as Ansible's own."""
    for name, (encoder, decoder) in PROFILES.items():
        try:
            revived = json.loads(json.dumps(result, cls=encoder), cls=decoder)
        except Exception as problem:
            raise AssertionError(f"the profile {name} fails: {problem!r}") from problem
        assert same(result, revived), f"the profile {name} makes something else of it"
    assert strip_internal_keys(copy.deepcopy(result)) == result
    assert hostile.own_keys(result) == set()


def is_documented(build: dict[str, t.Any]) -> None:
    """A build has all its keys and no others, each of its type or null."""
    assert set(build) - {"logs"} == hostile.FIELDS.keys()
    for key, types in hostile.FIELDS.items():
        assert build[key] is None or (isinstance(build[key], types) and isinstance(build[key], bool) == (types == (bool,))), key
    assert set(build["registry"]) == {"uri"}
    assert isinstance(build["registry"]["uri"], (str, type(None)))
    assert all(map(printable, [build["message"] or "", *build.get("logs", [])]))


def keeps_its_promises(result: dict[str, t.Any], task: Task) -> None:
    """What holds for every result."""
    json.dumps(result, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")
    assert isinstance(result["changed"], bool)
    if result.get("failed"):
        assert result["msg"] and len(json.dumps([result["msg"], result["error"]])) < 60_000
        assert set(result["error"]) - {"build_status"} == {"kind", "status", "message", "id", "details"}
        assert all(map(printable, [result["msg"], *(result["error"][key] or "" for key in ("kind", "message", "id"))]))
    for build in [*([result["build"]] if "build" in result else []), *result.get("builds", []), *result.get("candidates", [])]:
        is_documented(build)
    lines: list[str] = []
    progress = Progress(lines.extend, host="web-1", ascii_only=False)
    for event in task.events:
        progress(event)
    assert all(map(printable, [*result.get("logs", []), *task.warnings, *lines]))


def run(server: Server, name: str, *faults: Fault, **more: t.Any) -> dict[str, t.Any]:
    """Run an operation against an API with some answers, or at another address."""
    fake, clock = server
    fake.reset()
    fake.add_build(PROJECT, JOB, age=60, script=Life.failure(90, log=[(0, "x")]), id=hostile.BUILD_ID, sha=hostile.SHA)
    for fault in faults:
        fake.fault(fault)
    operation, arguments, _endpoints = CASES[name]
    task = Task(fake, clock, OPERATIONS["build"][operation])
    result = task(**{**arguments, **more})
    keeps_its_promises(result, task)
    return result


def said(endpoint: str, body: t.Any, status: int = 200) -> Fault:
    """Always the same answer, after the effect."""
    text = body if isinstance(body, str) else json.dumps(body)
    return Fault("json", endpoint, status=status, body=text, times=None, when="after" if status == 200 else "before")


@pytest.mark.parametrize(
    ("endpoint", "status"), [*((name, 200) for name in hostile.ENDPOINTS), *((name, 422) for name in ("start", "get", "list", "branches"))]
)
def test_a_shape_of_ansibles_own_comes_out_as_plain_data_and_no_build_is_lost(server, endpoint, status):
    life = "BUILDING" if endpoint == "abort" else "FAILURE" if endpoint == "logs" else "SUCCESS"
    for shape in SHAPES.values():
        respelled = [hostile.spelled(shape, spelling) for spelling in hostile.SPELLINGS]
        # The first is the value of fields, the last is the very dictionary that has the fields.
        shapes = [shape, *respelled, shape]
        answers = {**hostile.answers(TEMPLATE, "harmless", status=life)}
        answers[endpoint] = (
            hostile.answers(TEMPLATE, *shapes, status=life)[endpoint] if status == 200 else hostile.refusal(TEMPLATE, *shapes)
        )
        bodies = {name: hostile.body(answer) for name, answer in answers.items()}
        result = run(server, REACHED_BY[endpoint], *(said(name, bodies[name], status if name == endpoint else 200) for name in answers))
        assert server[0].calls(endpoint)
        is_plain_to_ansible(result)
        if status == 422:
            assert (result["error"]["kind"], result["error"]["message"]) == ("rejected", f"{TEMPLATE} {hostile.TEXT}")
            assert result["error"]["details"]["field"] == hostile.TEXT
            assert "HTTP 422" in result["msg"]
            continue
        [build] = result.get("builds") or [result["build"]]
        assert (build["id"], build["registry"], build["message"]) == (hostile.BUILD_ID, {"uri": TEMPLATE}, f"{TEMPLATE} {hostile.TEXT}")
        if endpoint == "logs":
            assert len(build["logs"]) == len(shapes) + 2
            # A line that is JSON may be read with from_json.
            whole = [line for line in build["logs"] if line.startswith(('{"', "[")) and not line.endswith(" more characters)")]
            assert not any(hostile.own_keys(json.loads(line)) for line in whole)


def paths(value: t.Any, *before: t.Any) -> t.Iterator[tuple[t.Any, ...]]:
    """The places in a JSON value at which there may be something else."""
    yield before
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from paths(part, *before, key)


def put(value: t.Any, place: tuple[t.Any, ...], data: t.Any) -> t.Any:
    """A copy with something else at one place, if there still is such a place."""
    if not place:
        return data
    there = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    if place[0] not in there:
        return value
    made = value.copy()
    made[place[0]] = put(value[place[0]], place[1:], data)
    return made


NASTY = ["", "..", "\ud800", "\x1b]0;title\x07\n\u202e\x00{{ 7 * 7 }}", "x" * 5000, "BUILDING", TEMPLATE, hostile.TEXT]
NUMBERS = st.sampled_from([True, False, None, 0, -1, 10**30, 1e999, float("nan")])
KEYS = st.sampled_from(["id", "ansible_facts", "__ansible_type", "_ansible_no_log", "\x1b[31m__ansible_unsafe", "__payload__", "value"])
SHAPE = st.builds(hostile.spelled, st.sampled_from(list(SHAPES.values())), st.sampled_from(list(hostile.SPELLINGS)))
LEAVES = NUMBERS | st.sampled_from(NASTY) | st.text(max_size=5) | SHAPE
DATA = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=3)
# A failure is reported as it was found: to make it smaller takes minutes.
SETTINGS = settings(max_examples=15, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("name", CASES)
@SETTINGS
@given(data=st.data(), life=st.sampled_from(["SUCCESS", "FAILURE", "BUILDING"]), refused=st.sampled_from([0, 0, 0, 403, 404, 422, 500]))
def test_any_field_may_have_any_value(server, name, data, life, refused):
    answers = hostile.answers(TEMPLATE, "harmless", status=life)
    endpoint = data.draw(st.sampled_from(CASES[name][2]))
    answer = hostile.refusal(TEMPLATE, "harmless") if refused else answers[endpoint]
    places = list(paths(answer))
    for place, value in data.draw(st.lists(st.tuples(st.sampled_from(places), DATA), min_size=1, max_size=3)):
        answer = put(answer, place, value)
    faults = [said(other, body) for other, body in answers.items() if other != endpoint]
    is_plain_to_ansible(run(server, name, said(endpoint, answer, refused or 200), *faults))


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\x1b]0;\x07\u202e", "a\nb\rc", "{{ 7 * 7 }}", "x" * 5000], ids=lambda t: repr(t[:9]))
def test_arguments_may_be_any_text(server, text):
    for option in ("project_id", "job_id", "team_id", "api_url", "api_token", "ca_path", "sha"):
        run(server, "start", api_retries=0, **{option: text})
    run(server, "info of one", build_id=text)
    run(server, "wait", builds=[{"id": text}])
    for file in ({"content": text}, {"src": text}, {"content": "x", "encoding": text, text: text}):
        run(server, "start", overrides={"build_arguments": {text: text}, "build_files": {text: file}, "docker": {"docker_file_path": text}})
