# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Timestamps, as servers write them and as hostile ones do."""

from __future__ import annotations

import datetime
import email.utils
import time

import pytest
from ansible_collections.community.northflank.plugins.module_utils._timestamps import http_date, iso_time, unix_time
from hypothesis import given, strategies as st

MOMENT = 1_790_000_000  # 2026-09-21T14:13:20Z
LAST = 32_503_680_000
"""The year 3000. Beyond it formatting a date fails on some platforms."""
moments = st.integers(min_value=0, max_value=LAST - 86_400)
WORDS = ["Mon,", "Jan", "Feb 30", "1", "99", "0", "-1", "1994", "99999", "08:49:37", "8:", ":", "GMT", "+0100", "-9999", ",", "-"]
anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=2)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-09-21T14:13:20Z", "2026-09-21 14:13:20Z", "2026-09-21T14:13:20-00:00", "2026-09-21T16:13:20+0200"),
        *("2026-09-21T19:58:20+05:45", "2026-09-22T04:13:20.000+14:00", "2026-09-20T22:13:20.000000000-16:00"),
    ],
)
def test_a_text_in_iso_8601_is_a_time(text):
    assert unix_time(text) == MOMENT


@pytest.mark.parametrize(
    "value",
    [
        *("2026-09-21T14:13:20", "2026-09-21 14:13:20.123", "2026-09-21T14:13:20 UTC", "2026-09-21T14:13:20+2"),
        *("", "now", "1790000000", "2026-09-21", "2026-09-21T14:13", "2026-09-21T14:13:20.1234567890Z", "2026-09-21T14:13:20Z\n"),
        *("2026-02-30T14:13:20Z", "0000-01-01T00:00:00Z", "2026-09-21T14:13:61Z", "1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z"),
        *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "\u0662026-09-21T14:13:20Z", "\ud800", "2" * 100_000),
        *(None, [MOMENT], b"2026-09-21T14:13:20Z", True, LAST, 99_999_999_999, -1, 10**400, float("nan"), float("inf")),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_anything_else_is_no_time(value):
    assert unix_time(value) is None


@given(milliseconds=st.integers(min_value=0, max_value=(LAST - 1) * 1000))
def test_a_number_is_seconds_or_milliseconds_and_what_is_written_is_read_again(milliseconds):
    assert unix_time(iso_time(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=0.0011)
    for number, moment in ((0, 0.0), (1.5, 1.5), (1_606_237_973, 1_606_237_973.0), (1_606_237_973_123, 1_606_237_973.123)):
        assert unix_time(number) == moment


@given(seconds=moments, offset=st.integers(min_value=-23 * 60 - 59, max_value=23 * 60 + 59), colon=st.booleans())
def test_any_moment_is_read_in_any_zone(seconds, offset, colon):
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    text = datetime.datetime.fromtimestamp(seconds, zone).isoformat()
    assert unix_time(text if colon else text[:-3] + text[-2:]) == seconds
    assert http_date(email.utils.formatdate(seconds, usegmt=True)) == seconds


@given(value=anything, header=st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_anything_is_a_time_that_can_be_formatted_or_none(value, header):
    for found in (unix_time(value), http_date(header)):
        assert found is None or (isinstance(found, float) and 0 <= found < LAST and bool(iso_time(found)))


def test_an_http_date_is_the_same_moment_everywhere(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        for text in ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 09:49:37 +0100"):
            assert http_date(text) == 784_111_777
        # In GMT, whether they say so or not, and wherever this is run.
        for text in ("Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37 -0000"):
            assert http_date(text) == 784_111_777
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "soon", "-5", "1790000000", "2026-09-21T14:13:20Z", "Mon, 99 Nov 1994 08:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"),
        *("Fri, 31 Dec 99999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 +0001", "9" * 10_000),
    ],
    ids=lambda text: repr(text and text[:40]),
)
def test_other_headers_are_no_http_date(text):
    assert http_date(text) is None
