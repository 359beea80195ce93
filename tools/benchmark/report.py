# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures as text: on the terminal, and as docs/benchmarks.md with its chart."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import ssl
import statistics
import typing as t
from pathlib import Path

from ansible_collections.community.northflank.tools.benchmark.rows import LENGTH, LIMITS, Row
from ansible_collections.community.northflank.tools.benchmark.sides import BARE_CLI, CLI, CURL, DEBUG, HERE, JS, MODULE, SDK, URI
from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, RULES, box, picture, text

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("docs/benchmarks.md")
CHART = Path("docs/docsite/rst/images/benchmarks.svg")

PLAYBOOKS = {
    HERE: "this collection, in-process",
    MODULE: "this collection, as a module",
    URI: "ansible.builtin.uri",
    CLI: "ansible.builtin.command: northflank …",
    DEBUG: "ansible.builtin.debug",
}
OUTSIDE = {SDK: "Python SDK, no Ansible", JS: "JavaScript client, no Ansible", BARE_CLI: "CLI, no Ansible", CURL: "curl, no Ansible"}
NAMES = {**PLAYBOOKS, **OUTSIDE}

LABELS, BARS, LINE, HEADING, TOP = 316, 224, 24, 40, 76
"""Of the chart: where the bars begin, the length of the longest, the height of a line and of a heading, where the first begins."""

HEADER = """\
<!--
Copyright (c) 2026, The community.northflank authors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

<!-- Written by tools/benchmark/bench.py: change that. -->

# Benchmarks: starting builds from a playbook
"""

HOW = f"""\
## What is measured

- **One more task**: a playbook of 5 tasks that start a build each, and one of 125; the difference divided by 120, so that the start of
  `ansible-playbook` is left out. 5 and 15 tasks if every task starts a process.
- **One more loop item**: the same for one task with a loop of 10 and of 110 items; 10 and 30 if every item starts a process.
- **50 hosts**: one task that starts a build, for 50 hosts with local connections, five forks, strategy linear; the whole process.
- **One build**: a process that starts one build, from start to end.
- **50 builds of {LENGTH:g} s**: one task starts them in a loop, a second one waits for all of them; the whole process. `uri` waits with
  `until`, item by item, and polls every 2 seconds.
- `debug` sends nothing: it shows what Ansible itself needs for any task.

## How it is measured

- Against the embedded API of this repository, over HTTPS on the loopback interface, so the network takes no time. The embedded API
  applies Northflank's rate limit of 1000 requests an hour. It is reset before each run, and checks that each run started exactly the
  builds that it should have.
- All sides send the same body. `uri` gets a complete URL and validates nothing; the collection does everything that it always does.
- Certificates are verified, as with Northflank. The server's certificate is added to what each client trusts by default: for the
  collection to a copy of certifi's bundle; for `uri`, the Python SDK and curl to a directory (`SSL_CERT_DIR`) that OpenSSL reads beside
  the system's bundle file; for Node.js by `NODE_EXTRA_CA_CERTS`. Neither `ca_path` nor `REQUESTS_CA_BUNDLE` is set.
- In each round all sides run one after the other, in reverse order every other round. A ratio compares two sides of the same round.
  Figures and ratios are medians over the rounds.
- Ansible runs without a configuration file, with the default callback, its output going to a pipe.
- Slow sides without a limit are timed in the first round only.

Run it yourself with `make bench`, or `.venv/bin/python tools/benchmark/bench.py --quick` for a first impression. It needs the program
openssl. Northflank's official clients are included if `make conformance` has installed them.
"""


def figure(seconds: float | None, unit: str) -> str:
    if seconds is None:
        return "—"
    if unit == "ms":
        return f"{seconds * 1000:.{0 if seconds >= 0.1 else 1}f} ms"
    return f"{seconds:.{2 if seconds < 10 else 1}f} s"


def terminal(rows: t.Mapping[str, Row]) -> str:
    """The figures, then the limits."""
    lines = []
    for row in rows.values():
        lines += ["", row.title, *(f"  {NAMES[side]:42}{figure(row.median(side), row.unit):>10}" for side in row.fastest_first)]
    width = max(len(limit.title) for limit in LIMITS)
    lines += ["", f"{'Ratio':{width}}  measured  lowest to highest  at most"]
    for limit, cells in zip(LIMITS, _limits(rows)):
        mark = "" if limit.kept(rows) else "  <- too much"
        lines.append(f"{cells[0]:{width}}  {cells[1]:>8}  {cells[2]:>17}  {cells[3]:>7}{mark}")
    return "\n".join([*lines, "", machine()])


