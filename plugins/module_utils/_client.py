# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""HTTP to Northflank's API: time limits, the quota, pages, and what is safe to send again."""

from __future__ import annotations

import json
import random
import typing as t
from urllib.parse import urlsplit

from . import _errors as errors
from ._exchange import BYTES_PER_CONTAINER, Answer, Call
from ._secrets import without_credentials
from ._times import http_date
from ._wire import REQUESTS_IMPORT_ERROR, Wire, silence_insecure

if not REQUESTS_IMPORT_ERROR:
    import requests
    import urllib3

if t.TYPE_CHECKING:
    from ._failures import Failures

MAX_PAGES = 100
"""Of a hundred entries each: nobody looks at more than ten thousand builds."""

MAX_LIST = 16 * 1024 * 1024
"""Bytes of all pages of a list together. A hundred pages of a hundred builds have about 5 MB."""

MAX_ENTRIES = 20_000
"""Entries on all pages of a list together."""

LEAST_TIME = 0.5
"""Seconds. A request that gets less is not sent."""

LIST_TIMEOUTS = 10
"""The pages of a list take at most so many times as long as one request may, where no other deadline is set."""


class Clock(t.Protocol):
    """Time as the operations see it: never the wall clock, which people set."""

    def monotonic(self) -> float:
        """Seconds from a fixed point in the past."""

    def sleep(self, seconds: float, /) -> None:
        """Let the time go by."""


