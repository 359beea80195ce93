# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What bench_scale.py has measured, as text: on the terminal, and as docs/scale.md with its plot."""

from __future__ import annotations

import datetime
import math
import typing as t
from pathlib import Path

from ansible_collections.community.northflank.tools.benchmark.report import HEADER, ROOT, machine, markdown
from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, RULES, WIDTH, box, picture, text

PAGE = Path("docs/scale.md")
PLOT = Path("docs/docsite/rst/images/scale.svg")
MEASURES = {"requests": "Requests", "cpu": "Seconds of CPU", "memory": "Megabytes grown"}
LEFT, GAP, HEIGHT, TOP, ROW = 56, 46, 110, 84, 216
"""Of the plot: where the first panel begins, the space between two, a panel's height, where the first row begins, a row's height."""
STYLES = ("ours-curve", "ours-curve dashed", "ours-curve dotted", "theirs-curve", "theirs-curve dashed")
RANGES = {"requests": (0.5, 1e6), "cpu": (1e-3, 1e2), "memory": (0.1, 1e3)}

HOW = """\
## How it is measured

- Against the embedded API of this repository, over HTTP on the loopback interface. The CPU time of the embedded API is left out, except
  for hosts, and so is its memory, for histories and logs. Each point is measured in a new process; memory is the growth of its peak.
- History: a job with this many builds, listed newest first. `_info` returns the newest 50, `reuse` finds the build of a commit, and a
  lost start is a start whose response was lost, so that the module searches the list. The SDK and `uri` read all pages.
- Builds: one task waits for this many builds, of 20 minutes each and of up to 50 jobs, with 1000 requests an hour, on a simulated clock.
  The others poll every 10 seconds: the SDK all builds of each job, `uri` each build; their requests are counted, not sent.
- Log: the last 50 lines of a log with a single long line, of which at most about 4 MB are read. The SDK cannot read logs of builds;
  `uri` needs one request.
- Hosts: each host builds its own job and waits, 50 hosts at a time, on a simulated clock, sharing 1000 requests an hour. No response
  was 429.
- Growth: the exponent of size, which is the slope in the plot: 0 is constant, 1 is linear.

Run it yourself with `make bench-scale`. The Python SDK is included if `make conformance` has installed it.
"""


class Point(t.NamedTuple):
    """What one question took; 0 where that was not measured."""

    requests: int
    cpu: float = 0.0
    memory: float = 0.0


class Line(t.NamedTuple):
    """What a question took, by size."""

    title: str
    unit: str
    name: str
    points: dict[int, Point]


Exponent = t.Callable[[t.Sequence[tuple[float, float]]], t.Optional[float]]


def terminal(lines: t.Sequence[Line], exponent: Exponent) -> str:
    table = _table(lines, exponent)
    widths = [max(map(len, column)) for column in zip(*table)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table)


def write(lines: t.Sequence[Line], exponent: Exponent) -> list[str]:
    """Write the page and the plot; return their paths."""
    sections = [
        HEADER.partition("# Benchmarks")[0].replace("bench.py", "bench_scale.py") + "# Benchmarks: how cost grows with size\n",
        f"![The figures below as lines]({PLOT.relative_to(PAGE.parent)})\n",
        markdown(_table(lines, exponent)),
        f"Measured on {datetime.date.today().isoformat()} on:\n{machine()}.\n",
        HOW,
    ]
    (ROOT / PAGE).write_text("\n".join(sections), encoding="utf-8")
    (ROOT / PLOT).write_text(plot(lines), encoding="utf-8")
    return [str(PAGE), str(PLOT)]


def _table(lines: t.Sequence[Line], exponent: Exponent) -> list[list[str]]:
    """The largest figures of each line, and their growth."""
    rows = [["", "Size", *(cell for name in MEASURES.values() for cell in (name, "Growth"))]]
    for line in lines:
        size, largest = max(line.points.items())
        cells = [f"{line.title}: {line.name}", f"{size:,}"]
        for measure in MEASURES:
            growth = exponent([(x, getattr(point, measure)) for x, point in line.points.items()])
            figure = getattr(largest, measure)
            cells += [f"{figure:,.3g}" if measure != "requests" else f"{figure:,}", "—" if growth is None else f"{growth + 0:.2f}"]
            if not figure and measure != "requests":
                cells[-2:] = ["—", "—"]
        rows.append(cells)
    return rows


