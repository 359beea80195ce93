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

GRACE = 20.0
"""Seconds after a lost answer in which the build may still turn up in the list."""

SLACK = 2.0
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
    began = client.clock.monotonic()
    attempt = 0
    patience = client.timeout
    while True:
        try:
            return Started(_send(builds, call), False)
        except errors.NorthflankError as lost:
            problem = lost
        if not _surely_unprocessed(problem):
            if not _may_be_processed(problem):
                raise problem
            build = _look(builds, body.get("sha"), began, problem)
            if build is not None:
                return Started(build, True)
        patience -= client.pause(problem, attempt, patience)
        attempt += 1


def _send(builds: Builds, call: Call) -> Build:
    client = builds.client
    return builds.started(call, client.data(call, client.exchange(call)))


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

    Always for the whole of the grace time: a build of somebody else's may be seen before ours is.

    :arg began: when the first attempt was made, on our clock.
    :returns: the build, or null if there surely is none.
    :raises UnknownOutcomeError: it cannot be told.
    """
    clock = builds.client.clock
    until = clock.monotonic() + GRACE
    pause = 1.0
    # All that any look has shown: behind the API may be several servers, and one may lag.
    found: dict[str, Build] = {}
    undated: dict[str, Build] = {}
    while True:
        clock.sleep(min(pause, max(0.0, until - clock.monotonic())))
        pause *= 2
        last = clock.monotonic() >= until
        try:
            new, unclear = _candidates(builds, sha, began)
            found.update({build["id"]: build for build in new})
            undated.update({build["id"]: build for build in unclear})
        except errors.NorthflankError as blind:
            if last or not errors.may_pass(blind):
                seen = [*found.values(), *undated.values()]
                raise _unknown(builds, problem, f"that failed too: {blind.message}", seen) from blind
            continue
        if last:
            break
    if undated:
        raise _unknown(builds, problem, "without dates, new ones cannot be told from old ones", [*found.values(), *undated.values()])
    if len(found) > 1:
        raise _unknown(builds, problem, f"{len(found)} of them were started since then, and any may be this one", list(found.values()))
    return next(iter(found.values()), None)


def _candidates(builds: Builds, sha: str | None, began: float) -> tuple[list[Build], list[Build]]:
    """The builds of the wanted commit that were created since C(began), and those of which that cannot be told.

    Without a sha the wanted commit is whatever the head of the job's branch was, so the branch must do.
    """
    branch = builds.branch() if sha is None else None
    listed = [
        build
        for build in builds.all()
        if (sha is None or (build["sha"] or sha).lower() == sha.lower()) and (branch is None or build["branch"] in (branch, None))
    ]
    # By the server's clock: its answers to these very requests have calibrated it.
    since = builds.client.server_time(began)
    if since is None:
        return [], listed
    dated = [(build, unix_time(build["created_at"])) for build in listed]
    return (
        [build for build, created in dated if created is not None and created >= since - SLACK],
        [build for build, created in dated if created is None],
    )


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
