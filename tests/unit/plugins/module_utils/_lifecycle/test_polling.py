# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to poll next, how long builds usually take, and how long the rate limit lasts."""

from __future__ import annotations

import random
import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils._lifecycle.polling import (
    NEWEST,
    RequestBudget,
    polling_interval,
    typical_duration,
)
from ansible_collections.community.northflank.plugins.module_utils._resources.job_builds import JobBuilds
from ansible_collections.community.northflank.plugins.module_utils._resources.jobs import Job
from hypothesis import given, settings, strategies as st

PROPERTY = settings(max_examples=30, deadline=None, derandomize=True, database=None)

BUILDS = JobBuilds(None, Job("default-project", "example-job"))
BORN = 1_790_000_000


def past(number: int, took: float, **fields: t.Any) -> dict[str, t.Any]:
    """A build of a job's history; the higher the number, the newer."""
    created = BORN + 1000 * number
    times = {"created_at": created, "build_concluded_at": created + took}
    return {**times, "concluded": True, "success": True, "status": "SUCCESS", **fields}


@pytest.mark.parametrize(
    ("age", "longest", "seconds"),
    [(0, 10, 5), (50, 10, 5), (60, 10, 6), (100, 10, 10), (6000, 10, 10), (6000, 3600, 600), (0, 1, 1), (600, 1, 1)],
)
def test_the_interval_is_a_tenth_of_the_age(age, longest, seconds):
    assert polling_interval(age, longest) == seconds


@pytest.mark.parametrize(
    "fields",
    [
        *({"success": False}, {"concluded": False}, {"created_at": None}, {"concluded": None, "success": None, "status": "A new one"}),
        *({"build_concluded_at": value} for value in (None, "soon", float("nan"), BORN - 1, BORN + 1000)),
    ],
    ids=str,
)
def test_builds_that_tell_nothing_are_left_out(fields):
    assert typical_duration(BUILDS, [past(1, 60, **fields)]) is typical_duration(BUILDS, []) is None
    assert typical_duration(BUILDS, [past(0, 60), past(1, 900, **fields), past(2, 60)]) == 60


@PROPERTY
@given(took=st.lists(st.integers(min_value=1, max_value=5000), min_size=1, max_size=30), seed=st.integers(min_value=0, max_value=99))
def test_the_median_of_the_newest_builds_counts_in_whatever_order_they_come(took, seed):
    history = [past(number, seconds) for number, seconds in enumerate(took)]
    shuffled = random.Random(seed).sample(history, len(history))
    newest = sorted(took[-NEWEST:])
    assert typical_duration(BUILDS, shuffled) == newest[len(newest) // 2]


def budget(remaining: int | None, reset: int | None, now: float = 0.0) -> RequestBudget:
    """A budget that knows one response."""
    found = RequestBudget()
    found.update({"limit": 1000, "remaining": remaining, "reset": reset}, now)
    return found


# A tenth, and 20 at most, is for other tasks.
@pytest.mark.parametrize(("remaining", "wanted", "shared_by"), [(100, 0.1, 90), (1000, 1, 980), (1, 1, 1), (0, 1, 1)])
def test_too_few_requests_are_spread_over_the_time_that_is_left(remaining, wanted, shared_by):
    assert budget(remaining, 3600).spacing(wanted, now=0, until=10_000) == 3600 / shared_by
    assert budget(remaining, 3600).spacing(wanted, now=3599, until=10_000) in (0, 1)


@pytest.mark.parametrize(("remaining", "reset", "now"), [(None, None, 0), (5, None, 0), (None, 3600, 0), (1000, 3600, 0), (0, 600, 600)])
def test_without_a_limit_or_with_enough_left_or_after_the_reset_nothing_is_spaced(remaining, reset, now):
    assert budget(remaining, reset).spacing(wanted=0.1, now=now, until=10_000) == 0


def test_the_latest_headers_count_from_when_they_came_until_a_429_overrides_them():
    known = budget(0, 600, now=-100)
    known.update({"limit": None, "remaining": None, "reset": None}, 0)
    assert known.spacing(wanted=1, now=0, until=10_000) == 500
    known.forget()
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
    assert 0 <= budget(remaining, reset).spacing(wanted, now, until) <= max(0.0, reset - now)


@PROPERTY
@given(
    remaining=st.integers(min_value=1, max_value=300),
    reset=st.integers(min_value=1, max_value=3600),
    wanted=st.floats(min_value=0.01, max_value=2),
    until=st.floats(min_value=1, max_value=7200),
)
def test_the_rate_limit_lasts(remaining, reset, wanted, until):
    known, now = RequestBudget(), 0.0
    while now < min(reset, until):
        known.update({"limit": 1000, "remaining": remaining, "reset": reset - int(now)}, now)
        now += max(1 / wanted, known.spacing(wanted, now, until))
        remaining -= 1
        # The request that comes after the reset no longer counts.
        assert remaining >= 0 or now >= min(reset, until)
