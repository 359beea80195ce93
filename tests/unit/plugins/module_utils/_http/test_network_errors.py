# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failed connections name what failed and what to check, and are tried again only where that may help."""

from __future__ import annotations

import socket
import subprocess
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.raw_server import Peer, RawServer, certificate, http, respond, tunnel
from ansible_collections.community.northflank.tests.simulation import Task

BUNDLE = "ca_path or the environment variable REQUESTS_CA_BUNDLE"
RETRIES = 3


def plain(peer: Peer) -> None:
    """Be a web server without TLS, which does not wait for the end of a request that makes no sense."""
    peer._receive()
    peer.send(http(400, b"<html>"))


def alert(peer: Peer) -> None:
    peer._receive()
    peer.send(b"\x15\x03\x01\x00\x02\x02\x28")  # TLS: handshake failure.


def hang_up(peer: Peer) -> None:
    peer._receive()


@pytest.fixture
def places(serve, tls, tmp_path) -> t.Iterator[dict[str, t.Any]]:
    """Servers, and the files that go with them."""
    other = certificate(tmp_path, "other.example")
    expired = str(tmp_path / "expired.pem")
    subprocess.run(["openssl", "x509", "-in", tls[0], "-signkey", tls[1], "-days", "-1", "-out", expired], check=True, capture_output=True)
    for name, content in (("empty.pem", b""), ("der.pem", b"\x30\x82\x01\x0a")):
        Path(tmp_path / name).write_bytes(content)
    scripts = {"plain": plain, "alert": alert, "hang up": hang_up, "tunnel": tunnel}
    scripts |= {f"proxy {status}": respond(http(status)) for status in (403, 407, 429, 502)}
    servers = {name: serve(script) for name, script in scripts.items()}
    secured = {"signed": tls, "other": other, "expired": (expired, tls[1])}
    servers |= {name: serve(respond(http()), tls=pair) for name, pair in secured.items()}
    files = {"signed.pem": tls[0], "other.pem": other[0], "expired.pem": expired}
    files |= {name: str(tmp_path / name) for name in ("empty.pem", "der.pem", "missing.pem")}
    with socket.socket() as bound:  # It does not listen, and no other server gets its port.
        bound.bind(("127.0.0.1", 0))
        yield {"refused": f"http://127.0.0.1:{bound.getsockname()[1]}", **servers, **files}


def address(place: t.Any, scheme: str) -> str:
    url = place.url if isinstance(place, RawServer) else place
    return f"{scheme}://{url.rpartition('://')[2]}"


def attempt(build: Task, places: dict[str, t.Any], to: str, ca: str | None = None, **options: t.Any) -> dict[str, t.Any]:
    scheme, _colon, place = to.partition(":")
    result = build(api_url=address(places.get(place, place), scheme), ca_path=ca and places[ca], api_retries=RETRIES, **options)
    assert result["error"]["kind"] == "network"
    assert result["msg"].startswith("Could not start a build of job 'example-job' of project 'default-project': ")
    assert not any(server.requests for name, server in places.items() if name in ("signed", "other", "expired", "plain"))
    return result


CERTIFICATE = "the TLS certificate of 127.0.0.1 is not valid: "
RENEW = f"Renew it, or the certificate of its CA in the file that {BUNDLE}"


@pytest.mark.parametrize(
    ("to", "ca", "words", "advice", "lasting"),
    [
        ("https:signed", None, f"{CERTIFICATE}self", f"put the certificate of that CA into the file that {BUNDLE}", True),
        ("https:signed", "other.pem", f"{CERTIFICATE}", BUNDLE, True),
        ("https:expired", "expired.pem", f"{CERTIFICATE}certificate has expired", RENEW, True),
        ("https:other", "other.pem", CERTIFICATE, "Use the host name of the certificate in api_url.", True),
        ("https:plain", None, "the TLS connection to 127.0.0.1 failed: ", "If the server speaks plain http there, use http", True),
        ("https:alert", None, "the TLS connection to 127.0.0.1 failed: ", "api_url", True),
        ("https:hang up", None, "the TLS connection to 127.0.0.1 failed: ", "Check the network", False),
        ("http:refused", None, "Connection refused", "Check the network, the proxy, and api_url (http://127.0.0.1:", False),
        ("https:api.invalid", None, "the address of api.invalid could not be looked up (", "api_url (https://api.invalid)", False),
    ],
)  # fmt: skip
def test_a_connection_that_cannot_be_made_says_why(build, clock, places, to, ca, words, advice, lasting):
    message = attempt(build, places, to, ca)["msg"]
    assert words in message
    assert advice in message
    assert len(clock.sleeps) == (0 if lasting else RETRIES)


@pytest.mark.parametrize("bundle", ["empty.pem", "der.pem", "missing.pem"])
def test_a_broken_bundle_of_the_environment_is_named(build, clock, places, monkeypatch, bundle):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", places[bundle])
    message = attempt(build, places, "https:signed")["msg"]
    assert f"Check the file that {BUNDLE} names: it must have CA certificates in PEM format." in message
    assert clock.sleeps == []


@pytest.mark.parametrize(
    ("proxy", "to", "ca", "words", "lasting"),
    [
        *(("http:refused", to, None, "{proxy} failed (Connection refused)", False) for to in ("http:api.invalid", "https:api.invalid")),
        ("http:proxy.invalid", "https:api.invalid", None, "the address of {proxy} could not be looked up (", False),
        ("http:proxy 403", "https:api.invalid", None, "{proxy} failed (Tunnel connection failed: 403", True),
        ("http:proxy 407", "https:api.invalid", None, "It asks for a user name and a password", True),
        *((f"http:proxy {status}", "https:api.invalid", None, f"failed: {status}", False) for status in (429, 502)),
        ("http:tunnel", "https:signed", None, CERTIFICATE, True),
        ("http:tunnel", "https:expired", "expired.pem", "certificate has expired", True),
        ("http:tunnel", "https:plain", None, "If the server speaks plain http there", True),
        ("https:signed", "https:api.invalid", None, "is not valid: self", True),
        ("gopher:127.0.0.1:9", "https:api.invalid", None, "a URL is not valid", True),
    ],
)
def test_a_proxy_is_named_without_its_password(build, clock, places, monkeypatch, proxy, to, ca, words, lasting):
    scheme, _colon, place = proxy.partition(":")
    url = address(places.get(place, place), scheme)
    for name in ("HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, url.replace("://", "://me:pass-word@"))
    result = attempt(build, places, to, ca)
    assert words.format(proxy=f"the proxy {url}") in result["msg"]
    assert f"the proxy {url} (https_proxy" in result["msg"] or "expired" in words
    assert "pass-word" not in str([result, build.warnings])
    assert len(clock.sleeps) == (0 if lasting else RETRIES)


def test_a_wait_ends_at_once_where_no_connection_can_ever_be_made(wait, clock, places):
    result = wait(api_url=places["signed"].url, builds=["b-1"], wait_timeout=600)
    assert result["error"]["kind"] == "network"
    assert CERTIFICATE in result["msg"]
    assert sum(clock.sleeps) < 5


def test_a_silent_host_is_said_not_to_have_been_reached(build, serve):
    server = serve(lambda peer: peer.wait_until_gone())
    message = build(api_url=address(server, "https"), api_timeout=1, api_retries=0)["msg"]
    assert "no connection could be made within 1 s. Check the network, the proxy, and api_url (https://127.0.0.1:" in message
