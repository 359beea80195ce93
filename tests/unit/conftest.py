# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded API on a simulated clock, and tasks that run against it over real HTTP."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _job_build, _job_build_abort, _job_build_info, _job_build_wait
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import Task


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NORTHFLANK_API_TOKEN", "NF_API_TOKEN", "NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def clock() -> SimulatedClock:
    """A clock that goes on when somebody sleeps on it."""
    return SimulatedClock()


@pytest.fixture
def fake(clock: SimulatedClock) -> t.Iterator[FakeNorthflank]:
    """The embedded API."""
    with FakeNorthflank(clock=clock) as server:
        yield server


@pytest.fixture
def build(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
    """The module C(northflank_job_build)."""
    return Task(fake, clock, _job_build.OPERATION)


@pytest.fixture
def info(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
    """The module C(northflank_job_build_info)."""
    return Task(fake, clock, _job_build_info.OPERATION)


@pytest.fixture
def wait(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
    """The module C(northflank_job_build_wait)."""
    return Task(fake, clock, _job_build_wait.OPERATION)


@pytest.fixture
def abort(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
    """The module C(northflank_job_build_abort)."""
    return Task(fake, clock, _job_build_abort.OPERATION)
