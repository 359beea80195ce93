# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders progress events as lines of the play's output."""

from __future__ import annotations

import typing as t

from ansible_collections.community.northflank.plugins.module_utils._masking import break_ci_commands, strip_controls
from ansible_collections.community.northflank.plugins.module_utils._operation import Event

COUNT_INTERVAL = 5.0  # Minimum seconds between two counts of many items.
BAR = 20  # Characters.


class Progress:
    """Renders the watcher's events. Lines name the host, because several may wait at once. `columns` is 0 without a terminal."""

    def __init__(self, show: t.Callable[[str], None], host: str, columns: int, ascii_only: bool) -> None:
        self._show = show
        self._host = host
        self._columns = columns
        self._full, self._empty = ("#", "-") if ascii_only else ("\u2588", "\u2591")
        self._counted_at = -COUNT_INTERVAL
        self._count = 0

    def __call__(self, event: Event) -> None:
        """Show an event if it is worth a line."""
        if event["kind"] == "log":
            for line in event["lines"]:
                self._line(f"{_name(event['item'])} | {line}", cut=False)
        elif event["kind"] == "pace":
            self._line(_pace(event))
        elif event["total"] == 1:
            self._line(_one(event))
        else:
            self._many(event)

    def _line(self, text: str, cut: bool = True) -> None:
        line = break_ci_commands(f"  [{self._host}] {strip_controls(text)}")
        if cut and 20 < self._columns < len(line):
            line = line[: self._columns - 3] + "..."
        self._show(line)

    def _many(self, event: Event) -> None:
        if event["kind"] == "status" and event["item"]["failed"]:
            self._line(f"{_name(event['item'])}: {_outcome(event)}")
        done = event["ended"] == event["total"]
        changed = event["ended"] != self._count and (done or event["elapsed"] - self._counted_at >= COUNT_INTERVAL)
        if not (changed or event["kind"] == "heartbeat"):
            return
        self._count, self._counted_at = event["ended"], event["elapsed"]
        filled = BAR * event["ended"] // event["total"]
        blocks = self._full * filled + self._empty * (BAR - filled)
        failures = f", {event['failed']} failed" if event["failed"] else ""
        typical = "" if done else _typical(event)
        self._line(f"{blocks} {event['ended']}/{event['total']} ended{failures} after {format_duration(event['elapsed'])}{typical}")


def _one(event: Event) -> str:
    if event["kind"] == "heartbeat":
        item = event["pending"][0]
        return f"{_name(item)}: {item['status'] or 'not seen yet'}, {format_duration(event['elapsed'])} so far{_typical(event)}"
    item = event["item"]
    if item["ended"]:
        return f"{_name(item)}: {_outcome(event)}"
    return f"{_name(item)}: {item['status'] or 'no status'} after {format_duration(event['elapsed'])}{_typical(event)}"


def _name(item: Event) -> str:
    return f"{item['id']} ({item['job_id']})"


def _typical(event: Event) -> str:
    return f", usually {format_duration(event['typical'])}" if event["typical"] else ""


def _outcome(event: Event) -> str:
    item = event["item"]
    words = f": {item['message']}" if item["message"] and item["failed"] else ""
    return f"{item['status'] or ('FAILURE' if item['failed'] else 'SUCCESS')} after {format_duration(event['elapsed'])}{words}"


def _pace(event: Event) -> str:
    if not event["pause"]:
        return "polling at the usual pace again: the rate limit allows it"
    left = event["rate_limit"]["remaining"]
    return f"one poll every {format_duration(event['pause'])} from now on, so that the {left} requests left of the rate limit last"


def format_duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")
