# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a connection failed: in words, with what to do, and whether trying again may help."""

from __future__ import annotations

import re
import socket
import ssl
import typing as t
from urllib.parse import urlsplit

from .._masking import strip_controls, strip_credentials
from .transport import REQUESTS_IMPORT_ERROR, TransportError

if not REQUESTS_IMPORT_ERROR:
    import requests
    import urllib3

CA_FILE = "the file that ca_path or the environment variable REQUESTS_CA_BUNDLE names"
OUT_OF_DATE = (9, 10)  # OpenSSL's codes for certificates that are not valid yet, and no longer.
WRONG_NAME = (62, 64, None)  # For another host or IP address; urllib3 1.26 compares names itself.
PASSING = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)  # The connection broke during the TLS handshake.


class Explanation(t.NamedTuple):
    """`is_lasting` is whether the same request will fail again until somebody changes a setting, a certificate, or a proxy."""

    what: str
    advice: str
    is_lasting: bool = False


def explain(error: TransportError, api_url: str, seconds: float) -> Explanation:
    """Explain why a request to `api_url` got no complete response within `seconds`."""
    proxy = proxy_for(api_url)
    through = f"the proxy {proxy} (https_proxy, http_proxy, or all_proxy in the environment)" if proxy else "the proxy"
    check = f"Check the network, {through}, and api_url ({api_url})."
    if error.timed_out and error.sent:
        return Explanation(f"no complete response came within {seconds:.3g} s", "Check the network, or raise api_timeout.")
    if error.timed_out:
        return Explanation(f"no connection could be made within {seconds:.3g} s", check)
    if isinstance(error.cause, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)):
        # The exception's message may contain part of a proxy's password.
        return Explanation("a URL is not valid", check, is_lasting=True)
    root = _root_cause(error.cause)
    at_proxy = proxy is not None and isinstance(error.cause, requests.exceptions.ProxyError)
    peer = f"the proxy {proxy}" if at_proxy else str(urlsplit(api_url).hostname)
    if isinstance(root, ssl.SSLError) or "CA certificate bundle" in str(root):
        return _explain_tls(root, peer, check, error.sent)
    words = strip_credentials(_words(root)).rstrip(".")
    if isinstance(root, socket.gaierror):
        words = f"the address of {peer} could not be looked up ({words})"
    elif at_proxy:
        words = f"{peer} failed ({words})"
    # A proxy that refuses to connect says so in an HTTP status.
    refused = re.search(r"Tunnel connection failed: (4\d\d)", words)
    if refused and refused[1] == "407":
        check = f"It asks for a user name and a password: put them into the URL of the proxy in the environment (https_proxy). {check}"
    is_lasting = isinstance(error.cause, requests.exceptions.InvalidSchema) or (refused is not None and refused[1] not in ("408", "429"))
    return Explanation(words, check, is_lasting)


def _explain_tls(root: BaseException, peer: str, check: str, sent: bool) -> Explanation:
    is_lasting = not sent and not isinstance(root, PASSING)
    if isinstance(root, ssl.SSLCertVerificationError):
        code, problem = getattr(root, "verify_code", None), getattr(root, "verify_message", None) or _words(root)
        if code in OUT_OF_DATE:
            advice = f"Renew it, or the certificate of its CA in {CA_FILE}, and check the clock of this host."
        elif code in WRONG_NAME:
            advice = f"Use the host name of the certificate in api_url. {check}"
        else:
            advice = f"If a private CA or a proxy that inspects TLS signed it, put the certificate of that CA into {CA_FILE}. {check}"
        return Explanation(f"the TLS certificate of {peer} is not valid: {problem.rstrip('.')}", advice, is_lasting)
    if getattr(root, "library", None) not in ("SSL", None) or not isinstance(root, ssl.SSLError):
        return Explanation(_words(root), f"Check {CA_FILE}: it must have CA certificates in PEM format.", is_lasting)
    hint = "If the server speaks plain http there, use http or another port. " if is_lasting else ""
    return Explanation(f"the TLS connection to {peer} failed: {_words(root)}", hint + check, is_lasting)


def _words(error: BaseException) -> str:
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return strip_controls(words) or type(error).__name__


def _root_cause(error: BaseException) -> BaseException:
    """Return the innermost exception, usually the operating system's."""
    for _depth in range(20):
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((argument for argument in error.args if isinstance(argument, BaseException)), None)
        inner = inner or error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if inner is None:
            break
        error = inner
    return error


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment sets for a URL, without its password."""
    proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url, no_proxy=None))
    return None if proxy is None else strip_credentials(proxy)
