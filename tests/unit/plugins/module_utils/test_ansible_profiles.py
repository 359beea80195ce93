# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the API answers, a result is plain data to Ansible's own readers and writers of JSON: they make no object of it."""

from __future__ import annotations

import copy
import importlib
import json
import re
import typing as t

import pytest
from ansible.vars.clean import strip_internal_keys
from ansible_collections.community.northflank.plugins.module_utils._modules import (
    job_build,
    job_build_abort,
    job_build_info,
    job_build_wait,
)
from ansible_collections.community.northflank.tests import hostile
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, Script, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

Profile = tuple[type[json.JSONEncoder], type[json.JSONDecoder]]


def _profiles() -> dict[str, Profile]:
    """What Ansible writes and reads JSON with: its caches, the output of modules, and the filters to_json and from_json."""
    modules = "ansible.module_utils._internal._json._profiles"
    names = {
        "cache": "ansible._internal._json._profiles._cache_persistence",
        "legacy": "ansible._internal._json._profiles._legacy",
        "module": f"{modules}._module_legacy_m2c",
        "modern module": f"{modules}._module_modern_m2c",
        "filters": f"{modules}._tagless",
    }
    try:
        found = {name: importlib.import_module(path) for name, path in names.items()}
    except ImportError:
        # Up to ansible-core 2.18 one pair does for all but modules, which Ansible reads as plain JSON.
        from ansible.parsing.ajson import AnsibleJSONDecoder, AnsibleJSONEncoder

        return {"cache": (AnsibleJSONEncoder, AnsibleJSONDecoder)}
    return {name: (profile.Encoder, profile.Decoder) for name, profile in found.items()}


PROFILES = _profiles()
PLAIN = (dict, list, str, int, float, bool, type(None))

TEMPLATE = hostile.run_if_trusted("true")
SHAPES = {**hostile.revived(TEMPLATE), **hostile.REFUSED}

OPERATIONS: dict[str, tuple[t.Any, dict[str, t.Any]]] = {
    "start": (job_build.OPERATION, {"sha": hostile.SHA}),
    "start and wait": (job_build.OPERATION, {"wait": True, "wait_timeout": 200, "follow_logs": True}),
    "check mode": (job_build.OPERATION, {"check_mode": True, "diff": True}),
    "reuse": (job_build.OPERATION, {"reuse": "any", "wait": True, "wait_timeout": 200}),
    "info": (job_build_info.OPERATION, {"log_lines": 9, "limit": 0}),
    "info of one": (job_build_info.OPERATION, {"build_id": hostile.BUILD_ID, "log_lines": 9}),
    "wait": (job_build_wait.OPERATION, {"builds": [{"id": hostile.BUILD_ID}], "wait_timeout": 200, "abort_on_timeout": True}),
    "abort": (job_build_abort.OPERATION, {"build_id": hostile.BUILD_ID}),
}

REACHED_BY = {
    "start": "start",
    "get": "info of one",
    "list": "info",
    "abort": "abort",
    "logs": "info of one",
    "job": "reuse",
    "branches": "reuse",
}
"""An operation whose result has of the endpoint's answer whatever any has."""


@pytest.fixture(scope="module")
def server() -> t.Iterator[tuple[FakeNorthflank, SimulatedClock]]:
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        yield fake, clock


def run(server: tuple[FakeNorthflank, SimulatedClock], name: str, faults: list[Fault]) -> dict[str, t.Any]:
    fake, clock = server
    fake.reset()
    fake.add_build(PROJECT, JOB, age=60, script=Script.failure(90, log=[(0, "x")]), id=hostile.BUILD_ID, sha=hostile.SHA)
    for fault in faults:
        fake.fault(fault)
    operation, arguments = OPERATIONS[name]
    return Task(fake, clock, operation)(**arguments)


