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
import subprocess
import typing as t
from pathlib import Path

from ansible_collections.community.northflank.tools.benchmark.chart import Bar, chart
from ansible_collections.community.northflank.tools.benchmark.rows import LENGTH, LIMITS, Limit, Row
from ansible_collections.community.northflank.tools.benchmark.sides import BARE_CLI, CLI, CURL, DEBUG, HERE, JS, MODULE, SDK, URI

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

DISTURBED = 0.1
"""The part of a machine's CPU time that others may use."""

HEADER = """\
<!--
Copyright (c) 2026, The community.northflank authors
GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

<!-- Written by tools/benchmark/bench.py: change that. -->

# How long builds take from a playbook

"""

HOW = f"""\
## What is measured

- **One more task**: playbooks of 5 and of 125 tasks that start a build each; the difference by 120. So the start of
  `ansible-playbook` is not in it. Where a task is a process of its own: 5 and 15 tasks, with the CLI 2 and 7.
- **One more loop item**: one task with a loop of 10 and of 110 items, likewise; 10 and 30 where each item is a process of its own.
- **50 hosts**: one task that starts a build, for 50 hosts with local connections, five forks, strategy linear; the whole process.
- **One build**: a process that starts one build, from its start to its end, with all that it has to load.
- **50 builds of {LENGTH:g} s**: one task starts them in a loop, a second one waits for all; the whole process. `uri` waits with `until`,
  item by item, looking every 2 seconds.
- `debug` sends nothing: it is what Ansible itself takes for any task.

## How it is measured

- Against the embedded API of this repository, over HTTPS on the loopback interface: no network is in the figures, and a real one
  adds the same to each side. Requests count against a quota of 1000 an hour, as Northflank's do. Each run gets a fresh world, and
  must have started exactly the builds that it should have.
- All sides send the same body. `uri` is given the address and checks nothing; the collection does all that it always does.
- Trust costs what it costs with Northflank. The server's certificate is signed by a local authority, which is added to what
  each client trusts anyway: for the collection to the end of a copy of certifi's full bundle; for `uri`, the Python SDK and curl to
  a folder that OpenSSL looks into by name (`SSL_CERT_DIR`; the system's own bundle file is loaded where there is one); for Node.js
  by `NODE_EXTRA_CA_CERTS`. There is no `ca_path` and no `REQUESTS_CA_BUNDLE`.
- In each round all sides run one after the other, in the opposite order every other round. What takes little time runs several
  times a round, of which the median counts. A ratio is of two sides of one round; figures and ratios are medians over the rounds.
  From round to round ratios differ by some 5 %: where a median is above its limit and a round is not, measure again.
- Ansible runs without any configuration file, with the default callback, its output going to a pipe.
- What takes long and has no limit (`command` with the CLI; `uri` and the module in the row with waiting) is measured in the first
  round only.

Run it yourself: `make bench`, or `python tools/benchmark/bench.py --quick` for a first impression. It needs the program openssl;
Northflank's official clients take part once `make conformance` has installed them.
"""


class Circumstances(t.NamedTuple):
    """What has to be known of a run to read its figures. C(others): part of the CPU time that other programs used, where that is known."""

    rounds: int
    minutes: float
    others: float | None


def figure(seconds: float | None, unit: str) -> str:
    """A time in the unit of its row."""
    if seconds is None:
        return "—"
    if unit == "ms":
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def terminal(rows: dict[str, Row]) -> str:
    """The figures, then the limits."""
    lines = []
    for row in rows.values():
        lines.append(f"\n{row.title}")
        lines += [f"  {NAMES[side]:42}{figure(row.median(side), row.unit):>10}" for side in _sorted(row)]
    width = max(len(limit.title) for limit in LIMITS)
    lines.append(f"\n{'Ratio':{width}}  measured  lowest to highest  at most")
    for limit in LIMITS:
        ratios = limit.ratios(rows)
        span = f"{min(ratios):.3f} to {max(ratios):.3f}"
        lines.append(f"{limit.title:{width}}  {statistics.median(ratios):8.3f}  {span:>17}  {limit.most:7g}{limit.verdict(rows).value}")
    return "\n".join(lines)


