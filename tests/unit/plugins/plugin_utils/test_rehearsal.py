# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rehearsal does all that a start does, sends nothing, and leaves nothing behind."""

from __future__ import annotations

import importlib
import os
import socket
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.community.northflank.plugins.action import northflank_job_build
from ansible_collections.community.northflank.plugins.module_utils import _wire
from ansible_collections.community.northflank.plugins.module_utils._job_build import OPERATION
from ansible_collections.community.northflank.plugins.plugin_utils import _rehearsal
from ansible_collections.community.northflank.plugins.plugin_utils._rehearsal import rehearse_start


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"the rehearsal asks the network: {args}")

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(time, "sleep", refuse)


def test_it_starts_a_build_as_a_task_does():
    result = rehearse_start(OPERATION)
    assert result["changed"] is True
    assert result["build"]["id"] == "rehearsal"
    assert result["rate_limit"] == {"limit": 1000, "remaining": 999, "reset": 3600}


def test_nothing_of_it_is_left(monkeypatch):
    def refuse(*args: object) -> None:
        raise AssertionError("a process with a thread must not fork")

    descriptors = os.listdir("/proc/self/fd") if Path("/proc/self/fd").exists() else []
    monkeypatch.setattr(_wire._thread, "start_new_thread", refuse)
    before = threading.active_count()
    assert rehearse_start(OPERATION)["changed"] is True
    assert threading.active_count() == before
    if descriptors:
        assert os.listdir("/proc/self/fd") == descriptors


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://user:pass@proxy.example.com:3128"])
def test_a_proxy_hears_nothing_of_it(monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    assert rehearse_start(OPERATION)["changed"] is True


@pytest.mark.parametrize("proxy", ["http://[", "socks9://nothing", "nonsense://"])
def test_it_may_fail(monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    assert rehearse_start(OPERATION)["failed"] is True


@pytest.mark.parametrize("answer", ["HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "nonsense\r\n\r\n"])
def test_it_ends_whatever_it_is_answered(monkeypatch, answer):
    monkeypatch.setattr(_rehearsal, "ANSWER", answer)
    assert rehearse_start(OPERATION)["failed"] is True


def test_it_may_die(monkeypatch):
    def die(*args: object) -> None:
        raise MemoryError

    monkeypatch.setattr(_rehearsal, "perform", die)
    assert rehearse_start(OPERATION)["failed"] is True


def test_the_action_plugin_rehearses_while_it_is_imported(monkeypatch):
    heard: list[object] = []
    monkeypatch.setattr(_rehearsal, "rehearse_start", heard.append)
    importlib.reload(northflank_job_build)
    assert heard == [OPERATION]
