# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to look next, and how long the quota lasts."""

from __future__ import annotations

import random
import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils._pace import FIRST, LOOKS_WHEN_DUE, NEWEST, Quota, Usual, pause, usual
from hypothesis import given, settings, strategies as st

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True, database=None)

ages = st.floats(min_value=0, max_value=1e6)
intervals = st.integers(min_value=1, max_value=3600)
histories = st.builds(
    lambda median, spread: Usual(median, median - spread, median + spread),
    st.floats(min_value=1, max_value=10_000),
    st.floats(min_value=2, max_value=5_000),
)

BORN = 1_790_000_000


def past(number: int, took: float | None, **fields: t.Any) -> dict[str, t.Any]:
    """A build of a job's history; the higher the number, the newer."""
    created = BORN + 1000 * number
    return {
        "created_at": f"2026-09-21T{14 + number // 60:02d}:{number % 60:02d}:00Z" if took is None else created,
        "build_concluded_at": None if took is None else created + took,
        "concluded": True,
        "success": True,
        "status": "SUCCESS",
        **fields,
    }


# The pause between two looks.


@PROPERTY
@given(age=ages, interval=intervals, known=st.none() | histories)
def test_a_pause_is_within_its_bounds(age, interval, known):
    assert min(interval, FIRST) <= pause(age, interval, known) <= 3 * interval


@PROPERTY
@given(age=ages, older=ages, interval=intervals)
def test_pauses_grow_with_the_age(age, older, interval):
    age, older = sorted((age, older))
    assert pause(age, interval, None) <= pause(older, interval, None) <= interval


@PROPERTY
@given(age=ages, longer=intervals, interval=intervals)
def test_pauses_grow_with_the_interval(age, interval, longer):
    interval, longer = sorted((interval, longer))
    assert pause(age, interval, None) <= pause(age, longer, None)


@PROPERTY
@given(age=ages, older=ages, interval=intervals, known=histories)
def test_who_looks_later_is_not_back_earlier(age, older, interval, known):
    age, older = sorted((age, older))
    assert age + pause(age, interval, known) <= older + pause(older, interval, known) + 1e-6


@PROPERTY
@given(age=ages, interval=intervals, known=histories)
def test_while_nothing_is_due_looks_are_seldom_but_none_misses_the_time(age, interval, known):
    if age >= known.earliest:
        return
    next_look = pause(age, interval, known)
    assert next_look >= min(pause(age, interval, None), known.earliest - age, FIRST)
    assert age + next_look <= max(known.earliest, age + FIRST) + 1e-6


@PROPERTY
@given(part=st.floats(min_value=0, max_value=1), interval=intervals, known=histories)
def test_when_the_end_is_due_looks_are_at_least_as_many_as_without_a_history(part, interval, known):
    age = max(0.0, known.earliest + part * (known.latest - known.earliest))
    found = pause(age, interval, known)
    if age <= known.latest:
        assert found <= pause(age, interval, None)
        assert found <= max(FIRST, (known.latest - known.earliest) / LOOKS_WHEN_DUE)


@PROPERTY
@given(late=st.floats(min_value=0.001, max_value=1e5), interval=intervals, known=histories)
def test_an_overdue_build_is_looked_at_as_without_a_history(late, interval, known):
    age = known.latest + late
    assert pause(age, interval, known) == pause(age, interval, None)


def looks(until: float, interval: float, known: Usual | None = None) -> list[float]:
    """The ages at which a build is looked at, the last one at or past C(until)."""
    ages = [FIRST]
    while ages[-1] < until:
        ages.append(ages[-1] + pause(ages[-1], interval, known))
    return ages


def test_what_a_build_costs():
    assert len(looks(60, 10)) <= 16
    assert len(looks(600, 10)) <= 75
    known = Usual(600, 540, 660)
    quiet = [age for age in looks(600, 10, known) if age < 540]
    assert len(quiet) <= 30
    assert looks(540, 10, known)[-1] == pytest.approx(540, abs=FIRST)


# What a job's history says.


def test_no_history():
    assert usual([]) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"success": False},
        {"concluded": False},
        {"build_concluded_at": None},
        {"build_concluded_at": "soon"},
        {"build_concluded_at": float("nan")},
        {"build_concluded_at": BORN - 1},
        {"build_concluded_at": BORN + 1000},
        {"created_at": None},
        {"created_at": "yesterday"},
        {"success": None, "status": "FAILURE"},
        {"concluded": None, "success": None, "status": "A new one"},
    ],
    ids=str,
)
def test_builds_that_teach_nothing(fields):
    assert usual([past(1, 60, **fields)]) is None
    assert usual([past(0, 60), past(1, 900, **fields), past(2, 60)]) == usual([past(0, 60), past(2, 60)])


