# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded API takes what the official clients send, and the collection sends the same.

Each participant makes each call of ``cases.py`` in a process of its own, against an embedded API of its own; what that
API's journal shows is compared. ``setup.sh`` installs the clients; without them the run fails.
"""

from __future__ import annotations

import dataclasses
import json
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from ansible_collections.community.northflank.tests.conformance import cases
from ansible_collections.community.northflank.tests.conformance.cases import CASES, CLIENTS, OURS, PROJECT, Case, Differs, Refuses
from ansible_collections.community.northflank.tests.conformance.clients import Call, Outcome, complaints, run
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script

LISTED = 5
A_PAGE = 2
LINES = [f"step {number} of 6" for number in range(1, 7)]


@dataclasses.dataclass(frozen=True)
class Sent:
    """A request as it stood on the wire, the call's own ids and cursors replaced by their names."""

    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclasses.dataclass(frozen=True)
class Exchange:
    """What one participant did: how it ended, what the embedded API recorded, and the builds or runs that it then had."""

    outcome: Outcome
    entries: list[Any]
    sent: list[Sent]
    rows: list[Any]


@pytest.fixture(scope="session", autouse=True)
def installed() -> None:
    """End the run where a client is missing: a comparison that was skipped would look like one that passed."""
    missing = complaints()
    if missing:
        advice = "Run tests/conformance/setup.sh with the folder of the virtual environment that runs the tests."
        pytest.exit(" ".join(["conformance:", *missing, advice]), returncode=1)


@pytest.mark.parametrize("client", (*CLIENTS, OURS))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_same_request(case: Case, client: str) -> None:
    """The request is accepted, the client is content, and the request is the one of the followed client."""
    exception = case.exceptions.get(client)
    exchange = make(case, client)
    if isinstance(exception, Refuses):
        assert not exchange.outcome.succeeded
        assert re.search(exception.error, exchange.outcome.said), exchange.outcome.said
        assert exchange.entries == []
        return
    assert_accepted(exchange)
    assert_only(case, client, exchange)
    assert exchange.outcome.succeeded, exchange.outcome.said
    assert_told(case, client, exchange)
    assert exchange.sent == [changed(sent, exception) for sent in make(case, case.follows).sent]


def assert_accepted(exchange: Exchange) -> None:
    """The embedded API, which checks each request against the OpenAPI document, had nothing to say against any."""
    assert exchange.sent, f"no request was sent: {exchange.outcome.said}"
    for entry in exchange.entries:
        refused = f"{entry.method} {entry.target} {entry.body!r}"
        assert (entry.status, entry.schema_errors, entry.token_ok) == (200, [], True), refused


def assert_only(case: Case, client: str, exchange: Exchange) -> None:
    """Nothing else was sent; but the collection may look before it touches or returns a build or run."""
    others = [entry for entry in exchange.entries if entry.endpoint != case.operation]
    may_look = client == OURS and not case.operation.endswith("start")
    assert [entry.target for entry in others if not (may_look and entry.method == "GET")] == []


def assert_told(case: Case, client: str, exchange: Exchange) -> None:
    answer = exchange.outcome.answer
    if case.operation.endswith("abort"):
        assert [row.aborted for row in exchange.rows] == [True]
    elif case.operation.endswith("logs"):
        told = json.dumps(answer)
        assert [line for line in LINES if line in told] == LINES[-case.options["lineLimit"] :]
    else:
        assert sorted(told_ids(case, client, answer)) == sorted(row.id for row in exchange.rows)


def told_ids(case: Case, client: str, answer: dict[str, Any]) -> list[str]:
    """Ids of the builds or runs in a client's answer: the API's own ``data``, or our module's result."""
    one = answer.get(case.kind) if client == OURS else answer
    return [row["id"] for row in answer.get(f"{case.kind}s", [one])]


def changed(sent: Sent, exception: Differs | None) -> Sent:
    """The followed client's request with the difference that the case declares."""
    if exception is None:
        return sent
    return dataclasses.replace(sent, query={**sent.query, **exception.query})


@cache
def make(case: Case, client: str) -> Exchange:
    """Let a client make a call; once for each pair, as the followed client is looked at again and again."""
    with FakeNorthflank() as fake, tempfile.TemporaryDirectory() as home:
        target_id = prepare(fake, case)
        call = Call(case, fake.url, fake.token, PROJECT, target_id)
        outcome = run(client, call, Path(home))
        entries = list(fake.journal)
        rows_of = {"build": fake.builds, "run": fake.runs}[case.kind]
        rows = rows_of(PROJECT, case.job_id, team_id=case.team_id)
    requests = [entry for entry in entries if entry.endpoint == case.operation]
    # Ids and cursors are each run's own.
    names = {} if target_id is None else {target_id: "<id>"}
    return Exchange(outcome, entries, [as_sent(entry, names) for entry in requests], rows)


def prepare(fake: FakeNorthflank, case: Case) -> str | None:
    """Bring about what the case needs, and return the id of the build or run that it is about."""
    job = {"project_id": PROJECT, "job_id": case.job_id, "team_id": case.team_id}
    add = {"build": fake.add_build, "run": fake.add_run}[case.kind]
    if case.job_id != cases.JOB:
        fake.add_job(**job, commits=[cases.SHA])
    if case.operation == "run_start":
        fake.add_build(**job, id=cases.BUILD_ID, sha=cases.SHA, branch="main", age=60.0, status="SUCCESS")
    if case.operation.endswith("start"):
        return None
    if case.operation.endswith("list"):
        fake.max_page_size = A_PAGE
        for number in range(LISTED):
            add(**job, age=60.0 * (number + 1))
        return None
    log = [(0.1 * number, line) for number, line in enumerate(LINES)]
    script = Script.never_ends() if case.operation.endswith("abort") else Script.failure(1.0, log=log)
    return add(**job, age=60.0, script=script).id


def as_sent(entry: Any, names: dict[str, str]) -> Sent:
    path, _mark, query = entry.target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    parameters = dict(pairs)
    assert len(parameters) == len(pairs), f"a parameter is there twice: {entry.target}"
    if "cursor" in parameters:
        names.setdefault(parameters["cursor"], f"<cursor {len(names) + 1}>")
    return Sent(
        method=entry.method,
        path="/".join(names.get(part, part) for part in path.split("/")),
        query={name: names.get(value, value) for name, value in parameters.items()},
        body=json.loads(entry.body) if entry.body else None,
    )