def others(circumstances: Circumstances) -> str:
    """How much of the machine other programs used, in words; empty where that is not known."""
    if circumstances.others is None:
        return ""
    advice = " That is too much for these figures to be trusted: measure again." if circumstances.others > DISTURBED else ""
    return f"Other programs used {circumstances.others:.0%} of this machine's CPU time meanwhile.{advice}"


def write(rows: dict[str, Row], circumstances: Circumstances) -> list[str]:
    """Write the page and the chart; returns where."""
    (ROOT / CHART).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / PAGE).write_text(_page(rows, circumstances), encoding="utf-8")
    (ROOT / CHART).write_text(_chart(rows), encoding="utf-8")
    return [str(PAGE), str(CHART)]


def machine() -> str:
    """The machine and the versions, without anything that tells whose it is."""
    versions = {name: importlib.metadata.version(name) for name in ("ansible-core", "requests", "urllib3")}
    parts = [
        f"{_cpu()}, {os.cpu_count()} cores",
        platform.system(),
        f"Python {platform.python_version()}",
        *(f"{name} {version}" for name, version in versions.items()),
        " ".join(ssl.OPENSSL_VERSION.split()[:2]),
    ]
    return "; ".join(parts)


def _sorted(row: Row) -> list[str]:
    return sorted(row.figures, key=lambda side: row.median(side) or 0.0)


def _page(rows: dict[str, Row], circumstances: Circumstances) -> str:
    task, item = rows["task"], rows["item"]
    summary = (
        f"One more task costs {figure(task.median(HERE), 'ms')} in-process and {figure(task.median(URI), 'ms')} with "
        f"`ansible.builtin.uri`;\none more loop item {figure(item.median(HERE), 'ms')} and {figure(item.median(URI), 'ms')}. "
        "Tasks on a local connection run in-process by themselves.\n"
    )
    columns = [side for side in PLAYBOOKS if any(side in row.figures for row in rows.values())]
    table = [["", *(f"`{NAMES[s]}`" if s in (URI, CLI, DEBUG) else NAMES[s] for s in columns)]]
    table += [[row.title, *(figure(row.median(side), row.unit) for side in columns)] for row in rows.values()]
    outside = [side for side in OUTSIDE if side in rows["one"].figures]
    alone = [["", *(NAMES[side] for side in outside)], ["One build", *(figure(rows["one"].median(side), "s") for side in outside)]]
    limits = [["Ratio", "measured", "lowest to highest", "at most"], *(_limit(limit, rows) for limit in LIMITS)]
    sections = [
        HEADER + summary,
        f"![The times below as bars]({CHART.relative_to(PAGE.parent)})\n",
        _markdown(table),
        "Without Ansible, for comparison:\n\n" + _markdown(alone) if outside else "",
        "What the benchmark holds the collection to; the ratio of each round:\n\n" + _markdown(limits),
        f"Measured on {datetime.date.today().isoformat()}, {circumstances.rounds} rounds in {circumstances.minutes:.0f} minutes, on:\n"
        f"{machine()}.\n{others(circumstances)}\n",
        HOW,
    ]
    return "\n".join(section for section in sections if section)


def _limit(limit: Limit, rows: dict[str, Row]) -> list[str]:
    ratios = limit.ratios(rows)
    return [limit.title, f"{statistics.median(ratios):.3f}", f"{min(ratios):.3f} to {max(ratios):.3f}", f"{limit.most:g}"]


def _markdown(table: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in table]
    return "\n".join([lines[0], "|---" + "|---:" * (len(table[0]) - 1) + "|", *lines[1:]]) + "\n"


def _chart(rows: dict[str, Row]) -> str:
    groups = {row.title: [_bar(row, side) for side in _sorted(row)] for row in rows.values()}
    words = "; ".join(
        f"{title}: " + ", ".join(f"{block.text} {block.label.replace(', ', ' ')}" for block in bars) for title, bars in groups.items()
    )
    return chart("How long builds take from a playbook", f"Shorter is better. {words}.", groups)


def _bar(row: Row, side: str) -> Bar:
    return Bar(NAMES[side], row.median(side) or 0.0, figure(row.median(side), row.unit), side in (HERE, MODULE))


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        done = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False)
        names = [done.stdout.strip()]
    return next(filter(None, names), platform.machine())
