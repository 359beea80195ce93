# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that are small to send and large to handle are refused, and what is said of an answer is short."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
import typing as t

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.fake_northflank.server import Reply

PROJECT, JOB = "default-project", "example-job"
MEGABYTE = 1024 * 1024
CPU_SECONDS = 10
"""For what takes a fraction of a second here; the bombs took half a minute and more."""


@pytest.fixture
def answer(fake, monkeypatch):
    """Have the embedded API answer each request with one body."""

    def set_body(body: bytes, **headers: str) -> None:
        monkeypatch.setattr(fake._server, "_handler", lambda request: Reply(200, body, headers))

    return set_body


@pytest.fixture
def cheap():
    """Fail a test that takes much memory or time."""
    began = time.process_time()
    tracemalloc.start()
    yield
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * MEGABYTE
    assert time.process_time() - began < CPU_SECONDS


@pytest.mark.parametrize("encoding", ["gzip", "gzip, gzip", "deflate", "br", "x-unknown"])
def test_what_is_compressed_is_not_decoded(info, answer, cheap, encoding):
    bomb = gzip.compress(gzip.compress(b" " * 20 * MEGABYTE))
    answer(bomb, **{"Content-Encoding": encoding})
    result = info()
    assert result["error"]["kind"] == "invalid_response"
    assert f"Content-Encoding {encoding!r}" in result["msg"]


def test_what_says_that_it_is_not_compressed_is_read(info, answer):
    answer(b'{"data": {"builds": []}}', **{"Content-Encoding": "identity"})
    assert info()["builds"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"builds": [' + b"[]," * 300_000 + b"0]}}",
        b'{"data": {"builds": [' + b'{"":1},' * 140_000 + b"0]}}",
        b'{"data": {"builds": [' + b'{"id":"a"},' * 50_000 + b'{"id":"a"}]}}',
        b'{"data": {"builds": [' + b"1," * 500_000 + b"0]}}",
        b'{"data": {"builds": [{"id": ' + b"9" * 1_000_000 + b"}]}}",
        b'{"data": {"builds": [{"id": "b-1", ' + b",".join(b'"%0200d": 1' % n for n in range(4000)) + b"}]}}",
    ],
    ids=["lists", "objects", "builds", "numbers", "a long number", "long keys"],
)
def test_a_megabyte_of_values(info, answer, cheap, body):
    assert len(body) <= MEGABYTE
    answer(body)
    result = info(limit=0)
    if b'"b-1"' in body:
        assert [build["id"] for build in result["builds"]] == ["b-1"]
    else:
        assert result["error"]["kind"] == "invalid_response"


def test_the_pages_of_a_list_are_bounded_together(info, fake, monkeypatch):
    pages = []

    def page(request: t.Any) -> Reply:
        pages.append(request)
        filler = {"id": "b-1", "message": "x" * 900_000}
        return Reply.of_json(200, {"data": {"builds": [filler]}, "pagination": {"hasNextPage": True, "cursor": f"{len(pages):024}"}})

    monkeypatch.setattr(fake._server, "_handler", page)
    result = info(limit=0)
    assert "is longer than 16777216 bytes on all pages" in result["msg"]
    assert len(pages) == 19


def test_an_error_of_a_megabyte_is_cut(build, fake):
    long = "y" * 200_000
    details = {**{f"{number}": [long[:3000]] * 2 for number in range(80)}, "deep": [[[[[["x"]]]]]]}
    body = {"error": {"message": long, "id": long, "details": details}}
    fake.fault(Fault("json", "start", status=422, body=body))
    result = build()
    assert result["error"]["message"].endswith("... (199500 more characters)")
    assert "51 more left out" in str(result["error"]["details"])
    assert len(json.dumps(result)) < 60_000
    assert len(result["msg"]) < 2000


def test_the_message_of_a_build_is_cut(info, fake):
    fake.add_build(PROJECT, JOB, id="b-1", message="z" * 500_000)
    [build] = info()["builds"]
    assert build["message"] == "z" * 4000 + "... (496000 more characters)"


def test_a_line_of_a_log_is_cut(info, fake):
    fake.fault(Fault("json", "logs", status=200, body={"data": [{"log": "z" * 500_000}]}))
    fake.add_build(PROJECT, JOB)
    [build] = info(log_lines=5)["builds"]
    assert build["logs"] == ["z" * 10_000 + "... (490000 more characters)"]


def test_a_log_that_is_too_long_says_what_to_do(info, fake):
    fake.fault(Fault("json", "logs", status=200, body={"data": [{"log": "z" * 5 * MEGABYTE}]}))
    fake.add_build(PROJECT, JOB)
    [build] = info(log_lines=5)["builds"]
    assert build["logs"] == []
    assert "ask for fewer lines" in info.warnings[0]


def test_the_candidates_of_an_unknown_outcome_are_counted(build, fake):
    for _number in range(150):
        fake.add_build(PROJECT, JOB, age=-2.0)
    fake.fault(Fault("reset", "start"))
    result = build()
    assert result["error"]["kind"] == "unknown_outcome"
    assert "and 140 more" in result["msg"]
    assert len(result["candidates"]) == 100
