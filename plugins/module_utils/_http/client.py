# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Northflank's API over HTTP: deadlines, retries, rate limits, paging. Knows nothing about jobs or builds."""

from __future__ import annotations

import math
import random
import re
import typing as t
from urllib.parse import urlsplit

from .. import _errors as errors
from .._masking import Redactor, strip_credentials
from .._timestamps import http_date
from .error_messages import ErrorMessages, body_kind
from .messages import Request, Response
from .retry_rules import can_retry_now
from .server_clock import ServerClock
from .transport import REQUESTS_IMPORT_ERROR, RefusedResponse, Transport, TransportError

if not REQUESTS_IMPORT_ERROR:
    import requests

MAX_PAGES = 100
MAX_ENTRIES = 20_000
MAX_LIST_BYTES = 16 * 1024 * 1024
"""Limits for all pages of a list together; 100 pages of 100 builds are about 5 MB."""
LIST_TIMEOUTS = 10  # Without an explicit deadline, reading all pages may take this many times the timeout.
MIN_SECONDS = 0.2  # A request with less time left is not sent.


class Page(t.NamedTuple):
    """One page of a list."""

    entries: list[t.Any]
    is_last: bool


class Clock(t.Protocol):
    """Injected so that tests do not have to wait."""

    def monotonic(self) -> float:
        """Seconds since a fixed point in the past."""

    def sleep(self, seconds: float, /) -> None:
        """Wait."""

    def time(self) -> float:
        """Unix time."""


