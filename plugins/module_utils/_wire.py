# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Below C(requests): whether a request left this host, a way to cut it off, and the token."""

from __future__ import annotations

import _thread
import contextlib
import functools
import os
import re
import socket
import ssl
import traceback
import typing as t
from urllib.parse import urlencode, urlsplit

from ._secrets import MASK, MEANINGFUL

OLDEST_REQUESTS, OLDEST_URLLIB3 = "2.25.0", "1.26.0"
"""What the collection is tested with at least. A test compares this with what the documentation and requirements.txt say."""


def demand_versions(found_requests: str, found_urllib3: str) -> None:
    """Compare versions by their first two numbers, which all versions have.

    :raises ImportError: a library is older than the collection can work with.
    """
    for found, oldest in ((found_requests, OLDEST_REQUESTS), (found_urllib3, OLDEST_URLLIB3)):
        have, need = ([int(number) for number in re.findall(r"\d+", version)[:2]] for version in (found, oldest))
        if have < need:
            raise ImportError(f"requests {found_requests} with urllib3 {found_urllib3} is too old")


REQUESTS_IMPORT_ERROR: str | None
try:
    import requests
    import requests.adapters
    import requests.structures
    import requests.utils
    import urllib3

    demand_versions(requests.__version__, urllib3.__version__)  # type: ignore[attr-defined]
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

USER_AGENT = "ansible-community.northflank/1.0.0"


class Wire:
    """The connections for one token, by an adapter of C(requests).

    C(requests) reports a refused connection and a lost answer as the same exception. The first may be
    repeated, the second may have started a build. Its sessions are not used: they follow redirects, which turns
    a POST into a GET, put what they find in C(.netrc) in the token's place, and take as much time again.

    :ivar unsent: whether nothing of the latest request has left this host for sure.
    :ivar socket: that of the latest connection.
    :ivar started: the builds that were started over this wire, as pairs of job and id.
    :arg token: sent with each request.
    :arg trusted: a TLS context with the usual authorities loaded already, which takes some 20 ms; without one
        C(requests) loads them.
    """

    def __init__(self, token: str, trusted: ssl.SSLContext | None = None) -> None:
        self.unsent = True
        self.was_cut = False
        self.started: set[tuple[t.Hashable, str]] = set()
        self._number = 0
        self._token = token
        self._adapter = _Adapter(self, trusted)
        self._known_proxies: dict[str, dict[str, str]] = {}
        self.socket: socket.socket | None = None

    def redact(self, text: str) -> str:
        """A text without the token. A token too short to be one stays: it may be part of any ID."""
        return text.replace(self._token, MASK) if len(self._token) >= MEANINGFUL else text

    def begin(self) -> int:
        """Another request is about to be made; returns its number."""
        self.unsent, self.was_cut = True, False
        self._number += 1
        return self._number

    @contextlib.contextmanager
    def limited(self, seconds: float) -> t.Iterator[None]:
        """Make one request within this context. When the time is over, it is cut off.

        :arg seconds: from its beginning to the last byte of its answer. The timeouts of C(requests) begin anew with each byte.
        :raises OSError: this host has no thread left for that. Nothing is sent then.
        """
        number = self.begin()
        answered = _thread.allocate_lock()
        answered.acquire()
        # Not threading.Timer: that one waits until its thread has begun to run, which takes some 5 % of a start.
        try:
            _thread.start_new_thread(self._cut_unless, (answered, seconds, number))
        except RuntimeError as problem:
            raise OSError(str(problem)) from problem
        try:
            yield
        finally:
            answered.release()

    def _cut_unless(self, answered: _thread.LockType, seconds: float, number: int) -> None:
        if not answered.acquire(timeout=seconds):
            self.cut(number)

    def send(self, method: str, url: str, params: t.Any, body: str | None, timeout: float, verify: bool | str) -> urllib3.HTTPResponse:
        """Send one request, once, and read its answer's head. The environment says which proxy and whom to trust, as with C(requests).

        :arg timeout: seconds for connecting, and again for each part of the answer.
        :arg verify: what C(requests) calls so: true, false, or the path of a CA bundle.
        :raises requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError: there is no answer.
        """
        request = self._request(method, f"{url}?{urlencode(params)}" if params else url, body)
        trust = (_named_bundle() or True) if verify is True else verify
        try:
            response = self._adapter.send(request, stream=True, timeout=timeout, verify=trust, proxies=self._proxies(url))
        except TypeError as problem:  # The word of requests for a proxy that has a password and no host.
            raise requests.exceptions.InvalidProxyURL(str(problem)) from problem
        return t.cast(urllib3.HTTPResponse, response)

    def _request(self, method: str, url: str, body: str | None) -> requests.PreparedRequest:
        """A request as it is sent."""
        # Its own preparing is for what people write, and takes 2 % of a start: this is checked, quoted and complete.
        request = requests.PreparedRequest()
        request.method, request.url = method, url
        request.headers = requests.structures.CaseInsensitiveDict(
            {
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                # No compression: what is read is what was sent, so its size can be bounded.
                "Accept-Encoding": "identity",
                "Authorization": f"Bearer {self._token}",
            }
        )
        if body is not None:
            request.body = body.encode()
            request.headers.update({"Content-Type": "application/json", "Content-Length": str(len(request.body))})
        return request

    def _proxies(self, url: str) -> dict[str, str]:
        """The proxies that the environment names for a host. To look for them takes long where the environment is large."""
        host = urlsplit(url).netloc
        if host not in self._known_proxies:
            self._known_proxies[host] = requests.utils.get_environ_proxies(url, no_proxy=None)
        return self._known_proxies[host]

    def open(self, connect: t.Callable[[], socket.socket]) -> socket.socket:
        """Open a connection, by the function that C(requests) has for it."""
        return connect()

    def close(self) -> None:
        """Close the connections. Another request opens new ones."""
        self._adapter.close()

    def cut(self, number: int) -> None:
        """End a request, if it is the one that is under way, from another thread."""
        if number != self._number:
            return
        self.was_cut = True
        if self.socket is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown: that one drops its TLS state under the reading thread's feet.
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


