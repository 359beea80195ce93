# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Why a request failed, in words for a person: what happened, to what, and what to do next."""

from __future__ import annotations

import email.utils
import json
import typing as t

from . import _errors as errors
from ._exchange import Answer, Call, bounded
from ._secrets import plain, shorten, tidy, without_credentials
from ._times import unix_time
from ._wire import REQUESTS_IMPORT_ERROR

if not REQUESTS_IMPORT_ERROR:
    import requests
    import urllib3

TOKEN_HELP = (
    "Create a token in Northflank under Team settings > API > Tokens (https://app.northflank.com/s/account/api/tokens) "
    "and pass it as api_token or in the environment variable NORTHFLANK_API_TOKEN."
)

_REFUSALS = {407: "A proxy asks for a user name and a password. Put them into the address of the proxy in the environment (https_proxy)."}


class Failures:
    """Explains the failures of one client.

    :arg scrub: replaces secrets in a text of Northflank's.
    """

    def __init__(self, api_url: str, scrub: t.Callable[[t.Any], t.Any]) -> None:
        self._api_url = api_url
        self._scrub = scrub

    def network(self, call: Call, problem: Exception, seconds: float, *, late: bool, sent: bool) -> errors.NetworkError:
        """There was no whole answer.

        :arg seconds: how long the request might take.
        :arg late: whether the connection was cut because the time was over.
        :arg sent: whether anything may have left this host.
        """
        if isinstance(problem, (requests.Timeout, urllib3.exceptions.ReadTimeoutError)) or late:
            what, advice = f"no complete answer came within {seconds:.3g} seconds", "Check the network, or raise the timeout option."
        elif isinstance(problem, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)):
            # Its own words may have part of a proxy's password in them.
            what, advice = "an address is not valid", f"Check api_url ({self._api_url}) and the proxies in the environment (https_proxy)."
        else:
            what = shorten(self._scrub(without_credentials(_root_cause(problem))).rstrip("."), 500)
            advice = f"Check the network, the proxy and api_url ({self._api_url})."
        return errors.NetworkError(f"Could not {call.doing}: {what}. {advice}", sent=sent)

    def too_long(self, call: Call, status: int, what: str) -> errors.InvalidResponseError:
        """The answer is larger than any that makes sense.

        :arg what: what it has too much of.
        """
        fewer = " Or ask for fewer lines." if "lineLimit" in (call.params or {}) else ""
        return errors.InvalidResponseError(
            f"Northflank's answer {what} when asked to {call.doing}. "
            f"Check that api_url {self._api_url!r} is the address of Northflank's API.{fewer}",
            status=status,
        )

    def encoded(self, call: Call, status: int, encoding: str) -> errors.InvalidResponseError:
        """The answer is compressed, though none was asked for that is."""
        return errors.InvalidResponseError(
            f"Northflank's answer came with Content-Encoding {shorten(plain(encoding), 50)!r} when asked to {call.doing}. "
            f"Only plain answers are asked for, so it was not decoded. Check that api_url {self._api_url!r} is the address of Northflank's "
            "API and that no proxy answers in its place.",
            status=status,
        )

    def makes_no_sense(self, call: Call, what: str) -> errors.InvalidResponseError:
        """The answer is Northflank's by its form, and makes no sense.

        :arg what: what is wrong with it.
        """
        return errors.InvalidResponseError(
            f"Northflank's answer could not be understood when asked to {call.doing}: {what}. "
            f"Check that api_url {self._api_url!r} is the address of Northflank's API; look in Northflank for what became of it."
        )

    def not_understood(self, call: Call, answer: Answer) -> errors.InvalidResponseError:
        """The answer is a success by its status, and none of Northflank's."""
        return errors.InvalidResponseError(
            f"Northflank's answer could not be understood when asked to {call.doing}: HTTP {answer.status} "
            f"with {kind_of_body(answer)}. Check that api_url {self._api_url!r} is the address of Northflank's API "
            "and that no proxy answers in its place.",
            status=answer.status,
        )

    def refusal(self, call: Call, answer: Answer, retry_after: float | None, limit: int | None) -> errors.NorthflankError:
        """The answer is no success by its status.

        :arg retry_after: seconds that the server wants to be left alone, where it said so.
        :arg limit: requests an hour, where that is known.
        """
        api = self._words(answer.error or {})
        kind = errors.from_status(answer.status)
        advice = {
            errors.AuthenticationError: f"Northflank does not accept the API token. {TOKEN_HELP}",
            errors.ForbiddenError: f"The API token may not do this. Give its role the permission '{call.permission}'.",
            errors.NotFoundError: f"{call.missing} Or this token may not see it.",
            errors.RejectedError: _REFUSALS.get(answer.status, "" if api.get("message") else "Northflank refused the request."),
            errors.RateLimitedError: _quota_words(answer, retry_after, limit),
            errors.ServerError: "The fault is Northflank's or a proxy's. Try again later.",
            errors.InvalidResponseError: self._redirect_words(answer),
        }[kind]
        words = api.get("message", "").strip().rstrip(".")
        said = f"{words} (HTTP {answer.status})" if words else f"HTTP {answer.status}"
        sentences = [f"Could not {call.doing}: {said}.", advice]
        if api.get("details"):
            sentences.append(f"Details: {shorten(json.dumps(api['details']), 1000)}.")
        return kind(" ".join(filter(None, sentences)), status=answer.status, api=api, retry_after=retry_after)

    def _words(self, error: dict[str, t.Any]) -> dict[str, t.Any]:
        """What Northflank says of a refusal: texts, and C(details) of any shape."""
        # Redacted first: a cut could leave half a secret.
        known = tidy(self._scrub({name: error[name] for name in ("message", "id", "details") if name in error}))
        return {name: bounded(value) for name, value in known.items() if name == "details" or isinstance(value, str)}

    def _redirect_words(self, answer: Answer) -> str:
        location = shorten(self._scrub(without_credentials(answer.headers.get("Location", "nowhere"))), 500)
        return (
            f"The address redirects to {location!r}. Redirects are not followed, so that "
            "neither the token nor the request can go astray. Set api_url to the address that Northflank's API really has."
        )


def _quota_words(answer: Answer, pause: float | None, limit: int | None) -> str:
    quota = f"The quota of {limit} requests an hour is used up" if limit else "The request quota is used up"
    if pause is None:
        return f"{quota}; Northflank did not say when it returns. Try again later."
    moment = None if answer.date is None else unix_time(answer.date + pause)
    at = "" if moment is None else f", at {email.utils.formatdate(moment, usegmt=True)}"
    return f"{quota}; it returns in {pause:.0f} seconds{at}. Run the task again then."


def kind_of_body(answer: Answer) -> str:
    """What an answer has in place of JSON with C(data)."""
    if not answer.body:
        return "no body"
    if b"<html" in answer.body[:1000].lower():
        return "an HTML page"
    return "a body without data" if answer.json is not None else "a body that is not JSON"


def _root_cause(problem: BaseException) -> str:
    """The innermost reason in a chain of exceptions, which is where the operating system's words are."""
    for _depth in range(20):
        inner = getattr(problem, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((a for a in problem.args if isinstance(a, BaseException)), None)
        inner = inner or problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
        if inner is None:
            break
        problem = inner
    words = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return plain(words) or type(problem).__name__
