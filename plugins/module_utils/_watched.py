# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""One build that a task deals with: its end, its log, its abort."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import _errors as errors
from ._builds import ABORTED, Build, Builds, ended, succeeded
from ._logs import last_lines
from ._operation import Context


@dataclass
class Watched:
    """A build as it was seen last."""

    builds: Builds
    build: Build
    absent_since: float | None = None
    lost: errors.NotFoundError | None = None
    logs: list[str] = field(default_factory=list)
    aborted: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more is to come, of its own or because it is gone."""
        return self.lost is not None or ended(self.build)

    @property
    def failed(self) -> bool:
        """Whether it ended, and not well."""
        return self.ended and not succeeded(self.build)


def read_logs(item: Watched, lines: int, context: Context, until: float | None = None) -> list[str]:
    """The last lines of a build's log; a warning and none where they cannot be read."""
    if lines == 0:
        return []
    try:
        return last_lines(item.builds, item.build["id"], lines, until)
    except errors.NorthflankError as problem:
        context.warn(problem.message)
        return []


def abort(item: Watched, context: Context, until: float | None = None) -> bool:
    """Abort a build that has not ended, and look what became of it.

    It may end by itself while the abort is under way, so the verdict is what the API shows afterwards.

    :arg until: when the last request must begin, on our clock.
    :returns: whether it was aborted.
    :raises NorthflankError: it was not, or that could not be seen; C(build) is in it.
    """
    refusal: errors.NorthflankError | None = None
    try:
        item.builds.abort(item.build["id"], until)
    except errors.NorthflankError as problem:
        refusal = problem
    try:
        item.build = item.builds.get(item.build["id"], until)
    except errors.NorthflankError as blind:
        if refusal is None:
            context.warn(f"The abort was accepted, but what became of it could not be seen. {blind.message}")
            item.aborted = True
            return True
    if refusal is not None and not item.ended:
        refusal.found["build"] = item.build
        raise refusal
    item.aborted = not item.ended or item.build["status"] == ABORTED
    return item.aborted
