# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders progress events as lines of the play's output, and shows them."""

from __future__ import annotations

import os
import sys
import time
import typing as t

from ansible import constants as C, context
from ansible.utils.display import Display
from ansible_collections.community.northflank.plugins.module_utils._masking import break_ci_commands, strip_controls
from ansible_collections.community.northflank.plugins.module_utils._operation import Event
from ansible_collections.community.northflank.plugins.module_utils._orphans import has_no_reader

COUNT_INTERVAL = 5.0  # Minimum seconds between two counts of many items.
BAR = 20  # Characters.
LOG_END = 20  # Lines of a log that are shown when an item has failed.
MAX_LINE = 200  # Characters of a line of progress, or of the end of a log.
BATCH = 50  # Lines that are written at once.
PAUSE = 0.05  # Seconds before each write, in which a reader that has read enough, such as `head`, closes the output.

display = Display()


def _is_for_people() -> bool:
    """Return whether people read stdout. Other callbacks may print there what programs read; progress then goes to stderr."""
    callback = str(C.config.get_config_value("DEFAULT_STDOUT_CALLBACK"))
    # The command `ansible` uses `minimal` or `oneline`, unless it is told to load callbacks.
    loads = C.config.get_config_value("DEFAULT_LOAD_CALLBACK_PLUGINS") and callback != "default"
    # Only ansible-playbook has the option --start-at-task.
    configured = "start_at_task" in context.CLIARGS or (loads and not context.CLIARGS.get("one_line"))
    return bool(configured) and callback.rpartition(".")[2] in ("default", "yaml", "awx_display")


def _duplicate(stream: t.Any) -> int | None:
    try:
        return os.dup(stream.fileno())
    except (AttributeError, OSError, ValueError):  # Closed, or not a file.
        return None


# Evaluated at import, in the main process: a worker's stdout and stderr are not the terminal.
_FOR_PEOPLE = _is_for_people()
_OUTPUTS = [_duplicate(sys.stdout), _duplicate(sys.stderr)]
ASCII_ONLY = not (getattr(sys.stdout, "encoding", None) or "ascii").lower().startswith("utf")


def can_show(stderr: bool) -> bool:
    """Return whether somebody reads the play's output. A line that cannot be written ends Ansible's results thread, and the play hangs."""
    output = _OUTPUTS[stderr]
    return output is not None and not has_no_reader(output)


def show(lines: list[str]) -> None:
    """Show lines of progress as long as somebody can read them."""
    for start in range(0, len(lines), BATCH):
        time.sleep(PAUSE)
        if can_show(stderr=not _FOR_PEOPLE):
            display.display("\n".join(lines[start : start + BATCH]), color=C.COLOR_VERBOSE, stderr=not _FOR_PEOPLE)


class Progress:
    """Renders the watcher's events. Lines name the host, because several may wait at the same time."""

    def __init__(self, show: t.Callable[[list[str]], None], host: str, ascii_only: bool) -> None:
        self._show = show
        self._host = host
        self._full, self._empty = ("#", "-") if ascii_only else ("\u2588", "\u2591")
        self._counted_at = -COUNT_INTERVAL
        self._count = 0

    def __call__(self, event: Event) -> None:
        """Show an event if it is worth a line."""
        if event["kind"] == "log":
            self._log(event, event["lines"])
        elif event["kind"] == "log_end":
            self._log(event, event["lines"][-LOG_END:], MAX_LINE)
        elif event["kind"] == "pace":
            self._say(_pace(event))
        elif event["total"] == 1:
            self._say(_one(event))
        else:
            self._many(event)

    def _log(self, event: Event, lines: list[str], limit: int | None = None) -> None:
        self._show([self._line(f"{_name(event['item'])} | {line}", limit) for line in lines])

    def _line(self, text: str, limit: int | None) -> str:
        line = break_ci_commands(f"  [{self._host}] {strip_controls(text)}")
        return line if limit is None or len(line) <= limit else f"{line[: limit - 3]}..."

    def _say(self, text: str) -> None:
        self._show([self._line(text, MAX_LINE)])

    def _many(self, event: Event) -> None:
        if event["kind"] == "status" and event["item"]["failed"]:
            self._say(f"{_name(event['item'])}: {_outcome(event)}")
        done = event["ended"] == event["total"]
        changed = event["ended"] != self._count and (done or event["elapsed"] - self._counted_at >= COUNT_INTERVAL)
        if not (changed or event["kind"] in ("start", "heartbeat")):
            return
        self._count, self._counted_at = event["ended"], event["elapsed"]
        filled = BAR * event["ended"] // event["total"]
        blocks = self._full * filled + self._empty * (BAR - filled)
        failures = f", {event['failed']} failed" if event["failed"] else ""
        typical = "" if done else _typical(event)
        self._say(f"{blocks} {event['ended']}/{event['total']} ended{failures} after {format_duration(event['elapsed'])}{typical}")


def _one(event: Event) -> str:
    if event["kind"] == "heartbeat":
        item = event["pending"][0]
        return f"{_name(item)}: {item['status'] or 'not seen yet'}, {format_duration(event['elapsed'])} so far{_typical(event)}"
    item = event["item"]
    if item["ended"]:
        return f"{_name(item)}: {_outcome(event)}"
    return f"{_name(item)}: {item['status'] or 'no status yet'} after {format_duration(event['elapsed'])}{_typical(event)}"


def _name(item: Event) -> str:
    return f"{item['id']} ({item['job_id']})"


def _typical(event: Event) -> str:
    return f", usually {format_duration(event['typical'])}" if event["typical"] else ""


def _outcome(event: Event) -> str:
    item = event["item"]
    words = f": {item['message']}" if item["message"] and item["failed"] else ""
    return f"{item['status'] or ('failed' if item['failed'] else 'succeeded')} after {format_duration(event['elapsed'])}{words}"


def _pace(event: Event) -> str:
    if not event["pause"]:
        return "polling at the usual interval again: the rate limit allows it"
    left = event["rate_limit"]["remaining"]
    return f"polling only every {format_duration(event['pause'])} now, so that the {left} requests left of the rate limit last"


def format_duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")
