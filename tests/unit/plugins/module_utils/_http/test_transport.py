# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request against servers that do what no good server does: deadlines, what was sent, certificates, proxies, sizes."""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import re
import signal
import socket
import threading
import time
import tracemalloc
import typing as t
from pathlib import Path

import pytest
import requests
import urllib3
from ansible_collections.community.northflank.plugins.module_utils._http import transport as _transport
from ansible_collections.community.northflank.plugins.module_utils._http.messages import Request, Response
from ansible_collections.community.northflank.plugins.module_utils._http.transport import (
    MIN_REQUESTS,
    MIN_URLLIB3,
    RefusedResponse,
    Transport,
    TransportError,
    load_ca_context,
)
from ansible_collections.community.northflank.tests.raw_server import Peer, Script, certificate, http, respond, tunnel

ROOT = Path(__file__).parents[5]
MEGABYTE = 1024 * 1024
TOKEN = "nf-a-long-token"
DEADLINE = 0.3


@pytest.fixture
def transport() -> t.Iterator[Transport]:
    subject = Transport(TOKEN)
    yield subject
    subject.close()


def send(transport: Transport, url: str, method: str = "GET", *, verify: t.Any = None, seconds: float = 5.0, **options: t.Any) -> Response:
    request = Request(method, "", "look at x", "Project > X > Read", "Check x.", **options)
    return (transport if verify is None else Transport(TOKEN, verify)).send(url, request, seconds)


def failure(transport: Transport, url: str, method: str = "POST", **options: t.Any) -> TransportError:
    with pytest.raises(TransportError) as caught:
        send(transport, url, method, **options)
    return caught.value


