# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""HTTP to Northflank's API: time limits, the quota, pages, and what is safe to send again."""

from __future__ import annotations

import email.utils
import functools
import json
import math
import random
import threading
import typing as t
from urllib.parse import urlsplit

from . import _errors as errors
from ._secrets import plain, tidy, without_credentials
from ._times import http_date, unix_time
from ._wire import REQUESTS_IMPORT_ERROR, Wire, silence_insecure

if not REQUESTS_IMPORT_ERROR:
    import requests
    import urllib3

MAX_ANSWER = 32 * 1024 * 1024
"""Bytes. A hundred builds are about 50 kB; more than this is not an answer but a mistake or an attack."""

MAX_DEPTH = 64
"""Levels of lists and objects in an answer. Northflank's have six."""

MAX_KEY = 200
"""Characters in a key of an answer. Turning a key to snake case takes the square of its length."""

ONCE = 0.0
"""A moment long past, for C(until): what fails is not sent again."""

MAX_PAGES = 100
"""Of a hundred entries each: nobody looks at more than ten thousand builds."""

TOKEN_HELP = (
    "Create a token in Northflank under Team settings > API > Tokens (https://app.northflank.com/s/account/api/tokens) "
    "and pass it as api_token or in the environment variable NORTHFLANK_API_TOKEN."
)


_REFUSALS = {407: "A proxy asks for a user name and a password. Put them into the address of the proxy in the environment (https_proxy)."}


class Clock(t.Protocol):
    """Time as the operations see it: never the wall clock, which people set."""

    def monotonic(self) -> float:
        """Seconds from a fixed point in the past."""

    def sleep(self, seconds: float, /) -> None:
        """Let the time go by."""


class Call(t.NamedTuple):
    """One request, with the words for talking about it.

    C(doing) goes after C(could not), as in C(start a build of job 'web' of project 'shop').
    """

    method: str
    path: str
    doing: str
    permission: str
    missing: str
    """What to check when Northflank knows no such thing."""
    params: dict[str, t.Any] | None = None
    body: dict[str, t.Any] | None = None


