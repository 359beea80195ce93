# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP/1.1 over sockets: reads requests, asks a handler, delivers its replies. It knows no API.

Not `http.server`, because faults need the socket itself (a reset, half a body), a journal needs the target
exactly as it was sent, and a benchmark needs the speed. One thread for each connection; each answer leaves
in one piece.
"""

from __future__ import annotations

import contextlib
import json
import selectors
import socket
import ssl
import struct
import threading
from http.client import responses
from typing import Any, Callable, NamedTuple

HOST = "127.0.0.1"
MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024 * 1024
# Linger for zero seconds: closing then drops what is unsent and sends a reset in place of a FIN.
NO_LINGER = struct.pack("ii", 1, 0)


class HangUp(Exception):
    """The connection is to end here."""


class Malformed(Exception):
    """What came is no request that this server reads."""


class Request(NamedTuple):
    """One request, as it was on the wire. Header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    keep_alive: bool


class Reply:
    """An answer, before it is put on the wire. `deliver` takes the place of sending it whole."""

    def __init__(
        self,
        status: int,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        deliver: Callable[[Connection, bytes, bytes], None] | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.headers = headers or {}
        self.deliver = deliver

    @classmethod
    def of_json(cls, status: int, value: Any, headers: dict[str, str] | None = None) -> Reply:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cls(status, text.encode(), {"Content-Type": "application/json; charset=utf-8", **(headers or {})})

    def head(self, keep_alive: bool) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {responses.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.status != 204 and not self.headers.keys() & {"Content-Length", "Transfer-Encoding"}:
            lines.append(f"Content-Length: {len(self.body)}")
        lines.append("Connection: keep-alive" if keep_alive else "Connection: close")
        return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"


Handler = Callable[[Request], Reply]


class Connection:
    """One connection of a client, and what can be done to it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._unread = bytearray()

    def read(self) -> Request | None:
        """The next request; None once the client has gone."""
        end = self._fill(lambda: self._unread.find(b"\r\n\r\n"), MAX_HEAD)
        if end is None:
            return None
        method, target, version, headers = _parse_head(self._take(end + 4)[:-4])
        if "transfer-encoding" in headers:
            raise Malformed("a body needs a Content-Length here")
        length = _content_length(headers)
        if self._fill(lambda: 0 if len(self._unread) >= length else -1, MAX_BODY + 1) is None:
            return None
        keep_alive = version != "HTTP/1.0" and "close" not in headers.get("connection", "").lower()
        return Request(method, target, headers, self._take(length), keep_alive)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        raise HangUp

    def gone_within(self, seconds: float | None) -> bool:
        """Wait for so many seconds (None: for ever); whether the client, or the server's end, came before."""
        self.sock.settimeout(seconds)
        try:
            data = self.sock.recv(65536)
        except (socket.timeout, BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            self.sock.settimeout(None)
        self._unread += data
        return not data

    def _fill(self, found: Callable[[], int], limit: int) -> int | None:
        """Read until `found()` says where (not -1); None when the client goes first."""
        while True:
            place = found()
            if place >= 0:
                return place
            if len(self._unread) > limit:
                raise Malformed("too large")
            data = self.sock.recv(65536)
            if not data:
                return None
            self._unread += data

    def _take(self, count: int) -> bytes:
        data = bytes(self._unread[:count])
        del self._unread[:count]
        return data


class Server:
    """Listens on 127.0.0.1 and gives every request to `handler`. `tls` is a pair (certfile, keyfile)."""

    def __init__(self, handler: Handler, tls: tuple[str, str] | None = None) -> None:
        self.port = 0
        self._handler = handler
        self._context = _tls_context(tls) if tls else None
        self._lock = threading.Lock()
        self._open: dict[Connection, threading.Thread] = {}
        self._listener: _Listener | None = None

    def listen(self, port: int) -> None:
        self._listener = _Listener(port, self._accepted)
        self.port = self._listener.port

    def go_down(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        with self._lock:
            for connection in self._open:
                _shut(connection.sock)

    def stop(self) -> None:
        """Go down, and wait for every thread to end."""
        self.go_down()
        with self._lock:
            threads = list(self._open.values())
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    def _accepted(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is not None:
            # The handshake is left to the connection's own thread: a slow client must hold up nobody else.
            sock = self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        connection = Connection(sock)
        thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        with self._lock:
            self._open[connection] = thread
        thread.start()

    def _serve(self, connection: Connection) -> None:
        try:
            with connection.sock, contextlib.suppress(HangUp, OSError):
                if isinstance(connection.sock, ssl.SSLSocket):
                    connection.sock.do_handshake()
                while self._serve_one(connection):
                    pass
        finally:
            with self._lock:
                del self._open[connection]

    def _serve_one(self, connection: Connection) -> bool:
        """Read one request and answer it; whether another one may follow."""
        try:
            request = connection.read()
        except Malformed as error:
            reply = Reply.of_json(400, {"error": {"status": 400, "message": f"Bad request: {error}"}})
            connection.send(reply.head(keep_alive=False) + reply.body)
            return False
        if request is None:
            return False
        reply = self._handler(request)
        head = reply.head(request.keep_alive)
        body = b"" if request.method == "HEAD" else reply.body
        if reply.deliver is None:
            connection.send(head + body)
        else:
            reply.deliver(connection, head, body)
        return request.keep_alive


class _Listener:
    """A listening socket and the thread that accepts from it."""

    def __init__(self, port: int, accepted: Callable[[socket.socket], None]) -> None:
        self._accepted = accepted
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._sock.bind((HOST, port))
        self._sock.listen(512)
        self._sock.setblocking(False)
        self.port: int = self._sock.getsockname()[1]
        # Closing a socket does not wake a thread that waits for it, so there is a second one to wake it by.
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Accept no more; the port is free on return."""
        self._wake.close()
        self._thread.join()

    def _run(self) -> None:
        with self._sock, self._woken, selectors.DefaultSelector() as selector:
            selector.register(self._sock, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while self._woken not in {key.fileobj for key, _events in selector.select()}:
                with contextlib.suppress(OSError):
                    sock, _address = self._sock.accept()
                    sock.setblocking(True)
                    self._accepted(sock)


def _tls_context(tls: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)
    return context


def _shut(sock: socket.socket) -> None:
    """Wake the thread that reads from a socket, and let the client see its end."""
    with contextlib.suppress(OSError):
        # Not sock.shutdown(): that of a TLS socket would let its thread go on in plain text.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _parse_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise Malformed("not a request line")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise Malformed("not a header")
        key = name.lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    return parts[0], parts[1], parts[2], headers


def _content_length(headers: dict[str, str]) -> int:
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()) or int(text) > MAX_BODY:
        raise Malformed("not a usable Content-Length")
    return int(text)
