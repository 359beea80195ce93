# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last lines of a log are text, in order, whatever format it has."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.northflank.plugins.module_utils._resources.logs import CUT_LINE, CUT_LOG, MAX_LOG_BYTES, line_text
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

LOG = [(0, "one"), (1, "two"), (2, "three"), (2, "four")]


@pytest.fixture
def build_id(fake) -> str:
    """The ID of a build with a log."""
    return fake.add_build(PROJECT, JOB, age=60, script=Script.success(5, log=LOG)).id


def last_lines(info, build_id: str, lines: int) -> list[str]:
    return info(build_id=build_id, log_lines=lines)["builds"][0]["logs"]


@pytest.mark.parametrize("log_format", ["time", "stream", "plain"])
@pytest.mark.parametrize("lines", [1, 3, 50])
def test_the_last_lines_are_read(info, fake, build_id, log_format, lines):
    fake.log_format = log_format
    assert last_lines(info, build_id, lines) == ["one", "two", "three", "four"][-lines:]


def test_a_log_of_objects_is_json(info, fake, build_id):
    fake.log_format = "object"
    [line] = last_lines(info, build_id, 1)
    assert "four" in json.dumps(json.loads(line))


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        *(("2026-11-24T12:00:00.123456789Z stdout F text", "text"), ("2026-11-24T12:00:00+01:00 stderr P text", "text")),
        *(("stderr F text", "text"), ("stdout", "stdout"), ({"a": "ü"}, '{"a": "ü"}'), (None, "null")),
    ],
)
def test_a_line_is_shown_without_the_prefix_of_its_container(entry, text):
    assert line_text(entry) == text


def test_entries_that_are_none_are_left_out(info, fake, build_id):
    fake.fault(Fault("json", "logs", status=200, body={"data": [None, "x", {"ts": 7, "log": "a"}, {"log": "b"}]}))
    assert sorted(last_lines(info, build_id, 50)) == ["a", "b"]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        *(
            ("10%\r50%\r100%", "100%"),
            ("10%\r100%\r\n", "100%\n"),
            ("10%\r100%\r   \r", "100%"),
            ("\r", ""),
            ("plain\r\nlines\r\n", "plain\nlines\n"),
        ),
        *(("stdout F 1/9\r9/9", "9/9"), ("1\r2\n3\r4", "2\n4"), ("x\r" * 500_000, "x")),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_a_progress_bar_is_shown_in_its_last_state(entry, text):
    assert line_text(entry) == text


def test_a_line_is_shown_without_controls_and_cut_to_two_thousand_characters(info, fake):
    there = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5, log=[(0, "\x1b[31mred\x1b[0m" + "x" * 50_000)]))
    [line] = last_lines(info, there.id, 1)
    assert line.startswith("redxx")
    assert 2000 <= len(line) < 2100 and line.endswith("... (48012 more characters)")


def test_of_a_line_of_megabytes_the_beginning_is_shown_and_all_lines_after_it(info, fake):
    log = [(0, "before"), (1, "x" * MAX_LOG_BYTES), (2, "after")]
    there = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5, log=log))
    result = info(build_id=there.id, log_lines=50)
    assert result["builds"][0]["logs"] == [CUT_LOG, "x" * 2000 + CUT_LINE, "after"]
    assert "warnings" not in result


def test_of_many_long_lines_the_last_are_shown(info, fake):
    log = [(number, f"{number} {'x' * 200_000}") for number in range(50)]
    there = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5, log=log))
    mark, first, *others = last_lines(info, there.id, 50)
    assert mark == CUT_LOG and first.endswith(CUT_LINE)
    numbers = [int(line.split()[0]) for line in (first, *others)]
    assert numbers == list(range(numbers[0], 50)) and len(numbers) > 15


@pytest.mark.parametrize("log_lines", [1, 50])
def test_no_line_is_missing_if_the_first_of_those_asked_for_is_the_one_that_is_cut(info, fake, log_lines):
    log = [(0, "before"), (1, "x" * MAX_LOG_BYTES), *[(2, "after")] * (log_lines - 1)]
    there = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5, log=log))
    assert last_lines(info, there.id, log_lines) == ["x" * 2000 + CUT_LINE, *["after"] * (log_lines - 1)]


@pytest.mark.parametrize("length", [MAX_LOG_BYTES, 100_000, 4_100, 2_500])
def test_where_a_log_is_cut_no_secret_is_shown_by_half(build, fake, length):
    secret = "sk-Zq8vRw3LmXp"
    log = [(0, (f"{secret} " * length)[:length]) for _number in range(2 * MAX_LOG_BYTES // length)]
    fake.plan(PROJECT, JOB, Script.failure(5, log=log))
    failed = build(overrides={"build_arguments": {"KEY": secret}}, wait=True, log_lines=10_000)
    assert failed["logs"][0] == CUT_LOG
    assert "********" in failed["logs"][-1] and secret[:6] not in str(failed["logs"])


def test_a_long_log_full_of_brackets_is_cut_like_any_other(info, fake):
    log = [(number / 100, "[INFO] [1/9] {}" * 20) for number in range(2 * MAX_LOG_BYTES // 300)]
    there = fake.add_build(PROJECT, JOB, age=6000, script=Script.success(900, log=log))
    mark, *lines = last_lines(info, there.id, len(log))
    assert mark == CUT_LOG and set(lines[1:]) == {log[0][1]}
