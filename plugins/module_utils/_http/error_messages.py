# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Error messages for failed requests: what happened, to what, and what to do next."""

from __future__ import annotations

import email.utils
import json
import re
import typing as t

from .. import _errors as errors
from .._argspec import SECRET_OPTIONS
from .._masking import MASK, Redactor, map_strings, shorten, strip_controls, strip_credentials
from .._timestamps import unix_time
from .messages import Request, Response, truncate
from .transport import REQUESTS_IMPORT_ERROR, TransportError

if not REQUESTS_IMPORT_ERROR:
    import requests
    import urllib3


_SECRET_FIELD = re.compile("(?:" + "|".join(name.replace("_", "_?") for name in SECRET_OPTIONS) + r")(?!.*\bencoding$)", re.IGNORECASE)
_RECEIVED = re.compile(r"(\breceived\b:? *).*", re.IGNORECASE | re.DOTALL)


class ErrorMessages:
    """Builds the errors of one client."""

    def __init__(self, api_url: str, redactor: Redactor) -> None:
        self._api_url = api_url
        self._line = redactor.line
        self._quoted = redactor.quoted

    def network(self, request: Request, error: TransportError, seconds: float) -> errors.NetworkError:
        """Build the error for a request that got no complete response within `seconds`."""
        if error.timed_out:
            what, advice = f"no complete response came within {seconds:.3g} s", "Check the network, or raise api_timeout."
        elif isinstance(error.cause, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)):
            # The exception's message may contain part of a proxy's password.
            what, advice = "a URL is not valid", f"Check api_url ({self._api_url}) and the proxies in the environment (https_proxy)."
        else:
            what = self._line(strip_credentials(_root_cause(error.cause)).rstrip("."), 500)
            advice = f"Check the network, the proxy, and api_url ({self._api_url})."
        return errors.NetworkError(f"Could not {request.description}: {what}. {advice}", sent=error.sent)

    def invalid_response(self, request: Request, reason: str, status: int | None = None) -> errors.InvalidResponseError:
        """Build the error for a response that is invalid or not Northflank's. `reason` completes "the response"."""
        check = f"Check that api_url ({self._api_url}) is the address of Northflank's API, and that no proxy responds in its place."
        message = f"Could not {request.description}: the response {self._line(reason)}. {check}"
        return errors.InvalidResponseError(message, status=status)

    def refused(self, request: Request, response: Response, retry_after: float | None, limit: int | None) -> errors.ResponseError:
        """Build the error for a response that is not 2xx. `limit` is the hourly request limit, if known."""
        api = self._own_words(response.error or {})
        words = api.get("message", "").strip().rstrip(".")
        said = f"{words} (HTTP {response.status})" if words else f"HTTP {response.status}"
        advice = self._advice(request, response, retry_after, limit, words) or ("" if words else "Northflank refused the request.")
        details = f"Details: {shorten(json.dumps(api['details']), 1000)}." if api.get("details") else ""
        message = " ".join(filter(None, [f"Could not {request.description}: {said}.", advice, details]))
        return errors.error_class(response.status)(message, status=response.status, api=api, retry_after=retry_after)

    def _own_words(self, error: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return Northflank's `message`, `id`, and `details`. Redacted before they are cut: a cut could leave half a secret."""
        words = {name: self._line(self._quoted(error[name]), 500) for name in ("message", "id") if isinstance(error.get(name), str)}
        details = map_strings(_mask_received(error.get("details")), self._quoted, keys=False)
        return {**words, "details": truncate(details, self._line)} if "details" in error else words

    def _advice(self, request: Request, response: Response, retry_after: float | None, limit: int | None, words: str) -> str:
        kind = errors.error_class(response.status)
        if kind is errors.AuthenticationError:
            if words.lower() not in ("", "unauthorized"):
                return ""  # Such as "Feature flag is not enabled for your account": not about the token.
            create = "Create a token in Northflank under Team settings > API > Tokens (https://app.northflank.com/s/account/api/tokens)"
            use = "pass it as api_token or in the environment variable NORTHFLANK_API_TOKEN"
            return f"Northflank does not accept the API token. {create} and {use}."
        if kind is errors.ForbiddenError:
            named = re.search("missing permissions?: *(.+)", words, re.IGNORECASE)
            if named is None:
                return f"The role of the API token may lack the permission '{request.permission}'."
            # Northflank names the last part of a permission, and knows better than the documentation which one is missing.
            full = request.permission if request.permission.lower().endswith(named[1].lower()) else named[1]
            return f"Give the role of the API token the permission '{full}'."
        if kind is errors.NotFoundError:
            return f"{request.not_found_hint} Or the token has no access to it."
        if kind is errors.RateLimitedError:
            return _rate_limit_words(response, retry_after, limit)
        if kind is errors.ServerError:
            return "The fault is Northflank's or a proxy's. Try again later."
        if kind is errors.InvalidResponseError:
            location = self._line(strip_credentials(response.headers.get("Location", "nowhere")), 500)
            reason = "Redirects are not followed, so that neither the token nor the request goes astray."
            return f"The address redirects to {location!r}. {reason} Set api_url to the real address of Northflank's API."
        if response.status == 407:
            return "A proxy asks for a user name and a password. Put them into the URL of the proxy in the environment (https_proxy)."
        return ""


def _mask_received(details: t.Any) -> t.Any:
    """Mask the values that sentences about masked options repeat: cut short, they match no secret."""
    if isinstance(details, list):
        return [_mask_received(item) for item in details]
    if not isinstance(details, dict):
        return details
    return {
        key: map_strings(item, lambda text: _RECEIVED.sub(rf'\1"{MASK}"', text)) if _SECRET_FIELD.search(key) else _mask_received(item)
        for key, item in details.items()
    }


def _rate_limit_words(response: Response, retry_after: float | None, limit: int | None) -> str:
    used_up = f"The rate limit of {limit} requests an hour is used up" if limit else "The rate limit is used up"
    if retry_after is None:
        return f"{used_up}; Northflank did not say for how long. Try again later."
    moment = None if response.date is None else unix_time(response.date + retry_after)
    at = "" if moment is None else f", at {email.utils.formatdate(moment, usegmt=True)}"
    return f"{used_up}. It resets in {retry_after:.0f} s{at}. Run the task again then."


def body_kind(response: Response) -> str:
    """Describe a body that is not JSON with `data`."""
    if not response.body:
        return "no body"
    if b"<html" in response.body[:1000].lower():
        return "an HTML page"
    return "a body without data" if response.json is not None else "a body that is not JSON"


def _root_cause(error: BaseException) -> str:
    """Return the message of the innermost exception, usually the operating system's."""
    for _depth in range(20):
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((argument for argument in error.args if isinstance(argument, BaseException)), None)
        inner = inner or error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if inner is None:
            break
        error = inner
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return strip_controls(words) or type(error).__name__
