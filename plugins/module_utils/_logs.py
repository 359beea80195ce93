# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""The log of a build."""

from __future__ import annotations

import json
import re
import typing as t

from ._builds import Builds
from ._exchange import MAX_RESPONSE, Call
from ._secrets import plain, shorten
from ._times import unix_time

VIEW_LOGS = "Project > Jobs > Deployment > View Instance Logs"
"""The permission as the documentation names it."""

# Compiled when the first log is read.
_LOG_LINE = r"(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+) )?(?:stdout|stderr) [FP] "


class LogLine(t.NamedTuple):
    """A line of a build's log, and its time as the API writes it."""

    time: str | None
    text: str


MAX_LINE = 10_000
"""Characters of a line that are returned or shown."""

MAX_LOG = 32 * 1024 * 1024
"""Bytes of the longest answer with lines of a log, however many lines are asked for."""


def last_lines(builds: Builds, build_id: str, lines: int, deadline: float | None = None) -> list[str]:
    """The last lines of a build's log, oldest first.

    The order without C(direction) is not documented, so the last lines are asked for backwards.
    """
    read = _read(builds, build_id, {"lineLimit": lines, "direction": "backward"}, deadline)
    return [line.text for line in read[-lines:]]


def lines_since(builds: Builds, build_id: str, time: str | None, lines: int, deadline: float) -> list[LogLine]:
    """The lines of a build's log from a moment on, oldest first."""
    since = {} if time is None else {"startTime": time}
    return _read(builds, build_id, {"lineLimit": lines, "direction": "forward", **since}, deadline, retries=0)[:lines]


def _read(builds: Builds, build_id: str, query: dict[str, t.Any], deadline: float | None, retries: int | None = None) -> list[LogLine]:
    params = {"queryType": "range", "buildId": build_id, **query}
    doing = f"read the log of build {build_id!r} of {builds.job}"
    # What one line may have at the most is not documented; some builds print megabytes in one.
    longest = min(MAX_LOG, 4 * MAX_RESPONSE + 1000 * query["lineLimit"])
    call = Call("GET", f"{builds.job.path}/build-logs", doing, VIEW_LOGS, builds.missing, params, max_bytes=longest)
    data = builds.client.ask(call, deadline, retries).json["data"]
    if not isinstance(data, list):
        raise builds.misunderstood(call, "data is not a list of lines")
    if query["direction"] == "backward":
        data = data[::-1]
    entries = sorted((entry for entry in data if isinstance(entry, dict)), key=lambda entry: unix_time(entry.get("ts")) or 0.0)
    return [LogLine(_moment(entry.get("ts")), shorten(builds.client.scrub(log_text(entry.get("log"))), MAX_LINE)) for entry in entries]


def _moment(time: t.Any) -> str | None:
    return time if isinstance(time, str) and unix_time(time) is not None else None


def log_text(entry: t.Any) -> str:
    """The text of a log line, without the container runtime's time, stream and tag and without terminal controls.

    The documentation has C(stdout F text) in one example and C(<time> stdout F text) in another.
    """
    text = entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False)
    match = re.match(_LOG_LINE, text)
    return plain(text[match.end() :] if match else text)
