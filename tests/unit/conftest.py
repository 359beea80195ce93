# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded API on a simulated clock, and tasks that run against it over real HTTP."""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.plugins.module_utils._modules import (
    job_build as _job_build,
    job_build_abort as _job_build_abort,
    job_build_info as _job_build_info,
    job_build_wait as _job_build_wait,
    job_run as _job_run,
    job_run_abort as _job_run_abort,
    job_run_info as _job_run_info,
    job_run_wait as _job_run_wait,
)
from ansible_collections.community.northflank.tests.fake_northflank import Build, FakeNorthflank, SimulatedClock
from ansible_collections.community.northflank.tests.fake_northflank.server import Reply
from ansible_collections.community.northflank.tests.raw_server import RawServer, Script, certificate
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def fake(clock: SimulatedClock) -> t.Iterator[FakeNorthflank]:
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


@pytest.fixture
def image(fake: FakeNorthflank) -> Build:
    """A build of the job that has ended well, so that the job can run."""
    return fake.add_build(PROJECT, JOB, age=600, status="SUCCESS")


@pytest.fixture
def run(fake: FakeNorthflank, clock: SimulatedClock, image: Build) -> Task:
    """The module C(northflank_job_run), for a job that can run."""
    return Task(fake, clock, _job_run.OPERATION)


@pytest.fixture
def run_info(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
    """The module C(northflank_job_run_info)."""
    return Task(fake, clock, _job_run_info.OPERATION)


@pytest.fixture
def run_wait(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
    """The module C(northflank_job_run_wait)."""
    return Task(fake, clock, _job_run_wait.OPERATION)


@pytest.fixture
def run_abort(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
    """The module C(northflank_job_run_abort)."""
    return Task(fake, clock, _job_run_abort.OPERATION)


@pytest.fixture
def endless_list(fake: FakeNorthflank, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page of a list of builds says that more follow, and none has a build."""
    cursors = itertools.count()
    handle = fake._handle

    def respond(request: t.Any) -> Reply:
        reply = handle(request)
        if request.method == "GET" and request.target.partition("?")[0].endswith("/build"):
            page = {"data": {"builds": []}, "pagination": {"hasNextPage": True, "cursor": f"{next(cursors):024}", "count": 0}}
            return Reply.of_json(200, page, {"Date": reply.headers["Date"]})
        return reply

    monkeypatch.setattr(fake._server, "_handler", respond)


@pytest.fixture
def serve() -> t.Iterator[t.Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def start(script: Script, tls: tuple[str, str] | None = None) -> RawServer:
        servers.append(RawServer(script, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    return certificate(Path(tmp_path_factory.mktemp("tls")))
