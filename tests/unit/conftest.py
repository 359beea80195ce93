# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded API on a simulated clock, and tasks that run against it over real HTTP."""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Build, FakeNorthflank, SimulatedClock
from ansible_collections.community.northflank.tests.fake_northflank.server import Reply
from ansible_collections.community.northflank.tests.raw_server import RawServer, Script, certificate
from ansible_collections.community.northflank.tests.simulation import JOB, OPERATIONS, PROJECT, Kind, Task


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock()


@pytest.fixture
def fake(clock: SimulatedClock) -> t.Iterator[FakeNorthflank]:
    with FakeNorthflank(clock=clock) as server:
        yield server


def module(kind: str, operation: str) -> t.Any:
    """A fixture: tasks with a module."""

    @pytest.fixture
    def task(fake: FakeNorthflank, clock: SimulatedClock) -> Task:
        return Task(fake, clock, OPERATIONS[kind][operation])

    return task


build, info, wait, abort = (module("build", operation) for operation in ("start", "info", "wait", "abort"))


@pytest.fixture
def image(fake: FakeNorthflank) -> Build:
    """A build of the job that has ended well, so that the job can run."""
    return fake.add_build(PROJECT, JOB, age=600, status="SUCCESS")


@pytest.fixture
def run(fake: FakeNorthflank, clock: SimulatedClock, image: Build) -> Task:
    """The module C(northflank_job_run), for a job that can run."""
    return Task(fake, clock, OPERATIONS["run"]["start"])


@pytest.fixture(params=["build", "run"])
def kind(request: pytest.FixtureRequest, fake: FakeNorthflank, clock: SimulatedClock) -> Kind:
    """Builds, and then runs, for a job that can run."""
    if request.param == "run":
        request.getfixturevalue("image")
    return Kind(request.param, fake, clock)


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
