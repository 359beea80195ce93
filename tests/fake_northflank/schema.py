# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OpenAPI document, as the embedded API uses it: routes, permissions and a checker for requests.

Only the schema keywords that the document uses are known; one that is not raises when the document is
loaded, so that the document cannot grow past its checker unnoticed.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ENDPOINTS = {
    "startJobBuild": "start",
    "listJobBuilds": "list",
    "getJobBuild": "get",
    "abortJobBuild": "abort",
    "getJobBuildLogs": "logs",
    "getJob": "job",
    "listJobBranches": "branches",
    "runJob": "run_start",
    "listJobRuns": "run_list",
    "getJobRun": "run_get",
    "abortJobRun": "run_abort",
    "getJobLogs": "run_logs",
}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
CHECKED = frozenset(
    {"$ref", "type", "required", "properties", "additionalProperties", "enum", "items", "contentEncoding"}
    | {"pattern", "minLength", "maxLength", "minimum", "maximum", "anyOf", "not"}
)
# What a checker of requests may leave alone: words for people, and what answers alone have.
ANNOTATIONS = frozenset({"description", "examples", "default", "format", "x-source"})


class Operation(NamedTuple):
    """One method of one path of the document."""

    endpoint: str
    permission: str
    query: dict[str, dict[str, Any]]
    body: dict[str, Any] | None


UNDEFINED = object()


class Problem(NamedTuple):
    """One thing that is wrong with a request: where (nowhere: the body itself), what, and the value that is there."""

    path: str
    message: str
    value: Any = UNDEFINED

    @property
    def field(self) -> str:
        """Its key in the `details` of an answer."""
        return self.path or "object"

    @property
    def sentence(self) -> str:
        """What the answer says about it: with the value, as was seen."""
        return f'"{self.path.rpartition(".")[2] or "value"}" {self.message}. Received "{_as_javascript(self.value)}"'