def plot(lines: t.Sequence[Line]) -> str:
    """A row of panels for each title, a panel for each measure."""
    shapes = [
        text("What grows with size, and how fast", MARGIN, 38, "title"),
        text("Both scales of each panel are logarithmic.", MARGIN, 60, "quiet"),
    ]
    titles = list(dict.fromkeys(line.title for line in lines))
    width = (WIDTH - LEFT - MARGIN - 2 * GAP) / 3
    for row, title in enumerate(titles):
        group = [line for line in lines if line.title == title]
        y = TOP + row * ROW
        shapes.append(text(f"{title}: {group[0].unit}", MARGIN, y + 14, "heading"))
        for column, measure in enumerate(MEASURES):
            shapes += _panel(group, measure, LEFT + column * (width + GAP), y + 42, width)
        x: float = MARGIN
        for line, style in _styled(group):
            shapes += [_path([(x, y + 190), (x + 24, y + 190)], style), text(line.name, x + 30, y + 194, "small")]
            x += 46 + 6.4 * len(line.name)
    words = "; ".join(
        f"{line.title}, {line.name}: {max(line.points.items())[1].requests:,} requests at {max(line.points):,}" for line in lines
    )
    return picture("What grows with size, and how fast", f"{words}.", TOP + len(titles) * ROW + 8, shapes, rules=_RULES, css=_CSS)


def _panel(group: t.Sequence[Line], measure: str, left: float, top: float, width: float) -> list[str]:
    sizes = sorted({size for line in group for size in line.points})
    low, high = RANGES[measure]

    def place(size: float, figure: float) -> tuple[float, float]:
        across = math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])
        up = math.log(max(low, min(high, figure)) / low) / math.log(high / low)
        return left + width * across, top + HEIGHT * (1 - up)

    shapes = [text(MEASURES[measure], left, top - 6, "small"), box(left, top, width, HEIGHT, "box", 0)]
    for power in range(math.ceil(math.log10(low)), round(math.log10(high)) + 1, 2):
        y = place(sizes[0], 10.0**power)[1]
        shapes += [_path([(left, y), (left + width, y)], "grid-curve"), text(_short(10.0**power), left - 4, y + 4, "small", "end")]
    for size, anchor in ((sizes[0], "start"), (sizes[-1], "end")):
        shapes.append(text(_short(size), place(size, 1)[0], top + HEIGHT + 14, "small", anchor))
    for line, style in _styled(group):
        points = [place(size, getattr(point, measure)) for size, point in sorted(line.points.items()) if getattr(point, measure) > 0]
        shapes += [_path(points, style)] if len(points) > 1 else []
    return shapes


def _styled(group: t.Sequence[Line]) -> t.Iterator[tuple[Line, str]]:
    theirs = [line for line in group if line.name.startswith(("SDK", "uri"))]
    ours = [line for line in group if line not in theirs]
    yield from zip(ours, STYLES[:3])
    yield from zip(theirs, STYLES[3:])


def _path(points: t.Sequence[tuple[float, float]], style: str) -> str:
    return f'<path class="curve {style}" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>'


def _short(number: float) -> str:
    for divisor, unit in ((1e6, "M"), (1e3, "k")):
        if number >= divisor:
            return f"{number / divisor:g}{unit}"
    return f"{number:g}"


_RULES = {**RULES, ".ours-curve": {"stroke": "blue"}, ".theirs-curve": {"stroke": "gray"}, ".grid-curve": {"stroke": "line"}}
_CSS = """\
    .small { font-size: 12px }
    .curve { fill: none; stroke-width: 2 }
    .grid-curve { stroke-width: 0.5 }
    .dashed { stroke-dasharray: 7 4 }
    .dotted { stroke-dasharray: 2 3 }
"""
