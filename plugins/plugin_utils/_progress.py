# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.
"""The progress of builds as lines of the play."""

from __future__ import annotations

import typing as t

from ansible_collections.community.northflank.plugins.module_utils._builds import Build, ended, succeeded
from ansible_collections.community.northflank.plugins.module_utils._secrets import plain, without_commands

Event = dict[str, t.Any]

OFTEN = 5.0
"""Seconds. The count of many builds is shown no more often than that."""

BAR = 20
"""Characters."""


class Progress:
    """Renders events of the watcher; each line says whose it is, because several hosts may wait at once.

    :arg show: prints a line.
    :arg host: the name of the host in the play.
    :arg columns: the width of the terminal; 0 where there is none.
    :arg ascii_only: whether the terminal's encoding lacks block characters.
    """

    def __init__(self, show: t.Callable[[str], None], host: str, columns: int, ascii_only: bool) -> None:
        self._show = show
        self._host = host
        self._columns = columns
        self._full, self._empty = ("#", "-") if ascii_only else ("\u2588", "\u2591")
        self._shown_at = -OFTEN
        self._shown_count = 0

    def __call__(self, event: Event) -> None:
        """Show an event, if it is worth a line."""
        if event["kind"] == "log":
            for line in event["lines"]:
                self._line(f"{_name(event['build'])} | {line}", cut=False)
            return
        text = self._one(event) if event["total"] == 1 else self._many(event)
        if event["kind"] == "pace":
            text = _pace(event)
        if text:
            self._line(text)

    def _line(self, text: str, cut: bool = True) -> None:
        line = without_commands(f"  [{self._host}] {plain(text)}")
        if cut and 20 < self._columns < len(line):
            line = line[: self._columns - 3] + "..."
        self._show(line)

    def _one(self, event: Event) -> str:
        usual = f", usually {duration(event['usual'])}" if event["usual"] else ""
        if event["kind"] == "status":
            build = event["build"]
            after = f"after {duration(event['elapsed'])}"
            return f"{_name(build)}: " + (_outcome(build, after) if ended(build) else f"{build['status']} {after}{usual}")
        build = event["builds"][0]
        return f"{_name(build)}: {build['status'] or 'not seen yet'}, {duration(event['elapsed'])} so far{usual}"

    def _many(self, event: Event) -> str:
        failed = event["kind"] == "status" and ended(event["build"]) and not succeeded(event["build"])
        if failed:
            self._line(f"{_name(event['build'])}: {_outcome(event['build'], 'after ' + duration(event['elapsed']))}")
        done = event["ended"] == event["total"]
        changed = event["ended"] != self._shown_count and (done or event["elapsed"] - self._shown_at >= OFTEN)
        if not (changed or event["kind"] == "heartbeat"):
            return ""
        self._shown_count, self._shown_at = event["ended"], event["elapsed"]
        filled = BAR * event["ended"] // event["total"]
        usual = f", usually {duration(event['usual'])}" if event["usual"] and not done else ""
        failures = f", {event['failed']} failed" if event["failed"] else ""
        blocks = self._full * filled + self._empty * (BAR - filled)
        return f"{blocks} {event['ended']}/{event['total']} ended{failures} after {duration(event['elapsed'])}{usual}"


def _name(build: Build) -> str:
    return f"{build['id']} ({build['job_id']})"


def _outcome(build: Build, after: str) -> str:
    words = f": {build['message']}" if build["message"] and not succeeded(build) else ""
    return f"{build['status'] or ('SUCCESS' if succeeded(build) else 'FAILURE')} {after}{words}"


def _pace(event: Event) -> str:
    left = event["rate_limit"]["remaining"]
    if event["pause"]:
        return f"one look every {duration(event['pause'])} from now on, so that the {left} requests left of the quota last"
    return "looking at the usual pace again: the quota allows it"


def duration(seconds: float) -> str:
    """A time span for people."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")
