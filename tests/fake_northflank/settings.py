# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be set on the embedded API. A value that means nothing raises ValueError when it is set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .faults import RETRY_HEADERS
from .scripts import usual, usual_run

CHOICES = {
    "last_page_cursor": ("absent", "null", "present"),
    "concluded_unit": ("seconds", "milliseconds", "iso"),
    "log_format": ("time", "stream", "plain", "object"),
    "abort_of_ended": ("ok", "conflict"),
}
DEFAULTS: dict[str, Any] = {
    "page_order": "newest",
    "max_page_size": 100,
    "last_page_cursor": "absent",
    "concluded_unit": "seconds",
    "log_format": "time",
    "abort_of_ended": "ok",
    "quota_headers": {"reset"},
    "clock_skew": 0.0,
    "stamp_delay": 0.05,
    "latency": 0.0,
    "default_script": None,
    "default_run_script": None,
}


class Settings:
    """The switches, with the defaults above.

    - `page_order`: of lists of builds and runs: `newest` or `oldest` first, or `('shuffled', seed)`.
    - `max_page_size`: the most rows of one page, whatever `per_page` says.
    - `last_page_cursor`: on a last page the cursor is `absent`, `null`, or `present` though nothing follows.
    - `concluded_unit`: `buildConcludedAt` in `seconds`, `milliseconds` or as an `iso` string.
    - `log_format`: a log line has time, stream and tag (`time`), stream and tag (`stream`), neither
      (`plain`), or is a JSON object (`object`).
    - `abort_of_ended`: aborting a build or run that has ended is `ok` (and changes nothing) or a `conflict`.
    - `quota_headers`: what a 429 carries of `reset` (x-ratelimit-reset), `retry-after`, `retry-after-date`.
    - `clock_skew`: seconds by which the server's clock is ahead.
    - `stamp_delay`: seconds from a request that starts a build or run to the time that it tells for that: a server has
      something to do first.
    - `latency`: seconds by which each request moves a simulated clock on.
    - `default_script`, `default_run_script`: of builds and of runs that nothing else is planned for.
    """

    def __init__(self, clock_skew: float = 0.0, speed: float = 1.0) -> None:
        self.speed = speed
        self._first_skew = clock_skew
        self.reset_settings()

    def reset_settings(self) -> None:
        scripts = {"default_script": usual(self.speed), "default_run_script": usual_run(self.speed)}
        for name, value in {**DEFAULTS, **scripts, "clock_skew": self._first_skew}.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in CHOICES and value not in CHOICES[name]:
            raise ValueError(f"{name} must be one of {', '.join(CHOICES[name])}, not {value!r}")
        if name == "page_order":
            value = _page_order(value)
        elif name == "max_page_size" and value < 1:
            raise ValueError("max_page_size must be at least 1")
        elif name == "quota_headers":
            value = _quota_headers(value)
        object.__setattr__(self, name, value)


def _page_order(value: Any) -> Any:
    if value in ("newest", "oldest"):
        return value
    if isinstance(value, (tuple, list)) and len(value) == 2 and value[0] == "shuffled":
        return tuple(value)
    raise ValueError(f"page_order must be 'newest', 'oldest' or ('shuffled', seed), not {value!r}")


def _quota_headers(value: Iterable[str]) -> set[str]:
    wanted = {value} if isinstance(value, str) else set(value)
    if wanted - RETRY_HEADERS:
        raise ValueError(f"quota_headers may hold {', '.join(sorted(RETRY_HEADERS))}, not {value!r}")
    return wanted
