# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is measured, in pairs and rounds, and the most that it may be."""

from __future__ import annotations

import enum
import math
import statistics
import typing as t
from dataclasses import dataclass, field

from ansible_collections.community.northflank.tools.benchmark import sides
from ansible_collections.community.northflank.tools.benchmark.sides import BARE_CLI, CLI, CURL, DEBUG, HERE, JS, MODULE, SDK, URI
from ansible_collections.community.northflank.tools.benchmark.stage import Stage

Timing = t.Callable[[Stage, str], float]

LENGTH = 10.0
"""Seconds that each build of the row with waiting takes."""


@dataclass(frozen=True)
class Times:
    """How often a side is timed: in how many of the rounds (null is all of them), and how often in each."""

    rounds: int | None = None
    repeats: int = 1


@dataclass
class Row:
    """One thing that is measured. C(figures): seconds by side, the median of each round."""

    key: str
    title: str
    unit: str
    timing: Timing
    plan: dict[str, Times]
    figures: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, stage: Stage, rounds: int, available: list[str], say: t.Callable[[str], None]) -> None:
        """Time every side in every round, side by side, so that whatever else this machine does hits all alike."""
        for number in range(rounds):
            turns = self._turns(number, available)
            timed: dict[str, list[float]] = {}
            for side in turns:
                say(f"{self.title}, round {number + 1} of {rounds}: {side}")
                timed.setdefault(side, []).append(self.timing(stage, side))
            for side, seconds in timed.items():
                self.figures.setdefault(side, []).append(statistics.median(seconds))

    def _turns(self, number: int, available: list[str]) -> list[str]:
        plan = {side: times for side, times in self.plan.items() if side in available and number < (times.rounds or number + 1)}
        turns = [side for lap in range(max(times.repeats for times in plan.values())) for side in plan if lap < plan[side].repeats]
        # Every other round the other way round: none is always the first.
        return turns[::-1] if number % 2 else turns

    def median(self, side: str) -> float | None:
        """Seconds; null if the side was not measured."""
        return statistics.median(self.figures[side]) if self.figures.get(side) else None

    def ratios(self, side: str, other: str) -> list[float]:
        """One side to another, within each round; infinite where noise has left no time at all for one of them."""
        pairs = zip(self.figures[side], self.figures[other])
        return [mine / theirs if min(mine, theirs) > 0 else math.inf for mine, theirs in pairs]


class Verdict(enum.Enum):
    """What the rounds say of a limit, and the mark that it gets on the terminal."""

    KEPT = ""
    UNCLEAR = "  <- too much, within the noise: measure again"
    BROKEN = "  <- too much"


@dataclass(frozen=True)
class Limit:
    """A promise: the median ratio of two sides of a row, or of a side to a fixed time."""

    title: str
    row: str
    side: str
    other: str | float
    most: float

    def ratios(self, rows: dict[str, Row]) -> list[float]:
        """The ratio in each round."""
        row = rows[self.row]
        if isinstance(self.other, str):
            return row.ratios(self.side, self.other)
        return [seconds / self.other for seconds in row.figures[self.side]]

    def verdict(self, rows: dict[str, Row]) -> Verdict:
        """Whether the median keeps the promise; if not, whether all rounds broke it. A ratio differs by some 5 % between rounds."""
        ratios = self.ratios(rows)
        if statistics.median(ratios) <= self.most:
            return Verdict.KEPT
        return Verdict.BROKEN if min(ratios) > self.most else Verdict.UNCLEAR


LIMITS = (
    Limit("one more task: in-process to uri", "task", HERE, URI, 0.12),
    Limit("one more task: in-process to debug", "task", HERE, DEBUG, 1.7),
    Limit("one more loop item: in-process to uri", "item", HERE, URI, 0.04),
    Limit("50 hosts, 5 at a time: in-process to uri", "hosts", HERE, URI, 0.2),
    Limit("one build, whole process: in-process to uri", "one", HERE, URI, 0.7),
    Limit("50 builds of 10 s, whole play: in-process to the length of a build", "many", HERE, LENGTH, 1.4),
    Limit("one more task: as a module to uri", "task", MODULE, URI, 1.0),
)


def slope(make: t.Callable[[Stage, str, int], t.Any], sizes: t.Mapping[str, tuple[int, int]], usual: tuple[int, int]) -> Timing:
    """What one more costs: a larger playbook less a smaller one, so that the start of ansible-playbook is in neither."""

    def timing(stage: Stage, side: str) -> float:
        few, lots = sizes.get(side, usual)
        less = stage.timed(make(stage, side, few))
        return (stage.timed(make(stage, side, lots)) - less) / (lots - few)

    return timing


def one_build(stage: Stage, side: str) -> float:
    """A whole process that starts one build."""
    outside = (SDK, JS, BARE_CLI, CURL)
    return stage.timed(sides.bare(stage, side) if side in outside else sides.tasks(stage, side, 1))


def rows(quick: bool) -> list[Row]:
    """All rows. What is quick is timed more often in each round: there the noise of a process's start weighs most."""
    often, most = Times(repeats=1 if quick else 3), Times(repeats=3 if quick else 9)
    once = Times(rounds=1)
    items = dict.fromkeys((URI, MODULE), (10, 20 if quick else 30))
    # In a quick run only those that have a limit.
    slow = {} if quick else {MODULE: once, URI: once}
    hosts = {} if quick else {MODULE: Times(), CLI: once}
    return [
        Row(
            "task",
            "One more task",
            "ms",
            # More of what takes little, so that the noise of a process's start is small beside it.
            slope(sides.tasks, {CLI: (2, 7), **dict.fromkeys((HERE, DEBUG), (5, 25 if quick else 125))}, (5, 15)),
            {HERE: most, DEBUG: most, URI: often, MODULE: often, CLI: once},
        ),
        Row(
            "item",
            "One more loop item",
            "ms",
            slope(sides.loop, items, (10, 110)),
            {HERE: often, DEBUG: often, URI: Times(), MODULE: Times()},
        ),
        Row(
            "hosts",
            "One task for 50 hosts, 5 at a time",
            "s",
            lambda stage, side: stage.timed(sides.hosts(stage, side, 50)),
            {HERE: Times(), DEBUG: Times(), URI: Times(), **hosts},
        ),
        Row(
            "one",
            "One build, whole process",
            "s",
            one_build,
            dict.fromkeys((HERE, URI, MODULE, DEBUG, CLI, BARE_CLI, SDK, JS, CURL), often),
        ),
        Row(
            "many",
            f"50 builds of {LENGTH:g} s, started and awaited",
            "s",
            lambda stage, side: stage.timed(sides.many(stage, side, 50, LENGTH)),
            {HERE: Times(), **slow},
        ),
    ]