def write(rows: t.Mapping[str, Row], effort: str) -> list[str]:
    """Write the page and the chart; return their paths."""
    (ROOT / PAGE).write_text(page(rows, effort), encoding="utf-8")
    (ROOT / CHART).write_text(chart(rows), encoding="utf-8")
    return [str(PAGE), str(CHART)]


def machine() -> str:
    """The machine and the versions, without anything that tells whose it is."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    versions = (f"{name} {importlib.metadata.version(name)}" for name in ("ansible-core", "requests", "urllib3"))
    openssl = " ".join(ssl.OPENSSL_VERSION.split()[:2])
    return "; ".join([f"{cpu}, {os.cpu_count()} cores", platform.system(), f"Python {platform.python_version()}", *versions, openssl])


def page(rows: t.Mapping[str, Row], effort: str) -> str:
    task, item, one = rows["task"], rows["item"], rows["one"]
    columns = [side for side in PLAYBOOKS if any(side in row.seconds for row in rows.values())]
    table = [["", *(f"`{NAMES[side]}`" if side in (URI, CLI, DEBUG) else NAMES[side] for side in columns)]]
    table += [[row.title, *(figure(row.median(side), row.unit) for side in columns)] for row in rows.values()]
    outside = [side for side in OUTSIDE if side in one.seconds]
    alone = [["", *(NAMES[side] for side in outside)], ["One build", *(figure(one.median(side), "s") for side in outside)]]
    sections = [
        HEADER,
        f"One more task costs {figure(task.median(HERE), 'ms')} in-process and {figure(task.median(URI), 'ms')} with "
        f"`ansible.builtin.uri`;\none more loop item {figure(item.median(HERE), 'ms')} and {figure(item.median(URI), 'ms')}. "
        "Tasks on a local connection run in-process by themselves.\n",
        f"![The times below as bars]({CHART.relative_to(PAGE.parent)})\n",
        markdown(table),
        *(["Without Ansible, for comparison:\n", markdown(alone)] if outside else []),
        "The limits that the benchmark enforces, with the ratios of all rounds:\n",
        markdown([["Ratio", "measured", "lowest to highest", "at most"], *_limits(rows)]),
        f"Measured on {datetime.date.today().isoformat()}, {effort}, on:\n{machine()}.\n",
        HOW,
    ]
    return "\n".join(sections)


def chart(rows: t.Mapping[str, Row]) -> str:
    shapes = [text("How long builds take from a playbook", MARGIN, 38, "title")]
    shapes.append(text("Shorter is better. Each group has a scale of its own.", MARGIN, 62, "quiet"))
    y, words = TOP, []
    for row in rows.values():
        y += HEADING
        shapes.append(text(row.title, MARGIN, y - 10, "heading"))
        longest = max(row.median(side) or 0.0 for side in row.seconds)
        for side in row.fastest_first:
            seconds = row.median(side) or 0.0
            ours, length = side in (HERE, MODULE), max(2.0, BARS * seconds / longest)
            shapes += [
                text(NAMES[side], LABELS - 10, y + 16, "" if ours else "quiet", "end"),
                box(LABELS, y + 3, length, 17, "bar-ours" if ours else "bar", 2),
                text(figure(seconds, row.unit), LABELS + length + 8, y + 16, "" if ours else "quiet"),
            ]
            y += LINE
        told = ", ".join(f"{figure(row.median(side), row.unit)} {NAMES[side].replace(', ', ' ')}" for side in row.fastest_first)
        words.append(f"{row.title}: {told}")
    return picture(
        "How long builds take from a playbook",
        f"Shorter is better. {'; '.join(words)}.",
        y + MARGIN,
        shapes,
        rules={**RULES, ".bar": {"fill": "gray"}, ".bar-ours": {"fill": "blue"}},
    )


def _limits(rows: t.Mapping[str, Row]) -> list[list[str]]:
    """A line for each limit: title, median, span, limit."""
    measured = [(limit, limit.ratios(rows)) for limit in LIMITS]
    return [[one.title, f"{statistics.median(all_):.3f}", f"{min(all_):.3f} to {max(all_):.3f}", f"{one.most:g}"] for one, all_ in measured]


def markdown(table: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in table]
    return "\n".join([lines[0], "|---" + "|---:" * (len(table[0]) - 1) + "|", *lines[1:]]) + "\n"
