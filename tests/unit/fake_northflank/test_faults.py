# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.client
import threading

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import ITEMS, JOB, LOGS


def post(client):
    return client("POST", f"{JOB}/build", {})


@pytest.mark.parametrize("end", ["stop", "down"])
def test_a_stall_ends_with_the_server(fake, connect, end):
    fake.fault(Fault("stall"))
    errors = []

    def ask():
        try:
            post(connect(fake, timeout=30))
        except (OSError, http.client.HTTPException) as error:
            errors.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not fake.journal:
        pass
    fake.stop() if end == "stop" else fake.down(1)
    thread.join(timeout=5)
    assert (thread.is_alive(), len(errors)) == (False, 1)


def test_a_status_comes_as_the_api_tells_errors(fake, client):
    fake.fault(Fault("status", status=418, message="short and stout"))
    answer = client("GET", JOB)
    assert (answer.status, answer.error["message"], answer.error["status"]) == (418, "short and stout", 418)
    assert answer.headers["x-ratelimit-remaining"] == "1000"


def statuses(client, count, path=JOB):
    return [client("GET", path).status for _each in range(count)]


def test_a_fault_meets_the_nth_call_and_some_more(fake, client):
    client("GET", JOB)
    fake.fault(Fault("status", "job", status=500, call=2, times=2))
    client("GET", f"{JOB}/branches")
    assert statuses(client, 5) == [200, 500, 500, 200, 200]


def test_a_fault_meets_the_next_calls_that_no_earlier_one_meets(fake, client):
    fake.fault(Fault("status", "job", status=500, times=2))
    fake.fault(Fault("status", "any", status=501, times=1))
    fake.fault(Fault("status", "any", status=502, call=4))
    assert statuses(client, 6) == [500, 500, 501, 502, 200, 200]


def test_a_fault_lasts_until_it_is_cleared(fake, client):
    fake.fault(Fault("status", "job", status=500, times=None))
    fake.fault(Fault("status", "branches", status=500, call=3, times=None))
    assert statuses(client, 3) == [500] * 3
    assert statuses(client, 5, f"{JOB}/branches") == [200, 200, 500, 500, 500]
    fake.clear_faults()
    assert statuses(client, 1) == [200]


def test_a_faulty_request_is_still_judged(fake, client):
    fake.fault(Fault("reset"))
    with pytest.raises(ConnectionResetError):
        client("POST", f"{JOB}/build", {"sha": "x"}, token="wrong")
    [entry] = fake.journal
    assert (entry.token_ok, entry.schema_errors) == (False, ["sha: must have exactly 40 characters"])


@pytest.mark.parametrize(
    ("method", "name", "path"),
    [
        *(("POST", "start", "{items}"), ("GET", "list", "{items}"), ("GET", "get", "{items}/{id}"), ("DELETE", "abort", "{items}/{id}")),
        ("GET", "logs", "{logs}"),
    ],
)
def test_faults_and_the_journal_know_builds_and_runs(kind, client, method, name, path):
    item = kind.add()
    path = path.format(items=ITEMS[kind.name], logs=LOGS[kind.name], id=item.id)
    for when in ("before", "after"):
        kind.fault("status", name, when=when)
        assert client(method, path, {} if method == "POST" else None).status == 500
    first, second = kind.calls(name)
    about = [(entry.build_id or entry.run_id, entry.fault) for entry in (first, second)]
    if name == "start":
        assert about == [(None, "status"), (kind.ours[0].id, "status")]
    else:
        assert about == [(item.id if item.id in path else None, "status")] * 2
    assert item.aborted is (name == "abort")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "magic"}, "unknown kind of fault: 'magic'"),
        ({"kind": "reset", "endpoint": "door"}, "unknown endpoint: 'door'"),
        ({"kind": "reset", "when": "during"}, "when must be"),
        ({"kind": "reset", "call": 0}, "count from 1"),
        ({"kind": "reset", "status": 500}, "has no status"),
        ({"kind": "redirect", "status": 200}, "status of a redirect"),
        ({"kind": "rate_limited", "header": "x"}, "header must be"),
    ],
)
def test_wrong_faults_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Fault(**arguments)
