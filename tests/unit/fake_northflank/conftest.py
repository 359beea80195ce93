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
        self.timeout = timeout
        self.connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.fake.url)
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port, timeout=self.timeout)
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=self.timeout, context=context)

    def __call__(self, method: str, path: str, body: Any = None, token: str | None = "", **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token or self.fake.token}"
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        try:
            self.connection.request(method, path, body, sent)
            response = self.connection.getresponse()
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
        except Exception:
            self.connection.close()
            raise

    def start(self, body: Any = None, job: str = JOB) -> dict[str, Any]:
        answer = self("POST", f"{job}/build", {} if body is None else body)
        assert answer.status == 200, answer
        return answer.json["data"]

    def get(self, build_id: str, job: str = JOB) -> dict[str, Any]:
        answer = self("GET", f"{job}/build/{build_id}")
        assert answer.status == 200, answer
        return answer.json["data"]

    def listed(self, query: str = "", job: str = JOB) -> list[str]:
        answer = self("GET", f"{job}/build{query}")
        assert answer.status == 200, answer
        return [build["id"] for build in answer.json["data"]["builds"]]


@pytest.fixture
def client(fake: FakeNorthflank) -> Iterator[Client]:
    made = Client(fake)
    yield made
    made.connection.close()


@pytest.fixture
def connect() -> type[Client]:
    """Makes further clients: `connect(fake, timeout=…)`."""
    return Client


@pytest.fixture
def fake(fake: FakeNorthflank) -> FakeNorthflank:
    """The embedded API, with a `createdAt` that is exactly the moment of the start."""
    fake.stamp_delay = 0.0
    return fake
