# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One HTTP request by `requests`, with what that library lacks: a deadline for the whole request, and whether it was sent.

`requests` reports a refused connection and a lost response as the same exception. The first may be retried, the second may have started
something. Its timeouts restart with every byte received, so each request runs in a thread that is abandoned at its deadline.
"""

from __future__ import annotations

import contextlib
import functools
import http.cookiejar
import logging
import os
import re
import socket
import ssl
import threading
import time
import traceback
import typing as t

from ansible.module_utils.compat.version import LooseVersion

from .messages import BYTES_PER_VALUE, JSON_STRING, Request, Response

MIN_REQUESTS, MIN_URLLIB3 = "2.25.0", "1.26.0"  # A test compares these with the documentation and meta/ee-requirements.txt.

REQUESTS_IMPORT_ERROR: str | None = None

try:
    import requests
    import requests.adapters
    import requests.utils
    import urllib3

    _versions = ((requests.__version__, MIN_REQUESTS), (urllib3.__version__, MIN_URLLIB3))  # type: ignore[attr-defined]
    if any(LooseVersion(found) < LooseVersion(least) for found, least in _versions):
        raise ImportError(f"requests or urllib3 is too old (found, needed): {_versions}")
except ImportError:
    REQUESTS_IMPORT_ERROR = traceback.format_exc()

USER_AGENT = "ansible-community.northflank/1.1.0"
CHUNK = 64 * 1024


class TransportError(Exception):
    """No complete response. `sent` is whether any byte of the request may have left this host."""

    def __init__(self, cause: BaseException, *, sent: bool, timed_out: bool = False) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.sent = sent
        self.timed_out = timed_out


class RefusedResponse(Exception):
    """A response that is not read because it is compressed or too large. `reason` completes "the response"."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Transport:
    """The connections for one token.

    `verify` is as in `requests`: True, False, or the path of a CA bundle. Without `ca_context`, loading the CA certificates takes 20 ms.
    """

    def __init__(self, token: str, verify: bool | str = True, ca_context: ssl.SSLContext | None = None) -> None:
        self._verify = verify
        self._session = _Session(token, ca_context if verify is True else None)
        # urllib3 logs headers that it cannot parse, and Ansible would write them to ANSIBLE_LOG_PATH.
        logging.getLogger("urllib3").propagate = False
        if verify is False:
            # urllib3 would warn on every request; the documentation of validate_certs already warns.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(self, api_url: str, request: Request, seconds: float) -> Response:
        """Send a request once. Raises TransportError without a complete response in `seconds`, or RefusedResponse."""

        def exchange() -> Response:
            # Passed per request, because `requests` prefers REQUESTS_CA_BUNDLE to the session's `verify`.
            options: dict[str, t.Any] = {"timeout": seconds, "verify": self._verify, "allow_redirects": False, "stream": True}
            url = api_url + request.path
            with self._session.request(request.method, url, params=request.params, json=request.body, **options) as response:
                return _read(response, request)

        return _Attempt().run(exchange, seconds)

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        self._session.close()


_STRINGS = re.compile(JSON_STRING.encode(), re.DOTALL)


def _read(response: requests.Response, request: Request) -> Response:
    max_bytes = request.max_bytes
    if response.status_code < 200:
        # http.client takes 103 Early Hints for the response and would leave the real one to the next request.
        raise requests.ConnectionError(f"HTTP {response.status_code} came in place of a response")
    encoding = response.headers.get("Content-Encoding", "identity").strip()
    if encoding.lower() not in ("", "identity"):
        # Never decompress: a few kilobytes can become gigabytes.
        raise RefusedResponse(response.status_code, f"has Content-Encoding {encoding[:50]!r}, which was not asked for")
    response.raw.enforce_content_length = True  # Off by default in urllib3 1.26.
    body = bytearray()
    # Not stream(): older urllib3 reads the length of a chunk without a limit.
    while part := response.raw.read(CHUNK, decode_content=False):
        body += part
        if len(body) > max_bytes:
            if request.may_be_cut:
                break
            raise RefusedResponse(response.status_code, f"is longer than {max_bytes} bytes")
    structure = _STRINGS.sub(b"", body)
    if sum(map(structure.count, (b"[", b"{", b":"))) > max_bytes // BYTES_PER_VALUE:
        raise RefusedResponse(response.status_code, "has too many values")
    return Response(response.status_code, response.headers, bytes(body[:max_bytes]), is_cut=len(body) > max_bytes)


_local = threading.local()


