# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of errors: what happened, to what, and what to do next."""

from __future__ import annotations

import itertools
import json
import re
import typing as t
from email.utils import formatdate

import pytest
import requests
import urllib3
from ansible_collections.community.northflank.plugins.module_utils import _errors as errors
from ansible_collections.community.northflank.plugins.module_utils._http.error_messages import ErrorMessages
from ansible_collections.community.northflank.plugins.module_utils._http.messages import Request, Response
from ansible_collections.community.northflank.plugins.module_utils._http.transport import TransportError
from ansible_collections.community.northflank.plugins.module_utils._masking import Redactor
from ansible_collections.community.northflank.tests.fake_northflank import Fault

NOW = 1_790_000_000
DATE = {"Date": formatdate(NOW, usegmt=True)}
REQUEST = Request("GET", "/v1/x", description="look at x", permission="Project > X > Read", not_found_hint="Check x.")
SECRET = "correct horse battery"


@pytest.fixture
def messages() -> ErrorMessages:
    redactor = Redactor()
    redactor.add(SECRET)
    return ErrorMessages("https://api.example", redactor)


def own(message: str, status: int = 422, **more: t.Any) -> dict[str, t.Any]:
    """A refusal of Northflank's."""
    return {"error": {"status": status, "message": message, **more}}


def refusal(
    messages: ErrorMessages, status: int, body: t.Any = "", retry_after: float | None = None, **headers: str
) -> errors.ResponseError:
    raw = body if isinstance(body, str) else json.dumps(body)
    return messages.refused(REQUEST, Response(status, headers, raw.encode()), retry_after, 1000)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        *((own("No. "), "No (HTTP 422)."), (own("a\x1b[31m\nb"), "a b (HTTP 422).")),
        (own("No", details={"a": ["b"]}), 'No (HTTP 422). Details: {"a": ["b"]}.'),
        (own("", id=[]), "HTTP 422. Northflank refused the request."),
    ],
)
def test_a_refusal_has_northflanks_words_if_there_are_any(messages, body, words):
    error = refusal(messages, 422, body)
    assert error.message == f"Could not look at x: {words}"
    assert (error.kind, error.status) == ("rejected", 422)


PLAIN = {"Content-Type": "text/plain; charset=utf-8"}
FOREIGN = {
    "an HTML page": ["<!DOCTYPE html>\n<html lang='en'><h1>Not Found</h1>", "<HTML>"],
    "a body that is not JSON": ["404 page not found\n", "<h1>No</h1>", "\xff", '{"error": '],
    "no body": [""],
    "JSON that is not Northflank's": [
        *({}, [], {"message": "no Route matched with those values"}, {"detail": "Not Found"}, {"status": 404, "error": "No"}),
        *({"error": {"code": 404, "message": "No", "status": "NOT_FOUND"}}, {"error": {"message": "No"}}, {"error": {"status": 404}}),
    ],
}


@pytest.mark.parametrize("what", FOREIGN)
def test_what_is_not_northflanks_refusal_blames_the_address(messages, what):
    for body, status in itertools.product(FOREIGN[what], (400, 401, 403, 404, 405, 410, 422, 451)):
        error = refusal(messages, status, body, **({} if what == "no body" else PLAIN))
        assert error.message == (
            f"Could not look at x: the response is HTTP {status} with {what}. Check that api_url (https://api.example) is the address of "
            "Northflank's API, and that no proxy responds in its place."
        )
        assert (error.kind, error.status, error.api) == ("invalid_response", status, {})


@pytest.mark.parametrize(("status", "kind"), [(408, "rejected"), (429, "rate_limited"), (500, "server_error"), (502, "server_error")])
def test_where_a_gateway_may_say_the_same_the_address_is_named_as_well(messages, status, kind):
    error = refusal(messages, status, "<html>")
    assert error.kind == kind
    assert "If this continues: Check that api_url (https://api.example) is" in error.message
    assert "Northflank refused" not in error.message
    assert "api_url" not in refusal(messages, status, own("No", status)).message


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (404, own("Not found. The requested route does not exist", 404), {}),
        (405, "Method Not Allowed", {**PLAIN, "Allow": "GET, HEAD"}),
    ],
)
def test_a_path_that_northflank_has_not_blames_the_address(messages, status, body, headers):
    error = refusal(messages, status, body, **headers)
    assert "Check that api_url (https://api.example) is the address of Northflank's API alone" in error.message
    assert "Check x." not in error.message
    assert error.kind == errors.error_class(status).kind


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, "authentication", "does not accept the API token. Create a token in Northflank"),
        (403, "permission", "The role of the API token may lack the permission 'Project > X > Read'."),
        (404, "not_found", "Check x. If they are correct, the token has no access."),
        (407, "rejected", "Put them into the URL of the proxy"),
        (500, "server_error", "Northflank or a proxy had an internal error. Try again later."),
        (302, "invalid_response", "The address redirects to 'nowhere'."),
    ],
)
def test_each_kind_of_refusal_says_what_to_do(messages, status, kind, words):
    error = refusal(messages, status, own("", status))
    assert (error.kind, error.status) == (kind, status)
    assert words in error.message


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        (
            403,
            "Missing permission: Read",
            "Missing permission: Read (HTTP 403). Give the role of the API token the permission 'Project > X > Read'.",
        ),
        *(
            (
                403,
                f"Missing permission: {name}.",
                f"Missing permission: {name} (HTTP 403). Give the role of the API token the permission '{name}'.",
            )
            for name in ("View Observability", "Project > Y > Update")
        ),
        (403, "Suspended", "Suspended (HTTP 403). The role of the API token may lack the permission 'Project > X > Read'."),
        (401, "Feature flag is not enabled for your account 2", "Feature flag is not enabled for your account 2 (HTTP 401)."),
    ],
)
def test_northflanks_words_come_first_and_are_not_contradicted(messages, status, said, message):
    assert refusal(messages, status, own(said, status)).message == f"Could not look at x: {message}"