class Client:
    """Northflank's API for one token, which is the wire's.

    :ivar rate_limit: the quota by the latest answer: requests an hour, requests left, seconds until the count starts again.
    :ivar rate_limit_at: when that answer came.
    :ivar understood: whether there was an answer that only Northflank gives.
    :ivar started: the builds that were started over the same wire, as pairs of job and id.
    :arg timeout: seconds for one request, from its first to its last byte.
    :arg retries: how often a request that failed is sent again, where that is safe.
    :arg verify: what C(requests) calls so: true, false, or the path of a CA bundle.
    :arg scrub: replaces secrets in a text of Northflank's.
    """

    def __init__(
        self,
        *,
        api_url: str,
        wire: Wire,
        timeout: float,
        retries: int,
        verify: bool | str,
        clock: Clock,
        scrub: t.Callable[[t.Any], t.Any],
    ) -> None:
        self.api_url = api_url
        self.clock = clock
        self.timeout = timeout
        self.retries = retries
        self.rate_limit: dict[str, int | None] = {"limit": None, "remaining": None, "reset": None}
        self.rate_limit_at = clock.monotonic()
        self.understood = False
        self.started = wire.started
        self._verify = verify
        self.scrub = scrub
        self._wire = wire
        if verify is False:
            silence_insecure()
        self._server_ahead: float | None = None

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def server_time(self, at: float) -> float | None:
        """The server's clock at a moment of ours, never later than it really was, or null before any answer.

        :arg at: a moment of L(Clock.monotonic).
        """
        return None if self._server_ahead is None else at + self._server_ahead

    def exchange(self, call: Call, deadline: float | None = None) -> Answer:
        """Send one request, once, and read its whole answer.

        :arg deadline: when the answer must be there, on our clock, should that be before the timeout.
        :raises NetworkError: there is no complete answer in time.
        """
        seconds = self.timeout if deadline is None else min(self.timeout, deadline - self.clock.monotonic())
        if seconds < LEAST_TIME:
            raise errors.NetworkError(f"Could not {call.doing}: there was no time left for it.", sent=False)
        try:
            with self._wire.limited(seconds):
                answer = self._answer(call, seconds)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as problem:
            raise self._failures().network(call, problem, seconds, late=self._wire.was_cut, sent=not self._wire.unsent) from problem
        self._learn(answer)
        return answer

    def _answer(self, call: Call, seconds: float) -> Answer:
        body = None if call.body is None else json.dumps(call.body, separators=(",", ":"))
        with self._wire.send(call.method, self.api_url + call.path, call.params, body, seconds, self._verify) as response:
            answer = Answer(response.status, response.headers, self._read(response, call), self.clock.monotonic(), self.redact_token)
        if answer.status < 200:
            # Python's HTTP client takes an announcement (103) for the answer, which would be left for the next request.
            self.close()
            raise requests.ConnectionError(f"HTTP {answer.status} came in place of an answer")
        return answer

    def _read(self, response: urllib3.HTTPResponse, call: Call) -> bytes:
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            # Never decoded: a few kilobytes can become gigabytes.
            raise self._failures().encoded(call, response.status, encoding)
        body = bytearray()
        for part in response.stream(65536, decode_content=False):
            body += part
            if len(body) > call.max_bytes:
                raise self._failures().too_long(call, response.status, f"is longer than {call.max_bytes} bytes")
        if body.count(b"[") + body.count(b"{") > call.max_bytes // BYTES_PER_CONTAINER:
            raise self._failures().too_long(call, response.status, "has too many lists and objects")
        if self._wire.was_cut and not response.chunked and response.length_remaining is None:
            # It was to end with the connection, whose end was our doing.
            raise requests.Timeout
        # All is read, so the next request may have the connection.
        response.release_conn()
        return bytes(body)

    def _learn(self, answer: Answer) -> None:
        """Take the quota from an answer's headers; an answer without them, a gateway's, leaves what is known."""
        for name in self.rate_limit:
            self.rate_limit[name] = _integer(answer.headers.get(f"x-ratelimit-{name}"), self.rate_limit[name])
        if "x-ratelimit-reset" in answer.headers:
            self.rate_limit_at = answer.received

    def data(self, call: Call, answer: Answer) -> t.Any:
        """The C(data) of a successful answer.

        :raises NorthflankError: any other answer, with the class and the words that fit.
        """
        if not 200 <= answer.status < 300:
            # Only Northflank writes this: whatever went wrong, this is the right address.
            self.understood = self.understood or answer.error is not None
            raise self._failures().refusal(call, answer, self._retry_after(answer), self.rate_limit["limit"])
        if not isinstance(answer.json, dict) or "data" not in answer.json:
            raise self._failures().not_understood(call, answer)
        self._set_clock(answer)
        self.understood = True
        return answer.json["data"]

    def _set_clock(self, answer: Answer) -> None:
        """Take the server's clock from an answer that is Northflank's for sure: a proxy's clock may be far off."""
        if answer.date is not None:
            # Both the cut-off fraction of a second and the way back make this too small, never too large.
            ahead = answer.date - answer.received
            self._server_ahead = ahead if self._server_ahead is None else max(ahead, self._server_ahead)

    def _failures(self) -> Failures:
        # Compiling this takes some milliseconds, which only a request that fails is to pay.
        from ._failures import Failures

        return Failures(self.api_url, self.scrub)

    def redact_token(self, text: str) -> str:
        """A text of an answer without the token, which a server may repeat, in an ID as well as in a message."""
        return self._wire.redact(text)

    def _retry_after(self, answer: Answer) -> float | None:
        """Seconds that the server wants to be left alone: C(Retry-After), for a used-up quota C(x-ratelimit-reset)."""
        text = answer.headers.get("Retry-After")
        seconds = _integer(text, None)
        date = http_date(text)
        if seconds is None and date is not None and answer.date is not None:
            seconds = int(date - answer.date)
        reset = self.rate_limit["reset"]
        if seconds is None and reset is not None and answer.status == 429 and not self.rate_limit["remaining"]:
            return max(0.0, reset - (answer.received - self.rate_limit_at))
        return None if seconds is None else max(0.0, float(seconds))

    def pause(self, problem: errors.NorthflankError, attempt: int, patience: float) -> float:
        """Let time go by before a request is sent again.

        :arg attempt: how often it was sent again before.
        :arg patience: seconds that may be spent.
        :returns: seconds spent.
        :raises NorthflankError: the problem, at once, where the attempts are used up or the pause would not fit.
        """
        backoff = 0.5 * float(2 ** min(attempt, 4)) * random.uniform(0.5, 1.0)
        seconds = max(backoff, problem.retry_after or 0.0)
        if attempt >= self.retries or seconds > patience:
            raise problem
        self.clock.sleep(seconds)
        return seconds

    def ask(self, call: Call, deadline: float | None = None, retries: int | None = None) -> Answer:
        """Send a request that may be sent twice (GET, DELETE), again where that promises success.

        :arg deadline: when all must be over, on our clock; where none is given, all pauses together may take as long as the timeout.
        :arg retries: how often it is sent again; where none is given, as the task says.
        :returns: the answer, a success with C(data).
        :raises NorthflankError: what the last attempt ended with.
        """
        patience = self.timeout
        attempt = 0
        while True:
            try:
                answer = self.exchange(call, deadline)
                self.data(call, answer)
                return answer
            except errors.NorthflankError as problem:
                if not problem.transient or (retries is not None and attempt >= retries):
                    raise
                left = patience if deadline is None else deadline - self.clock.monotonic()
                patience -= self.pause(problem, attempt, left)
            attempt += 1

    def pages(self, call: Call, deadline: float | None = None, retries: int | None = None) -> t.Iterator[t.Any]:
        """Each page of a list, with C(data) and C(pagination).

        :arg deadline: when the last page must be there, on our clock.
        :arg retries: how often the request for a page is sent again.
        :raises InvalidResponseError: the list has no end.
        """
        deadline = self.clock.monotonic() + LIST_TIMEOUTS * self.timeout if deadline is None else deadline
        params: dict[str, t.Any] = {"per_page": 100}
        seen: set[str] = set()
        size = 0
        for _page in range(MAX_PAGES):
            answer = self.ask(call._replace(params=params), deadline, retries)
            size += len(answer.body)
            if size > MAX_LIST:
                raise self._failures().too_long(call, answer.status, f"is longer than {MAX_LIST} bytes on all pages")
            yield answer.json
            pagination = answer.json.get("pagination")
            if not isinstance(pagination, dict) or pagination.get("hasNextPage") is not True:
                # Not on "no cursor": a last page may have one, and the official JavaScript client then never ends.
                return
            cursor = pagination.get("cursor")
            if not isinstance(cursor, str) or cursor in seen:
                break
            seen.add(cursor)
            params = {"per_page": 100, "cursor": cursor}
        raise errors.InvalidResponseError(f"Could not {call.doing}: the pages of the list have no end.")

    def entries(self, call: Call, key: str, deadline: float | None = None, retries: int | None = None) -> t.Iterator[list[t.Any]]:
        """The entries of a list, page by page: what C(data) has under a key.

        :raises InvalidResponseError: C(data) has no such list, the list has no end, or there are too many entries.
        """
        total = 0
        for content in self.pages(call, deadline, retries):
            data, pagination = content["data"], content.get("pagination")
            listed = data.get(key) if isinstance(data, dict) else None
            # Optional in the documentation alone. That none is there must be said: a build is started on the strength of it.
            if listed is None and isinstance(pagination, dict) and pagination.get("count") == 0:
                listed = []
            if not isinstance(listed, list):
                raise self.misunderstood(call, f"data has no list of {key}")
            total += len(listed)
            if total > MAX_ENTRIES:
                raise self.misunderstood(call, f"the list has more than {MAX_ENTRIES} entries")
            yield listed

    def misunderstood(self, call: Call, what: str) -> errors.InvalidResponseError:
        """The error for a successful answer that makes no sense. C(what) is what is wrong with it."""
        return self._failures().makes_no_sense(call, what)


