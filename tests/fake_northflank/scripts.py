# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a build or a run goes through: its statuses, its log and its end, by the clock or by the number of looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

ENDED = frozenset({"SUCCESS", "FAILURE", "SUBMISSION_FAILURE", "CRASHED", "ABORTED"})
MESSAGES = {
    "SUCCESS": "Image successfully built",
    "FAILURE": "Build failed",
    "SUBMISSION_FAILURE": "The build could not be submitted",
    "CRASHED": "The builder crashed",
    "ABORTED": "Build aborted",
}
# Where in a build each status is reached, as a part of the whole.
COURSE = ((0.0, "PENDING"), (0.1, "CLONING"), (0.25, "BUILDING"), (0.75, "UPLOADING"))

Log = Sequence[tuple[float, str, float]]


class Progress(NamedTuple):
    """How far a build has come: seconds since its start, and how often it was looked for and shown."""

    elapsed: float
    asked: int = 0
    looks: int = 0


class Script:
    """The course of a build, or of a run: the constructors serve both, see `runs.STATUSES`.

    - `steps`: `(offset, status)` pairs. `by='clock'`: offsets are seconds since the start. `by='looks'`:
      they count the get and list answers that show the build, the present one included: the answer to
      the start has offset 0, the first look has offset 1.
    - `message`: the text that comes with the end; None is a usual one for the status.
    - `log`: `(offset, text)` pairs, shown once that offset is reached. A third value is the offset that the line
      is stamped with, of a container whose clock is wrong.
    - `visible_after`: the build is in no list and cannot be got before so many seconds (`by='looks'`: not
      in the answers to so many looks for it). `get_visible_after`: the same for get alone.
    - `gone_after`: from that offset on the build is no more.
    - `raw`: put over every answer that shows the build as it is, right or wrong; `omit`: keys to leave out.
    """

    def __init__(
        self,
        steps: Iterable[Sequence[Any]] = ((0, "PENDING"),),
        by: str = "clock",
        message: str | None = None,
        log: Iterable[Sequence[Any]] = (),
        visible_after: float = 0.0,
        get_visible_after: float | None = None,
        gone_after: float | None = None,
        raw: dict[str, Any] | None = None,
        omit: Iterable[str] = (),
    ) -> None:
        if by not in ("clock", "looks"):
            raise ValueError(f"by must be 'clock' or 'looks', not {by!r}")
        self.steps = sorted(((float(offset), str(status)) for offset, status in steps), key=lambda step: step[0])
        if not self.steps:
            raise ValueError("a script needs at least one step")
        self.by = by
        self.message = message
        stamped = [(float(line[0]), str(line[1]), float(line[-1] if len(line) > 2 else line[0])) for line in log]
        self.log: Log = sorted(stamped, key=lambda line: line[0])
        self.visible_after = visible_after
        self.get_visible_after = visible_after if get_visible_after is None else get_visible_after
        self.gone_after = gone_after
        self.raw = dict(raw or {})
        self.omit = frozenset(omit)

    @classmethod
    def success(cls, duration: float, **options: Any) -> Script:
        """A build that succeeds after `duration` seconds (or looks), through all the usual statuses."""
        return cls(steps=[*_course(duration), (duration, "SUCCESS")], **options)

    @classmethod
    def failure(cls, duration: float, status: str = "FAILURE", **options: Any) -> Script:
        """A build that fails after `duration` seconds (or looks), while it is building."""
        return cls(steps=[*_course(duration)[:3], (duration, status)], **options)

    @classmethod
    def never_ends(cls, **options: Any) -> Script:
        return cls(steps=[(0, "PENDING"), (1, "BUILDING")], **options)

    @classmethod
    def vanishes(cls, after: float, **options: Any) -> Script:
        """A build that is gone after so many seconds (or looks): 404, and in no list."""
        return cls(steps=[(0, "PENDING"), (1, "BUILDING")], gone_after=after, **options)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Script:
        """A script out of JSON: the arguments of `Script`, or `kind` (`success`, `failure`, …) and its arguments."""
        arguments = dict(value)
        kind = arguments.pop("kind", None)
        if kind is None:
            return cls(**arguments)
        if kind not in ("success", "failure", "never_ends", "vanishes"):
            raise ValueError(f"unknown kind of script: {kind!r}")
        made: Script = getattr(cls, kind)(**arguments)
        return made

    def offset(self, progress: Progress) -> float:
        """Where in the script a build is, in the unit of its offsets."""
        return progress.elapsed if self.by == "clock" else progress.looks

    def status(self, offset: float) -> str:
        reached = [status for start, status in self.steps if start <= offset]
        return reached[-1] if reached else self.steps[0][1]

    def reached(self, offset: float) -> float:
        """The offset at which the present status was reached."""
        return max((start for start, _status in self.steps if start <= offset), default=0.0)

    def visible(self, progress: Progress, by_id: bool) -> bool:
        """Whether a look shows the build. `progress` counts that look already."""
        hidden = self.get_visible_after if by_id else self.visible_after
        if self.by == "clock":
            gone = self.gone_after is not None and progress.elapsed >= self.gone_after
            return progress.elapsed >= hidden and not gone
        return progress.asked > hidden and (self.gone_after is None or progress.looks <= self.gone_after)

    def lines(self, offset: float) -> Log:
        return [line for line in self.log if line[0] <= offset]


