# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What builds and runs have in common: each goes through a script, and a job keeps a list of either."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar

from .scripts import Progress, Script

if TYPE_CHECKING:
    from .world import Job

SCRIPT_FIELDS = frozenset({"status", "duration", "message", "log"})


class Execution:
    """A build or a run: what the server knows of it. `container`: the name of the one that writes its log."""

    ENDED: frozenset[str]
    ABORTED: str
    container: str

    def __init__(self, job: Job, number: int, execution_id: str, born: float, script: Script, started_by: str) -> None:
        self.id = execution_id
        self.job = job
        self.number = number
        self.script = script
        self.started_by = started_by
        self.request_body: Any = None
        self.aborted = False
        self.raw: dict[str, Any] = {}
        self._born = born
        self._asked = 0
        self._looks = 0
        self._aborted_at: float | None = None
        self._end_seen_at: float | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} of {self.job.id}, {self.status()}>"

    @property
    def created_at(self) -> float:
        """When it was started, by the server's clock."""
        settings = self.job.world.settings
        return self._born + settings.clock_skew + (settings.stamp_delay if self.started_by == "api" else 0.0)

    def progress(self, now: float | None = None) -> Progress:
        """How far its script has come, aborted or not."""
        now = self.job.world.now() if now is None else now
        return Progress(now - self._born, self._asked, self._looks)

    def status(self, now: float | None = None) -> str:
        if self.aborted:
            return self.ABORTED
        return self.script.status(self.script.offset(self.progress(now)))

    def look(self, by_id: bool) -> bool:
        """Count a look for it; whether that look shows it."""
        shown = self.visible(by_id)
        self._asked += 1
        if not shown:
            return False
        self._looks += 1
        if self.status() in self.ENDED and self._end_seen_at is None:
            self._end_seen_at = self.job.world.now()
        return True

    def visible(self, by_id: bool) -> bool:
        progress = self.progress()
        return self.script.visible(progress._replace(asked=self._asked + 1, looks=self._looks + 1), by_id)

    def abort(self) -> None:
        self.aborted = True
        self._aborted_at = self.job.world.now()

    def log_lines(self) -> list[tuple[float, str]]:
        """Time by the server's clock, and text, of each log line there is by now."""
        offset = self.script.offset(self.progress(self._aborted_at))
        return [(self.created_at + stamp, text) for _start, text, stamp in self.script.lines(offset)]

    def ended_at(self, now: float | None = None) -> float:
        """When it ended, without `clock_skew`; means nothing before its end."""
        if self._aborted_at is not None:
            return self._aborted_at
        if self.script.by == "clock":
            return self._born + self.script.reached(self.progress(now).elapsed)
        return self._end_seen_at or self.job.world.now()

    def _spoilt(self, view: dict[str, Any]) -> dict[str, Any]:
        view.update(self.raw)
        view.update(self.script.raw)
        return {key: value for key, value in view.items() if key not in self.script.omit}


Row = TypeVar("Row", bound=Execution)


class Executions(list[Row], Generic[Row]):
    """The builds or the runs of a job in order of making, and the scripts for those to come.

    `fallback()` gives the script where nothing is planned and `default_script` is not set.
    """

    def __init__(self, fallback: Callable[[], Script]) -> None:
        super().__init__()
        self.default_script: Script | None = None
        self._fallback = fallback
        self._by_id: dict[str, Row] = {}
        self._plans: list[_Plan] = []

    def add(self, row: Row) -> Row:
        if row.id in self._by_id:
            raise ValueError(f"the job {row.job.id} already has a {type(row).__name__.lower()} {row.id}")
        self.append(row)
        self._by_id[row.id] = row
        return row

    def find(self, row_id: str) -> Row | None:
        """The one of that id, shown or not."""
        return self._by_id.get(row_id)

    def plan(self, script: Script, sha: str | None = None, times: int | None = None) -> None:
        """Use a script for those that are started from now on: of one commit or any, so many times or always.

        Plans for a number of starts are used up first, in turn; among the others the newest counts. Those of the very commit go
        before those of any.
        """
        self._plans.append(_Plan(script, sha, times))

    def default(self) -> Script:
        return self.default_script or self._fallback()

    def next_script(self, sha: str | None) -> Script:
        """The planned script: those for a number of starts first, in turn; else the newest plan."""
        plans = [plan for plan in self._plans if plan.sha in (None, sha) and plan.times != 0]
        counted = [plan for plan in plans if plan.times is not None]
        chosen = min(counted, key=_Plan.is_general, default=None)
        if chosen is not None:
            chosen.times = (chosen.times or 0) - 1
            return chosen.script
        if plans:
            return min(reversed(plans), key=_Plan.is_general).script
        return self.default()


@dataclass
class _Plan:
    script: Script
    sha: str | None
    times: int | None

    def is_general(self) -> bool:
        return self.sha is None


def history(fields: dict[str, Any], age: float, script: Script | None) -> tuple[Script | None, dict[str, Any]]:
    """The script of something that is described by `fields`, if they do so, and the fields that its answers are to have."""
    raw = {key: value for key, value in fields.items() if key != "id"}
    if script is not None or not fields.keys() & {"status", "duration"}:
        return script, raw
    raw = {key: value for key, value in raw.items() if key not in SCRIPT_FIELDS}
    options = {key: fields[key] for key in ("message", "log") if key in fields}
    if "status" not in fields:
        return Script.success(fields["duration"], **options), raw
    took = min(age, fields.get("duration", 60.0))
    return Script([(0, "PENDING"), (took, fields["status"])], **options), raw


def iso(when: float) -> str:
    """ISO 8601 with milliseconds and Z, as the API writes times."""
    # Through whole milliseconds, since strftime would cut 0.9999 s where rounding is meant.
    millis = round(when * 1000)
    moment = datetime.fromtimestamp(millis // 1000, tz=timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{millis % 1000:03d}Z"