def test_a_401_with_the_usual_word_is_about_the_token(messages):
    assert "Northflank does not accept the API token." in refusal(messages, 401, own("Unauthorized", 401)).message


@pytest.mark.parametrize(
    ("retry_after", "headers", "words"),
    [
        (60.0, DATE, f"of 1000 requests an hour is used up. It resets in 60 s, at {formatdate(NOW + 60, usegmt=True)}."),
        *(
            (60.0, {}, "It resets in 60 s. Run the task again"),
            (1e15, DATE, "in 1000000000000000 s. Run"),
            (None, DATE, "Try again"),
        ),
    ],
)
def test_a_rate_limit_says_when_it_resets(messages, retry_after, headers, words):
    assert words in refusal(messages, 429, "", retry_after, **headers).message


def test_secrets_in_northflanks_words_are_redacted_before_they_are_cut(messages):
    long = "x" * 490 + SECRET
    error = refusal(messages, 422, own(long, id=long, details={SECRET: [long]}))
    shown = json.dumps(error.as_result())
    assert SECRET[:8] not in shown
    assert "********" in shown


def test_an_error_of_a_megabyte_is_cut(build, fake):
    long = "y" * 200_000
    body = own(long, id=long, details={f"{number}": [long[:3000]] * 2 for number in range(80)})
    fake.fault(Fault("json", "start", status=422, body=body))
    result = build()
    assert result["error"]["message"].endswith("... (199500 more characters)")
    assert result["error"]["details"].endswith(" more characters)")
    assert len(json.dumps(result)) < 60_000
    assert len(result["msg"]) < 2000


def network(messages: ErrorMessages, cause: BaseException, timed_out: bool = False) -> errors.NetworkError:
    return messages.network(REQUEST, TransportError(cause, sent=True, timed_out=timed_out), 2.5)


def chained(*causes: BaseException) -> BaseException:
    """Errors that each caused the one before."""
    for error, cause in zip(causes, causes[1:]):
        error.__cause__ = cause
    return causes[0]


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (requests.ConnectionError(urllib3.exceptions.ProtocolError("Aborted", ConnectionResetError(104, "Reset"))), "Reset"),
        (chained(requests.ConnectionError("outer"), OSError("inner.")), "inner"),
        *((requests.ConnectionError("two\nlines \x1b[31mred"), "two lines red"), (requests.ConnectionError(), "ConnectionError")),
        *(
            (requests.ConnectionError(f"at {SECRET}"), "at ********"),
            (requests.ConnectionError("x" * 501), "x" * 500 + "... (1 more characters)"),
        ),
        (requests.exceptions.ProxyError("http://me:pass-word@proxy refused"), "http://proxy refused"),
    ],
)
def test_a_network_error_has_the_words_of_its_innermost_cause(messages, cause, words):
    error = network(messages, cause)
    assert error.message == f"Could not look at x: {words}. Check the network, the proxy, and api_url (https://api.example)."
    assert error.sent


def test_a_timeout_says_how_long_was_waited_and_causes_that_caused_each_other_end(messages):
    message = network(messages, TimeoutError("timed out"), timed_out=True).message
    assert message == "Could not look at x: no complete response came within 2.5 s. Check the network, or raise api_timeout."
    error = requests.ConnectionError("round")
    assert "round" in network(messages, chained(error, OSError("and round"), error)).message


def test_an_invalid_response_says_why_and_blames_the_address(messages):
    error = messages.invalid_response(REQUEST, f"is {SECRET}\x1b[31m", 200)
    assert error.message.startswith("Could not look at x: the response is ********. Check that api_url (https://api.example) is")


@pytest.mark.parametrize("proxy", ["http://user:pass-word@", "http://user:pass-word@:3128", "http://user:pass#word@127.0.0.1:9"])
def test_the_password_of_a_proxy_is_not_shown(build, monkeypatch, proxy):
    monkeypatch.setenv("HTTP_PROXY", proxy)
    result = build(api_url="http://northflank.invalid", api_retries=0)
    assert result["error"]["kind"] == "network"
    assert "prox" in result["msg"]
    assert not re.search("pass|word", json.dumps([result, build.warnings]))


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        *(("https://me:pass-word@other.example/", "'https://other.example/'"), (f"https://a.example/?q={SECRET}", "?q=********'")),
        *(("\x1b[31m\u202e{{ 7 * 7 }}", "{{ 7 * 7 }}"), ("x" * 600, "(100 more characters)")),
    ],
)
def test_a_redirect_says_where_to_and_nothing_secret(messages, location, shown):
    message = refusal(messages, 302, Location=location).message
    assert shown in message
    assert message.isprintable()


@pytest.mark.parametrize("status", [302, 408, 429, 502])
@pytest.mark.parametrize("message", [None, 7, ["no"]], ids=str)
def test_an_error_whose_message_is_no_text_is_one_without_words(messages, status, message):
    assert f": HTTP {status}." in refusal(messages, status, {"error": {"message": message}}).message
