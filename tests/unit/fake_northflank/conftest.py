# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the embedded API that hides nothing."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank

JOB = "/v1/projects/default-project/jobs/example-job"
PLACE = ("default-project", "example-job")
ITEMS = {"build": f"{JOB}/build", "run": f"{JOB}/runs"}
LOGS = {"build": f"{JOB}/build-logs", "run": f"{JOB}/logs"}
TEAM = f"/v1/teams/example-team{JOB[3:]}"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]


class Client:
    """One keep-alive connection to the embedded API; it follows, retries and hides nothing."""

    def __init__(self, fake: FakeNorthflank, timeout: float = 5.0) -> None:
        self.fake = fake
        parts = urlsplit(fake.url)
        kind, more = http.client.HTTPConnection, {}
        if parts.scheme == "https":
            kind, more = http.client.HTTPSConnection, {"context": ssl._create_unverified_context()}
        self.connection = kind(parts.hostname, parts.port, timeout=timeout, **more)

    def __call__(self, method: str, path: str, body: Any = None, token: str | None = "", **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.fake.token}"
        if body is not None:
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            self.connection.request(method, path, body, sent)
            response = self.connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        except Exception:
            self.connection.close()
            raise

    def data(self, *request: Any) -> Any:
        """The data of an answer that must be good."""
        answer = self(*request)
        assert answer.status == 200, answer
        return answer.json["data"]

    def start(self, body: Any = None, path: str = ITEMS["build"]) -> dict[str, Any]:
        return self.data("POST", path, {} if body is None else body)

    def listed(self, path: str) -> list[str]:
        """The ids in a list of builds or runs."""
        [rows] = self.data("GET", path).values()
        return [row["id"] for row in rows]


@pytest.fixture
def connect() -> Iterator[Any]:
    """Makes further clients: `connect(fake, timeout=…)`."""
    made: list[Client] = []

    def make(fake: FakeNorthflank, timeout: float = 5.0) -> Client:
        made.append(Client(fake, timeout))
        return made[-1]

    yield make
    for client in made:
        client.connection.close()


@pytest.fixture
def client(fake: FakeNorthflank, connect: Any) -> Client:
    return connect(fake)


@pytest.fixture
def fake(fake: FakeNorthflank) -> FakeNorthflank:
    """The embedded API, with a `createdAt` that is exactly the moment of the start."""
    fake.stamp_delay = 0.0
    return fake
