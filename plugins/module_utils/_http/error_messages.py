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
from .._masking import MASK, Redactor, map_strings, shorten, strip_credentials
from .._timestamps import unix_time
from .messages import Request, Response, truncate
from .network_errors import explain, proxy_for
from .transport import TransportError

OFTEN_FROM_GATEWAYS = (407, 408, 429)  # Proxies send them, too, with the same meaning.

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
        what, advice, is_lasting = explain(error, self._api_url, seconds)
        message = f"Could not {request.description}: {self._line(what, 500)}. {advice}"
        return errors.NetworkError(message, sent=error.sent, is_lasting=is_lasting)

    def invalid_response(self, request: Request, reason: str, status: int | None = None) -> errors.InvalidResponseError:
        """Build the error for a response that is invalid or not Northflank's. `reason` completes "the response"."""
        message = f"Could not {request.description}: the response {self._line(reason)}. {self._check_address()}"
        return errors.InvalidResponseError(message, status=status)

    def _check_address(self) -> str:
        return f"Check that api_url ({self._api_url}) is the address of Northflank's API, and that no proxy responds in its place."

    def refused(self, request: Request, response: Response, retry_after: float | None, limit: int | None) -> errors.ResponseError:
        """Build the error for a response that is not 2xx. `limit` is the hourly request limit, if known."""
        is_foreign = not response.is_northflanks and response.status >= 400
        if is_foreign and response.status < 500 and response.status not in OFTEN_FROM_GATEWAYS:
            return self.invalid_response(request, f"is HTTP {response.status} with {body_kind(response)}", response.status)
        api = self._own_words(response.error or {})
        words = api.get("message", "").strip().rstrip(".")
        said = f"{words} (HTTP {response.status})" if words else f"HTTP {response.status}"
        refused = "" if words or is_foreign else "Northflank refused the request."
        advice = self._advice(request, response, retry_after, limit, words) or refused
        if is_foreign and response.status != 407:
            advice = f"{advice} If this continues: {self._check_address()}".strip()
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
        # Northflank's own, but from a path that its API does not have.
        if response.status == 405 or "route does not exist" in words:
            return f"Check that api_url ({self._api_url}) is the address of Northflank's API alone, like https://api.northflank.com."
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
            return f"{request.not_found_hint} If they are correct, the token has no access."
        if kind is errors.RateLimitedError:
            return _rate_limit_words(response, retry_after, limit)
        if kind is errors.ServerError:
            return "Northflank or a proxy had an internal error. Try again later."
        if kind is errors.InvalidResponseError:
            location = self._line(strip_credentials(response.headers.get("Location", "nowhere")), 500)
            reason = "Redirects are not followed, so that the token is not sent to another host."
            return f"The address redirects to {location!r}. {reason} Set api_url to the real address of Northflank's API."
        if response.status == 407:
            proxy = proxy_for(self._api_url) or "on the way"
            use = "Put them into the URL of the proxy in the environment (http_proxy)."
            return f"The proxy {proxy} asks for a user name and a password. {use}"
        return ""


def _mask_received(details: t.Any) -> t.Any:
    """Mask what follows "received" in details about masked options: a value that is cut short would not be recognized as a secret."""
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
        return f"{used_up}; Northflank did not say when it resets. Try again later."
    moment = None if response.date is None else unix_time(response.date + retry_after)
    at = "" if moment is None else f", at {email.utils.formatdate(moment, usegmt=True)}"
    return f"{used_up}. It resets in {retry_after:.0f} s{at}. Run the task again then."


def body_kind(response: Response) -> str:
    """Describe a body that is not Northflank's."""
    if not response.body:
        return "no body"
    if b"<html" in response.body[:1000].lower() or "text/html" in response.headers.get("Content-Type", ""):
        return "an HTML page"
    return "JSON that is not Northflank's" if response.json is not None else "a body that is not JSON"
