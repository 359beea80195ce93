# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`FakeNorthflank`: the embedded API as tests see it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from email.utils import formatdate
from typing import Any, Callable

from . import admin
from .clock import RealClock
from .endpoints import HANDLERS, NOT_FOUND, Call, Refused, invalid
from .faults import Fault, Faults, quota_hints
from .intake import Entry, Exchange, read
from .runs import Run
from .schema import document
from .scripts import Script
from .server import HOST, Reply, Request, Server
from .settings import Settings
from .world import EXAMPLE_TOKEN, Build, Job, Quota, World

PERMISSIONS = document().permissions
EFFECTS = frozenset({"start", "abort", "run_start", "run_abort"})


class FakeNorthflank(Settings):
    """A stand-in for api.northflank.com on 127.0.0.1. See `Settings` for its switches.

    `clock`: something with `time()` and `monotonic()` in seconds, the machine's own by default. `tls`: a pair (certfile, keyfile).
    `port`: 0 for a free one. `quota`: requests an hour. `clock_skew`: seconds by which the server's clock is ahead. `speed`: multiplies
    the times of the builds that no script was given for.
    """

    def __init__(
        self,
        clock: Any = None,
        tls: tuple[str, str] | None = None,
        port: int = 0,
        quota: int = 1000,
        clock_skew: float = 0.0,
        speed: float = 1.0,
    ) -> None:
        super().__init__(clock_skew, speed)
        self.clock = clock or RealClock()
        self._epoch = self.clock.time() - self.clock.monotonic()
        self._lock = threading.RLock()
        self._scheme = "https" if tls else "http"
        self._port = port
        self._server = Server(self._handle, tls)
        self._running = False
        self._up_at: float | None = None
        self._forget_clock: Callable[[], None] = lambda: None
        self._quota = Quota(self.now, quota)
        self._faults = Faults()
        self._journal: list[Entry] = []
        self.world = World(self.now, self)

    # Life

    def __enter__(self) -> FakeNorthflank:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> None:
        self._server.listen(self._port)
        self._port = self._server.port
        self._running = True
        if hasattr(self.clock, "on_advance"):
            self._forget_clock = self.clock.on_advance(self._come_back)

    def stop(self) -> None:
        with self._lock:
            self._running = False
            self._up_at = None
        self._forget_clock()
        self._server.stop()

    def down(self, seconds: float) -> None:
        """Refuse connections for so many seconds of a simulated clock, and cut those that there are."""
        self._server.go_down()
        self._up_at = self.clock.monotonic() + seconds

    def _come_back(self) -> None:
        with self._lock:
            if self._running and self._up_at is not None and self.clock.monotonic() >= self._up_at:
                self._up_at = None
                self._server.listen(self._port)

    @property
    def url(self) -> str:
        """Where it listens: scheme, host and port."""
        return f"{self._scheme}://{HOST}:{self._port}"

    @property
    def token(self) -> str:
        return EXAMPLE_TOKEN

    def now(self) -> float:
        """The present, in seconds since 1970, without `clock_skew`; a wall clock that is set does not move it."""
        return self._epoch + self.clock.monotonic()

    # The world

    def reset(self) -> None:
        """Back to the default world and settings: no faults, an empty journal, no request counted."""
        with self._lock:
            self._epoch = self.clock.time() - self.clock.monotonic()
            self.reset_settings()
            self.world = World(self.now, self)
            self._journal.clear()
            self._faults.clear()
            self._quota.clear()

    def add_token(self, token: str, permissions: Iterable[str] | None = None) -> None:
        """Know a token. `permissions`: some of `PERMISSIONS`; None is all."""
        held = None if permissions is None else frozenset(permissions)
        if held is not None and held - PERMISSIONS:
            raise ValueError(f"unknown permissions: {', '.join(sorted(held - PERMISSIONS))}")
        with self._lock:
            self.world.tokens[token] = held

    def jobs(self) -> list[Job]:
        with self._lock:
            return self.world.jobs()

    def add_job(self, project_id: str, job_id: str, *more: Any, **options: Any) -> Job:
        """A job; for `options` see `World.add_job`."""
        with self._lock:
            return self.world.add_job(project_id, job_id, *more, **options)

    def push(self, project_id: str, job_id: str, team_id: str | None = None, **options: Any) -> str:
        """Give a branch (the job's own by default) a new head commit, which is returned."""
        with self._lock:
            return self.world.job(project_id, job_id, team_id).push(**options)

    def add_build(self, project_id: str, job_id: str, team_id: str | None = None, **options: Any) -> Build:
        """A build that somebody else started; for `options` see `World.add_build`."""
        with self._lock:
            return self.world.add_build(self.world.job(project_id, job_id, team_id), **options)

    def add_run(self, project_id: str, job_id: str, team_id: str | None = None, **options: Any) -> Run:
        """A run that somebody else started; for `options` see `World.add_run`."""
        with self._lock:
            return self.world.add_run(self.world.job(project_id, job_id, team_id), **options)

    def plan(self, project_id: str, job_id: str, script: Script, team_id: str | None = None, kind: str = "build", **options: Any) -> None:
        """Use a script for builds (`kind='run'`: runs) that are started from now on; for `options` see `Executions.plan`."""
        with self._lock:
            self.world.job(project_id, job_id, team_id).rows(kind).plan(script, **options)

    def builds(self, project_id: str, job_id: str, team_id: str | None = None) -> list[Build]:
        """The builds of a job as the server knows them, in order of making, shown or not."""
        with self._lock:
            return list(self.world.job(project_id, job_id, team_id).builds)

    def runs(self, project_id: str, job_id: str, team_id: str | None = None) -> list[Run]:
        """The runs of a job as the server knows them, in order of making, shown or not."""
        with self._lock:
            self.world.catch_up()
            return list(self.world.job(project_id, job_id, team_id).runs)

    def set_quota(self, *values: Any, **named: Any) -> None:
        """See `Quota.set`."""
        with self._lock:
            self._quota.set(*values, **named)

    # Faults and the journal

    def fault(self, fault: Fault) -> None:
        with self._lock:
            self._faults.add(fault)

    def clear_faults(self) -> None:
        with self._lock:
            self._faults.clear()

    @property
    def journal(self) -> list[Entry]:
        """Every request so far, in order of arrival."""
        with self._lock:
            return list(self._journal)

    def calls(self, endpoint: str | None = None) -> list[Entry]:
        """The requests so far to one endpoint, or to all."""
        return [entry for entry in self.journal if endpoint in (None, entry.endpoint)]

    # Requests

    def _handle(self, request: Request) -> Reply:
        if request.target.startswith(admin.PREFIX):
            return admin.handle(self, request)
        if self.latency:
            self.clock.advance(self.latency)
        with self._lock:
            self.world.catch_up()
            exchange = read(request, self.now(), self.world.tokens)
            entry = exchange.entry
            self._journal.append(entry)
            fault = self._faults.meet(entry.endpoint)
            if fault is None:
                reply = self._answer(exchange)
                entry.status = reply.status
            else:
                reply = self._faulty(fault, exchange)
                entry.fault = fault.kind
                entry.status = reply.status if fault.sends_status else None
            reply.headers["Date"] = formatdate(self._server_time(), usegmt=True)
            return reply

    def _answer(self, exchange: Exchange) -> Reply:
        try:
            if exchange.route.methods and exchange.entry.method not in exchange.route.methods:
                allow = {"Allow": ", ".join(exchange.route.methods)}
                return Reply(405, b"Method Not Allowed", {"Content-Type": "text/plain; charset=utf-8", **allow})
            self._admit(exchange)
            reply = Reply.of_json(200, self._perform(exchange))
        except Refused as refused:
            reply = self._envelope(refused.status, refused.message, **refused.more)
        except Exception as error:  # a fault of the embedded API itself must be seen, not look like a hang
            reply = self._envelope(500, f"The embedded API failed: {error!r}")
        reply.headers.update(self._rate_headers(reply.status))
        return reply

    def _faulty(self, fault: Fault, exchange: Exchange) -> Reply:
        """What a request gets that meets a fault; whether its effect happens is for the fault to say."""
        answer: Reply | None = None
        spared = fault.when == "before" and exchange.route.endpoint in EFFECTS
        if fault.when == "after" or (fault.spoils_transport and not spared):
            answer = self._answer(exchange)
        elif fault.spoils_transport:
            # Nothing happened, so no good answer may be told, not even in pieces.
            answer = self._envelope(503, "Service temporarily unavailable")
        reply = fault.reply(answer, exchange.entry.target, self._server_time(), self._envelope)
        if fault.kind in ("json", "status", "empty", "no_content", "huge", "unavailable"):
            reply.headers.update(self._rate_headers(reply.status))
        elif fault.kind == "rate_limited":
            reply.headers["x-ratelimit-limit"] = str(self._quota.limit)
        return reply

    def _admit(self, exchange: Exchange) -> None:
        """Let a request through, or raise Refused: route, body, token (as was seen), quota, what there is, permission, query."""
        route = exchange.route
        if not route.methods:
            raise Refused(404, "Not found. The requested route does not exist")
        if exchange.bad_body:
            raise invalid(exchange.bad_body)
        if not exchange.entry.token_ok:
            raise Refused(401, "Unauthorized")
        if not self._quota.take():
            raise Refused(429, "Too many requests")
        try:
            self.world.job(route.project_id, route.job_id, route.team_id)
        except LookupError:
            raise Refused(404, NOT_FOUND) from None
        held = self.world.tokens[exchange.token]
        if held is not None and route.operation.permission not in held:
            raise Refused(403, f"Missing permission: {route.operation.permission.rpartition(' > ')[2]}")
        if exchange.bad_query:
            raise invalid(exchange.bad_query)

    def _perform(self, exchange: Exchange) -> dict[str, Any]:
        route = exchange.route
        job = self.world.job(route.project_id, route.job_id, route.team_id)
        call = Call(job, route.target_id, exchange.entry.query, exchange.body)
        answer = HANDLERS[route.endpoint](self.world, call)
        if route.endpoint in ("start", "run_start"):
            exchange.entry.note(route.kind, job.rows(route.kind)[-1].id)
        return answer

    def _envelope(self, status: int, message: str | None = None, **more: Any) -> Reply:
        told = message or f"The embedded API was told to answer {status}"
        return Reply.of_json(status, {"error": {"status": status, "message": told, **more}})

    def _rate_headers(self, status: int) -> dict[str, str]:
        quota = self._quota
        headers = {"x-ratelimit-limit": str(quota.limit), "x-ratelimit-remaining": str(quota.remaining)}
        hints = {"reset"} if status != 429 else self.quota_headers
        return {**headers, **quota_hints(hints, quota.reset, self._server_time())}

    def _server_time(self) -> float:
        return self.now() + self.clock_skew
