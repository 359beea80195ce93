# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest
from ansible_collections.community.northflank.tests import fake_northflank
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, SimulatedClock
from ansible_collections.community.northflank.tests.fake_northflank.schema import Document, document

JOB = "/v1/projects/default-project/jobs/example-job"
TESTS = Path(fake_northflank.__file__).parent.parent


def test_down_and_back_on_the_same_port(fake, client, clock):
    url = fake.url
    assert client("GET", JOB).status == 200
    fake.down(10)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        client("GET", JOB)
    for _each in range(2):
        with pytest.raises(ConnectionRefusedError):
            client("GET", JOB)
        clock.sleep(4.9)
    clock.sleep(0.2)
    assert client("GET", JOB).status == 200
    assert fake.url == url


def test_down_cuts_requests_under_way(fake, client, clock):
    fake.fault(fake_northflank.Fault("stall"))
    done = threading.Event()

    def ask():
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            client("GET", JOB)
        done.set()

    thread = threading.Thread(target=ask)
    thread.start()
    while not fake.journal:
        pass
    fake.down(1)
    thread.join(timeout=5)
    assert done.is_set()
    clock.advance(1)
    assert client("GET", JOB).status == 200


def test_down_in_real_time(connect):
    with FakeNorthflank() as fake:
        fake.down(0.02)
        client = connect(fake)
        refused = 0
        while True:
            try:
                assert client("GET", JOB).status == 200
                break
            except ConnectionRefusedError:
                refused += 1
        assert refused
        client.connection.close()
        fake.down(60)


def test_stop_leaves_no_thread_and_no_socket(clock, connect):
    before = threading.active_count()
    fake = FakeNorthflank(clock=clock)
    fake.start()
    clients = [connect(fake) for _each in range(5)]
    assert {client("GET", JOB).status for client in clients} == {200}
    fake.stop()
    assert threading.active_count() == before
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        clients[0]("GET", JOB)
    with socket.socket() as sock:
        assert sock.connect_ex(("127.0.0.1", int(fake.url.rpartition(":")[2]))) != 0
    clock.advance(1)
    for client in clients:
        client.connection.close()


def test_many_clients_at_once(fake, connect):
    def ask(results):
        client = connect(fake)
        results += [client.start()["id"] for _each in range(20)]
        client.connection.close()

    lists = [[] for _each in range(8)]
    threads = [threading.Thread(target=ask, args=(results,)) for results in lists]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [build_id for results in lists for build_id in results]
    assert len(set(ids)) == 160
    assert sorted(ids) == sorted(build.id for build in fake.builds("default-project", "example-job"))
    assert {entry.build_id for entry in fake.calls("start")} == set(ids)


def test_reset(fake, client):
    fake.page_order = "oldest"
    fake.add_token("another")
    fake.fault(fake_northflank.Fault("reset", times=None, endpoint="logs"))
    client.start()
    fake.reset()
    assert (fake.journal, fake.builds("default-project", "example-job"), fake.page_order) == ([], [], "newest")
    assert client("GET", f"{JOB}/build-logs").headers["x-ratelimit-remaining"] == "999"
    assert client("GET", JOB, token="another").status == 401


def test_tls(tmp_path, clock, connect):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl program, which makes the certificate, is not installed")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    with FakeNorthflank(clock=clock, tls=(str(cert), str(key))) as fake:
        assert fake.url.startswith("https://127.0.0.1:")
        client = connect(fake)
        build_id = client.start()["id"]
        for kind in ("reset", "cut", "close", "bad_length", "not_http"):
            fake.fault(fake_northflank.Fault(kind, "get"))
            # Python's TLS tells a reset as an end of the stream, so the kinds of error cannot be told apart.
            with pytest.raises((OSError, http.client.HTTPException)):
                client.get(build_id)
        fake.fault(fake_northflank.Fault("trickle", "get", gap=0))
        assert client.get(build_id)["status"] == "PENDING"
        fake.fault(fake_northflank.Fault("stall", "get"))
        client.connection.sock.settimeout(0.05)
        with pytest.raises(socket.timeout):
            client.get(build_id)
        assert client.get(build_id)["status"] == "PENDING"
        with socket.create_connection(("127.0.0.1", int(fake.url.rpartition(":")[2])), timeout=5) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                assert not plain.recv(100).startswith(b"HTTP")
        fake.down(1)
        with pytest.raises(OSError, match=r"."):
            client.get(build_id)
        client.connection.close()
    assert [entry.endpoint for entry in fake.journal].count("start") == 1


