# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all operations have in common: the common options, what comes out, and that connections end."""

from __future__ import annotations

import json
import ssl
import typing as t
from pathlib import Path
from unittest.mock import Mock

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _errors as errors
from ansible_collections.community.northflank.plugins.module_utils._argspec import COMMON
from ansible_collections.community.northflank.plugins.module_utils._http.transport import Transport
from ansible_collections.community.northflank.plugins.module_utils._operation import (
    Context,
    Operation,
    invalid_arguments,
    perform,
    shown_arguments,
    with_invocation,
)
from ansible_collections.community.northflank.tests.fake_northflank import Fault

TOKEN = "nf-a-long-token"


def task(run: t.Callable[..., t.Any], context: Context | None = None, **arguments: t.Any) -> dict[str, t.Any]:
    """The result of an operation that takes the common options."""
    defaults = {"api_token": TOKEN, "api_url": "http://127.0.0.1:9", "api_timeout": 5, "api_retries": 0}
    params = {"validate_certs": True, "ca_path": None, "team_id": None, **defaults, **arguments}
    return perform(Operation(COMMON, run), params, context or Context())


def test_a_failure_is_a_result_with_what_is_known():
    def run(*_args: t.Any) -> t.Any:
        raise errors.ServerError("No.", status=500, build={"id": "b"}, changed=True)

    result = task(run)
    assert (result["failed"], result["changed"], result["msg"], result["build"]) == (True, True, "No.", {"id": "b"})
    assert result["error"]["kind"] == "server_error"
    assert "rate_limit" in result


def test_the_token_comes_out_nowhere():
    def run(client: t.Any, params: t.Any, context: Context) -> t.Any:
        context.warn(f"a {TOKEN}")
        context.report({"kind": "log", "lines": [TOKEN]})
        return {"a": [f"b {TOKEN}"]}

    told: list[t.Any] = []
    result = task(run, Context(warn=told.append, report=told.append))
    assert result["a"] == ["b ********"]
    assert told == ["a ********", {"kind": "log", "lines": ["********"]}]


def test_a_warning_is_one_line_that_commands_nothing():
    warnings: list[str] = []
    result = task(lambda client, params, context: context.warn("a\x1b[31m\n##vso[task.complete]") or {}, Context(warn=warnings.append))
    assert warnings == ["a # #vso[task.complete]"]
    assert result == {"rate_limit": {"limit": None, "remaining": None, "reset": None}}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        *(({"api_token": ""}, "api_token is empty"), ({"api_token": None}, "set NORTHFLANK_API_TOKEN or NF_API_TOKEN on the host")),
        *(({"api_token": f"{token}"}, "has white space in it") for token in ("a b", "ab\n", " ", "a\u00a0b", "t\u00f6k n")),
        *(({"api_token": f"{token}"}, "has characters other than ASCII in it") for token in ("tok\u00e9n", "\ufeffab", "ab\u200b")),
        *(
            ({"api_token": "a\x07b"}, "has control characters in it"),
            ({"api_token": "bearer\tab"}, "begins with 'Bearer'. Set only the token"),
        ),
        *(({"api_token": "Bearer ab\n"}, "begins with 'Bearer'"), ({"api_token": "Bearer "}, "begins with 'Bearer'")),
        *(({"api_timeout": 0}, "api_timeout is 0; give 1 or more"), ({"api_timeout": 86_401}, "at most 86400")),
        *(({"api_retries": -1}, "api_retries is -1; give 0 or more"), ({"api_retries": 101}, "at most 100")),
        *(({"ca_path": "/no/ca.pem"}, "ca_path '/no/ca.pem' does not exist"), ({"api_url": "a.example"}, "is not an http or https URL")),
        ({"api_url": "https://me:pass-word@api.example.com"}, "without user name, password"),
    ],
)
def test_common_options_that_make_no_sense_are_refused(arguments, words):
    result = task(lambda *_args: pytest.fail("it ran"), **arguments)
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "invalid_arguments")
    assert words in result["msg"]
    assert "pass-word" not in json.dumps(result)


