# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads logs."""

from __future__ import annotations

import json
import re
import typing as t

from .._http.messages import MAX_BYTES
from .._masking import Redactor
from .._timestamps import iso_time, unix_time
from .resource import Resource

MAX_LINE = 2000  # Characters.
MAX_LOG_BYTES = 8 * 1024 * 1024  # Per response, however many lines were requested.
CUT_LINE = "... (this line is too long: the rest is missing)"
CUT_LOG = "... (this log is too long: earlier lines are missing)"

_CONTAINER_PREFIX = re.compile(r"(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+) )?(?:stdout|stderr) [FP] ")


class LogLine(t.NamedTuple):
    """A log line, and its Unix time."""

    time: float | None
    text: str


class LogLines(t.NamedTuple):
    """Lines of a log, oldest first. If the log `is_cut`, the lines that come next in the direction of reading are missing."""

    lines: list[LogLine]
    is_cut: bool


def last_lines(resource: Resource, item_id: str, lines: int, deadline: float | None = None) -> list[str]:
    """Return the last lines of a log, oldest first."""
    # The order without `direction` is undocumented.
    log = _read(resource, item_id, {"lineLimit": lines, "direction": "backward"}, deadline)
    mark = [CUT_LOG] if log.is_cut and len(log.lines) < lines else []
    return [*mark, *(line.text for line in log.lines)]


def lines_since(resource: Resource, item_id: str, since: float | None, lines: int, deadline: float) -> LogLines:
    """Return the lines of a log from a Unix time on."""
    start = {} if since is None else {"startTime": iso_time(since)}
    return _read(resource, item_id, {"lineLimit": lines, "direction": "forward", **start}, deadline, retries=0)


def _read(resource: Resource, item_id: str, query: dict[str, t.Any], deadline: float | None, retries: int | None = None) -> LogLines:
    client = resource.client
    # The API does not limit the length of a line; some builds print megabytes in one.
    max_bytes = min(MAX_LOG_BYTES, 4 * MAX_BYTES + 1000 * query["lineLimit"])
    request = resource.log_request(item_id, query, max_bytes=max_bytes, may_be_cut=True)
    response = client.request(request, deadline, retries)
    data = response.json["data"]
    if not isinstance(data, list):
        raise client.messages.invalid_response(request, "has no list of lines")
    entries = [entry for entry in data[: query["lineLimit"]] if isinstance(entry, dict)]
    cut_lines = _cut_line(entries.pop(), client.redactor) if response.is_cut and entries else []
    read = [LogLine(unix_time(entry.get("ts")), client.redactor.line(line_text(entry.get("log", "")), MAX_LINE)) for entry in entries]
    backward = query["direction"] == "backward"
    lines = read[::-1] if backward else read
    lines = lines if any(line.time is None for line in lines) else sorted(lines, key=lambda line: line.time or 0.0)
    return LogLines([*cut_lines, *lines] if backward else [*lines, *cut_lines], response.is_cut)


def _cut_line(entry: dict[str, t.Any], redactor: Redactor) -> list[LogLine]:
    """Return the beginning of a long line, but nothing of a short one: its end may be half a secret, which would not be redacted."""
    text = line_text(entry.get("log", ""))
    return [LogLine(unix_time(entry.get("ts")), redactor.line(text, MAX_LINE, CUT_LINE))] if len(text) > 2 * MAX_LINE else []


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
