# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a build and how its task polls it: from runs of the real code on a simulated clock."""

from __future__ import annotations

from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script, SimulatedClock
from ansible_collections.community.northflank.tests.simulation import JOB, OPERATIONS, PROJECT, Task
from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, RULES, WIDTH, box, picture, text

LENGTH = 600
STEPS = ((0, "PENDING"), (90, "CLONING"), (180, "BUILDING"), (470, "UPLOADING"), (LENGTH, "SUCCESS"))
END = 720  # Seconds at the end of the time line
SCALE = (WIDTH - 2 * MARGIN) / END
BAR, TICK, TOP = 26, 18, 104

STYLES = {
    ".poll": {"stroke": "quiet", "stroke-width": "1.2"},
    ".last": {"stroke": "green", "stroke-width": "2.5"},
    ".axis": {"stroke": "line"},
}
CSS = "    .status { font-weight: 600; font-size: 12px }\n"


def polls() -> tuple[list[float], float]:
    """Start a build and wait for it: when its task polled and when it saw the end, in seconds after the start."""
    clock = SimulatedClock()
    with FakeNorthflank(clock=clock) as fake:
        fake.plan(PROJECT, JOB, Script(STEPS))
        began = clock.time()
        result = Task(fake, clock, OPERATIONS["build"]["start"])(wait=True, wait_timeout=3600)
        if not result["build"]["success"]:
            raise RuntimeError(f"the build did not succeed: {result}")
        return [call.time - began for call in fake.journal if call.method == "GET"], clock.time() - began


def draw() -> str:
    title = f"A build of {LENGTH // 60} minutes, and when its task polls"
    ticks, seen = polls()
    figures = f"{len(ticks)} requests, the end seen {seen - LENGTH:.1f} s late"
    shapes = [
        text(title, MARGIN, 38, "title"),
        text("Each tick is one request. The green one sees the end.", MARGIN, 62, "quiet"),
        text(figures, WIDTH - MARGIN, TOP - 8, "quiet", "end"),
        *_lane(ticks, TOP),
        *_axis(TOP + 66),
    ]
    told = f"The build is {', then '.join(f'{status} from {_time(at)}' for at, status in STEPS)}: {figures}."
    return picture(title, told, TOP + 106, shapes, rules={**RULES, **STYLES}, css=CSS)


def _lane(ticks: list[float], top: float) -> list[str]:
    shapes = []
    for (begin, status), (end, _next) in zip(STEPS, (*STEPS[1:], (END, ""))):
        shapes.append(box(_x(begin), top, _x(end) - _x(begin) - (2 if end < END else 0), BAR, "ours" if status == "SUCCESS" else "box", 2))
        shapes.append(text(status, _x((begin + end) / 2) - 1, top + 17.5, "status", "middle"))
    return shapes + [_upright(tick, top + BAR + 5, TICK, "last" if tick == ticks[-1] else "poll") for tick in ticks]


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