def trusted_context() -> ssl.SSLContext | None:
    """What C(requests) would trust by default; null where the environment names another bundle, or there is none."""
    if _named_bundle():
        return None
    context = urllib3.util.ssl_.create_urllib3_context()
    try:
        context.load_verify_locations(requests.utils.DEFAULT_CA_BUNDLE_PATH)
    except OSError:  # The first request tells.
        return None
    return context


def _named_bundle() -> str | None:
    """The authorities that the environment names, in the variables that C(requests) has for that."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")


def has_proxy(url: str) -> bool:
    """Whether the environment names a proxy for an address."""
    return requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url, no_proxy=None)) is not None


def silence_insecure() -> None:
    """Who switches C(validate_certs) off has been told in its documentation; urllib3 would repeat it with each request."""
    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)


class _ReportingConnection:
    """Mixed into urllib3's connections: they tell the wire how far they are."""

    wire: Wire
    sock: t.Any

    def _new_conn(self) -> t.Any:
        # Known before TLS begins, so that a handshake can be cut off, too.
        self.wire.socket = self.wire.open(super()._new_conn)  # type: ignore[misc]
        return self.wire.socket

    def connect(self) -> None:
        self.wire.unsent = True
        super().connect()  # type: ignore[misc]
        if self.wire.was_cut:
            self.close()  # type: ignore[attr-defined]
            raise TimeoutError("connecting took too long")
        self.wire.unsent = False
        # TLS to the server within TLS to a proxy is no socket, but has one.
        self.wire.socket = getattr(self.sock, "socket", self.sock)


class _ReportingPool:
    """Mixed into urllib3's pools of connections."""

    def __init__(self, wire: Wire, *args: t.Any, **kwargs: t.Any) -> None:
        self.wire = wire
        super().__init__(*args, **kwargs)

    def _new_conn(self) -> t.Any:
        connection = super()._new_conn()  # type: ignore[misc]
        connection.wire = self.wire
        return connection


if REQUESTS_IMPORT_ERROR is None:

    class _Whole(urllib3.HTTPResponse):
        def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
            # Before version 2, urllib3 takes an answer that was cut off for a whole one. Since then it does not look here.
            super().__init__(*args, **{**kwargs, "enforce_content_length": True})

    class _Adapter(requests.adapters.HTTPAdapter):
        def __init__(self, wire: Wire, trusted: ssl.SSLContext | None) -> None:
            self._wire, self._trusted = wire, trusted
            self._context: dict[str, t.Any] = {"ssl_context": trusted} if trusted else {}
            super().__init__(pool_maxsize=1)  # A wire makes one request at a time.

        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, **kwargs, **self._context)  # type: ignore[misc]
            self._report(self.poolmanager)

        def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
            known = proxy in self.proxy_manager
            manager = super().proxy_manager_for(proxy, **kwargs, **self._context)
            if not known:
                self._report(manager)
            return manager

        def _report(self, manager: t.Any) -> None:
            pools = manager.pool_classes_by_scheme.items()
            manager.pool_classes_by_scheme = {scheme: functools.partial(_reporting(pool), self._wire) for scheme, pool in pools}

        def build_response(self, req: t.Any, resp: t.Any) -> t.Any:
            # As it came: what requests adds is not needed here (cookies, encodings, a history).
            return resp

        def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
            if self._trusted is None:
                super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
            else:  # All is in the context, and loading it again is what it is to save.
                conn.cert_reqs = "CERT_REQUIRED"
            # From here on it is the connection that knows; whatever failed before, an address or a bundle, has sent nothing.
            self._wire.unsent = False


@functools.cache
def _reporting(pool: t.Any) -> t.Any:
    """A class of urllib3's pools, changed so that its connections report. There are others for a SOCKS proxy."""
    connection = type("ReportingConnection", (_ReportingConnection, pool.ConnectionCls), {})
    return type("ReportingPool", (_ReportingPool, pool), {"ConnectionCls": connection, "ResponseCls": _Whole})
