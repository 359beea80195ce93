# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A response is harmless once it is parsed, and what is kept of an error's details is short."""

from __future__ import annotations

import json
import time
import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils._http.messages import (
    MAX_DEPTH,
    MAX_DETAILS,
    MAX_DIGITS,
    MAX_KEY,
    Response,
    sanitize_json,
    truncate,
)
from ansible_collections.community.northflank.tests import hostile
from hypothesis import given, settings, strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("_\x00\x1b[m\u202e\ud800aA \t", max_size=6), inner, max_size=4),
    max_leaves=10,
)


def parsed(body: str | bytes) -> t.Any:
    return Response(200, {}, body if isinstance(body, bytes) else body.encode()).json


def nested(levels: int, left: str = "[", right: str = "]") -> str:
    return left * levels + "1" + right * levels


@pytest.mark.parametrize("body", ["", "no", "{", "<html></html>", b"\xff\xfe", b"\x00", '{"a": 1} {}', "[" * 100_000])
def test_what_is_no_json_is_none(body):
    assert parsed(body) is None


@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")], ids=["lists", "objects"])
@pytest.mark.parametrize(("levels", "good"), [(MAX_DEPTH, True), (MAX_DEPTH + 1, False), (900, False), (50_000, False)])
def test_a_response_has_so_many_levels_and_no_more(left, right, levels, good):
    body = nested(levels, left, right)
    assert parsed(body) == (json.loads(body) if good else None)


@pytest.mark.parametrize(("length", "good"), [(MAX_KEY, True), (MAX_KEY + 1, False)])
def test_a_key_has_so_many_characters_and_no_more(length, good):
    assert (parsed(json.dumps({"k" * length: 1})) is not None) is good


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("9" * MAX_DIGITS, int("9" * MAX_DIGITS)), ("9" * (MAX_DIGITS + 1), None), ("9" * 1_000_000, None), ("1e999", None)),
        *(("NaN", None), ("-Infinity", None), ("1.5", 1.5), ("true", True), (r'"\ud800"', "?"), (r'"a\ud83d\ude00"', "a\U0001f600")),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_values_that_not_every_reader_of_json_takes(text, value):
    began = time.process_time()
    assert parsed(f'{{"a": {text}}}') == {"a": value}
    # What takes the square of a megabyte takes many minutes.
    assert time.process_time() - began < 10


@pytest.mark.parametrize("key", ["__ansible_type", "__ansible_unsafe", "__ansible_vault", "_ansible_no_log", "__payload__"])
def test_a_key_is_none_of_ansibles_in_any_spelling(key):
    for spelled in hostile.SPELLINGS.values():
        assert hostile.own_keys(parsed(json.dumps({"a": [{spelled(key): 1}]}))) == set()


@given(value=VALUES)
def test_any_json_becomes_harmless_and_stays_as_it_is_then(value):
    clean = sanitize_json(value)
    json.dumps(clean, allow_nan=False, ensure_ascii=False).encode()
    assert hostile.own_keys(clean) == set()
    assert sanitize_json(clean) == clean


def test_long_details_are_cut_and_say_so():
    assert truncate({"few": [1, None, "a"]}, str.upper) == {"FEW": [1, None, "A"]}
    cut = truncate({"list": list(range(50_000))}, str)
    assert cut.startswith('{"list": [0, 1, 2')
    assert len(cut) < MAX_DETAILS + 50
    assert cut.endswith(" more characters)")


TEXT = st.text('ab"\\[]{},:\nü\U0001f600', max_size=12)
LOG_ENTRIES = st.lists(
    st.fixed_dictionaries({"containerId": st.text(max_size=3), "log": TEXT, "ts": st.text("1Z", max_size=2)}),
    min_size=1,
    max_size=3,
)


@settings(max_examples=100)
@given(entries=LOG_ENTRIES, ascii_only=st.booleans(), data=st.data())
def test_of_a_log_that_is_cut_anywhere_all_is_read_that_came(entries, ascii_only, data):
    body = json.dumps({"data": entries}, ensure_ascii=ascii_only).encode()
    end = data.draw(st.integers(body.index(b'log": "') + 7, len(body) - 1))
    read = Response(200, {}, body[:end], is_cut=True).json["data"]
    assert read[:-1] == entries[: len(read) - 1]
    assert len(read) >= body[:end].count(b"}, {")
    assert entries[len(read) - 1]["log"].startswith(read[-1].get("log", "").rstrip("?"))  # Of half a surrogate pair, "?" is left.


@pytest.mark.parametrize(
    "beginning",
    ["", "<html>", '"', '{"a' * 9, *(text * 100_000 for text in ("[", "]", '{"a":', "\\", ","))],
    ids=lambda text: repr(text[:9]),
)
def test_of_what_is_no_beginning_of_json_nothing_is_read_and_that_soon(beginning):
    began = time.process_time()
    assert not Response(200, {}, beginning.encode(), is_cut=True).json
    assert time.process_time() - began < 10
