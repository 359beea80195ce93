# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A TCP server that does what a test's script says: for what no HTTP server does."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import subprocess
import threading
import time
import typing as t
from pathlib import Path


class Peer:
    """One connection of a client."""

    def __init__(self, sock: socket.socket, server: RawServer) -> None:
        self.sock = sock
        self.server = server
        self._unread = b""

    def read(self) -> bytes | None:
        """Read the next request, and note it; None once the client has gone."""
        while b"\r\n\r\n" not in self._unread:
            if not self._receive():
                return None
        head, _end, rest = self._unread.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        missing = int(length[1]) if length else 0
        while len(rest) < missing:
            if not self._receive():
                return None
            rest = self._unread.partition(b"\r\n\r\n")[2]
        request, self._unread = head + b"\r\n\r\n" + rest[:missing], rest[missing:]
        self.server.requests.append(request)
        return request

    def _receive(self) -> bool:
        data = self.sock.recv(65536)
        self._unread += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def trickle(self, data: bytes, gap: float) -> None:
        """Send it byte by byte, and then nothing, until the client goes."""
        for byte in data:
            self.send(bytes([byte]))
            time.sleep(gap)
        self.wait_until_gone()

    def wait_until_gone(self) -> None:
        """Return when the client ends the connection. What it sends meanwhile is noted."""
        while self._receive():
            self.server.unread.append(self._unread)


Script = t.Callable[[Peer], None]


class RawServer:
    """Runs a script for each connection, in a thread of its own.

    Attributes:
        requests: What `Peer.read` has read.
        unread: What clients sent that no script was waiting for.
        accepted, ended: How many connections came, and how many of them have ended.
    """

    def __init__(self, script: Script, tls: tuple[str, str] | None = None) -> None:
        self.requests: list[bytes] = []
        self.unread: list[bytes] = []
        self.accepted = self.ended = 0
        self._script = script
        self._tls = tls
        self._changed = threading.Condition()
        self._socks: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock = self._listener.accept()[0]
                self._socks.append(sock)
                self._count(accepted=1)
                threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError), self._secured(sock) as secured:
                self._script(Peer(secured, self))
        finally:
            sock.close()
            self._count(ended=1)

    def _secured(self, sock: socket.socket) -> socket.socket:
        if self._tls is None:
            return sock
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._tls)
        return context.wrap_socket(sock, server_side=True)

    def _count(self, accepted: int = 0, ended: int = 0) -> None:
        with self._changed:
            self.accepted += accepted
            self.ended += ended
            self._changed.notify_all()

    def all_ended(self, accepted: int = 1, within: float = 5.0) -> bool:
        """Wait until so many connections have come, and all have ended; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: accepted <= self.accepted == self.ended, within)

    def open_within(self, most: int, within: float = 5.0) -> bool:
        """Wait until no more than so many connections are open; whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self.accepted - self.ended <= most, within)

    def close(self) -> None:
        for sock in (self._listener, *self._socks):
            # This wakes the thread that waits for it.
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


def http(status: int = 200, body: bytes = b'{"data": {}}', *headers: str) -> bytes:
    """Return a response, which has a Content-Length unless a header says otherwise."""
    if not any(re.match("(?i)content-length|transfer-encoding", header) for header in headers):
        headers = (*headers, f"Content-Length: {len(body)}")
    return "\r\n".join([f"HTTP/1.1 {status} Said so", *headers, "", ""]).encode("latin-1") + body


def respond(*responses: bytes) -> Script:
    """Respond to each request with the next of these, to all others with the last; connections stay open."""

    def script(peer: Peer) -> None:
        while peer.read() is not None:
            peer.send(responses[min(len(peer.server.requests), len(responses)) - 1])

    return script


def tunnel(peer: Peer) -> None:
    """Be a proxy that connects clients to 127.0.0.1, whatever host they ask for."""
    request = peer.read()
    port = int(re.match(rb"CONNECT \S+?:(\d+) ", request or b"")[1])  # type: ignore[index]
    with socket.create_connection(("127.0.0.1", port)) as target:
        peer.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        back = threading.Thread(target=_copy, args=(target, peer.sock), daemon=True)
        back.start()
        _copy(peer.sock, target)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def certificate(folder: Path, host: str = "127.0.0.1") -> tuple[str, str]:
    """Make a certificate that vouches for itself; return the paths of it and of its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    kind = "IP" if host[0].isdigit() else "DNS"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-addext", f"subjectAltName={kind}:{host}", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    return str(cert), str(key)
