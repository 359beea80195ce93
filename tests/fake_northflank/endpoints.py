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
from typing import Any, Callable, NamedTuple, TypeVar

from .schema import Problem
from .scripts import ENDED
from .world import Build, Job, World, iso

Row = TypeVar("Row")
NOT_FOUND = "Not found"
UNSUPPORTED = {"endTime", "duration", "textIncludes", "textNotIncludes", "regexIncludes", "regexNotIncludes"}


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
    build_id: str | None
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


def list_builds(world: World, call: Call) -> dict[str, Any]:
    page = _page(world, call, "builds", _ordered(call.job.builds, world.settings.page_order), _in_list)
    for build in page.rows:
        build.look(by_id=False)
    return {"data": {"builds": [build.view() for build in page.rows]}, "pagination": page.pagination}


def get(_world: World, call: Call) -> dict[str, Any]:
    build = call.job.build(call.build_id or "")
    if build is None or not build.look(by_id=True):
        raise Refused(404, NOT_FOUND)
    return {"data": build.view()}


def abort(world: World, call: Call) -> dict[str, Any]:
    build = _shown(call.job, call.build_id)
    if build.status() not in ENDED:
        build.abort()
    elif world.settings.abort_of_ended == "conflict":
        raise Refused(409, "The build has already concluded")
    return {"data": {}}


def job_details(_world: World, call: Call) -> dict[str, Any]:
    return {"data": call.job.view()}


def branches(world: World, call: Call) -> dict[str, Any]:
    rows = list(enumerate(call.job.branches, start=1))
    page = _page(world, call, "branches", rows, lambda _name: True)
    return {"data": {"branches": [call.job.branch_view(name) for name in page.rows]}, "pagination": page.pagination}


def logs(world: World, call: Call) -> dict[str, Any]:
    """Log lines of one build, or of all builds of the job."""
    query = call.query
    builds = [_shown(call.job, query["buildId"])] if "buildId" in query else list(call.job.builds)
    for name in query.keys() & UNSUPPORTED:
        raise Refused(501, f"No client that this stands in for sends {name}")
    first = _moment(query, "startTime")
    found = [(when, text, build) for build in builds for when, text in build.log_lines()]
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
    "list": list_builds,
    "get": get,
    "abort": abort,
    "logs": logs,
    "job": job_details,
    "branches": branches,
}


def _shown(job: Job, build_id: str | None) -> Build:
    build = job.build(build_id or "")
    if build is None or not build.visible(by_id=True):
        raise Refused(404, NOT_FOUND)
    return build


def _in_list(build: Build) -> bool:
    """Whether a list shows a build. One that is still hidden notes that it was looked for."""
    return build.visible(by_id=False) or build.look(by_id=False)


def _ordered(builds: Sequence[Build], order: Any) -> list[tuple[int, Build]]:
    """The builds with their numbers, in an order that does not change when there are more of them."""
    if isinstance(order, tuple):
        rows = sorted(builds, key=lambda build: hashlib.sha1(f"{order[1]}:{build.number}".encode()).digest())
    else:
        rows = sorted(builds, key=lambda build: (build.created_at, build.number), reverse=order == "newest")
    return [(build.number, build) for build in rows]


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


def _line(log_format: str, when: float, text: str, build: Build) -> dict[str, Any]:
    log: Any = text
    if log_format == "object":
        log = {"level": "info", "message": text}
    elif log_format == "stream":
        log = f"stdout F {text}"
    elif log_format == "time":
        nanoseconds = round(when % 1 * 1e6) % 1_000_000 * 1000
        moment = datetime.fromtimestamp(int(when), tz=timezone.utc)
        log = f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z stdout F {text}"
    return {"containerId": f"build-{build.id}", "log": log, "ts": iso(when)}


def parse_json(body: bytes) -> Any:
    """The JSON of a request; raises ValueError for what is none. Nothing at all counts as `{}`."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    try:
        return json.loads(body.decode("utf-8"), parse_constant=refuse) if body else {}
    except RecursionError:
        raise ValueError("nested too deep") from None