def once(response: bytes) -> Script:
    """Answer one request and end the connection."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(response)

    return script


@contextlib.contextmanager
def memory_below(limit: int) -> t.Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def test_a_request_has_the_token_and_asks_for_plain_json(transport, serve):
    server = serve(respond(http()))
    send(transport, server.url + "/a%2Fb", "POST", params={"n": 1}, body={"a": "ü"})
    head, _end, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    assert lines[0] == "POST /a%2Fb?n=1 HTTP/1.1"
    assert headers["authorization"] == f"bearer {TOKEN}"
    assert (headers["accept"], headers["accept-encoding"], headers["content-type"]) == ("application/json", "identity", "application/json")
    assert headers["user-agent"].startswith("ansible-community.northflank/")
    assert body == b'{"a": "\\u00fc"}'


def test_one_connection_serves_all_requests(transport, serve):
    server = serve(respond(http()))
    for _each in range(3):
        send(transport, server.url)
    assert (server.accepted, len(server.requests)) == (1, 3)
    assert b"content-type" not in server.requests[0].lower()


def test_netrc_does_not_replace_the_token_and_cookies_are_not_sent_back(transport, serve, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("default login me password mine\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    server = serve(respond(http(200, b"", "Set-Cookie: session=1; Path=/", "Set-Cookie: other=2")))
    for _each in range(2):
        send(transport, server.url)
    assert f"Authorization: Bearer {TOKEN}".encode() in server.requests[0]
    assert b"cookie" not in server.requests[1].lower()


@pytest.mark.parametrize("encoding", [" Identity", ""])
def test_a_response_of_any_status_is_given_back_as_it_came(transport, serve, encoding):
    response = send(transport, serve(respond(http(500, b"\xff", "X-A: b", f"Content-Encoding: {encoding}"))).url)
    assert (response.status, response.body, response.headers["x-a"]) == (500, b"\xff", "b")


@pytest.mark.parametrize("status", [302, 307])
def test_no_redirect_is_followed(transport, serve, status):
    other = serve(respond(http()))
    response = send(transport, serve(respond(http(status, b"", f"Location: {other.url}/v1"))).url)
    assert (response.status, response.headers["Location"]) == (status, f"{other.url}/v1")
    assert other.accepted == 0


def test_the_compressed_body_of_a_redirect_is_neither_read_nor_decompressed(transport, serve):
    bomb = gzip.compress(b"\0" * 20 * MEGABYTE)
    poured = []

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(http(302, b"", "Location: /elsewhere", "Content-Encoding: gzip", "Content-Length: 1000000000000") + bomb)
        while True:
            peer.send(b"\0" * MEGABYTE)
            poured.append(1)

    server = serve(script)
    with memory_below(5 * MEGABYTE), pytest.raises(RefusedResponse, match="Content-Encoding 'gzip'") as caught:
        send(transport, server.url)
    assert caught.value.status == 302
    assert server.all_ended()
    assert len(poured) < 50


@pytest.mark.parametrize("encoding", ["gzip", "identity, br", "x-unknown", "GZIP "])
def test_a_compressed_response_is_refused(transport, serve, encoding):
    with pytest.raises(RefusedResponse, match=r"has Content-Encoding .*, which was not asked for"):
        send(transport, serve(respond(http(200, gzip.compress(b"{}"), f"Content-Encoding: {encoding}"))).url)


@pytest.mark.parametrize(("size", "refused"), [(1000, False), (1001, True)])
@pytest.mark.parametrize("framing", ["length", "chunks", "end of connection"])
def test_a_response_may_have_so_many_bytes_and_no_more(transport, serve, framing, size, refused):
    body = b"x" * size
    responses = {
        "length": http(200, body),
        "chunks": http(200, b"%x\r\n%s\r\n0\r\n\r\n" % (size, body), "Transfer-Encoding: chunked"),
        "end of connection": b"HTTP/1.0 200 OK\r\n\r\n" + body,
    }
    server = serve(once(responses[framing]))
    if refused:
        with pytest.raises(RefusedResponse, match="is longer than 1000 bytes"):
            send(transport, server.url, max_bytes=1000)
    else:
        assert send(transport, server.url, max_bytes=1000).body == body


@pytest.mark.parametrize(
    "start",
    [
        http(200, b"", "Transfer-Encoding: chunked"),
        http(200, b"0\r\nTrailer: ", "Transfer-Encoding: chunked"),
        b"HTTP/1.1 200 OK\r\nX: ",
        b"",
    ],
    ids=["chunk size", "trailer", "header", "status line"],
)
def test_a_line_without_an_end_does_not_fill_the_memory(transport, serve, start):
    def script(peer: Peer) -> None:
        peer.read()
        peer.send(start)
        while True:
            peer.send(b"1" * MEGABYTE)

    server = serve(script)
    with memory_below(8 * MEGABYTE):  # The server's own buffer is a megabyte.
        assert failure(transport, server.url, seconds=1.0).sent
    assert server.all_ended()


@pytest.mark.parametrize(
    "response",
    [
        *(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}"),
        *(b"HTTP/1.1 103 Early Hints\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n", b"HTTP/1.1 2", b"\x00 no HTTP\r\n\r\n", b""),
    ],
    ids=["cut off", "no chunk", "103", "101", "half a line", "no HTTP", "nothing"],
)
def test_a_broken_response_counts_as_none_after_the_request_was_sent(transport, serve, response):
    error = failure(transport, serve(once(response)).url)
    assert (error.sent, error.timed_out) == (True, False)


def is_timely(began: float) -> bool:
    return DEADLINE - 0.05 < time.monotonic() - began < DEADLINE + 1.0


def slow(start: bytes = b"", drip: bytes = b"") -> Script:
    """Begin a response, go on byte by byte, and then stay silent."""

    def script(peer: Peer) -> None:
        peer.read()
        peer.send(start)
        peer.trickle(drip, gap=0.02)

    return script


SLOW = {
    "silence": slow(),
    "no end": slow(b'HTTP/1.0 200 OK\r\n\r\n{"data": {"id": "looks whole"}}'),
    "headers": slow(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 1000),
    "body": slow(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x" * 1000),
    "last body": slow(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n", b"x" * 1000),
    "chunks": slow(http(200, b"", "Transfer-Encoding: chunked"), b"1\r\nx\r\n" * 200),
}


@pytest.mark.parametrize("script", SLOW.values(), ids=SLOW)
def test_a_deadline_holds_for_a_slow_response(transport, serve, script):
    server = serve(script)
    began = time.monotonic()
    error = failure(transport, server.url, seconds=DEADLINE)
    assert is_timely(began)
    assert (error.sent, error.timed_out) == (True, True)
    assert server.all_ended(within=1.0)


def test_a_deadline_holds_for_a_handshake_that_trickles(transport, serve):
    # The head of a TLS record of 16 kB, then its body.
    server = serve(lambda peer: peer.trickle(b"\x16\x03\x03\x40\x00" + b"\x02" * 1000, gap=0.02))
    began = time.monotonic()
    error = failure(transport, server.url.replace("http:", "https:"), seconds=DEADLINE)
    assert is_timely(began)
    assert (error.sent, error.timed_out) == (False, True)
    assert server.all_ended(within=1.0)


@pytest.mark.parametrize("late", ["name of the host", "handshake"])
def test_nothing_is_sent_once_the_connection_has_taken_too_long(transport, serve, tls, monkeypatch, late):
    go_on, look_up = threading.Event(), socket.getaddrinfo

    class Late:
        """A certificate that comes late: the handshake begins when it is loaded."""

        def __iter__(self) -> t.Iterator[str]:
            go_on.wait(5)
            return iter(tls)

    if late == "handshake":
        server = serve(slow(), tls=t.cast(t.Any, Late()))
    else:
        server = serve(slow())
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: go_on.wait(5) and look_up(*args, **options))
    began = time.monotonic()
    error = failure(transport, server.url, seconds=DEADLINE, verify=tls[0], body={"a": 1})
    assert is_timely(began)
    assert (error.sent, error.timed_out) == (False, True)
    go_on.set()
    assert server.all_ended()
    assert (server.requests, server.unread) == ([], [])


def test_a_transport_is_as_good_as_new_after_a_deadline(transport, serve):
    server = serve(lambda peer: (once(http(200, b"second")) if peer.server.requests else slow())(peer))
    assert failure(transport, server.url, seconds=DEADLINE).timed_out
    assert send(transport, server.url).body == b"second"


def test_an_interrupted_task_leaves_no_connection_behind(transport, serve):
    """Ansible's own `timeout` of a task is an exception out of a signal."""

    class Interrupted(Exception):
        pass

    def interrupt(*_args: object) -> None:
        raise Interrupted

    server = serve(slow())
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, DEADLINE)
        with pytest.raises(Interrupted):
            send(transport, server.url, seconds=30.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert server.all_ended(within=1.0)


def test_a_request_has_been_sent_when_the_server_ends_a_kept_connection_without_a_response(transport, serve):
    def script(peer: Peer) -> None:
        peer.read()
        peer.send(http())
        peer.read()

    server = serve(script)
    send(transport, server.url)
    error = failure(transport, server.url)
    assert (error.sent, error.timed_out) == (True, False)
    assert len(server.requests) == 2


def test_a_connection_that_the_server_ended_while_idle_is_replaced(transport, serve):
    server = serve(once(http()))
    send(transport, server.url)
    assert server.all_ended()
    assert send(transport, server.url, "POST").status == 200
    assert len(server.requests) == 2
    assert server.all_ended()
    server.close()
    assert not failure(transport, server.url).sent


def test_a_host_without_a_free_thread_has_sent_nothing(transport, serve, monkeypatch):
    server = serve(respond(http()))

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        error = failure(transport, server.url)
    assert not error.sent
    assert "can't start new thread" in str(error)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_ca_bundle_or_no_check_wins_over_the_environment(transport, serve, tls, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate(tmp_path)[0])
    for verify in (tls[0], False):
        assert send(transport, serve(respond(http()), tls=tls).url, verify=verify).status == 200


# With a context of its own as in a module, and with a loaded one as in a worker.
@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", None])
def test_https_trusts_the_usual_bundle_alone_and_a_tunnel_sees_no_token(serve, tls, monkeypatch, tmp_path, name, loaded):
    if name:
        monkeypatch.setenv(name, tls[0])
    else:
        monkeypatch.setattr(requests.utils, "DEFAULT_CA_BUNDLE_PATH", tls[0])
    proxy, server, stranger = (
        serve(tunnel),
        serve(respond(http(200, b"inside")), tls=tls),
        serve(respond(http()), tls=certificate(tmp_path)),
    )
    transport = Transport(TOKEN, True if loaded or name else tls[0], load_ca_context() if loaded else None)
    assert send(transport, server.url).status == 200
    assert "CERTIFICATE_VERIFY_FAILED" in str(failure(transport, stranger.url))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    assert send(transport, server.url, "POST").body == b"inside"
    assert [request.split()[0] for request in proxy.requests] == [b"CONNECT"]
    assert TOKEN.encode() not in b"".join(proxy.requests)
    assert TOKEN.encode() in server.requests[-1]
    assert stranger.requests == []
    transport.close()
    monkeypatch.setattr(requests.utils, "DEFAULT_CA_BUNDLE_PATH", "/nonexistent/ca.pem")
    assert name or load_ca_context() is None


@pytest.mark.parametrize(
    ("proxy", "server", "sent", "timed_out"),
    [
        *((respond(http(407)), once(b""), False, False), (slow(), once(b""), False, True)),
        *((tunnel, once(b""), True, False), (tunnel, SLOW["headers"], True, True)),
    ],
    ids=["no tunnel", "no tunnel in time", "no response", "no response in time"],
)
def test_only_what_fails_inside_a_tunnel_may_have_been_sent(transport, serve, tls, monkeypatch, proxy, server, sent, timed_out):
    between, there = serve(proxy), serve(server, tls=tls)
    monkeypatch.setenv("HTTPS_PROXY", between.url)
    error = failure(transport, there.url, seconds=2 * DEADLINE, verify=tls[0])
    assert (error.sent, error.timed_out) == (sent, timed_out)
    assert len(there.requests) == sent
    assert TOKEN.encode() not in b"".join(between.requests)
    assert not timed_out or between.all_ended(within=1.0)


def test_each_host_has_its_own_proxy(transport, serve, monkeypatch):
    proxy, server = serve(respond(http(407))), serve(respond(http()))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for _each in range(2):
        assert send(transport, server.url).status == 200
        assert send(transport, "http://api.invalid").status == 407
    assert (len(proxy.requests), len(server.requests)) == (2, 2)
    assert proxy.requests[0].startswith(b"GET http://api.invalid/ HTTP/1.1\r\n")


@pytest.mark.parametrize("file", ["meta/ee-requirements.txt", "tests/oldest.txt", "README.md", "plugins/doc_fragments/_northflank.py"])
def test_the_oldest_libraries_are_the_same_wherever_they_are_named(file):
    text = (ROOT / file).read_text(encoding="utf-8")
    named = re.findall(r"\b(requests|urllib3)(?:\]\S*)? ?(?:>=|==) ?([\d.]+\d)", text)
    assert sorted(named) == [("requests", MIN_REQUESTS), ("urllib3", MIN_URLLIB3)]


@pytest.mark.parametrize(
    ("found", "good"),
    [
        *((("2.24.9", "1.26.0"), False), (("2.25.0", "1.25.11"), False), (("1.99", "2.5.0"), False)),
        *((("2.25.0", "1.26.0"), True), (("3.0.dev1", "2.5.0+local.1"), True), (("2.100", "10.0"), True)),
    ],
)
def test_older_libraries_are_refused(monkeypatch, found, good):
    monkeypatch.setattr(requests, "__version__", found[0])
    monkeypatch.setattr(urllib3, "__version__", found[1])
    # A second copy, so that the one of the other tests stays as it is.
    spec = importlib.util.spec_from_file_location(_transport.__name__ + "_again", str(_transport.__file__))
    again = importlib.util.module_from_spec(spec)
    with contextlib.suppress(AttributeError):
        spec.loader.exec_module(again)
    assert (again.REQUESTS_IMPORT_ERROR is None) is good
    assert good or "is too old (found, needed)" in again.REQUESTS_IMPORT_ERROR
