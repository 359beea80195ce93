# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Start one build of a job, exactly once however the network fails.

The API has no idempotency key, so a start that may have been processed is never sent again before a look at the
job's builds has shown that it was not.
"""

from __future__ import annotations

import typing as t

from . import _errors as errors
from ._builds import Build, Builds
from ._client import Call
from ._times import unix_time

LOOKS = (1.0, 3.2, 7.4, 15.6, 20.0)
"""Seconds after a lost answer at which the list is looked at; after the last, the build can no longer turn up.

The server tells its time in whole seconds. Looks at different parts of a second tell it more exactly.
"""

SLACK = 60.0
"""Seconds by which the clock that stamps builds may be behind the one that stamps answers."""


class Started(t.NamedTuple):
    """A build that was started, and whether its answer was lost and it had to be looked for."""

    build: Build
    recovered: bool


def start(builds: Builds, body: dict[str, t.Any]) -> Started:
    """Start a build.

    :raises UnknownOutcomeError: a build may have been started, and which one could not be told.
    :raises NorthflankError: no build was started.
    """
    client = builds.client
    call = builds.start_call(body)
    began: float | None = None
    attempt = 0
    patience = client.timeout
    while True:
        sent_at = client.clock.monotonic()
        try:
            return Started(_send(builds, call), False)
        except errors.NorthflankError as lost:
            problem = lost
        if not _surely_unprocessed(problem):
            if not _may_be_processed(problem):
                raise problem
            # The first attempt that may have been processed: its build may still come to light after a later one.
            began = sent_at if began is None else began
            build = _look(builds, body.get("sha"), began, problem)
            if build is not None:
                return Started(build, True)
        patience -= client.pause(problem, attempt, patience)
        attempt += 1


def _send(builds: Builds, call: Call) -> Build:
    client = builds.client
    build = builds.started(call, client.data(call, client.exchange(call)))
    client.started.add((builds.job, build["id"]))
    return build


def _surely_unprocessed(problem: errors.NorthflankError) -> bool:
    """The request never left this host, or the server said that it did not take it."""
    if isinstance(problem, errors.NetworkError):
        return not problem.sent
    return problem.status == 429 or (problem.status == 503 and problem.retry_after is not None)


def _may_be_processed(problem: errors.NorthflankError) -> bool:
    """No word, or no word that can be trusted, on what became of the request."""
    # 408 is a gateway's word: it may have passed on what it had.
    return isinstance(problem, (errors.NetworkError, errors.ServerError, errors.InvalidResponseError)) or problem.status == 408


def _look(builds: Builds, sha: str | None, began: float, problem: errors.NorthflankError) -> Build | None:
    """Look for the build that a lost start may have made, until none can turn up any more.

    Always for the whole of that time: a build of somebody else's may be seen before ours is.

    :arg began: when the first attempt that may have been processed was made, on our clock.
    :returns: the build, or null if there surely is none.
    :raises UnknownOutcomeError: it cannot be told.
    """
    client = builds.client
    lost_at = client.clock.monotonic()
    # All that any look has shown: behind the API may be several servers, and one may lag.
    seen: dict[str, Build] = {}
    for moment in LOOKS:
        client.clock.sleep(max(0.0, lost_at + moment - client.clock.monotonic()))
        try:
            seen.update({build["id"]: build for build in _alike(builds, sha)})
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


def _alike(builds: Builds, sha: str | None) -> list[Build]:
    """The builds that may be the wanted one by what they are of, and that no earlier start has made.

    Without a sha the wanted commit is whatever the head of the job's branch was, so the branch must do.
    """
    branch = builds.branch() if sha is None else None
    return [
        build
        for build in builds.all()
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
    seen = f" Seen: {', '.join(repr(build['id']) for build in found)}." if found else ""
    return errors.UnknownOutcomeError(
        f"A build of {builds.job} may or may not have been started. {problem.message} The request was not sent again, because that could "
        f"start a second build. The job's builds were looked through for it, but {why.rstrip('.')}.{seen} "
        "Look at the job in Northflank: if its newest build is the one you wanted, use that; if not, run the task again.",
        status=problem.status,
        api=problem.api,
        candidates=found,
    )
