# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a request: where it leads, what is wrong with it, and its entry in the journal."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from .endpoints import parse_json
from .schema import UNDEFINED, Operation, Problem, document
from .server import Request

UNREADABLE = object()


@dataclass
class Entry:
    """One request in the journal. `time` is by the clock that was passed in."""

    time: float
    method: str
    target: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    json: Any
    endpoint: str
    token_ok: bool
    schema_errors: list[str]
    status: int | None = None
    fault: str | None = None
    build_id: str | None = None
    run_id: str | None = None

    def note(self, kind: str, target_id: str | None) -> None:
        """Note the build or run that the request is about."""
        setattr(self, f"{kind}_id", target_id)

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON, its body as text."""
        return {**vars(self), "body": self.body.decode("utf-8", "replace")}


class Route(NamedTuple):
    """Where a path leads: an operation of the document, or none. `methods`: those that the path has."""

    endpoint: str = "other"
    methods: tuple[str, ...] = ()
    operation: Operation | None = None
    team_id: str | None = None
    project_id: str = ""
    job_id: str = ""
    target_id: str | None = None

    @property
    def kind(self) -> str:
        """What its `target_id` is the id of: a `build` or a `run`."""
        return "run" if self.endpoint.startswith("run_") else "build"


@dataclass
class Exchange:
    """A request on its way through the checks. `bad_body` and `bad_query`: what is wrong with it."""

    route: Route
    entry: Entry
    token: str
    body: Any
    bad_body: list[Problem]
    bad_query: list[Problem]


def read(request: Request, now: float, tokens: Container[str]) -> Exchange:
    """What a request says. `now`: seconds since 1970; `tokens`: those that are known."""
    path, _mark, query_text = request.target.partition("?")
    query = _query(query_text)
    route = _route(request.method, path)
    token = _token(request.headers)
    try:
        body = parse_json(request.body)
    except ValueError:
        body = UNREADABLE
    bad_body = list(_bad_body(request, route.operation, body)) if route.operation else []
    bad_query = list(document().check_query(query, route.operation)) if route.operation else []
    entry = Entry(
        time=now,
        method=request.method,
        target=request.target,
        path=path,
        query=query,
        headers=request.headers,
        body=request.body,
        json=body if request.body and body is not UNREADABLE else None,
        endpoint=route.endpoint,
        token_ok=token in tokens,
        schema_errors=[f"{problem.field}: {problem.message}" for problem in (*bad_body, *bad_query, *_odd(request, route, query))],
    )
    entry.note(route.kind, route.target_id)
    return Exchange(route, entry, token, body, bad_body, bad_query)


def _route(method: str, path: str) -> Route:
    parts = [unquote(part) for part in path.split("/")]
    team_id = None
    if parts[2:3] == ["teams"] and len(parts) > 3:
        team_id = parts[3]
        del parts[2:4]
    if parts[:3] != ["", "v1", "projects"] or parts[4:5] != ["jobs"] or len(parts) < 6 or "" in parts[1:]:
        return Route()
    tail = tuple(parts[6:])
    target_id = tail[1] if len(tail) == 2 else None
    operations = document().find(tail if target_id is None else (tail[0], "{}"))
    methods = tuple(name for name in ("HEAD", "GET", "POST", "DELETE") if name.replace("HEAD", "GET") in operations)
    operation = operations.get(method.replace("HEAD", "GET"))
    if operation is None:
        return Route(methods=methods)
    return Route(operation.endpoint, methods, operation, team_id, parts[3], parts[5], target_id)


def _query(text: str) -> dict[str, str]:
    """The parameters by name; the values of one that is repeated are joined by commas."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _bad_body(request: Request, operation: Operation, body: Any) -> Iterator[Problem]:
    if operation.body is None:
        return
    if not request.body or not _is_json(request):
        yield Problem("", "is required", UNDEFINED)
    elif body is UNREADABLE:
        yield Problem("", "must be of type object", request.body.decode("utf-8", "replace"))
    else:
        yield from document().check(body, operation.body, "")


def _odd(request: Request, route: Route, query: dict[str, str]) -> Iterator[Problem]:
    """What no source says that the API refuses, but what no client should send."""
    if route.operation is None:
        return
    for name in query.keys() - route.operation.query.keys() - {"runId"}:  # the official CLI sends that one with each request for logs
        yield Problem(name, "is not a parameter of this endpoint")
    if request.body and route.operation.body is None:
        yield Problem("", "is not taken by this endpoint")


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _token(headers: dict[str, str]) -> str:
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