def _integer(text: str | None, default: int | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else default


def base_url(api_url: str) -> str:
    """The address of the API without a trailing slash and without C(/v1), both of which people write.

    :raises InvalidArgumentsError: it is not an http or https URL of a host.
    """
    try:
        parts = urlsplit(api_url.strip())
        host, _port = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or not host.isprintable() or " " in host or host.startswith("."):
        raise errors.InvalidArgumentsError(
            f"api_url {without_credentials(api_url)!r} is not an http or https address with a host. Write it like https://api.northflank.com."
        )
    if "@" in api_url or parts.query or parts.fragment:
        raise errors.InvalidArgumentsError(
            "api_url must be an address alone, without user name, password, query or fragment. Write it like https://api.northflank.com."
        )
    path = parts.path.rstrip("/")
    url = f"{parts.scheme}://{parts.netloc}{path[:-3] if path.endswith('/v1') else path}"
    # Few have anything to normalize, and to do it takes 1 % of a start.
    plain = url.isascii() and "//" not in path and not any(rare in url for rare in ("%", "*", "[", "/."))
    return url if plain else _normalized(url)


def _normalized(url: str) -> str:
    request = requests.PreparedRequest()
    try:
        request.prepare_url(url, None)
    except (requests.RequestException, ValueError):
        raise errors.InvalidArgumentsError(f"api_url {url!r} is not a valid address. Write it like https://api.northflank.com.") from None
    return str(request.url).rstrip("/")
