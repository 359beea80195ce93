# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads logs."""

from __future__ import annotations

import json
import re
import typing as t

from .._http.messages import MAX_BYTES
from .._timestamps import iso_time, unix_time
from .resource import Resource

MAX_LINE = 2000  # Characters.
MAX_LOG_BYTES = 8 * 1024 * 1024  # Per response, however many lines were requested.

_CONTAINER_PREFIX = re.compile(r"(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+) )?(?:stdout|stderr) [FP] ")


class LogLine(t.NamedTuple):
    """A log line, and its Unix time."""

    time: float | None
    text: str


def last_lines(resource: Resource, item_id: str, lines: int, deadline: float | None = None) -> list[str]:
    """Return the last lines of a log, oldest first."""
    # The order without `direction` is undocumented.
    read = _read(resource, item_id, {"lineLimit": lines, "direction": "backward"}, deadline)
    return [line.text for line in read]


def lines_since(resource: Resource, item_id: str, since: float | None, lines: int, deadline: float) -> list[LogLine]:
    """Return the lines of a log from a Unix time on, oldest first."""
    start = {} if since is None else {"startTime": iso_time(since)}
    return _read(resource, item_id, {"lineLimit": lines, "direction": "forward", **start}, deadline, retries=0)


def _read(resource: Resource, item_id: str, query: dict[str, t.Any], deadline: float | None, retries: int | None = None) -> list[LogLine]:
    client = resource.client
    # The API does not limit the length of a line; some builds print megabytes in one.
    max_bytes = min(MAX_LOG_BYTES, 4 * MAX_BYTES + 1000 * query["lineLimit"])
    request = resource.log_request(item_id, query, max_bytes=max_bytes, if_too_long="; ask for fewer lines")
    data = client.request(request, deadline, retries).json["data"]
    if not isinstance(data, list):
        raise client.messages.invalid_response(request, "has no list of lines")
    data = [entry for entry in data[: query["lineLimit"]] if isinstance(entry, dict)]
    if query["direction"] == "backward":
        data = data[::-1]
    log = [LogLine(unix_time(entry.get("ts")), client.redactor.line(line_text(entry.get("log", "")), MAX_LINE)) for entry in data]
    return log if any(line.time is None for line in log) else sorted(log, key=lambda line: line.time or 0.0)


def line_text(entry: t.Any) -> str:
    """Return a log entry as a terminal would show it, without the container runtime's prefix.

    The prefix is documented both as `stdout F text` and as `<time> stdout F text`.
    """
    text = entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
    match = _CONTAINER_PREFIX.match(text)
    text = text[match.end() :] if match else text
    return "\n".join(_last_state(line) for line in text.split("\n"))


def _last_state(line: str) -> str:
    """Return what is left of a progress bar that returns to the start of its line."""
    return next((state for state in reversed(line.split("\r")) if state.strip()), "") if "\r" in line else line
