# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every request keeps to: the token, redirects, certificates, proxies, limits of time and size."""

from __future__ import annotations

import contextlib
import gzip
import json
import select
import socket
import subprocess
import threading
import time
import typing as t
from pathlib import Path

import pytest
import requests
from ansible_collections.community.northflank.plugins.module_utils import _wire
from ansible_collections.community.northflank.plugins.module_utils._wire import Wire, trusted_context
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(build, fake, clock, status):
    with FakeNorthflank(clock=clock) as other:
        fake.fault(Fault("redirect", "any", times=None, status=status, location=other.url + "/v1/x"))
        result = build(check_mode=True)
        assert other.journal == []
    assert result["error"]["kind"] == "invalid_response"
    assert other.url in result["msg"]
    assert "api_url" in result["msg"]
    assert len(fake.journal) == 1


def test_netrc_does_not_replace_the_token(build, fake, monkeypatch, tmp_path: Path):
    (tmp_path / "netrc").write_text("default login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert build()["changed"] is True
    assert fake.calls("start")[0].headers["authorization"] == f"Bearer {fake.token}"


def test_headers(build, fake):
    build()
    headers = fake.calls("start")[0].headers
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("ansible-community.northflank/")
    build(check_mode=True)
    assert "content-type" not in fake.calls("job")[0].headers


def test_a_trickling_answer_is_cut_off(build, fake):
    fake.fault(Fault("trickle", "job", gap=0.3, times=None))
    result = build(check_mode=True, timeout=1, retries=0)
    assert result["error"]["kind"] == "network"
    assert "within 1 seconds" in result["msg"]


def test_trickling_headers_are_cut_off(build, fake):
    fake.fault(Fault("trickle", "job", gap=0.3, headers=True, times=None))
    result = build(check_mode=True, timeout=1, retries=0)
    assert "within 1 seconds" in result["msg"]


def test_an_endless_answer_is_cut_off(build, fake):
    fake.fault(Fault("huge", "job", size=3_000_000))
    result = build(check_mode=True)
    assert result["error"]["kind"] == "invalid_response"
    assert "longer than 1048576 bytes" in result["msg"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("html", "job", status=200), "an HTML page"),
        (Fault("empty", "job"), "no body"),
        (Fault("no_content", "job"), "no body"),
        (Fault("json", "job", status=200, body="[" * 50_000), "not JSON"),
        (Fault("json", "job", status=200, body={"ok": True}), "a body without data"),
    ],
    ids=["HTML", "empty", "204", "deep", "no data"],
)
def test_an_answer_that_is_not_northflanks(build, fake, fault, words):
    fake.fault(fault)
    result = build(check_mode=True)
    assert result["error"]["kind"] == "invalid_response"
    assert words in result["msg"]


@pytest.mark.parametrize(("status", "calls"), [(500, 1), (502, 4), (503, 4), (504, 4)])
def test_reads_are_repeated_when_a_gateway_fails(build, fake, clock, status, calls):
    fake.fault(Fault("status", "job", times=None, status=status))
    result = build(check_mode=True)
    assert result["error"]["kind"] == "server_error"
    assert len(fake.calls("job")) == calls
    assert len(clock.sleeps) == calls - 1
    assert all(0.25 <= pause <= 8 for pause in clock.sleeps)


def test_reads_are_repeated_when_the_connection_breaks(build, fake):
    fake.fault(Fault("reset", "job"))
    fake.fault(Fault("cut", "job"))
    assert build(check_mode=True)["changed"] is True


def certificate(folder: Path) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that vouches for itself."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return str(cert), str(key)


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> tuple[str, str]:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def https(clock, tls) -> t.Iterator[FakeNorthflank]:
    with FakeNorthflank(clock=clock, tls=tls) as server:
        yield server


def test_an_unknown_certificate_is_refused_before_the_token_is_sent(build, https):
    result = build(api_url=https.url, retries=0)
    assert result["error"]["kind"] == "network"
    assert "CERTIFICATE_VERIFY_FAILED" in result["msg"]
    assert https.journal == []