class Answer:
    """What came back, whatever its status.

    :ivar received: when, on our own clock, in seconds.
    """

    def __init__(self, status: int, headers: t.Mapping[str, str], body: bytes, received: float) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.received = received

    @functools.cached_property
    def json(self) -> t.Any:
        """The body as JSON, or null where it is not JSON."""
        try:
            return _tame(json.loads(self.body))
        except (ValueError, RecursionError):
            return None

    @property
    def date(self) -> float | None:
        """The server's clock when it answered: Unix time in whole seconds."""
        return http_date(self.headers.get("Date"))


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

    def exchange(self, call: Call) -> Answer:
        """Send one request, once, and read its whole answer.

        :raises NetworkError: there is no complete answer within the timeout.
        """
        watchdog = threading.Timer(self.timeout, self._wire.cut, [self._wire.begin()])
        watchdog.daemon = True
        watchdog.start()
        try:
            body = None if call.body is None else json.dumps(call.body, separators=(",", ":"))
            url = self.api_url + call.path
            with self._wire.send(call.method, url, call.params, body, self.timeout, self._verify) as response:
                answer = Answer(response.status_code, response.headers, self._read(response, call), self.clock.monotonic())
            if answer.status < 200:
                # Python's HTTP client takes an announcement (103) for the answer, which would be left for the next request.
                self.close()
                raise requests.ConnectionError(f"HTTP {answer.status} came in place of an answer")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as problem:
            raise self._network_error(call, problem) from problem
        finally:
            watchdog.cancel()
        self._learn(answer)
        return answer

    def _read(self, response: requests.Response, call: Call) -> bytes:
        body = bytearray()
        for part in response.iter_content(65536):
            body += part
            if len(body) > MAX_ANSWER:
                raise errors.InvalidResponseError(
                    f"Northflank's answer was longer than {MAX_ANSWER} bytes when asked to {call.doing}. "
                    f"Check that api_url {self.api_url!r} is the address of Northflank's API.",
                    status=response.status_code,
                )
        return bytes(body)

    def _network_error(self, call: Call, problem: Exception) -> errors.NetworkError:
        if isinstance(problem, requests.Timeout) or self._wire.was_cut:
            what, advice = f"no complete answer came within {self.timeout:g} seconds", "Check the network, or raise the timeout option."
        elif isinstance(problem, (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)):
            # Its own words may have part of a proxy's password in them.
            what, advice = "an address is not valid", f"Check api_url ({self.api_url}) and the proxies in the environment (https_proxy)."
        else:
            what = without_credentials(_root_cause(problem)).rstrip(".")
            advice = f"Check the network, the proxy and api_url ({self.api_url})."
        return errors.NetworkError(
            f"Could not {call.doing}: {what}. {advice}",
            sent=not self._wire.unsent,
        )

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
            raise self._refusal(call, answer)
        if not isinstance(answer.json, dict) or "data" not in answer.json:
            raise errors.InvalidResponseError(
                f"Northflank's answer could not be understood when asked to {call.doing}: HTTP {answer.status} "
                f"with {_kind_of_body(answer)}. Check that api_url {self.api_url!r} is the address of Northflank's API "
                "and that no proxy answers in its place.",
                status=answer.status,
            )
        self._set_clock(answer)
        self.understood = True
        return answer.json["data"]

    def _set_clock(self, answer: Answer) -> None:
        """Take the server's clock from an answer that is Northflank's for sure: a proxy's clock may be far off."""
        if answer.date is not None:
            # Both the cut-off fraction of a second and the way back make this too small, never too large.
            ahead = answer.date - answer.received
            self._server_ahead = ahead if self._server_ahead is None else max(ahead, self._server_ahead)

    def _refusal(self, call: Call, answer: Answer) -> errors.NorthflankError:
        api = answer.json.get("error") if isinstance(answer.json, dict) else None
        # Only Northflank writes this: whatever went wrong, this is the right address.
        self.understood = self.understood or isinstance(api, dict)
        api = tidy(self.scrub(api)) if isinstance(api, dict) else {}
        api = {name: text for name, text in api.items() if name == "details" or isinstance(text, str)}
        kind = errors.from_status(answer.status)
        advice = {
            errors.AuthenticationError: f"Northflank does not accept the API token. {TOKEN_HELP}",
            errors.ForbiddenError: f"The API token may not do this. Give its role the permission '{call.permission}'.",
            errors.NotFoundError: f"{call.missing} Or this token may not see it.",
            errors.RejectedError: _REFUSALS.get(answer.status, "" if api.get("message") else "Northflank refused the request."),
            errors.RateLimitedError: self._quota_words(answer),
            errors.ServerError: "The fault is Northflank's or a proxy's. Try again later.",
            errors.InvalidResponseError: self._redirect_words(answer),
        }[kind]
        words = api.get("message", "").strip().rstrip(".")
        said = f"{words} (HTTP {answer.status})" if words else f"HTTP {answer.status}"
        sentences = [f"Could not {call.doing}: {said}.", advice]
        if api.get("details"):
            sentences.append(f"Details: {json.dumps(api['details'])}.")
        return kind(" ".join(filter(None, sentences)), status=answer.status, api=api, retry_after=self._retry_after(answer))

    def _redirect_words(self, answer: Answer) -> str:
        return (
            f"The address redirects to {self.scrub(answer.headers.get('Location', 'nowhere'))!r}. Redirects are not followed, so that "
            "neither the token nor the request can go astray. Set api_url to the address that Northflank's API really has."
        )

    def _quota_words(self, answer: Answer) -> str:
        pause = self._retry_after(answer)
        limit = self.rate_limit["limit"]
        quota = f"The quota of {limit} requests an hour is used up" if limit else "The request quota is used up"
        if pause is None:
            return f"{quota}; Northflank did not say when it returns. Try again later."
        moment = None if answer.date is None else unix_time(answer.date + pause)
        at = "" if moment is None else f", at {email.utils.formatdate(moment, usegmt=True)}"
        return f"{quota}; it returns in {pause:.0f} seconds{at}. Run the task again then."

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

    def ask(self, call: Call, until: float | None = None) -> Answer:
        """Send a request that may be sent twice (GET, DELETE), again where that promises success.

        :arg until: the moment, on our clock, at which the last attempt must begin; where none is given, all pauses together may take
            as long as the timeout.
        :returns: the answer, a success with C(data).
        :raises NorthflankError: what the last attempt ended with.
        """
        paused = 0.0
        attempt = 0
        while True:
            try:
                answer = self.exchange(call)
                self.data(call, answer)
                return answer
            except errors.NorthflankError as problem:
                if not problem.transient:
                    raise
                left = self.timeout - paused if until is None else until - self.clock.monotonic()
                paused += self.pause(problem, attempt, left)
            attempt += 1

    def pages(self, call: Call, until: float | None = None) -> t.Iterator[t.Any]:
        """Each page of a list, with C(data) and C(pagination).

        :raises InvalidResponseError: the list has no end.
        """
        params: dict[str, t.Any] = {"per_page": 100}
        seen: set[str] = set()
        for _page in range(MAX_PAGES):
            content = self.ask(call._replace(params=params), until).json
            yield content
            pagination = content.get("pagination")
            if not isinstance(pagination, dict) or pagination.get("hasNextPage") is not True:
                # Not on "no cursor": a last page may have one, and the official JavaScript client then never ends.
                return
            cursor = pagination.get("cursor")
            if not isinstance(cursor, str) or cursor in seen:
                break
            seen.add(cursor)
            params = {"per_page": 100, "cursor": cursor}
        raise errors.InvalidResponseError(f"Could not {call.doing}: the pages of the list have no end.")


def _tame(value: t.Any, depth: int = 0) -> t.Any:
    """JSON data that any code can handle: not too deep to go through, and with texts that can be written as UTF-8."""
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, dict):
        if any(len(key) > MAX_KEY for key in value):
            raise ValueError("key too long")
        return {_tame(key, depth): _tame(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None  # Other readers of JSON do not take it.
    if isinstance(value, list):
        return [_tame(item, depth + 1) for item in value]
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and not value.isascii() else value


def _integer(text: str | None, default: int | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 16 else default


def _kind_of_body(answer: Answer) -> str:
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
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise errors.InvalidArgumentsError(
            "api_url must be an address alone, without user name, password, query or fragment. Write it like https://api.northflank.com."
        )
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path[:-3] if path.endswith('/v1') else path}"