def same(one: t.Any, other: t.Any) -> bool:
    """Whether data is equal and plain throughout: an equal text that has a tag is not."""
    if type(one) is not type(other) or type(one) not in PLAIN:
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(type(key) is str and same(item, other[key]) for key, item in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def is_plain_to_ansible(result: dict[str, t.Any]) -> None:
    """All of Ansible's readers give back what its writers were given, and nothing is taken out as Ansible's own."""
    assert same(result, json.loads(json.dumps(result)))
    for name, (encoder, decoder) in PROFILES.items():
        try:
            revived = json.loads(json.dumps(result, cls=encoder), cls=decoder)
        except Exception as problem:
            raise AssertionError(f"the profile {name} fails: {problem!r}") from problem
        assert same(result, revived), f"the profile {name} makes something else of it"
    assert strip_internal_keys(copy.deepcopy(result)) == result
    assert hostile.own_keys(result) == set()


def answer(endpoint: str, *shapes: t.Any) -> list[Fault]:
    """One hostile answer; those of the other endpoints are good, so that the operation gets there."""
    status = "BUILDING" if endpoint == "abort" else "FAILURE" if endpoint == "logs" else "SUCCESS"
    good = hostile.answers(TEMPLATE, "harmless", status=status)
    made = {**good, endpoint: hostile.answers(TEMPLATE, *shapes, status=status)[endpoint]}
    return [Fault("json", name, status=200, body=hostile.body(body), times=None) for name, body in made.items()]


FIRST = ("a trusted text", "an unsafe text", "a vaulted text", "an internal key", "an unknown type")
"""These stand for all others in another spelling."""


def broken(check: t.Callable[..., None], spelling: str) -> dict[str, str]:
    """The hostile shapes with which a check fails, and why: one test for all of them is much faster than one for each."""
    found = {}
    for name in SHAPES if spelling == "as it is" else FIRST:
        shape = hostile.spelled(SHAPES[name], spelling)
        # As the value of a field, and as the very dictionary that has the fields.
        places = {"in it": (shape, "harmless"), "as it": ("harmless", shape)}
        for place, shapes in places.items() if spelling == "as it is" else [("in it", places["in it"])]:
            try:
                check(*shapes)
            except AssertionError as problem:
                found[f"{name}, {place}"] = str(problem).partition("\n")[0][:100]
    return found


@pytest.mark.parametrize("spelling", hostile.SPELLINGS)
@pytest.mark.parametrize("endpoint", hostile.ENDPOINTS)
def test_a_good_answer_with_a_hostile_shape_is_plain_to_ansible(server, endpoint, spelling):
    def check(*shapes: t.Any) -> None:
        result = run(server, REACHED_BY[endpoint], answer(endpoint, *shapes))
        assert server[0].calls(endpoint)
        is_plain_to_ansible(result)
        [build] = result.get("builds") or [result["build"]]
        assert build["id"] == hostile.BUILD_ID
        assert set(build) - {"logs"} == hostile.FIELDS
        assert build["registry"] == {"uri": TEMPLATE}
        assert build["message"] == f"{TEMPLATE} {hostile.TEXT}"

    assert broken(check, spelling) == {}


# One place in the code reads the errors of all endpoints.
@pytest.mark.parametrize(
    ("endpoint", "spelling"),
    [*(("start", spelling) for spelling in hostile.SPELLINGS), *((name, "as it is") for name in ("get", "list", "branches", "job"))],
)
def test_an_error_with_a_hostile_shape_is_plain_to_ansible(server, endpoint, spelling):
    def check(*shapes: t.Any) -> None:
        body = hostile.body(hostile.refusal(TEMPLATE, *shapes))
        refused = Fault("json", endpoint, status=422, body=body, times=None)
        result = run(server, REACHED_BY[endpoint], [refused, *answer(endpoint, "harmless")])
        assert result["failed"]
        is_plain_to_ansible(result)
        assert result["error"]["message"] == f"{TEMPLATE} {hostile.TEXT}"
        assert result["error"]["details"]["field"] == hostile.TEXT

    assert broken(check, spelling) == {}


@pytest.mark.parametrize("spelling", hostile.SPELLINGS)
def test_a_hostile_entry_of_a_log_is_a_text(server, spelling):
    def check(*shapes: t.Any) -> None:
        result = run(server, "info of one", answer("logs", *shapes))
        [build] = result["builds"]
        assert len(build["logs"]) == 4
        for line in build["logs"]:
            assert type(line) is str
            if line.startswith(('{"', "[")):
                # It is JSON, which a play may read with from_json.
                assert hostile.own_keys(json.loads(line)) == set()

    assert broken(check, spelling) == {}


# Answers that nobody thought of, which favour what is dangerous.

KEYS = st.one_of(
    st.builds(
        lambda change, key: change(key),
        st.sampled_from(list(hostile.SPELLINGS.values())),
        st.sampled_from(["__ansible_type", "__ansible_unsafe", "__ansible_vault", "_ansible_no_log", "__payload__"]),
    ),
    st.sampled_from(["value", "tags", "ansible_facts", "iso8601", "ciphertext", "msg", "event", "exception", "warnings", "results"]),
    st.text(st.sampled_from("_\x00\x1b[m\u202e\ud800aAnN "), max_size=4).map(lambda text: f"{text}ansible_type"),
    st.text(max_size=8),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.floats(),
    st.sampled_from(["_AnsibleTaggedStr", "TrustedAsTemplate", TEMPLATE, hostile.VAULTED, hostile.TEXT, "\ud800", "\x1b[31mred"]),
    st.text(max_size=8),
)
SHAPE = st.builds(hostile.spelled, st.sampled_from(list(SHAPES.values())), st.sampled_from(list(hostile.SPELLINGS)))
DATA = st.recursive(LEAVES | SHAPE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
ANSWER = st.one_of(
    st.tuples(st.just(200), st.builds(lambda one, more: (one, *more), DATA, st.lists(DATA, max_size=2)), DATA),
    st.tuples(st.sampled_from([400, 403, 404, 409, 422, 500]), st.tuples(DATA), DATA),
)
# A failure is reported as it was found: to make it smaller takes minutes.
SETTINGS = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    report_multiple_bugs=False,
)
STATUSES = st.sampled_from(["SUCCESS", "FAILURE", "BUILDING"])
# Where data may be put into an answer of any shape instead.
PLACES = st.sampled_from([None, "", "data", "error", "error.details", "error.message", "pagination", "data.id", "data.builds"])


def _put(body: t.Any, place: str | None, data: t.Any) -> t.Any:
    """The answer with something else at one of its places."""
    if place is None:
        return body
    if place == "":
        return data
    first, _dot, rest = place.partition(".")
    inner = body.get(first) if isinstance(body, dict) else None
    return {**(body if isinstance(body, dict) else {}), first: _put(inner, rest or "", data)}


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
@SETTINGS
@given(answers=st.fixed_dictionaries(dict.fromkeys(hostile.ENDPOINTS, ANSWER)), status=STATUSES, place=PLACES, hostile_one=st.data())
def test_any_answer_is_plain_to_ansible(server, name, answers, status, place, hostile_one):
    endpoint = hostile_one.draw(st.sampled_from(hostile.ENDPOINTS))
    faults = []
    for other, (code, shapes, data) in answers.items():
        body = hostile.answers(TEMPLATE, *shapes, status=status)[other]
        # One endpoint only, else almost every run would end at its first request.
        if other == endpoint:
            body = _put(body if code == 200 else hostile.refusal(TEMPLATE, *shapes), place, data)
        faults.append(Fault("json", other, status=code if other == endpoint else 200, body=json.dumps(body), times=None))
    result = run(server, name, faults)
    is_plain_to_ansible(result)


def test_the_profiles_do_see_what_is_hostile():
    seen = set()
    for _name, (_encoder, decoder) in PROFILES.items():
        for shape, data in SHAPES.items():
            try:
                if not same(data, json.loads(json.dumps(data), cls=decoder)):
                    seen.add(shape)
            except Exception:
                seen.add(shape)
    expected = set(SHAPES) if len(PROFILES) > 1 else {shape for shape in SHAPES if re.search("vault|unsafe", shape)}
    # An internal key is nothing to a reader of JSON: Ansible takes it out later.
    assert seen - {"a text of a vault"} == expected - {"an internal key", "a text of a vault"}
