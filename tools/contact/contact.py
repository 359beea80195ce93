# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests of a contact, made plainly with `requests`: not by the collection's client, whose faults could hide some of the API's."""

from __future__ import annotations

import contextlib
import time
import typing as t
from dataclasses import dataclass, field

import requests

MAX_REQUESTS = 40
RESERVED = 3  # Requests kept back for aborting the build, or the run.
LOOKS = 4  # Polls at most until a build appears, and until an aborted one has ended.
PAUSE = 2.0  # Seconds between two polls.
LONGEST_PAUSE = 120.0  # Seconds that a 429 may ask for.
TIMEOUT = 30.0  # Seconds.

NO_BODY: t.Any = object()
BAD_BODY = {"sha": "ab1"}  # Cannot start anything: the API takes 40 characters.


class ContactEnded(Exception):
    """The contact cannot go on. The message is for the user."""


class Target(t.NamedTuple):
    """An API and a job of it."""

    url: str
    token: str
    project_id: str
    job_id: str
    team_id: str = ""

    @property
    def job_path(self) -> str:
        team = f"/teams/{self.team_id}" if self.team_id else ""
        return f"/v1{team}/projects/{self.project_id}/jobs/{self.job_id}"


@dataclass
class Exchange:
    """A request and its response; `status` is None and `lost` names the error if there was none."""

    label: str
    method: str
    path: str
    query: dict[str, t.Any]
    token: str  # Which was sent: right, wrong, or none.
    sent: t.Any
    status: int | None = None
    headers: t.Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    json: t.Any = None
    lost: str = ""

    @property
    def data(self) -> dict[str, t.Any]:
        data = self.json.get("data") if isinstance(self.json, dict) else None
        return data if isinstance(data, dict) else {}

    @property
    def is_northflank(self) -> bool:
        """Whether the body has one of Northflank's two formats."""
        error = self.json.get("error") if isinstance(self.json, dict) else None
        return bool(self.data) or (isinstance(error, dict) and "message" in error)