def test_one_build():
    assert usual([past(0, 100)]) == Usual(100, 95, 105)
    assert usual([past(0, 10)]) == Usual(10, 8, 12)


def test_milliseconds_and_iso_texts_are_understood():
    there = past(0, None, created_at="2026-09-21T14:13:20.000Z", build_concluded_at=(BORN + 100) * 1000)
    assert usual([there]) == Usual(100, 95, 105)


def test_a_wide_spread_has_a_wide_margin():
    assert usual([past(number, took) for number, took in enumerate([100, 200, 300])]) == Usual(200, 0, 400)


@PROPERTY
@given(took=st.lists(st.integers(min_value=1, max_value=5000), min_size=1, max_size=30), seed=st.integers(min_value=0, max_value=99))
def test_the_newest_builds_count_in_whatever_order_they_come(took, seed):
    history = [past(number, seconds) for number, seconds in enumerate(took)]
    shuffled = random.Random(seed).sample(history, len(history))
    known = usual(shuffled)
    assert known == usual(history[-NEWEST:])
    assert known.earliest <= min(took[-NEWEST:]) - FIRST
    assert known.latest >= max(took[-NEWEST:]) + FIRST
    assert known.earliest < known.median < known.latest


# The quota.


def quota(remaining: int | None, reset: int | None, now: float = 0.0) -> Quota:
    """A quota that has learnt from one answer."""
    found = Quota()
    found.learn({"limit": 1000, "remaining": remaining, "reset": reset}, now)
    return found


@pytest.mark.parametrize(("remaining", "reset"), [(None, None), (5, None), (None, 3600)])
def test_without_both_headers_no_pace_is_too_fast(remaining, reset):
    assert quota(remaining, reset).spacing(wanted=100, now=0, until=10_000) == 0


def test_an_answer_without_headers_leaves_what_is_known():
    known = quota(0, 600)
    known.learn({"limit": None, "remaining": None, "reset": None}, 100)
    assert known.spacing(wanted=1, now=100, until=10_000) == 500


def test_enough_is_left():
    assert quota(1000, 3600).spacing(wanted=0.1, now=0, until=10_000) == 0
    assert quota(100, 3600).spacing(wanted=0.1, now=0, until=500) == 0


def test_too_little_is_left():
    # A tenth, and 20 at most, is for other tasks.
    assert quota(100, 3600).spacing(wanted=0.1, now=0, until=10_000) == 3600 / 90
    assert quota(1000, 3600).spacing(wanted=1, now=0, until=10_000) == 3600 / 980
    assert quota(1, 3600).spacing(wanted=1, now=0, until=10_000) == 3600


def test_nothing_is_left():
    assert quota(0, 600).spacing(wanted=1, now=0, until=10_000) == 600
    assert quota(0, 600).spacing(wanted=1, now=599, until=10_000) == 1


@pytest.mark.parametrize("now", [600, 601, 10**9])
def test_the_quota_has_returned(now):
    assert quota(0, 600).spacing(wanted=1, now=now, until=10**10) == 0


def test_the_word_of_a_refusal():
    known = quota(0, 600)
    known.returns(50)
    assert known.spacing(wanted=1, now=10, until=10_000) == 0


@PROPERTY
@given(
    remaining=st.integers(min_value=0, max_value=10**15),
    reset=st.integers(min_value=0, max_value=10**15),
    wanted=st.floats(min_value=0, max_value=1e6),
    now=st.floats(min_value=0, max_value=1e9),
    until=st.floats(min_value=0, max_value=1e9),
)
def test_spacing_is_sane_whatever_the_headers_say(remaining, reset, wanted, now, until):
    found = quota(remaining, reset).spacing(wanted, now, until)
    assert 0 <= found <= max(0.0, reset - now)


@PROPERTY
@given(
    remaining=st.integers(min_value=1, max_value=300),
    reset=st.integers(min_value=1, max_value=3600),
    wanted=st.floats(min_value=0.01, max_value=2),
    until=st.floats(min_value=1, max_value=7200),
)
def test_the_quota_lasts(remaining, reset, wanted, until):
    known, now = Quota(), 0.0
    while now < min(reset, until):
        known.learn({"limit": 1000, "remaining": remaining, "reset": reset - int(now)}, now)
        now += max(1 / wanted, known.spacing(wanted, now, until))
        remaining -= 1
        # The request that comes when the quota is back is no longer of this one.
        assert remaining >= 0 or now >= min(reset, until)