@pytest.mark.parametrize("kind", ["good", "DER", "empty", "text", "key", "cut", "one of two cut", "device", "unreadable"])
def test_a_bundle_of_certificates_is_checked_before_any_request(tls, tmp_path, monkeypatch, kind):
    pem = Path(tls[0]).read_bytes()
    cut = pem.replace(b"\n-----END", b"-----END")[:-90] + b"\n-----END CERTIFICATE-----\n"
    contents = {"DER": ssl.PEM_cert_to_DER_cert(pem.decode()), "empty": b"", "text": b"text", "key": Path(tls[1]).read_bytes(), "cut": cut}
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes({**contents, "one of two cut": pem + cut}.get(kind, pem))
    if kind == "unreadable":  # Not by its mode, which does not bind root.
        monkeypatch.setattr(ssl, "create_default_context", Mock(side_effect=PermissionError(13, "Permission denied")))
    ca_path = "/dev/null" if kind == "device" else str(bundle)
    result = task(lambda *_args: {}, ca_path=ca_path)
    if kind == "good":
        assert "failed" not in result
    else:
        words = (
            "cannot be read on the host that runs the module: Permission"
            if kind == "unreadable"
            else "is not a file of certificates in PEM"
        )
        assert result["error"]["kind"] == "invalid_arguments"
        assert f"ca_path {ca_path!r} {words}" in result["msg"]


@pytest.mark.parametrize(
    ("validate_certs", "ca_path", "verify"), [(True, None, True), (True, "/", "/"), (False, None, False), (False, "/", False)]
)
def test_certificates_are_checked_against_the_given_bundle_or_not_at_all(validate_certs, ca_path, verify):
    asked = []

    def transport(token: str, verify: bool | str) -> Transport:
        asked.append((token, verify))
        return Transport(token)

    task(lambda *_args: {}, Context(transport=transport), validate_certs=validate_certs, ca_path=ca_path)
    assert asked == [(TOKEN, verify)]


@pytest.mark.parametrize(
    ("api_url", "plain"),
    [("http://localhost", False), ("http://[::1]:9", False), ("https://api.example.com", False), ("http://api.example.com", True)],
)
def test_a_token_that_crosses_a_network_unencrypted_is_warned_of(api_url, plain):
    warnings: list[str] = []
    task(lambda *_args: {}, Context(warn=warnings.append), api_url=api_url)
    unencrypted = f"api_url {api_url} is plain http, so the API token is sent unencrypted. Use https."
    assert warnings == ([unencrypted] if plain else [])


def test_arguments_are_shown_without_secrets(build):
    overrides = {"build_arguments": {"A": "b"}}
    params = {"api_token": TOKEN, "api_url": f"https://me:pass-word@{TOKEN}.example", "sha": "abc", "overrides": overrides}
    masked = {"build_arguments": {"A": "********"}}
    shown = {"api_token": "********", "api_url": "https://********.example", "sha": "abc", "overrides": masked}
    assert shown_arguments(build.operation, params) == shown
    assert with_invocation(build.operation, params, {"a": 1}) == {"a": 1, "invocation": {"module_args": shown}}


def test_the_words_of_ansibles_own_check_are_redacted(build):
    result = invalid_arguments(build.operation, {"overrides": {"build_arguments": "the-value"}}, "cannot convert the-value to a dict")
    assert result["msg"] == "cannot convert ******** to a dict"
    assert (result["failed"], result["error"]["kind"]) == (True, "invalid_arguments")


@pytest.mark.parametrize("name", ["NORTHFLANK_API_TOKEN", "NF_API_TOKEN"])
def test_the_token_may_be_in_the_environment(build, fake, monkeypatch, name):
    monkeypatch.setenv(name, fake.token)
    assert build(api_token=...)["changed"] is True


@pytest.mark.parametrize("field", ["branch", "sha", "status", "message", "createdAt", "pullRequestId", "registry"])
def test_a_token_that_a_build_repeats_is_redacted(build, fake, field):
    data = {"id": "b-1", "status": "FAILURE", "concluded": True, "success": False}
    data[field] = {"uri": f"x/{fake.token}"} if field == "registry" else f"x{fake.token}"
    fake.fault(Fault("json", "start", status=200, body={"data": {**data, "concluded": False}}, times=None))
    fake.fault(Fault("json", "get", status=200, body={"data": data}, times=None))
    fake.fault(Fault("json", "list", status=200, body={"data": {"builds": [data]}}, times=None))
    fake.fault(Fault("json", "logs", status=200, body={"data": [{"log": fake.token}]}, times=None))
    result = build(wait=True, wait_timeout=30, follow_logs=True)
    assert build.events
    assert fake.token not in json.dumps([result, build.warnings, build.events])
