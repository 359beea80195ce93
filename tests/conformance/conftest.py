# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prints, at the end of the run, who sends what, and whom the collection follows."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from typing import Any

from ansible_collections.community.northflank.tests.conformance.cases import CASES, CLIENTS, OURS, Case

PARTICIPANTS = (*CLIENTS, OURS)
HEADINGS = ("operation", *PARTICIPANTS, "follows / why")
GAP = "  "


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One row for each call that was made, one column for each participant."""
    cells = dict(_cells(terminalreporter))
    rows = [_row(case, cells) for case in CASES if any(title == case.title for title, _client in cells)]
    if not rows:
        return
    terminalreporter.section("conformance")
    for line in _table([HEADINGS, *rows]):
        terminalreporter.write_line(line)


def _cells(terminalreporter: Any) -> Iterator[tuple[tuple[str, str], str]]:
    for outcome in ("passed", "failed", "xfailed"):
        for report in terminalreporter.getreports(outcome):
            said = dict(report.user_properties)
            if "client" in said:
                yield (said["case"], said["client"]), "FAILED" if outcome == "failed" else said["cell"]


def _row(case: Case, cells: dict[tuple[str, str], str]) -> tuple[str, ...]:
    agreed = not any(client in case.exceptions for client in CLIENTS)
    follows = ": ".join(filter(None, ("all three" if agreed else case.follows, case.why)))
    return (case.title, *(cells.get((case.title, client), "not run") for client in PARTICIPANTS), follows)


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Lines of the table, each cell wrapped to its column, the last column taking what the terminal leaves."""
    widths = [18, 16, 17, 16, 15]
    room = max(shutil.get_terminal_size(fallback=(140, 0)).columns, 120)
    widths.append(room - sum(widths) - len(GAP) * len(widths) - 1)
    for number, row in enumerate(rows):
        cells = [textwrap.wrap(cell, width) or [""] for cell, width in zip(row, widths)]
        for index in range(max(map(len, cells))):
            parts = [cell[index] if index < len(cell) else "" for cell in cells]
            yield GAP.join(part.ljust(width) for part, width in zip(parts, widths)).rstrip()
        if number == 0:
            yield GAP.join("-" * width for width in widths)
