# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a build and the looks at it: from runs of the very watcher, on a simulated clock."""

from __future__ import annotations

import typing as t

from ansible_collections.community.northflank.plugins.module_utils import _job_build, _job_build_info
from ansible_collections.community.northflank.plugins.module_utils._pace import Usual, usual
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, Task
from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, RULES, WIDTH, box, picture, text

LENGTH = 600
STEPS = ((0, "PENDING"), (90, "CLONING"), (180, "BUILDING"), (470, "UPLOADING"), (LENGTH, "SUCCESS"))
EARLIER = (575, 640, 590, 615, 655)
"""Seconds: the build that is waited for, and how long those before it took."""

YOUNG, END = 60, 720
"""Where a build is no longer looked at very often, and where the time line ends, in seconds."""

SCALE = (WIDTH - 2 * MARGIN) / END
BAR, TICK = 26, 18

# Beside the common colors.
COLORS = {
    "gray": ("#d1d9e0", "#3d444d"),
    "sky": ("#b6e3ff", "#0c2d6b"),
    "middle-blue": ("#54aeff", "#1158c7"),
    "green": ("#1a7f37", "#3fb950"),
    "on-strong": ("#ffffff", "#0d1117"),
    "sand": ("#fff1b8", "#33290f"),
    "amber": ("#9a6700", "#d29922"),
}
STYLES = {
    ".PENDING": {"fill": "gray"},
    ".CLONING": {"fill": "sky"},
    ".BUILDING": {"fill": "middle-blue"},
    ".UPLOADING": {"fill": "blue"},
    ".SUCCESS": {"fill": "green"},
    ".on-UPLOADING, .on-SUCCESS": {"fill": "on-strong"},
    ".look": {"stroke": "quiet"},
    ".last": {"stroke": "green"},
    ".axis": {"stroke": "line"},
    ".due": {"fill": "sand"},
    ".earlier": {"fill": "amber"},
}
CSS = """\
    .status { font-weight: 600; font-size: 12px }
    .look { stroke-width: 1.2 }
    .last { stroke-width: 2.5 }
"""


class Life(t.NamedTuple):
    """One run. All times are in seconds since the start; C(looks) are those of the requests after it."""

    looks: list[float]
    seen: float
    usual: Usual | None

    @property
    def figures(self) -> str:
        return f"{len(self.looks)} requests, the end seen {self.seen - LENGTH:.1f} s late"

    def pauses(self, begin: float, end: float) -> tuple[int, int]:
        """The shortest and the longest pause between looks in some part of the wait, in whole seconds."""
        found = [round(b - a) for a, b in zip(self.looks, self.looks[1:]) if begin <= a and b <= end]
        return min(found), max(found)


def live(earlier: t.Sequence[float]) -> Life:
    """Start a build of a job that has had some, and wait for it."""
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        for number, length in enumerate(earlier):
            fake.add_build(PROJECT, JOB, age=length + 3600 * (number + 1), script=Script.success(length))
        fake.plan(PROJECT, JOB, Script(STEPS))
        began = clock.time()
        result = Task(fake, clock, _job_build.OPERATION)(wait=True, wait_timeout=3600)
        if not result["build"]["success"]:
            raise RuntimeError(f"the build did not succeed: {result}")
        looks, seen = [call.time - began for call in fake.journal if call.method == "GET"], clock.time() - began
        builds = Task(fake, clock, _job_build_info.OPERATION)()["builds"]
        return Life(looks, seen, usual(build for build in builds if build["id"] != result["build"]["id"]))


def draw() -> str:
    """The picture."""
    new, known = live(()), live(EARLIER)
    title = f"A build of {LENGTH // 60} minutes, and when its task looks"
    headings = ("No earlier builds", f"{len(EARLIER)} earlier builds")
    shapes = [text(title, MARGIN, 38, "title"), text("Each tick is one request. The green one sees the end.", MARGIN, 62, "quiet")]
    shapes += [*_lane(new, headings[0], (), 104), *_lane(known, headings[1], EARLIER, 222), *_axis(372)]
    return picture(
        title,
        f"The build is {', then '.join(f'{status} from {_time(at)}' for at, status in STEPS)}. "
        + " ".join(
            f"{heading}: {life.figures}; {', '.join(words for words, *_place in _notes(life))}.".replace("\n", " ")
            for heading, life in zip(headings, (new, known))
        ),
        410,
        shapes,
        colors=COLORS,
        rules={**RULES, **STYLES},
        css=CSS,
    )


def _lane(life: Life, heading: str, earlier: t.Sequence[float], top: float) -> list[str]:
    shapes = [text(heading, MARGIN, top, "heading"), text(life.figures, WIDTH - MARGIN, top, "quiet", "end")]
    stripe = top + (38 if earlier else 14)
    if life.usual:
        left, right = _x(life.usual.earliest), _x(life.usual.latest)
        shapes.append(box(left, top + 12, right - left, BAR + TICK + 74, "due", 4))
        shapes += [f'<circle class="earlier" cx="{_x(length):.1f}" cy="{top + 25:g}" r="3.5"/>' for length in earlier]
        shapes.append(text("when the earlier builds ended", left - 10, top + 30, "quiet", "end"))
    for (begin, status), (end, _next) in zip(STEPS, (*STEPS[1:], (END, ""))):
        shapes.append(box(_x(begin), stripe, _x(end) - _x(begin) - (2 if end < END else 0), BAR, status, 2))
        shapes.append(text(status, _x((begin + end) / 2) - 1, stripe + 17.5, f"status on-{status}", "middle"))
    ticks = stripe + BAR + 5
    shapes += [_upright(look, ticks, TICK, "last" if look == life.looks[-1] else "look") for look in life.looks]
    return shapes + [
        text(line, x, ticks + TICK + 17 + 18 * number, "quiet", anchor)
        for words, x, anchor in _notes(life)
        for number, line in enumerate(words.splitlines())
    ]


def _notes(life: Life) -> list[tuple[str, float, str]]:
    """How far apart the looks are, as measured, and where to write that."""
    if life.usual is None:
        least, most = life.pauses(0, YOUNG)
        return [
            (f"first {least} to {most} s apart", MARGIN, "start"),
            (f"then up to {life.pauses(YOUNG, life.seen)[1]} s apart", _x(LENGTH / 2), "middle"),
        ]
    earliest, latest = life.usual.earliest, life.usual.latest
    return [
        (f"nothing is due: up to {life.pauses(0, earliest)[1]} s apart", _x(earliest / 2), "middle"),
        (f"the end is due:\nup to {life.pauses(earliest, life.seen)[1]} s apart", _x((earliest + latest) / 2), "middle"),
    ]


def _axis(top: float) -> list[str]:
    shapes = [f'<path class="axis" d="M{MARGIN} {top:g}H{WIDTH - MARGIN}"/>']
    for seconds in range(0, END + 1, 120):
        anchor = {0: "start", END: "end"}.get(seconds, "middle")
        shapes += [_upright(seconds, top, 5, "axis"), text(_time(seconds), _x(seconds), top + 22, "quiet", anchor)]
    return shapes


def _time(seconds: float) -> str:
    return f"{seconds // 60:g}:{seconds % 60:02g}" if seconds % 60 else f"{seconds // 60:g} min"


def _upright(seconds: float, top: float, length: float, style: str) -> str:
    return f'<path class="{style}" d="M{_x(seconds):.1f} {top:g}v{length:g}"/>'


def _x(seconds: float) -> float:
    return MARGIN + SCALE * seconds