class Client:
    """A client for Northflank's API.

    A request takes at most `timeout` seconds, from its first byte to the last byte of its response. `rate_limit` has requests per hour,
    requests left, and seconds until the reset, counted from `rate_limit_at`, after so many `responses`.
    `api_confirmed` is whether Northflank certainly responded.
    """

    def __init__(self, *, api_url: str, transport: Transport, timeout: float, retries: int, clock: Clock, redactor: Redactor) -> None:
        self.api_url = api_url
        self.clock = clock
        self.timeout = timeout
        self.retries = retries
        self.redactor = redactor
        self.rate_limit: dict[str, int | None] = {"limit": None, "remaining": None, "reset": None}
        self.rate_limit_at = clock.monotonic()
        self.responses = 0
        self.server_clock = ServerClock()
        self.api_confirmed = False
        self.messages = ErrorMessages(api_url, redactor)
        self._transport = transport

    def send(self, request: Request, deadline: float | None = None) -> Response:
        """Send a request once and return the complete response, whatever its status.

        Raises NetworkError if there is none within the timeout and by `deadline`, InvalidResponseError if it is compressed or too large.
        """
        sent_at = self.clock.monotonic()
        seconds = self.timeout if deadline is None else min(self.timeout, deadline - sent_at)
        if seconds < MIN_SECONDS:
            raise errors.NetworkError(f"Could not {request.description}: there was no time left for it.", sent=False)
        try:
            response = self._transport.send(self.api_url, request, seconds)
        except TransportError as error:
            raise self.messages.network(request, error, seconds) from error
        except RefusedResponse as error:
            raise self.messages.invalid_response(request, error.reason, error.status) from error
        response.sent_at, response.received_at = sent_at, self.clock.monotonic()
        self.responses += 1
        # Responses without these headers come from a gateway and change nothing.
        for name in self.rate_limit:
            number = _number(response.headers.get(f"x-ratelimit-{name}"))
            self.rate_limit[name] = self.rate_limit[name] if number is None else math.ceil(number)
        if "x-ratelimit-reset" in response.headers:
            self.rate_limit_at = response.received_at
        return response

    def parse(self, request: Request, response: Response) -> t.Any:
        """Return the `data` of a response. Raises ResponseError if the status is not 2xx or there is no `data`."""
        if not 200 <= response.status < 300:
            self.api_confirmed = self.api_confirmed or response.is_northflanks
            raise self.messages.refused(request, response, self._retry_after(response), self.rate_limit["limit"])
        if not isinstance(response.json, dict) or "data" not in response.json:
            raise self.messages.invalid_response(request, f"is HTTP {response.status} with {body_kind(response)}", response.status)
        self.server_clock.update(response)
        self.api_confirmed = True
        return response.json["data"]

    def _retry_after(self, response: Response) -> float | None:
        """Return the seconds the server asked us to wait: `Retry-After`, or `x-ratelimit-reset` if no requests are left."""
        text = response.headers.get("Retry-After")
        seconds = _number(text)
        date = http_date(text)
        if seconds is None and date is not None and response.date is not None:
            seconds = date - response.date
        reset = self.rate_limit["reset"]
        if seconds is None and reset is not None and response.status == 429 and not self.rate_limit["remaining"]:
            seconds = reset - (response.received_at - self.rate_limit_at)
        return None if seconds is None else max(0.0, seconds)

    def sleep_before_retry(self, error: errors.NorthflankError, attempt: int, patience: float) -> float:
        """Sleep after failure number `attempt`, and return the seconds. Raises `error` if no retries or too few seconds are left."""
        backoff = 0.5 * float(2 ** min(attempt, 4)) * random.uniform(0.5, 1.0)
        seconds = max(backoff, error.retry_after or 0.0)
        if attempt >= self.retries or seconds > patience:
            raise error
        self.clock.sleep(seconds)
        return seconds

    def request(self, request: Request, deadline: float | None = None, retries: int | None = None) -> Response:
        """Send an idempotent request (GET or DELETE), retry transient failures, and return a successful response with `data`.

        Without a deadline, the waits between attempts add up to at most the timeout. Raises the error of the last attempt.
        """
        patience = self.timeout
        attempt = 0
        while True:
            try:
                response = self.send(request, deadline)
                self.parse(request, response)
                return response
            except errors.NorthflankError as error:
                if not can_retry_now(error) or (retries is not None and attempt >= retries):
                    raise
                left = patience if deadline is None else deadline - self.clock.monotonic()
                patience -= self.sleep_before_retry(error, attempt, left)
            attempt += 1

    def pages(self, request: Request, key: str, deadline: float | None = None, retries: int | None = None) -> t.Iterator[Page]:
        """Yield `data[key]` page by page. Raises InvalidResponseError if it is not a list, is too long, or if paging does not end."""
        deadline = self.clock.monotonic() + LIST_TIMEOUTS * self.timeout if deadline is None else deadline
        params: dict[str, t.Any] = {"per_page": 100}
        cursors: set[str] = set()
        size = count = 0
        for _page in range(MAX_PAGES):
            response = self.request(request._replace(params=params), deadline, retries)
            entries, cursor = self._page(request, response.json, key)
            size += len(response.body)
            count += len(entries)
            if size > MAX_LIST_BYTES or count > MAX_ENTRIES:
                reason = f"is longer than {MAX_LIST_BYTES} bytes or {MAX_ENTRIES} entries on all pages"
                raise self.messages.invalid_response(request, reason, response.status)
            yield Page(entries, cursor is None)
            if cursor is None:
                return
            if cursor in cursors:
                break
            cursors.add(cursor)
            params = {"per_page": 100, "cursor": cursor}
        raise self.messages.invalid_response(request, f"has more than {MAX_PAGES} pages, or no last page")

    def _page(self, request: Request, page: dict[str, t.Any], key: str) -> tuple[list[t.Any], str | None]:
        """Return the entries of a page and, if there is another page, its cursor."""
        data, pagination = page["data"], page.get("pagination")
        pagination = pagination if isinstance(pagination, dict) else {}
        entries = data.get(key) if isinstance(data, dict) else None
        # Documented as optional. Accept a missing list only if `count` is 0: callers start builds because a list is empty.
        if entries is None and pagination.get("count") == 0:
            entries = []
        if not isinstance(entries, list):
            raise self.messages.invalid_response(request, f"has no list of {key}")
        # Go by hasNextPage: the last page may still have a cursor, on which the official JavaScript client loops forever.
        if pagination.get("hasNextPage") is not True:
            return entries, None
        if not isinstance(pagination.get("cursor"), str):
            raise self.messages.invalid_response(request, "has a next page, but no cursor")
        return entries, pagination["cursor"]


def _number(text: str | None) -> float | None:
    """Return the number in a header, or None if it is not a plain one below a billion: as seconds, that would be 31 years."""
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{0,9})?)\s*", text or "", re.ASCII)
    return float(match[1]) if match else None


def base_url(api_url: str) -> str:
    """Return the API's URL without a trailing slash or `/v1`; users write both. Raises InvalidArgumentsError if the URL is invalid."""
    try:
        parts = urlsplit(api_url.strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or not host.isprintable() or " " in host or host.startswith("."):
        raise _invalid_url(f"api_url {strip_credentials(api_url)!r} is not an http or https URL with a host.")
    if "@" in api_url or parts.query or parts.fragment:
        raise _invalid_url("api_url must be a URL without user name, password, query, and fragment.")
    request = requests.PreparedRequest()
    try:
        request.prepare_url(f"{parts.scheme}://{parts.netloc}{parts.path}", None)
    except (requests.RequestException, ValueError):
        raise _invalid_url(f"api_url {api_url!r} is not a valid URL.") from None
    url = str(request.url).rstrip("/")
    return url[:-3].rstrip("/") if url.endswith("/v1") else url


def _invalid_url(problem: str) -> errors.InvalidArgumentsError:
    return errors.InvalidArgumentsError(f"{problem} Write it like https://api.northflank.com.")
