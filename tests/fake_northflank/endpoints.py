# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each endpoint does with a request that has been let through: from the world to an answer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime, timezone
from functools import partial
from typing import Any, Callable, NamedTuple, TypeVar

from .executions import Execution, iso
from .schema import Problem
from .world import Build, Job, World

Row = TypeVar("Row")
NOT_FOUND = "Not found"
UNSUPPORTED = {"endTime", "duration", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes", "containerName"}


class Refused(Exception):
    """The API refuses a request. `more`: the `id` and the `details` of the answer, if it has any."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more


def invalid(problems: Sequence[Problem]) -> Refused:
    """The refusal of a request that does not fit the document: each field with its sentences."""
    details: dict[str, list[str]] = {}
    for problem in problems:
        details.setdefault(problem.field, []).append(problem.sentence)
    return Refused(400, "Request failed payload validation - see details.", id="nf-invalid-request-body", details=details)


class Call(NamedTuple):
    """A request that has been let through. `body` is parsed."""

    job: Job
    target_id: str | None
    query: dict[str, str]
    body: Any


class Page(NamedTuple):
    """The part of a listing that one answer shows."""

    rows: list[Any]
    pagination: dict[str, Any]


def start(world: World, call: Call) -> dict[str, Any]:
    if call.job.image_only:
        raise Refused(409, "Conflict")  # No source says how such a start is refused.
    return {"data": call.job.start(call.body.get("sha"), call.body).start_view()}


def start_run(world: World, call: Call) -> dict[str, Any]:
    build = _image(call.job, call.body.get("deployment", {}))
    return {"data": call.job.start_run(build, world.now(), "api", call.body).start_view()}


def list_all(kind: str, world: World, call: Call) -> dict[str, Any]:
    page = _page(world, call, f"{kind}s", _ordered(call.job.rows(kind), world.settings.page_order), _in_list)
    for row in page.rows:
        row.look(by_id=False)
    return {"data": {f"{kind}s": [row.view() for row in page.rows]}, "pagination": page.pagination}


def get(kind: str, _world: World, call: Call) -> dict[str, Any]:
    row = call.job.rows(kind).find(call.target_id or "")
    if row is None or not row.look(by_id=True):
        raise Refused(404, NOT_FOUND)
    return {"data": row.view()}


def abort(kind: str, world: World, call: Call) -> dict[str, Any]:
    row = _shown(call.job, kind, call.target_id)
    if row.status() not in row.ENDED:
        row.abort()
    elif world.settings.abort_of_ended == "conflict":
        raise Refused(409, f"The {kind} has already concluded")
    return {"data": {}}


def job_details(_world: World, call: Call) -> dict[str, Any]:
    return {"data": call.job.view()}


def branches(world: World, call: Call) -> dict[str, Any]:
    rows = list(enumerate(call.job.branches, start=1))
    page = _page(world, call, "branches", rows, lambda _name: True)
    return {"data": {"branches": [call.job.branch_view(name) for name in page.rows]}, "pagination": page.pagination}


def logs(kind: str, world: World, call: Call) -> dict[str, Any]:
    """Log lines of one build or run, or of all those of the job."""
    query = call.query
    wanted = query.get(f"{kind}Id")
    rows = list(call.job.rows(kind)) if wanted is None else [_shown(call.job, kind, wanted)]
    if "runtime" not in query.get("type", "runtime").split(","):
        rows = []
    for name in query.keys() & UNSUPPORTED:
        raise Refused(501, f"No client that this stands in for sends {name}")
    first = _moment(query, "startTime")
    found = [(when, text, row.container) for row in rows for when, text in row.log_lines()]
    found = [line for line in found if first is None or first <= line[0]]
    # No source says which direction is the default. Forward is the one that makes a client that wants the
    # last lines ask for them.
    found.sort(key=lambda line: line[0])
    if query.get("direction") == "backward":
        found.reverse()
    limit = int(float(query.get("lineLimit", len(found))))
    if limit < 0:
        raise invalid([Problem("lineLimit", "must be at least 0", limit)])
    return {"data": [_line(world.settings.log_format, *line) for line in found[:limit]]}


HANDLERS: dict[str, Callable[[World, Call], dict[str, Any]]] = {
    "start": start,
    "list": partial(list_all, "build"),
    "get": partial(get, "build"),
    "abort": partial(abort, "build"),
    "logs": partial(logs, "build"),
    "job": job_details,
    "branches": branches,
    "run_start": start_run,
    "run_list": partial(list_all, "run"),
    "run_get": partial(get, "run"),
    "run_abort": partial(abort, "run"),
    "run_logs": partial(logs, "run"),
}


def _image(job: Job, deployment: dict[str, Any]) -> Build | None:
    """The build whose image a run is to use; None for an image that comes from elsewhere."""
    wanted = deployment.get("internal", {})
    if "external" in deployment or "id" in wanted or (job.image_only and not wanted):
        return None
    build_id, sha, branch = wanted.get("buildId"), wanted.get("buildSHA", "latest"), wanted.get("branch")

    def fits(build: Build) -> bool:
        return build_id in (None, build.id) and sha in ("latest", build.sha) and branch in (None, build.branch)

    if (build_id is not None or sha != "latest") and not any(map(fits, job.builds)):
        # No source says how a build is refused that there is not.
        raise Refused(404, NOT_FOUND)
    ready = [build for build in job.images() if fits(build)]
    if not ready:
        raise Refused(409, "No deployment configured")
    return ready[-1]


def _shown(job: Job, kind: str, target_id: str | None) -> Any:
    row = job.rows(kind).find(target_id or "")
    if row is None or not row.visible(by_id=True):
        raise Refused(404, NOT_FOUND)
    return row


def _in_list(row: Execution) -> bool:
    """Whether a list shows a build or run. One that is still hidden notes that it was looked for."""
    return row.visible(by_id=False) or row.look(by_id=False)


def _ordered(rows: Sequence[Execution], order: Any) -> list[tuple[int, Execution]]:
    """Builds or runs with their numbers, in an order that does not change when there are more of them."""
    if isinstance(order, tuple):
        rows = sorted(rows, key=lambda row: hashlib.sha1(f"{order[1]}:{row.number}".encode()).digest())
    else:
        rows = sorted(rows, key=lambda row: (row.created_at, row.number), reverse=order == "newest")
    return [(row.number, row) for row in rows]


def _page(world: World, call: Call, listing: str, rows: Sequence[tuple[int, Row]], shown: Callable[[Row], bool]) -> Page:
    """One page of numbered rows. A cursor names the last row before the page, so none is lost or shown twice."""
    size = min(int(call.query.get("per_page", 50)), world.settings.max_page_size)
    skip = size * (int(call.query.get("page", 1)) - 1)
    if "cursor" in call.query:
        rows = rows[_after_cursor(call.query["cursor"], call.job, listing, rows) :]
        skip = 0
    left = [(number, row) for number, row in rows if shown(row)][skip:]
    has_next = len(left) > size
    left = left[:size]
    pagination: dict[str, Any] = {"hasNextPage": has_next, "count": len(left)}
    if left and (has_next or world.settings.last_page_cursor == "present"):
        pagination["cursor"] = _cursor(call.job, listing, left[-1][0])
    elif world.settings.last_page_cursor == "null":
        pagination["cursor"] = None
    return Page([row for _number, row in left], pagination)


def _cursor(job: Job, listing: str, number: int) -> str:
    seal = hashlib.sha1(f"{job.key}/{listing}/{number}".encode()).hexdigest()
    return seal[:16] + f"{number:08x}"


def _after_cursor(cursor: str, job: Job, listing: str, rows: Sequence[tuple[int, Any]]) -> int:
    for index, (number, _row) in enumerate(rows):
        if cursor[16:] == f"{number:08x}" and cursor == _cursor(job, listing, number):
            return index + 1
    raise invalid([Problem("cursor", "is no cursor of this listing", cursor)])


def _moment(query: dict[str, str], name: str) -> float | None:
    """The time that a query parameter gives in ISO 8601, in seconds since 1970."""
    if name not in query:
        return None
    # Six digits of a second are all that Python reads, and Z is too new for its older versions.
    match = re.fullmatch(r"([0-9T:-]{16,19})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})", query[name])
    try:
        if match is None:
            raise ValueError(name)
        zone = "+00:00" if match[3] == "Z" else match[3]
        return datetime.fromisoformat(f"{match[1]}.{(match[2] or '0')[:6].ljust(6, '0')}{zone}").timestamp()
    except ValueError:
        raise invalid([Problem(name, "must be an ISO 8601 time", query[name])]) from None


def _line(log_format: str, when: float, text: str, container: str) -> dict[str, Any]:
    log: Any = text
    if log_format == "object":
        log = {"level": "info", "message": text}
    elif log_format == "stream":
        log = f"stdout F {text}"
    elif log_format == "time":
        nanoseconds = round(when % 1 * 1e6) % 1_000_000 * 1000
        moment = datetime.fromtimestamp(int(when), tz=timezone.utc)
        log = f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z stdout F {text}"
    return {"containerId": container, "log": log, "ts": iso(when)}


def parse_json(body: bytes) -> Any:
    """The JSON of a request; raises ValueError for what is none. Nothing at all counts as `{}`."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse) if body else {}
    except RecursionError:
        raise ValueError("nested too deep") from None
