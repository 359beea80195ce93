# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the page "What happens when the network fails" from the table that the tests hold the modules to.

Run it after a change of the table; a test fails where the page says something else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.community.northflank.plugins.module_utils._lifecycle.start import CLOCK_SKEW
from ansible_collections.community.northflank.tests.faults.table import (
    FAMILIES,
    FAULTS,
    OWN,
    RETRIES,
    SEARCHING,
    SITUATIONS,
    TIMEOUT,
    Outcome,
    Situation,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "network.rst"

Cells = tuple[str, ...]

HEAD = f"""\
..
  Copyright (c) 2026, The community.northflank authors
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. Made by tests/faults/page.py from tests/faults/table.py. Change those, and run the former.

.. _ansible_collections.community.northflank.docsite.network:

What happens when the network fails
===================================

Northflank's API has no key by which it would recognize a request that it has had before. A client that sends a start again
because the response was lost may start a second build. The modules of this collection never send a start again before they
have made sure that the first one started nothing.

This page says what you see when something goes wrong on the way. Each row of its tables is tested, and so are thousands of
random combinations of them.

- ``api_timeout`` ({TIMEOUT} seconds by default) is the time for one request, and for all pauses between its attempts together.
- ``api_retries`` ({RETRIES} by default) is how often a request that failed is sent again, where that is safe.
- ``error.kind`` in a failed task's result names the failure, ``msg`` tells it in a sentence. See
  :ref:`Errors <ansible_collections.community.northflank.docsite.errors>`.

.. contents::
   :local:
   :depth: 1

"""

STARTING = """\
The response to a start can be lost before Northflank has begun, or after. You cannot see which from outside; the module can,
because it reads the list of the job's builds. "Once" is one such response, "every time" is all of them.
"""

STARTED = """\
A 4xx other than 408, and a request to come back later, say that nothing was started, so they are not in this table.
"""

SEARCHING_FOR_IT = f"""\
When the response to a start is lost, the module polls the builds of the job for {SEARCHING} seconds. It takes as its own the only build of
the wanted commit that was created since the start was sent, by the clock of Northflank's servers. Without ``sha`` it also looks up the
branch of the job. These requests may fail as well. Where several of them do, the module may not know that clock well enough to tell the
new build from an older one, and the outcome is unknown.
"""

READING = """\
This holds for ``northflank_job_build_info``, for check mode, and for the requests that precede a start or an abort: those of ``reuse``, and
the one that shows whether a build has ended already. The log of a build is not worth a failure: where it cannot be read, it is left out
with a warning.
"""

WAITING = """\
A poll that failed is not a build that failed. The wait goes on until ``wait_timeout``, as long as there is hope.
"""

HOPELESS = """\
Where no response of Northflank's has come for a minute, neither to the start nor to a poll, the address or the network is taken for wrong,
and the task fails with the ``error.kind`` of the last attempt.
"""

ABORTING = """\
A build ends once, so an abort may be sent again. Afterwards the module looks up what became of the build; that decides ``changed``.
"""

TAIL = f"""\
What to do about an unknown outcome
-----------------------------------

``unknown_outcome`` means that a build may have been started, and that the module could not tell. Nothing is started after that. It happens
mostly when the builds of the job cannot be listed, or when the same commit was built within the minute before, or by somebody else at that
moment. ``candidates`` in the result holds the builds that it may be, and ``msg`` names them.

.. code-block:: yaml

    - name: Build a job, and stop for a human where nobody can tell
      block:
        - name: Build
          community.northflank.northflank_job_build:
            project_id: default-project
            job_id: example-job
      rescue:
        - name: Say what to look at
          ansible.builtin.debug:
            msg: "Look at {{{{ ansible_failed_result.candidates | map(attribute='id') | join(', ') | default('the job', true) }}}}."
          when: ansible_failed_result.error.kind == 'unknown_outcome'

        - name: Fail all the same
          ansible.builtin.fail:
            msg: "{{{{ ansible_failed_result.msg }}}}"

Give the token the permission to read the job as well as to build it. A token that may only build cannot read the
list, and each lost response is then an unknown outcome.

What cannot be promised
-----------------------

- If the start never arrived, and somebody else started a build of the same commit within those {SEARCHING} seconds, the module takes
  that build for its own. Northflank tells neither who started a build nor with which overrides. The warning names the build.
- If the response to a start was lost, and its build appears in the list of builds only after those {SEARCHING} seconds, or with a time more
  than {CLOCK_SKEW:.0f} seconds before the start, the build is not seen, and the module starts another.
- The task keywords ``until`` and ``retries`` run a task again whatever it failed with, after an unknown outcome as well. Leave them out;
  the module's own ``api_retries`` is safe.
- Set ``api_retries: 0`` where a second attempt is worse than none: nothing is sent again then.
"""


def page() -> str:
    return HEAD + "\n".join(_sections()) + "\n" + TAIL


def _sections() -> Iterator[str]:
    both = ("What goes wrong", "Once", "Every time")
    yield _section("Starting a build", STARTING)
    yield _subsection("If Northflank has not started a build")
    yield _table(both, _rows("start", after=False))
    yield _subsection("If Northflank has started a build")
    yield STARTED
    yield _table(("What goes wrong", "What you see"), [row[:2] for row in _rows("start", after=True)])
    yield _section("Searching for a build whose response was lost", SEARCHING_FOR_IT)
    yield _table(both, _rows("search for a build that was started"))
    yield _section("Looking up builds", READING)
    yield _table(both, _rows("read a build"))
    yield _section("Waiting for a build", WAITING)
    yield _table(both, _rows("wait"))
    yield HOPELESS
    yield _section("Aborting a build", ABORTING)
    yield _subsection("If Northflank has not aborted the build")
    yield _table(both, _rows("abort", after=False))
    yield _subsection("If Northflank has aborted the build")
    yield _table(both, _rows("abort", after=True))


def _section(title: str, text: str) -> str:
    return f"{title}\n{'-' * len(title)}\n\n{text}"


def _subsection(title: str) -> str:
    return f"{title}\n{'^' * len(title)}\n"


EXCEPTIONS = {
    ("refused", 403): "HTTP 403, to a request for one build; the list of builds is read instead",
    ("refused", 404): "HTTP 404",
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


def main() -> int:
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
