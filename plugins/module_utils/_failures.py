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
from ._exchange import Answer, Call
from ._secrets import plain, tidy, without_credentials
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

    :arg timeout: seconds for one request, the task's option.
    :arg scrub: replaces secrets in a text of Northflank's.
    """

    def __init__(self, api_url: str, timeout: float, scrub: t.Callable[[t.Any], t.Any]) -> None:
        self._api_url = api_url
        self._timeout = timeout
        self._scrub = scrub

    def network(self, call: Call, problem: Exception, *, late: bool, sent: bool) -> errors.NetworkError:
        """There was no whole answer.

        :arg late: whether the connection was cut because the time was over.
        :arg sent: whether anything may have left this host.
        """
        if isinstance(problem, (requests.Timeout, urllib3.exceptions.ReadTimeoutError)) or late:
            what, advice = f"no complete answer came within {self._timeout:g} seconds", "Check the network, or raise the timeout option."
        elif isinstance(problem, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)):
            # Its own words may have part of a proxy's password in them.
            what, advice = "an address is not valid", f"Check api_url ({self._api_url}) and the proxies in the environment (https_proxy)."
        else:
            what = without_credentials(_root_cause(problem)).rstrip(".")
            advice = f"Check the network, the proxy and api_url ({self._api_url})."
        return errors.NetworkError(f"Could not {call.doing}: {what}. {advice}", sent=sent)

    def too_long(self, call: Call, status: int, most: int) -> errors.InvalidResponseError:
        """The answer has more than so many bytes."""
        return errors.InvalidResponseError(
            f"Northflank's answer was longer than {most} bytes when asked to {call.doing}. "
            f"Check that api_url {self._api_url!r} is the address of Northflank's API.",
            status=status,
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
        api = tidy(self._scrub(answer.error or {}))
        api = {name: text for name, text in api.items() if name == "details" or isinstance(text, str)}
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
            sentences.append(f"Details: {json.dumps(api['details'])}.")
        return kind(" ".join(filter(None, sentences)), status=answer.status, api=api, retry_after=retry_after)

    def _redirect_words(self, answer: Answer) -> str:
        return (
            f"The address redirects to {self._scrub(answer.headers.get('Location', 'nowhere'))!r}. Redirects are not followed, so that "
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