class Contact:
    """Makes the requests. `exchanges` has them in order; `started` is what was started and not yet aborted."""

    def __init__(self, target: Target, with_run: bool = False, pause: t.Callable[[float], None] = time.sleep) -> None:
        self.target = target
        self.with_run = with_run
        self.exchanges: list[Exchange] = []
        self.started: dict[str, str] = {}  # Paths by ID.
        self._pause = pause
        self._session = requests.Session()

    def make(self) -> None:
        """Make all requests. Whatever happens, what was started is aborted."""
        try:
            self._refusals()
            self._reads()
            self._build()
            if self.with_run:
                self._run()
        finally:
            for path in list(self.started.values()):
                self._ask("abort at the end", "DELETE", path, reserved=True)

    def _refusals(self) -> None:
        job = self.target.job_path
        self._ask("wrong token, unknown route", "GET", f"{job}/no-such-route", token="wrong")
        self._ask("wrong token", "GET", job, token="wrong")
        self._ask("no token", "GET", job, token="none")
        self._ask("job", "GET", job)
        if not any(exchange.is_northflank for exchange in self.exchanges):
            raise ContactEnded("This is not Northflank's API: no response has its format. Check NORTHFLANK_API_BASE_URL.")
        if self.exchanges[-1].status in (401, 403, 404):
            check = "Check the token, the project, the job, and the team."
            raise ContactEnded(f"The job cannot be read (HTTP {self.exchanges[-1].status}). {check}")
        self._ask("unknown route", "GET", f"{job}/no-such-route")
        self._ask("unknown job", "GET", f"{job.rpartition('/')[0]}/no-such-job-1")
        self._ask("unknown build", "GET", f"{job}/build/no-such-build-1")
        self._ask("wrong method", "PUT", f"{job}/build", token="wrong")
        self._ask("wrong token, bad body", "POST", f"{job}/build", {"json": BAD_BODY}, token="wrong")

    def _reads(self) -> None:
        builds = f"{self.target.job_path}/build"
        self._ask("token", "GET", "/v1/auth")
        self._ask("branches", "GET", f"{self.target.job_path}/branches")
        self._ask("unknown parameter", "GET", builds, {"params": {"per_page": 1, "no_such_parameter": 1}})
        self._ask("page of none", "GET", builds, {"params": {"per_page": 0}})
        page = self._ask("list, page 1", "GET", builds, {"params": {"per_page": 2}})
        cursor = page.json.get("pagination", {}).get("cursor") if isinstance(page.json, dict) else None
        if cursor:
            self._ask("list, page 2", "GET", builds, {"params": {"per_page": 2, "cursor": cursor}})
        self._ask("list", "GET", builds, {"params": {"per_page": 100}})

    def _build(self) -> None:
        builds = f"{self.target.job_path}/build"
        for label, body in (("bad body", BAD_BODY), ("start without a body", NO_BODY), ("start", {})):
            if not self.started:
                self._start(label, builds, body, "builds")
        if not self.started:
            return
        build_id, path = next(iter(self.started.items()))
        for look in range(1, LOOKS + 1):
            by_id = self._ask(f"look {look} by ID", "GET", path)
            listed = self._ask(f"look {look} in the list", "GET", builds, {"params": {"per_page": 100}})
            if by_id.status == 200 and build_id in _ids(listed, "builds"):
                break
            self._pause(PAUSE)
        query = {"queryType": "range", "buildId": build_id, "lineLimit": 5, "direction": "backward"}
        self._ask("log", "GET", f"{self.target.job_path}/build-logs", {"params": query})
        self._abort(path)

    def _run(self) -> None:
        path = self._start("start a run", f"{self.target.job_path}/runs", {}, "runs")
        if path:
            self._ask("run", "GET", path)
            self._ask("runs", "GET", f"{self.target.job_path}/runs")
            self._abort(path, " of the run")

    def _start(self, label: str, path: str, body: t.Any, key: str) -> str:
        """Start one item, and never repeat that; return its path, or nothing. Lists have items under `key`."""
        before = {known for exchange in self.exchanges for known in _ids(exchange, key)}
        exchange = self._ask(label, "POST", path, {} if body is NO_BODY else {"json": body})
        item_id = exchange.data.get("id")
        if exchange.lost:
            # It may have been started all the same.
            listed = self._ask(f"list after {label} was lost", "GET", path, {"params": {"per_page": 100}})
            item_id = next((known for known in _ids(listed, key) if known not in before), None)
        if not isinstance(item_id, str):
            return ""
        self.started[item_id] = f"{path}/{item_id}"
        return self.started[item_id]

    def _abort(self, path: str, what: str = "") -> None:
        if self._ask(f"abort{what}", "DELETE", path, reserved=True).status == 200:
            self.started.clear()
        for look in range(1, LOOKS + 1):
            if self._ask(f"look {look} after the abort{what}", "GET", path).data.get("concluded"):
                break
            self._pause(PAUSE)
        self._ask(f"abort{what} again", "DELETE", path)

    def _ask(
        self, label: str, method: str, path: str, options: dict[str, t.Any] | None = None, token: str = "right", reserved: bool = False
    ) -> Exchange:
        """Make a request. Repeat it once if the API said 429, or if the response was lost and the request is not a POST."""
        exchange = self._send(label, method, path, options or {}, token, reserved)
        wait = exchange.headers.get("Retry-After") or exchange.headers.get("x-ratelimit-reset") or "0"
        if exchange.status == 429 and wait.isdigit() and int(wait) <= LONGEST_PAUSE:
            self._pause(float(wait))
        elif not exchange.lost or method == "POST":
            return exchange
        return self._send(label, method, path, options or {}, token, reserved)

    def _send(self, label: str, method: str, path: str, options: dict[str, t.Any], token: str, reserved: bool) -> Exchange:
        if len(self.exchanges) >= MAX_REQUESTS - (0 if reserved else RESERVED):
            raise ContactEnded(f"{MAX_REQUESTS} requests are not exceeded.")
        exchange = Exchange(label, method, path, options.get("params", {}), token, options.get("json"))
        self.exchanges.append(exchange)

        def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if token != "none":
                request.headers["Authorization"] = f"Bearer {self.target.token if token == 'right' else 'wrong-token-of-a-contact'}"
            return request

        try:
            response = self._session.request(
                method, self.target.url + path, auth=authorize, timeout=TIMEOUT, allow_redirects=False, **options
            )
        except requests.RequestException as error:
            exchange.lost = type(error).__name__
            return exchange
        exchange.status, exchange.headers, exchange.text = response.status_code, response.headers, response.text
        with contextlib.suppress(ValueError):
            exchange.json = response.json()
        return exchange


def _ids(exchange: Exchange, key: str) -> list[str]:
    items = exchange.data.get(key)
    return [item["id"] for item in items if isinstance(item, dict) and "id" in item] if isinstance(items, list) else []