def _course(duration: float) -> list[tuple[float, str]]:
    return [(part * duration, status) for part, status in COURSE]


def usual(speed: float = 1.0) -> Script:
    """The build of a demo: a success after 2 seconds, times `speed`."""
    log = [
        (0.0, "Build queued"),
        (0.2, "Cloning https://git.example.com/team/app into /workspace"),
        (0.4, "Checked out commit on branch"),
        (0.5, "Step 1/5 : FROM node:20-alpine"),
        (0.7, "Step 2/5 : WORKDIR /app"),
        (0.8, "Step 3/5 : COPY . ."),
        (0.9, "Step 4/5 : RUN npm ci"),
        (1.2, "added 214 packages in 9s"),
        (1.3, 'Step 5/5 : CMD ["node", "server.js"]'),
        (1.4, "Successfully built image"),
        (1.5, "Uploading image to the registry"),
        (2.0, "Image uploaded"),
    ]
    return Script.success(2.0 * speed, log=_stretched(log, speed))


def usual_run(speed: float = 1.0) -> Script:
    """The run of a demo: a success after 2 seconds, times `speed`."""
    log = [
        (0.1, "> app@1.4.2 migrate"),
        (0.3, "Connected to the database"),
        (0.8, "Applying 0012_add_orders"),
        (1.6, "Applying 0013_index_orders"),
        (1.9, "2 migrations applied"),
    ]
    return Script.success(2.0 * speed, log=_stretched(log, speed))


def flaky(speed: float = 1.0) -> Script:
    """The build of a demo that fails after 1 second, times `speed`."""
    log = [
        (0.0, "Build queued"),
        (0.1, "Cloning https://git.example.com/team/app into /workspace"),
        (0.25, "Step 1/7 : FROM node:20-alpine AS build"),
        (0.3, "Step 2/7 : WORKDIR /app"),
        (0.35, "Step 3/7 : COPY package.json package-lock.json ./"),
        (0.4, "Step 4/7 : RUN npm ci --no-audit"),
        (0.6, "added 214 packages in 9s"),
        (0.7, "Step 5/7 : RUN npm run build"),
        (0.75, "> app@1.4.2 build"),
        (0.8, "> vite build"),
        (0.9, "src/main.ts(17,23): error TS2304: Cannot find name 'createRouter'."),
        (0.95, "npm error Lifecycle script `build` failed with error: code 1"),
        (1.0, "The command '/bin/sh -c npm run build' returned a non-zero code: 1"),
    ]
    message = "Build failed: step 5/7 RUN npm run build exited with code 1"
    return Script.failure(1.0 * speed, message=message, log=_stretched(log, speed))


def _stretched(log: list[tuple[float, str]], speed: float) -> list[tuple[float, str]]:
    return [(offset * speed, text) for offset, text in log]
