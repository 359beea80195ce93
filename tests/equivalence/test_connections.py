# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In-process, all items of a loop share one connection for each token."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t

import pytest
import yaml
from ansible_collections.community.northflank.tests.equivalence import runs
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank


class Relay:
    """Passes connections on to a server, and counts them."""

    def __init__(self, port: int) -> None:
        self.count = 0
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                self.count += 1
                server = socket.create_connection(self._target)
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def relayed() -> t.Iterator[tuple[FakeNorthflank, Relay]]:
    """The embedded API, and what stands in front of it."""
    with FakeNorthflank() as fake:
        fake.add_token(runs.SECRETS["two"])
        relay = Relay(int(fake.url.rpartition(":")[2]))
        yield fake, relay
        relay.close()


@pytest.mark.parametrize(("in_process", "connections"), [(True, 2), (False, 6)])
def test_connections_of_a_loop(in_process, connections, relayed, pythons, tmp_path):
    fake, relay = relayed
    place = runs.Place(tmp_path, *pythons)
    task = {
        "community.northflank.northflank_job_build_info": {
            "api_url": relay.url,
            "api_token": "{{ secret[item] }}",
            "project_id": "default-project",
            "job_id": "example-job",
        },
        "loop": ["token", "two"] * 3,
    }
    play = tmp_path / "loop.yml"
    play.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]), encoding="utf-8")
    (tmp_path / "vars.yml").write_text(yaml.safe_dump(runs.variables(place, fake)), encoding="utf-8")
    ran = runs.ansible_playbook(place, fake, in_process, "--extra-vars", "@../vars.yml", f"../{play.name}")
    assert ran.returncode == 0, ran.stdout
    assert len(fake.calls("list")) == 6
    assert relay.count == connections
