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
from hypothesis import given, strategies as st

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


@given(took=st.lists(st.integers(min_value=1, max_value=5000), min_size=1, max_size=30), seed=st.integers(min_value=0, max_value=99))
def test_the_median_of_the_newest_builds_counts_in_whatever_order_they_come(took, seed):
    history = [past(number, seconds) for number, seconds in enumerate(took)]
    shuffled = random.Random(seed).sample(history, len(history))
    newest = sorted(took[-NEWEST:])
    assert typical_duration(BUILDS, shuffled) == newest[len(newest) // 2]


def budget(*responses: tuple[float, int | None, int | None], limit: int | None = 1000) -> RequestBudget:
    """A budget that knows these responses to us: each one's time, the requests left, and the seconds until the reset."""
    found = RequestBudget()
    for number, (now, remaining, reset) in enumerate(responses, start=1):
        found.update({"limit": limit, "remaining": remaining, "reset": reset}, now, number)
    return found


# Of the limit, a fifth stays for starts as long as others use it; if nobody else does, an eighth, or half of what is left.
@pytest.mark.parametrize(
    ("responses", "seconds"),
    [
        ([(0, 560, 3600)], 3600 / 360),
        ([(0, 200, 3600)], 3600),
        ([(0, 0, 3600)], 3600),
        ([(-60, 101, 3660), (0, 100, 3600)], 3600 / 50),
        ([(-60, 2, 3660), (0, 1, 3600)], 3600 / 0.5),
        ([(-60, 1000, 3660), (0, 950, 3600)], 50 * 3600 / (950 - 196)),
        ([(-60, 600, 3660), (0, 598, 3600)], 2 * 3600 / (598 - 125)),
        ([(-60, 600, 3660), (0, 598, 3600), (0, 598, 3600)], 2 * 3600 / (598 - 125)),
        ([(-9, 20, 9), (0, 900, 3600)], 3600 / 700),
        ([(-69, 30, 9), (-65, 20, 5), (0, 900, 3600)], 10 * 3600 / (900 - 180)),
    ],
)
def test_each_request_waits_for_as_many_as_all_make_meanwhile(responses, seconds):
    assert budget(*responses).pause(1, 1, now=0, until=10_000) == pytest.approx(min(seconds, 3600))
    assert budget(*responses).pause(2, 1, now=0, until=10_000) == pytest.approx(min(2 * seconds, 3600))


@pytest.mark.parametrize(
    ("remaining", "reset", "now"), [(None, None, 0), (5, None, 0), (None, 3600, 0), (1000, 3600, 0), (0, 600, 600), (0, 600, 700)]
)
def test_without_a_limit_or_with_enough_left_or_after_the_reset_nothing_is_spaced(remaining, reset, now):
    assert budget((0, remaining, reset)).pause(1, wanted=0.1, now=now, until=10_000) == 0


@pytest.mark.parametrize(("others", "slowed"), [(5, False), (30, True)])
def test_what_others_use_counts_only_if_it_does_not_fit(others, slowed):
    known = budget((0, 900, 3600), (60, 899 - others, 3540))
    assert (known.pause(1, wanted=0.1, now=60, until=10_000) > 0) is slowed


def test_the_latest_headers_count_from_when_they_came_until_a_429_overrides_them():
    known = budget((-100, 0, 600), (0, None, None))
    assert known.pause(1, wanted=1, now=0, until=10_000) == 500
    known.forget()
    assert known.pause(1, wanted=1, now=10, until=10_000) == 0


@given(
    # Two responses at one moment are one that is seen twice.
    responses=st.lists(
        st.tuples(st.floats(0, 1e9), st.integers(0, 10**15), st.integers(0, 10**15)), min_size=1, max_size=4, unique_by=lambda it: it[0]
    ),
    limit=st.none() | st.integers(0, 10**15),
    requests=st.integers(min_value=0, max_value=1000),
    wanted=st.floats(min_value=0, max_value=1e6),
    until=st.floats(min_value=0, max_value=1e9),
)
def test_a_pause_is_sane_whatever_the_headers_say(responses, limit, requests, wanted, until):
    now, _remaining, reset = responses[-1]
    assert 0 <= budget(*responses, limit=limit).pause(requests, wanted, now, until) <= reset * 1.001 + 0.001


@given(
    remaining=st.integers(min_value=1, max_value=300),
    reset=st.integers(min_value=1, max_value=3600),
    wanted=st.floats(min_value=0.01, max_value=2),
    until=st.floats(min_value=1, max_value=7200),
)
def test_the_rate_limit_lasts(remaining, reset, wanted, until):
    known, now, number = RequestBudget(), 0.0, 0
    while now < min(reset, until):
        number += 1
        known.update({"limit": 1000, "remaining": remaining, "reset": reset - int(now)}, now, number)
        now += max(1 / wanted, known.pause(1, wanted, now, until))
        remaining -= 1
        # The request that comes after the reset no longer counts.
        assert remaining >= 0 or now >= min(reset, until)
