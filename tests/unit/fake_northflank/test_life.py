# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from urllib.request import urlopen

import pytest
from ansible_collections.community.northflank.tests import fake_northflank
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import ITEMS, JOB, PLACE

TESTS = Path(fake_northflank.__file__).parent.parent
BROKEN = (ConnectionError, http.client.HTTPException)


def test_down_it_refuses_connections_and_is_back_on_the_same_port(fake, client, clock):
    assert client("GET", JOB).status == 200
    fake.down(10)
    with pytest.raises(BROKEN):
        client("GET", JOB)
    for _each in range(2):
        with pytest.raises(ConnectionRefusedError):
            client("GET", JOB)
        clock.sleep(4.9)
    clock.sleep(0.2)
    assert client("GET", JOB).status == 200


def test_stop_leaves_no_thread_and_no_socket(clock, connect):
    before = threading.active_count()
    fake = FakeNorthflank(clock=clock)
    fake.start()
    clients = [connect(fake) for _each in range(5)]
    assert {client("GET", JOB).status for client in clients} == {200}
    fake.stop()
    assert threading.active_count() == before
    with pytest.raises(BROKEN):
        clients[0]("GET", JOB)
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", int(fake.url.rpartition(":")[2]))) != 0


def test_many_clients_can_start_at_once(fake, connect):
    def ask(_number):
        client = connect(fake)
        return [client.start()["id"] for _each in range(20)]

    with ThreadPoolExecutor(8) as pool:
        ids = list(chain(*pool.map(ask, range(8))))
    assert len(set(ids)) == 160
    assert sorted(ids) == sorted(build.id for build in fake.builds(*PLACE))
    assert {entry.build_id for entry in fake.calls("start")} == set(ids)


def test_reset_forgets_everything(fake, client):
    fake.page_order, fake.default_script = "oldest", fake_northflank.Script([(0, "QUEUED")])
    fake.add_token("another")
    fake.fault(Fault("reset", times=None, endpoint="logs"))
    assert client.start()["status"] == "QUEUED"
    fake.reset()
    assert (fake.journal, fake.builds(*PLACE), fake.page_order) == ([], [], "newest")
    assert client("GET", f"{JOB}/build-logs").headers["x-ratelimit-remaining"] == "999"
    assert client("GET", JOB, token="another").status == 401
    assert client.start()["status"] == "PENDING"


def test_faults_work_over_tls_too(tls, clock, connect):
    with FakeNorthflank(clock=clock, tls=tls) as fake:
        client = connect(fake)
        for kind in ("reset", "cut", "not_http"):
            fake.fault(Fault(kind, "job"))
            # Python's TLS tells a reset as an end of the stream, so the kinds of error cannot be told apart.
            with pytest.raises((OSError, http.client.HTTPException)):
                client("GET", JOB)
        assert client("GET", JOB).status == 200


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("settings", {"page_order": "sideways"}, 400),
        ("settings", {"colour": "red"}, 400),
        ("settings", [], 400),
        ("faults", [{"kind": "magic"}], 400),
        ("builds", {"project_id": "none", "job_id": "none"}, 400),
        ("jobs", {"nonsense": 1}, 400),
        ("plan", b"{", 400),
        ("nothing", {}, 404),
    ],
)
def test_wrong_steering_is_refused(fake, client, name, body, status):
    answer = client("POST", f"/_fake/{name}", body)
    assert (answer.status, bool(answer.json["error"])) == (status, True)


def test_builds_and_runs_can_be_steered_over_http(kind, client):
    place = {"project_id": PLACE[0], "job_id": PLACE[1]}

    def steer(name, **body):
        answer = client("POST", f"/_fake/{name}", body)
        assert answer.status == 200, answer
        return answer.json

    bad, usual = {"build": ("FAILURE", "default_script"), "run": ("FAILED", "default_run_script")}[kind.name]
    assert steer(kind.plural, **place, age=60, status=bad)[kind.name]["status"] == bad
    steer("plan", **place, kind=kind.name, times=1, script={"kind": "failure", "duration": 0})
    steer("settings", **{usual: {"steps": [[0, "PAUSED"]]}})
    ids = [client.start(path=ITEMS[kind.name])["id"] for _each in range(2)]
    assert [client.data("GET", f"{ITEMS[kind.name]}/{item_id}")["status"] for item_id in ids] == [bad, "PAUSED"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_program_serves_until_a_signal(tmp_path, number):
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "fake_northflank", "--ready-file", str(ready), "--quota", "7"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        greeting = [process.stdout.readline() for _each in range(3)]
        told = json.loads(ready.read_text())
        assert (told["pid"], told["url"] in greeting[1], told["token"] in greeting[2]) == (process.pid, True, True)
        with urlopen(f"{told['url']}/_fake/journal") as answer:
            assert json.load(answer) == {"journal": []}
        process.send_signal(number)
        _out, errors = process.communicate(timeout=5)
    assert (process.returncode, errors, list(tmp_path.iterdir())) == (0, "", [])
