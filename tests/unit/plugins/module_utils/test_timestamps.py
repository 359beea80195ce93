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
from hypothesis import given, settings, strategies as st

PROPERTY = settings(max_examples=60, deadline=None, derandomize=True, database=None)

MOMENT = 1_790_000_000  # 2026-09-21T14:13:20Z
LAST = 32_503_680_000
"""The year 3000. Beyond it formatting a date fails on some platforms."""

moments = st.integers(min_value=0, max_value=LAST - 86_400)
anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=2)


def is_usable(found: object) -> bool:
    """Whether it is None, or a time that can be formatted."""
    return found is None or (isinstance(found, float) and 0 <= found < LAST and bool(iso_time(found)))


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-21T14:13:20Z",
        "2026-09-21 14:13:20",
        "2026-09-21T14:13:20-00:00",
        "2026-09-21T16:13:20+0200",
        "2026-09-21T19:58:20+05:45",
        "2026-09-21T04:43:20-09:30",
        "2026-09-22T04:13:20.000+14:00",
        "2026-09-20T22:13:20.000000000-16:00",
    ],
)
def test_a_text_in_iso_8601_is_a_time(text):
    assert unix_time(text) == MOMENT


@pytest.mark.parametrize("digits", range(1, 10))
def test_a_second_may_have_up_to_nine_decimals(digits):
    fraction = "." + "123456789"[:digits]
    assert unix_time(f"2026-09-21T14:13:20{fraction}Z") == pytest.approx(MOMENT + float(f"0{fraction}"), abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "now",
            "1790000000",
            "2026-09-21",
            "14:13:20",
            "2026-09-21T14:13",
            "2026-09-21T14:13:20.Z",
            "2026-09-21T14:13:20.1234567890Z",
        ),
        *("2026-09-21T14:13:20z", "2026-09-21T14:13:20Z\n", " 2026-09-21T14:13:20Z", "2026-09-21T14:13:20+02", "2026-09-21T14:13:20GMT"),
        *("2026-02-30T14:13:20Z", "2026-13-01T14:13:20Z", "0000-01-01T00:00:00Z", "2026-09-21T25:13:20Z", "2026-09-21T14:13:61Z"),
        *("1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "3000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59"),
        *("0001-01-01T00:00:00+23:59", "Mon, 21 Sep 2026 14:13:20 GMT", "\u0662026-09-21T14:13:20Z", "\ud800", "2" * 100_000),
    ],
    ids=lambda text: repr(text[:40]),
)
def test_other_texts_are_no_time(text):
    assert unix_time(text) is None


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (0, 0.0),
        (1.5, 1.5),
        (1_606_237_973, 1_606_237_973.0),
        (1_606_237_973_123, 1_606_237_973.123),
        (LAST - 1, float(LAST - 1)),
        (LAST, None),
        (99_999_999_999, None),
        ((LAST - 1) * 1000, float(LAST - 1)),
        (LAST * 1000, None),
        (-1, None),
        (-1_606_237_973_000, None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
    ],
)
def test_a_number_is_seconds_or_milliseconds(number, moment):
    assert unix_time(number) == moment


@pytest.mark.parametrize("value", [None, [], {}, [MOMENT], b"2026-09-21T14:13:20Z", 1j], ids=repr)
def test_other_types_are_no_time(value):
    assert unix_time(value) is None


@PROPERTY
@given(seconds=moments, offset=st.integers(min_value=-23 * 60 - 59, max_value=23 * 60 + 59), colon=st.booleans())
def test_any_moment_is_read_in_any_zone(seconds, offset, colon):
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    text = datetime.datetime.fromtimestamp(seconds, zone).isoformat()
    assert unix_time(text if colon else text[:-3] + text[-2:]) == seconds


@PROPERTY
@given(value=anything)
def test_anything_is_a_usable_time_or_none(value):
    assert is_usable(unix_time(value))


@PROPERTY
@given(milliseconds=st.integers(min_value=0, max_value=(LAST - 1) * 1000))
def test_what_is_written_is_read_again(milliseconds):
    assert unix_time(iso_time(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=0.0011)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun, 06 Nov 1994 09:49:37 +0100",
        # In GMT, whether they say so or not, and wherever this is run.
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 -0000",
    ],
)
def test_an_http_date_is_the_same_moment_everywhere(text, zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert http_date(text) == 784_111_777
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", " ", "soon", "0", "-5", "1790000000", "2026-09-21T14:13:20Z", "Mon, 99 Nov 1994 08:49:37 GMT"),
        *("Mon, 06 Foo 1994 08:49:37 GMT", "Mon, 06 Nov 1994 99:49:37 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"),
        *("Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 06 Nov 1994 08:49:37 +99999999999999999999", "Thu, 01 Jan 1970 00:00:00 +0001"),
        *(", , , ,", "\x00", "9" * 10_000),
    ],
    ids=lambda text: repr(text and text[:40]),
)
def test_other_headers_are_no_http_date(text):
    assert http_date(text) is None


@PROPERTY
@given(seconds=moments)
def test_any_moment_is_read_as_an_http_date(seconds):
    assert http_date(email.utils.formatdate(seconds, usegmt=True)) == seconds


WORDS = ["Mon,", "Jan", "Feb 30", "1", "99", "0", "-1", "1994", "99999", "08:49:37", "8:", ":", "GMT", "+0100", "-9999", ",", "-"]


@PROPERTY
@given(text=st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
def test_any_header_is_a_usable_time_or_none(text):
    assert is_usable(http_date(text))
