# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Look for the build that a lost start may have made.

It is told by its commit, and by when it was created on the server's clock. Where that is not enough, nothing is taken for it.
"""

from __future__ import annotations

from . import _errors as errors
from ._builds import Build, Builds
from ._times import unix_time

LOOKS = (1.0, 3.2, 7.4, 15.6, 20.0)
"""Seconds after a lost answer at which the list is looked at; after the last, the build can no longer turn up.

The server tells its time in whole seconds. Looks at different parts of a second tell it more exactly.
"""

SLACK = 60.0
"""Seconds by which the clock that stamps builds may be behind the one that stamps answers."""


NAMED, LISTED = 10, 100
"""Builds that a message names, and that a result lists."""


def look_for_lost(builds: Builds, sha: str | None, began: float, problem: errors.NorthflankError) -> Build | None:
    """Look for the build that a lost start may have made, until none can turn up any more.

    Always for the whole of that time: a build of somebody else's may be seen before ours is.

    :arg began: when the first attempt that may have been processed was made, on our clock.
    :returns: the build, or null if there surely is none.
    :raises UnknownOutcomeError: it cannot be told.
    """
    client = builds.client
    lost_at = client.clock.monotonic()
    until = lost_at + LOOKS[-1] + 2 * client.timeout
    # All that any look has shown: behind the API may be several servers, and one may lag.
    seen: dict[str, Build] = {}
    for moment in LOOKS:
        left = lost_at + moment - client.clock.monotonic()
        if left < 0 and moment != LOOKS[-1]:
            continue  # The look before took longer than that.
        client.clock.sleep(max(0.0, left))
        try:
            seen.update({build["id"]: build for build in _alike(builds, sha, until)})
        except errors.NorthflankError as blind:
            if moment == LOOKS[-1] or not errors.may_pass(blind):
                found = [build for kind in _sorted_out(seen, client.server_time(began)) for build in kind]
                raise _unknown(builds, problem, f"that failed too: {blind.message}", found) from blind
    new, before, undated = _sorted_out(seen, client.server_time(began))
    if undated:
        raise _unknown(builds, problem, "without dates, new ones cannot be told from old ones", [*new, *before, *undated])
    if len(new) > 1:
        raise _unknown(builds, problem, f"{len(new)} of them were started since then, and any may be this one", new)
    if before and not new:
        raise _unknown(builds, problem, "the one of a moment before may be this one, if a clock of Northflank's is behind", before)
    if new:
        client.started.add((builds.job, new[0]["id"]))
    return next(iter(new), None)


def _alike(builds: Builds, sha: str | None, until: float) -> list[Build]:
    """The builds that may be the wanted one by what they are of, and that no earlier start has made.

    Without a sha the wanted commit is whatever the head of the job's branch was, so the branch must do.
    """
    branch = builds.branch(until) if sha is None else None
    return [
        build
        for build in builds.all(until)
        if (sha is None or (build["sha"] or sha).lower() == sha.lower())
        and (branch is None or build["branch"] in (branch, None))
        and (builds.job, build["id"]) not in builds.client.started
    ]


def _sorted_out(seen: dict[str, Build], since: float | None) -> tuple[list[Build], list[Build], list[Build]]:
    """Which builds were created since a moment, which within L(SLACK) before, and of which that cannot be told.

    :arg since: by the server's clock, never too late; null where nothing is known of that clock.
    """
    new, before, undated = [], [], []
    for build in seen.values():
        created = unix_time(build["created_at"])
        if created is None or since is None:
            undated.append(build)
        elif created >= since:
            new.append(build)
        elif created >= since - SLACK:
            before.append(build)
    return new, before, undated


def _unknown(builds: Builds, problem: errors.NorthflankError, why: str, found: list[Build]) -> errors.UnknownOutcomeError:
    more = f", and {len(found) - NAMED} more" if len(found) > NAMED else ""
    seen = f" Seen: {', '.join(repr(build['id']) for build in found[:NAMED])}{more}." if found else ""
    return errors.UnknownOutcomeError(
        f"A build of {builds.job} may or may not have been started. {problem.message} The request was not sent again, because that could "
        f"start a second build. The job's builds were looked through for it, but {why.rstrip('.')}.{seen} "
        "Look at the job in Northflank: if its newest build is the one you wanted, use that; if not, run the task again.",
        status=problem.status,
        api=problem.api,
        candidates=found[:LISTED],
    )