def test_ca_path(build, https, tls):
    assert build(api_url=https.url, ca_path=tls[0])["changed"] is True


def test_ca_path_wins_over_the_environment(build, https, tls, monkeypatch, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate(other)[0])
    assert build(api_url=https.url, ca_path=tls[0])["changed"] is True


def test_the_environments_bundle_is_honored(build, https, tls, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", tls[0])
    assert build(api_url=https.url)["changed"] is True


def test_validate_certs_off_wins_over_the_environment(build, https, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate(tmp_path)[0])
    assert build(api_url=https.url, validate_certs=False)["changed"] is True


def test_a_context_for_all_workers_trusts_what_requests_trusts(build, fake, https, tls, monkeypatch):
    monkeypatch.setattr(requests.utils, "DEFAULT_CA_BUNDLE_PATH", tls[0])
    context = trusted_context()
    assert context is not None
    build.wire = Wire(fake.token, context)
    assert build(api_url=https.url)["changed"] is True
    build.wire.close()


def test_without_a_bundle_the_request_says_so(monkeypatch):
    monkeypatch.setattr(requests.utils, "DEFAULT_CA_BUNDLE_PATH", "/nonexistent/ca.pem")
    assert trusted_context() is None


class Proxy:
    """A forward proxy that notes the first line of each request and answers it itself."""

    def __init__(self, answer: bytes) -> None:
        self.lines: list[bytes] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                with connection:
                    self.lines.append(connection.recv(65536).split(b"\r\n")[0])
                    connection.sendall(self._answer)

    def close(self) -> None:
        # shutdown wakes the thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def refusing_proxy() -> t.Iterator[Proxy]:
    proxy = Proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    yield proxy
    proxy.close()


def test_a_proxy_that_lets_no_tunnel_through_has_sent_nothing(build, refusing_proxy, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", refusing_proxy.url)
    result = build(api_url="https://northflank.invalid", retries=1)
    assert result["error"]["kind"] == "network"
    assert "407" in result["msg"]
    assert [line.split()[0] for line in refusing_proxy.lines] == [b"CONNECT", b"CONNECT"]


def test_a_proxy_for_plain_http_is_honored(build, refusing_proxy, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", refusing_proxy.url)
    result = build(api_url="http://northflank.invalid", retries=0)
    assert refusing_proxy.lines[0].startswith(b"POST http://northflank.invalid/v1/")
    assert result["error"]["status"] == 407
    assert "A proxy asks for a user name and a password" in result["msg"]


def test_an_answer_that_is_compressed_unasked_is_refused(build, monkeypatch):
    body = gzip.compress(json.dumps({"data": {"id": "b-1"}}).encode())
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    proxy = Proxy(head.encode() + body)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    result = build(api_url="http://northflank.invalid", retries=0, check_mode=True)
    proxy.close()
    assert result["error"]["kind"] == "invalid_response"
    assert "came with Content-Encoding 'gzip'" in result["msg"]


@pytest.mark.parametrize("host", ["bücher.invalid", "xn--bcher-kva.invalid"])
def test_a_host_may_have_any_letters(build, refusing_proxy, monkeypatch, host):
    monkeypatch.setenv("HTTP_PROXY", refusing_proxy.url)
    build(api_url=f"http://{host}", retries=0)
    assert refusing_proxy.lines[0].startswith(b"POST http://xn--bcher-kva.invalid/v1/")


@pytest.mark.parametrize(
    ("prefix", "sent"),
    [("/a", b"/a/v1/"), ("/a/../b/", b"/b/v1/"), ("/a%7Eb/v1", b"/a~b/v1/"), ("/ä", b"/%C3%A4/v1/"), ("/a//b", b"/a//b/v1/")],
)
def test_the_path_of_an_address_is_the_same_with_and_without_a_proxy(build, monkeypatch, prefix, sent):
    server = Proxy(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    build(api_url=server.url + prefix, retries=0)
    monkeypatch.setenv("HTTP_PROXY", server.url)
    build(api_url="http://northflank.invalid" + prefix, retries=0)
    server.close()
    direct, proxied = (line.split()[1] for line in server.lines)
    assert direct.startswith(sent)
    assert proxied == b"http://northflank.invalid" + direct


@pytest.mark.parametrize("api_url", ["https://*.example", "https://[v1.a]", "https://[::1"])
def test_an_address_without_sense_is_refused(build, fake, api_url):
    assert build(api_url=api_url)["error"]["kind"] == "invalid_arguments"


def test_an_address_may_have_a_zone(build):
    result = build(api_url="http://[::1%lo]:9", retries=0)
    assert result["error"]["kind"] == "network"
    assert "not valid" not in result["msg"]


@pytest.mark.parametrize("proxy", ["http://user:pass-word@", "http://user:pass-word@:3128"])
def test_a_proxy_without_a_host_is_told(build, monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    result = build(api_url="http://northflank.invalid", retries=0)
    assert result["error"]["kind"] == "network"
    assert "https_proxy" in result["msg"]
    assert "pass-word" not in str(result)


def test_an_answer_that_ends_with_the_connection_is_not_whole_when_it_was_cut_off(build):
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _address = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b'HTTP/1.0 200 OK\r\n\r\n{"data": {"id": "b-1"}}')
            connection.recv(65536)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    result = build(api_url=f"http://127.0.0.1:{listener.getsockname()[1]}", check_mode=True, timeout=1, retries=0)
    thread.join(10)
    listener.close()
    assert result["error"]["kind"] == "network"
    assert "no complete answer came within 1 seconds" in result["msg"]


def test_no_proxy_is_honored(build, fake, refusing_proxy, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", refusing_proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert build()["changed"] is True
    assert refusing_proxy.lines == []


def test_each_host_has_its_own_proxies(build, fake, refusing_proxy, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", refusing_proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    build.wire = Wire(fake.token)
    for _twice in range(2):
        assert build()["changed"] is True
        assert build(api_url="http://northflank.invalid", retries=0)["error"]["status"] == 407
    assert len(refusing_proxy.lines) == 2
    build.wire.close()


def test_a_handshake_that_takes_too_long_is_cut_off(build):
    """A server that sends a byte now and then, and never what TLS waits for."""
    listener = socket.create_server(("127.0.0.1", 0))

    def dawdle() -> None:
        with contextlib.suppress(OSError):
            connection, _address = listener.accept()
            with connection:
                # The head of a TLS record of 16 kB, then its body by the byte.
                connection.sendall(b"\x16\x03\x03\x40\x00")
                while select.select([connection], [], [], 0.2)[0] or connection.send(b"\x02"):
                    if select.select([connection], [], [], 0)[0] and not connection.recv(65536):
                        return

    thread = threading.Thread(target=dawdle, daemon=True)
    thread.start()
    began = time.monotonic()
    result = build(api_url=f"https://127.0.0.1:{listener.getsockname()[1]}", timeout=1, retries=0)
    assert result["error"]["kind"] == "network"
    assert "no complete answer came within 1 seconds" in result["msg"]
    assert time.monotonic() - began < 10
    listener.close()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("api_url", ["user:pass-word@host", "https://user:pass-word@host", "ftp://user:pass-word@host"])
def test_an_address_with_a_password_is_refused_without_it(build, api_url):
    result = build(api_url=api_url)
    assert result["error"]["kind"] == "invalid_arguments"
    assert "pass-word" not in str(result)


def test_a_host_without_a_free_thread_sends_nothing(build, fake, monkeypatch):
    def refuse(*args: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(_wire._thread, "start_new_thread", refuse)
    result = build(retries=2)
    assert result["error"]["kind"] == "network"
    assert "can't start new thread" in result["msg"]
    assert fake.journal == []


def test_a_late_watchdog_does_not_cut_the_next_request(fake):
    wire = Wire(fake.token)
    number = wire.begin()
    wire.begin()
    wire.cut(number)
    assert not wire.was_cut
