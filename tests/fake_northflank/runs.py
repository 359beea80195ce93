# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of a job. They go through the same scripts as builds, in the few words that runs have for a status."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .executions import Execution
from .scripts import COURSE, Script

if TYPE_CHECKING:
    from .world import Build, Job

# What the constructors of `Script` call a status, in the words of a run.
STATUSES = {**{status: "RUNNING" for _part, status in COURSE}, "FAILURE": "FAILED"}


class Run(Execution):
    """One run. `build`: the build whose image it runs; None for an image that comes from elsewhere."""

    ENDED = frozenset({"SUCCESS", "FAILED"})
    # No source says what becomes of a run that is aborted; of the three statuses there are, this is the one that fits.
    ABORTED = "FAILED"

    def __init__(
        self, job: Job, number: int, run_id: str | None, born: float, script: Script, started_by: str, build: Build | None
    ) -> None:
        digest = hashlib.sha1(f"{job.key}!{number}".encode())
        super().__init__(job, number, run_id or str(uuid.UUID(bytes=digest.digest()[:16], version=4)), born, script, started_by)
        self.build = build
        self.name = f"{job.id}-{digest.hexdigest()[:24]}"
        self.container = f"{self.name}-{digest.hexdigest()[-5:]}"

    def status(self, now: float | None = None) -> str:
        status = super().status(now)
        return STATUSES.get(status, status)

    def view(self, now: float | None = None) -> dict[str, Any]:
        """What get and list say. `now`: seconds since 1970 without `clock_skew`, the present by default."""
        status = self.status(now)
        concluded = status in self.ENDED
        view = {
            "id": self.id,
            "active": int(not concluded),
            "backoffLimit": 0,
            "completions": 1,
            "concluded": concluded,
            "failed": int(status == "FAILED"),
            "runName": self.name,
            "status": status,
            "succeeded": 0,  # even of a SUCCESS, as in the published example
            "startedAt": _seconds(self.created_at),
        }
        if concluded:
            view["concludedAt"] = _seconds(self.ended_at(now) + self.job.world.settings.clock_skew)
        return self._spoilt(view)

    def start_view(self) -> dict[str, Any]:
        """What the start says: no status."""
        spoilt = self._spoilt({"id": self.id, "runName": self.name})
        return {key: spoilt[key] for key in ("id", "runName") if key in spoilt}


def _seconds(when: float) -> str:
    """ISO 8601 in whole seconds, as the published runs have it."""
    return datetime.fromtimestamp(int(when), tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
