# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the tables of the page "What happens when the network fails" from the table that the tests hold the modules to.

Run it after a change of the table; a test fails where the page says something else.
"""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.community.northflank.tests.faults.table import (
    FAMILIES,
    FAULTS,
    OWN,
    SITUATIONS,
    Outcome,
    Situation,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "network.rst"

Cells = tuple[str, ...]

TABLE = re.compile(r"(?<=\.\. Rows of: )(?P<name>.+?)(?P<after>, after)?\n\n\.\. list-table::\n(?:(?: +.*)?\n)+?(?=\S|\Z)")
"""A comment, which says what the rows are of, and the table after it."""


def page() -> str:
    """The page with its tables as they should be."""
    return TABLE.sub(_filled, PAGE.read_text(encoding="utf-8"))


def _filled(match: re.Match[str]) -> str:
    rows = _rows(match["name"], bool(match["after"]))
    headings: Cells = ("What goes wrong", "Once", "Every time")
    if match["name"] == "start" and match["after"]:
        headings, rows = ("What goes wrong", "What you see"), [row[:2] for row in rows]
    return f"{match['name']}{match['after'] or ''}\n\n{_table(headings, rows)}\n"


EXCEPTIONS = {
    ("refused", 403): "HTTP 403 to a request for one build; the module then reads the list of builds",
    ("refused", 404): "HTTP 404 to a request for one build",
    ("busy", 429): "HTTP 429, and the rate limit resets before ``wait_timeout``",
    ("busy for long", 429): "HTTP 429, and the rate limit resets after ``wait_timeout``",
}
"""In words. What a situation makes an exception of by a fault's name is for the tests alone."""


def _rows(name: str, after: bool = False) -> list[Cells]:
    """A row for each group of families that come to the same, and for each exception."""
    [situation] = [situation for situation in SITUATIONS if situation.name == name and situation.after == after]
    groups: dict[Cells, list[str]] = {}
    for family in FAMILIES:
        if family in situation.once:
            excepted = [status for of, status in _exceptions(situation) if of == family]
            kinds = [case.kind for case in FAULTS if case.family == family and case.status not in excepted]
            cells = _cells(kinds, situation.once[family], situation.always[family])
            groups.setdefault(cells, []).append(_words(family, excepted))
    for key in _exceptions(situation):
        kinds = [case.kind for case in FAULTS if (case.family, case.status) == key]
        groups.setdefault(_cells(kinds, *situation.exceptions[key]), []).append(EXCEPTIONS[key])
    return [(_listed(families), *cells) for cells, families in groups.items()]


def _exceptions(situation: Situation) -> list[tuple[str, int]]:
    return [key for key in EXCEPTIONS if key in situation.exceptions]


def _words(family: str, excepted: list[int]) -> str:
    """The family, less what the situation makes an exception of."""
    if not excepted:
        return FAMILIES[family]
    if family in ("busy", "busy for long"):
        return FAMILIES[family].replace("HTTP 429, or 503", "HTTP 503")
    return f"{FAMILIES[family]}, but for {' and '.join(map(str, excepted))}"


def _cells(kinds: list[str | None], once: Outcome, always: Outcome) -> Cells:
    first, then = (_sentence(outcome, kinds) for outcome in (once, always))
    return first, "The same." if then == first else then


def _sentence(outcome: Outcome, kinds: list[str | None]) -> str:
    *others, last = dict.fromkeys(f"``{kind}``" for kind in (kinds if outcome.kind == OWN else [outcome.kind]))
    return outcome.says.replace("``{kind}``", f"{', '.join(others)} or {last}" if others else last)


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else "\n\n".join(f"- {item}" for item in items)


def _table(headings: Cells, rows: list[Cells]) -> str:
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {' '.join('3' if i else '2' for i in range(len(headings)))}", ""]
    for row in (headings, *rows):
        for number, cell in enumerate(row):
            first, *more = cell.split("\n")
            lines.append(f"   {'-' if number else '* -'} {first}" if not number else f"     - {first}")
            lines += [f"       {line}".rstrip() for line in more]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