class Document:
    """The OpenAPI documents beside this file, as one."""

    def __init__(self, raw: dict[str, Any], *others: dict[str, Any]) -> None:
        self.raw = raw
        for other in others:
            raw["paths"].update(other["paths"])
            raw["components"]["schemas"].update(other["components"]["schemas"])
        self._operations: dict[tuple[str, tuple[str, ...]], Operation] = {}
        for path, item in raw["paths"].items():
            for method in item.keys() & {"get", "post", "delete"}:
                self._operations[method.upper(), _tail(path)] = self._operation(item, item[method])
        for schema in raw["components"]["schemas"].values():
            _refuse_unknown_keywords(schema)

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission that some endpoint asks for, in the words of Northflank's docs."""
        return frozenset(operation.permission for operation in self._operations.values())

    def find(self, tail: tuple[str, ...]) -> dict[str, Operation]:
        """The operations, by method, for what follows `…/jobs/{jobId}` in a path; every id in it is given as `{}`."""
        return {method: operation for (method, there), operation in self._operations.items() if there == tail}

    def check(self, value: Any, schema: dict[str, Any], path: str) -> Iterator[Problem]:
        """Everything about `value` that `schema` refuses."""
        if "$ref" in schema:
            schema = self.resolve(schema["$ref"])
        if not _type_fits(value, schema.get("type")):
            yield Problem(path, "must be " + " or ".join(_as_list(schema["type"])), value)
            return
        if "enum" in schema and value not in schema["enum"]:
            yield Problem(path, "must be one of " + ", ".join(map(str, schema["enum"])), value)
        if "not" in schema and not any(self.check(value, schema["not"], path)):
            yield Problem(path, "has parts that exclude each other", value)
        if "anyOf" in schema and all(any(self.check(value, choice, path)) for choice in schema["anyOf"]):
            yield Problem(path, "fits none of its forms", value)
        if isinstance(value, dict):
            yield from self._check_object(value, schema, path)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.check(item, schema.get("items", {}), _join(path, str(index)))
        elif isinstance(value, str):
            yield from _check_string(value, schema, path)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield from _check_number(value, schema, path)

    def check_query(self, query: dict[str, str], operation: Operation) -> Iterator[Problem]:
        """Everything about the query parameters that the operation refuses. Nobody has seen it refuse unknown ones."""
        for name in query.keys() & operation.query.keys():
            schema = operation.query[name]
            yield from self.check(_parsed(query[name], schema), schema, name)

    def resolve(self, reference: str) -> dict[str, Any]:
        """The part of the documents that a `$ref` points at."""
        part: dict[str, Any] = self.raw
        for key in reference.partition("#/")[2].split("/"):
            part = part[key]
        return part

    def _operation(self, item: dict[str, Any], raw: dict[str, Any]) -> Operation:
        parameters = [self.resolve(entry["$ref"]) if "$ref" in entry else entry for entry in raw.get("parameters", [])]
        body = raw.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        return Operation(
            endpoint=ENDPOINTS[raw["operationId"].replace("Team", "")],
            permission=raw["x-permission"],
            query={entry["name"]: entry["schema"] for entry in parameters},
            body=body,
        )

    def _check_object(self, value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[Problem]:
        for name in schema.get("required", ()):
            if name not in value:
                yield Problem(_join(path, name), "is required")
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        for name, item in value.items():
            where = _join(path, name)
            if name in properties:
                yield from self.check(item, properties[name], where)
            elif others is False:
                yield Problem(where, "is not allowed", item)
            elif others is not True:
                yield from self.check(item, others, where)


@functools.lru_cache(maxsize=1)
def document() -> Document:
    """The documents, read once."""
    here = Path(__file__)
    return Document(*(json.loads(here.with_name(name).read_text(encoding="utf-8")) for name in ("openapi.json", "openapi-runs.json")))


def _tail(path: str) -> tuple[str, ...]:
    """What follows `…/jobs/{jobId}` in a path of the document; the same with and without a team."""
    return tuple("{}" if part[0] == "{" else part for part in path.split("{jobId}")[1].split("/")[1:])


def _refuse_unknown_keywords(schema: Any) -> None:
    unknown = schema.keys() - CHECKED - ANNOTATIONS
    if unknown:
        raise ValueError(f"The schema checker does not know: {', '.join(sorted(unknown))}")
    children = list(schema.get("properties", {}).values())
    children += [schema[key] for key in ("items", "additionalProperties", "not") if isinstance(schema.get(key), dict)]
    children += schema.get("anyOf", [])
    for child in children:
        _refuse_unknown_keywords(child)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _as_javascript(value: Any) -> str:
    """A value in a text of JavaScript's."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "[object Object]"
    return "undefined" if value is UNDEFINED else json.dumps(value)


def _type_fits(value: Any, wanted: Any) -> bool:
    return wanted is None or any(_is_a(value, name) for name in _as_list(wanted))


def _is_a(value: Any, name: str) -> bool:
    if name in ("integer", "number"):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and (name == "number" or float(value).is_integer())
    return isinstance(value, TYPES[name])


def _parsed(text: str, schema: dict[str, Any]) -> Any:
    """A query parameter is text; where a number is wanted and the text is one, that number; where several may be, all of them."""
    if schema.get("type") == "array":
        return text.split(",")
    if schema.get("type") == "integer" and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    if schema.get("type") == "number" and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]+)?", text):
        return float(text)
    return text


def _check_number(value: float, schema: dict[str, Any], path: str) -> Iterator[Problem]:
    if value < schema.get("minimum", value):
        yield Problem(path, f"must be at least {schema['minimum']}", value)
    if value > schema.get("maximum", value):
        yield Problem(path, f"must be at most {schema['maximum']}", value)


def _check_string(value: str, schema: dict[str, Any], path: str) -> Iterator[Problem]:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield Problem(path, _length_message(schema), value)
    if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
        yield Problem(path, f"must match {schema['pattern']}", value)
    if schema.get("contentEncoding") == "base64" and not _is_base64(value):
        yield Problem(path, "must be base64", value)


def _length_message(schema: dict[str, Any]) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if least == most:
        return f"must have exactly {least} characters"
    return f"must have at least {least} characters" + (f" and at most {most}" if most else "")


@functools.cache
def _pattern(source: str) -> re.Pattern[str]:
    """A JavaScript pattern: `$` there is the very end, while in Python it also precedes a last newline."""
    return re.compile(source[:-1] + r"\Z" if source.endswith("$") else source, re.ASCII)


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True