def test_steering_over_http(fake, client, clock):
    def steer(name, body, method="POST"):
        answer = client(method, f"/_fake/{name}", body, token=None)
        assert answer.status == 200, answer
        return answer.json

    job = steer("jobs", {"project_id": "p", "job_id": "j", "commits": ["c" * 40]})["job"]
    assert (job["id"], job["vcsData"]["projectBranch"]) == ("j", "main")
    place = {"project_id": "p", "job_id": "j"}
    build = steer("builds", {**place, "age": 60, "status": "FAILURE", "message": "no"})["build"]
    assert (build["status"], build["message"], build["sha"]) == ("FAILURE", "no", "c" * 40)
    steer("builds", {**place, "script": {"steps": [[0, "BUILDING"]]}, "id": "mine-1234"})
    steer("plan", {**place, "script": {"kind": "failure", "duration": 3, "message": "oh"}, "times": 1})
    sha = steer("push", place)["sha"]
    started = client.start(job="/v1/projects/p/jobs/j")
    clock.advance(3)
    assert started["sha"] == sha
    assert client.get(started["id"], job="/v1/projects/p/jobs/j")["message"] == "oh"
    steer("tokens", {"token": "another", "permissions": []})
    assert client("GET", JOB, token="another").status == 403
    steer("tokens", {"revoke": "another"})
    assert client("GET", JOB, token="another").status == 401
    settings = {"page_order": ["shuffled", 7], "quota": {"remaining": 3}, "default_script": {"kind": "never_ends"}}
    steer("settings", settings)
    assert fake.page_order == ("shuffled", 7)
    assert steer("faults", [{"kind": "status", "endpoint": "job", "status": 500, "times": None}]) == {"faults": 1}
    answer = client("GET", JOB)
    assert (answer.status, answer.headers["x-ratelimit-remaining"]) == (500, "3")
    steer("faults", [])
    assert client("GET", JOB).status == 200
    journal = steer("journal", None, method="GET")["journal"]
    assert [entry["endpoint"] for entry in journal] == ["start", "get", "job", "job", "job", "job"]
    assert (journal[0]["body"], journal[0]["build_id"], journal[4]["fault"]) == ("{}", started["id"], "status")
    steer("reset", None)
    assert fake.journal == []
    assert client("GET", "/v1/projects/p/jobs/j").status == 404


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("settings", {"page_order": "sideways"}, 400),
        ("settings", {"colour": "red"}, 400),
        ("settings", [], 400),
        ("faults", [{"kind": "magic"}], 400),
        ("faults", [{}], 400),
        ("builds", {"project_id": "none", "job_id": "none"}, 400),
        ("jobs", {"nonsense": 1}, 400),
        ("plan", b"{", 400),
        ("nothing", {}, 404),
    ],
)
def test_wrong_steering(fake, client, name, body, status):
    answer = client("POST", f"/_fake/{name}", body)
    assert answer.status == status
    assert answer.json["error"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_program(tmp_path, number):
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "fake_northflank", "--ready-file", str(ready), "--quota", "7"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        greeting = [process.stdout.readline() for _each in range(3)]
        told = json.loads(ready.read_text())
        assert told["pid"] == process.pid
        assert told["url"] in greeting[1]
        assert told["token"] in greeting[2]
        with urlopen(f"{told['url']}/_fake/journal") as answer:
            assert json.load(answer) == {"journal": []}
        process.send_signal(number)
        _out, errors = process.communicate(timeout=5)
    assert (process.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--help"], 0, "stand-in for api.northflank.com"),
        (["--tls-cert", "x"], 2, "go together"),
        (["--tls-cert", "none", "--tls-key", "none"], 1, "Cannot serve"),
        (["--port", "99999"], 1, "Cannot serve"),
    ],
)
def test_the_programs_words(capsys, arguments, code, text):
    from ansible_collections.community.northflank.tests.fake_northflank.__main__ import main

    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    for number, handler in zip((signal.SIGTERM, signal.SIGINT), before):
        signal.signal(number, handler)
    captured = capsys.readouterr()
    assert ended.value.code == code
    assert text in captured.out + captured.err


def test_the_document_has_no_keyword_that_the_checker_does_not_know():
    raw = json.loads(json.dumps(document().raw))
    raw["components"]["schemas"]["SecretFile"]["properties"]["data"]["format2"] = "x"
    with pytest.raises(ValueError, match="format2"):
        Document(raw)


def answers():
    """Every kind of answer, with the schema that the document has for it."""
    build = f"{JOB}/build"
    return [
        ("POST", build, "StartBuildResponse"),
        ("GET", build, "ListBuildsResponse"),
        ("GET", f"{build}/ID", "GetBuildResponse"),
        ("GET", f"{JOB}/build-logs", "LogsResponse"),
        ("GET", JOB, "GetJobResponse"),
        ("GET", f"{JOB}/branches", "ListBranchesResponse"),
        ("DELETE", f"{build}/ID", "EmptyResponse"),
        ("GET", f"{build}/none", "Error"),
    ]


@pytest.mark.parametrize(("method", "path", "schema"), answers())
def test_answers_are_what_the_document_says(fake, client, clock, method, path, schema):
    build_id = client.start()["id"]
    clock.advance(5)
    answer = client(method, path.replace("ID", build_id)).json
    assert list(document().check(answer, document().raw["components"]["schemas"][schema], "answer")) == []


def test_a_clock_with_nothing_but_the_time(connect):
    class Bare:
        now = 1000.0

        def time(self):
            return self.now

    clock = Bare()
    with FakeNorthflank(clock=clock) as fake:
        client = connect(fake)
        build_id = client.start()["id"]
        clock.now += 2
        assert client.get(build_id)["status"] == "SUCCESS"
        client.connection.close()


def test_simulated_time_costs_none(fake, client, clock):
    assert isinstance(clock, SimulatedClock)
    fake.plan("default-project", "example-job", fake_northflank.Script.success(86400))
    build_id = client.start()["id"]
    clock.sleep(86400)
    assert client.get(build_id)["concluded"] is True
