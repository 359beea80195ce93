# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured, and the limits."""

from __future__ import annotations

import statistics
import typing as t
from dataclasses import dataclass, field

from ansible_collections.community.northflank.tools.benchmark import sides
from ansible_collections.community.northflank.tools.benchmark.sides import BARE_CLI, CLI, CURL, DEBUG, HERE, JS, MODULE, SDK, URI
from ansible_collections.community.northflank.tools.benchmark.stage import Stage, Work

Timing = t.Callable[[Stage, str], float]

LENGTH = 10.0  # Seconds that each build takes where the play waits for it
EACH, ONCE = "each round", "first round only"  # When a side is timed. Slow sides without a limit are timed once


@dataclass
class Row:
    """One thing that is measured. `seconds` has one figure per round for each side."""

    title: str
    unit: str
    timing: Timing
    sides: dict[str, str]
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, stage: Stage, number: int, wanted: t.Mapping[str, str]) -> None:
        """Time the sides one after the other, so that a busy machine slows all of them alike."""
        turns = [side for side, times in wanted.items() if times == EACH or number == 0]
        # Reverse every other round, so that no side always goes first.
        for side in turns[::-1] if number % 2 else turns:
            self.seconds.setdefault(side, []).append(self.timing(stage, side))

    def median(self, side: str) -> float | None:
        """Seconds, or `None` if the side was not measured."""
        return statistics.median(self.seconds[side]) if side in self.seconds else None

    @property
    def fastest_first(self) -> list[str]:
        return sorted(self.seconds, key=lambda side: statistics.median(self.seconds[side]))


@dataclass(frozen=True)
class Limit:
    """The largest ratio allowed between two sides of a row, or between a side and a fixed time."""

    title: str
    row: str
    side: str
    other: str | float
    most: float

    def ratios(self, rows: t.Mapping[str, Row]) -> list[float]:
        seconds = rows[self.row].seconds
        others = seconds[self.other] if isinstance(self.other, str) else [self.other] * len(seconds[self.side])
        return [mine / other for mine, other in zip(seconds[self.side], others)]

    def kept(self, rows: t.Mapping[str, Row]) -> bool:
        return statistics.median(self.ratios(rows)) <= self.most


LIMITS = (
    Limit("one more task: in-process to uri", "task", HERE, URI, 0.12),
    Limit("one more loop item: in-process to uri", "item", HERE, URI, 0.04),
    Limit("50 hosts, 5 at a time: in-process to uri", "hosts", HERE, URI, 0.2),
    Limit("one build, whole process: in-process to uri", "one", HERE, URI, 0.75),
    Limit("50 builds of 10 s, started and awaited: in-process to one build", "many", HERE, LENGTH, 1.4),
    Limit("one more task: as a module to uri", "task", MODULE, URI, 1.3),
)


def one_more(make: t.Callable[[Stage, str, int], Work], few: int, lots: int, lots_in_process: int) -> Timing:
    """Time a small playbook and a large one: the difference leaves out the start of ansible-playbook."""

    def timing(stage: Stage, side: str) -> float:
        count = lots_in_process if side in (HERE, DEBUG) else lots
        less = stage.timed(make(stage, side, few))
        return (stage.timed(make(stage, side, count)) - less) / (count - few)

    return timing


def one_build(stage: Stage, side: str) -> float:
    return stage.timed(sides.bare(stage, side) if side in (SDK, JS, BARE_CLI, CURL) else sides.tasks(stage, side, 1))


def rows() -> dict[str, Row]:
    """All rows, nothing measured yet."""
    each = dict.fromkeys((HERE, DEBUG, URI, MODULE), EACH)
    return {
        "task": Row("One more task", "ms", one_more(sides.tasks, 5, 15, 125), {**each, CLI: ONCE}),
        "item": Row("One more loop item", "ms", one_more(sides.loop, 10, 30, 110), {**each, MODULE: ONCE}),
        "hosts": Row(
            "One task for 50 hosts, 5 at a time",
            "s",
            lambda stage, side: stage.timed(sides.hosts(stage, side, 50)),
            {**each, MODULE: ONCE, CLI: ONCE},
        ),
        "one": Row("One build, whole process", "s", one_build, {**each, **dict.fromkeys((CLI, BARE_CLI, SDK, JS, CURL), EACH)}),
        "many": Row(
            f"50 builds of {LENGTH:g} s, started and awaited",
            "s",
            lambda stage, side: stage.timed(sides.many(stage, side, 50, LENGTH)),
            {HERE: EACH, MODULE: ONCE, URI: ONCE},
        ),
    }
