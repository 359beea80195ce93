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
from ._exchange import Call


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
            # Compiling this takes some milliseconds, which only a start that was lost is to pay.
            from ._recovery import look_for_lost

            build = look_for_lost(builds, body.get("sha"), began, problem)
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