class _Attempt:
    """One request in its own thread. Knows whether the request was sent, and sends nothing after the deadline."""

    def __init__(self) -> None:
        self.sent = False
        self.connection: t.Any = None
        self._sock: t.Any = None
        self._expired = False
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._outcome: Response | Exception = TimeoutError("timed out")

    def run(self, exchange: t.Callable[[], Response], seconds: float) -> Response:
        deadline = time.monotonic() + seconds
        try:
            threading.Thread(target=self._run, args=(exchange,), daemon=True).start()
        except RuntimeError as error:  # The host cannot start another thread.
            raise TransportError(error, sent=False) from error
        try:
            self._done.wait(seconds)
        finally:
            # Also when Ansible interrupts the task.
            self._expire()
        if self._expired:  # Takes precedence over the error that closing the socket causes in the thread.
            raise TransportError(TimeoutError("timed out"), sent=self.sent, timed_out=True)
        outcome = self._outcome
        if isinstance(outcome, Response):
            return outcome
        if not isinstance(outcome, (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)):
            raise outcome
        # `requests` reports a proxy's timeout as another error.
        timed_out = time.monotonic() >= deadline or isinstance(outcome, requests.Timeout)
        raise TransportError(outcome, sent=self.sent, timed_out=timed_out) from outcome

    def _run(self, exchange: t.Callable[[], Response]) -> None:
        _local.attempt = self
        try:
            self._outcome = exchange()
        except TypeError as error:  # Raised by requests for a proxy with a password and no host.
            self._outcome = requests.exceptions.InvalidProxyURL(str(error))
        except Exception as error:
            self._outcome = error
        finally:
            self._done.set()

    def before_sending(self) -> None:
        """Refuse to send after the deadline: the caller has then been told that nothing was sent."""
        with self._lock:
            if self._expired:
                raise TimeoutError("the deadline passed before the request was sent")
            self.sent = True
            self._sock = self.connection.sock

    def _expire(self) -> None:
        with self._lock:
            self._expired = not self._done.is_set()
        # http.client drops its socket once it has read the headers of a connection's last response.
        sock = getattr(self.connection, "sock", None) or self._sock
        if self._expired and sock is not None:
            with contextlib.suppress(OSError, AttributeError):
                # For TLS inside TLS, `sock` is a wrapper that holds the socket.
                getattr(sock, "socket", sock).shutdown(socket.SHUT_RDWR)


class _TrackedConnection:
    """Mixin for urllib3's connections that sets `sent` of the attempt that runs in this thread."""

    def connect(self) -> None:
        # putrequest may have run before this, but only fills a buffer.
        _local.attempt.sent = False
        _local.attempt.connection = self
        super().connect()  # type: ignore[misc]
        _local.attempt.before_sending()

    def putrequest(self, *args: t.Any, **kwargs: t.Any) -> None:
        _local.attempt.connection = self
        _local.attempt.before_sending()
        super().putrequest(*args, **kwargs)  # type: ignore[misc]


@functools.cache
def _tracked(pool_class: t.Any) -> t.Any:
    """Return the pool class with tracked connections; SOCKS proxies have their own pool classes."""
    if issubclass(pool_class.ConnectionCls, _TrackedConnection):
        return pool_class
    connection_class = type("TrackedConnection", (_TrackedConnection, pool_class.ConnectionCls), {})
    return type("TrackedPool", (pool_class,), {"ConnectionCls": connection_class})


if REQUESTS_IMPORT_ERROR is None:

    class _Session(requests.Session):
        def __init__(self, token: str, ca_context: ssl.SSLContext | None) -> None:
            super().__init__()

            def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
                request.headers["Authorization"] = f"Bearer {token}"
                return request

            # Unlike a header, this is not overridden by .netrc. Not a bound method: the reference cycle would keep connections open.
            self.auth = authorize
            self.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "identity"})
            self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
            adapter = _Adapter(ca_context)
            self.mount("https://", adapter)
            self.mount("http://", adapter)

        def get_redirect_target(self, resp: requests.Response) -> None:
            """Return None: even with redirects off, `requests` would read and decompress the body of a redirect."""

    class _Adapter(requests.adapters.HTTPAdapter):
        def __init__(self, ca_context: ssl.SSLContext | None) -> None:
            self._ca_context = ca_context
            self._pool_options: dict[str, t.Any] = {"ssl_context": ca_context} if ca_context else {}
            super().__init__(pool_maxsize=1)  # One request at a time.

        def init_poolmanager(self, *args: t.Any, **kwargs: t.Any) -> None:
            super().init_poolmanager(*args, **kwargs, **self._pool_options)  # type: ignore[misc]
            _track(self.poolmanager)

        def proxy_manager_for(self, proxy: str, **kwargs: t.Any) -> t.Any:
            return _track(super().proxy_manager_for(proxy, **kwargs, **self._pool_options))

        def cert_verify(self, conn: t.Any, url: str, verify: t.Any, cert: t.Any) -> None:
            if self._ca_context is None:
                super().cert_verify(conn, url, verify, cert)  # type: ignore[no-untyped-call]
            else:  # The context already has the CA certificates; do not load them again.
                conn.cert_reqs = "CERT_REQUIRED"


def _track(manager: t.Any) -> t.Any:
    manager.pool_classes_by_scheme = {scheme: _tracked(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}
    return manager


def load_ca_context() -> ssl.SSLContext | None:
    """Load what `requests` trusts by default; None if the environment names another bundle or the file is missing."""
    if os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        return None
    context = urllib3.util.ssl_.create_urllib3_context()
    try:
        context.load_verify_locations(requests.utils.DEFAULT_CA_BUNDLE_PATH)
    except OSError:  # The first request reports it.
        return None
    return context
