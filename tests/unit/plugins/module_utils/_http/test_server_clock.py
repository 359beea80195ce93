# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known of a server's clock is never wrong, and soon exact."""

from __future__ import annotations

import math
from email.utils import formatdate

import pytest
from ansible_collections.community.northflank.plugins.module_utils._http.messages import Response
from ansible_collections.community.northflank.plugins.module_utils._http.server_clock import ServerClock
from hypothesis import given, strategies as st

NOW = 1_790_000_000
EXACT = 1e-5
"""Seconds. A float of today's Unix time is no more exact than a fraction of that."""

offsets = st.floats(min_value=NOW, max_value=NOW + 1000)
latencies = st.floats(min_value=0.0, max_value=5.0)


def response(offset: float, sent_at: float, latency: float = 0.0, jitter: float = 0.0) -> Response:
    """What a server responds whose clock is so far ahead of ours; the way back takes longer than the way there by the jitter."""
    date = math.floor(sent_at + latency + offset)
    received = Response(200, {"Date": formatdate(date, usegmt=True)}, b"")
    received.sent_at, received.received_at = sent_at, sent_at + 2 * latency + jitter
    return received


@given(offset=offsets, samples=st.lists(st.tuples(st.floats(min_value=0.0, max_value=500.0), latencies), min_size=1, max_size=12))
def test_the_latest_time_is_never_earlier_than_the_servers_true_time(offset, samples):
    clock = ServerClock()
    for sent_at, latency in samples:
        clock.update(response(offset, sent_at, latency))
        latest = clock.latest(600.0)
        assert latest is not None
        assert 600.0 + offset - EXACT <= latest <= 600.0 + offset + 1.0 + EXACT


@given(offset=offsets, latency=latencies, jitters=st.lists(st.floats(min_value=0.0, max_value=30.0), max_size=5))
def test_a_body_that_arrives_slowly_does_not_make_the_latest_time_too_early(offset, latency, jitters):
    clock = ServerClock()
    for number, jitter in enumerate([*jitters, 0.0]):
        clock.update(response(offset, number * 50.0, latency, jitter))
    latest = clock.latest(600.0)
    assert latest is not None and latest >= 600.0 + offset - EXACT


@given(offset=offsets, first=st.floats(min_value=0.0, max_value=100.0))
def test_each_sample_at_the_next_tick_halves_what_is_unknown(offset, first):
    clock = ServerClock()
    clock.update(response(offset, first))
    at = first
    for samples in range(1, 11):
        tick = clock.next_tick(at)
        assert at <= tick < at + 1.0 + EXACT
        clock.update(response(offset, tick))
        latest = clock.latest(tick)
        assert latest is not None
        assert tick + offset - EXACT <= latest <= tick + offset + 0.5**samples + EXACT
        at = tick + 0.1


def test_jitter_makes_no_nonsense():
    clock = ServerClock()
    for number, jitter in enumerate([0.0, 4.0, 0.0, 2.0, 3.0]):
        clock.update(response(NOW + 0.5, number * 10.0, jitter=jitter))
        latest = clock.latest(0.0)
        assert latest is not None
        assert abs(latest - (NOW + 0.5)) <= 2.5
        assert 100.0 <= clock.next_tick(100.0) <= 101.0


def test_nothing_is_known_before_any_response():
    clock = ServerClock()
    assert clock.latest(5.0) is None
    assert clock.next_tick(5.0) == 5.0


@pytest.mark.parametrize("headers", [{}, {"Date": "soon"}, {"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}])
def test_a_response_without_a_date_tells_nothing(headers):
    clock = ServerClock()
    clock.update(Response(200, headers, b""))
    assert clock.latest(5.0) is None
