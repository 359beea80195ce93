# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Wait for builds and judge them: what C(wait) of C(northflank_job_build) and C(northflank_job_build_wait) have in common."""

from __future__ import annotations

import typing as t

from . import _errors as errors
from ._builds import ABORTED, Build, succeeded
from ._client import Client
from ._follow import Follower
from ._operation import Context
from ._watch import Watched, Watcher

NAMED = 5
"""Builds that a message names; the others are counted."""


def await_builds(
    client: Client,
    context: Context,
    watched: list[Watched],
    params: dict[str, t.Any],
    *,
    first: float = 0.0,
    fail_fast: bool = False,
) -> None:
    """Wait until all builds have ended well. Each C(Watched) then has the build as it was seen last.

    :arg params: the arguments C(wait_timeout), C(wait_interval), C(abort_on_timeout), and C(log_lines).
    :raises BuildFailedError: one has not; its log is in C(logs).
    :raises WaitTimeoutError: some had not ended in time.
    """
    watcher = Watcher(
        client,
        context,
        watched,
        interval=params["wait_interval"],
        timeout=params["wait_timeout"],
        first=first,
        stop_at_failure=fail_fast,
        follow=Follower(context.report, context.warn) if params["follow_logs"] and context.shows_progress else None,
    )
    in_time = watcher.run()
    failed = [item for item in watched if item.ended and not succeeded(item.build)]
    until = client.clock.monotonic() + client.timeout
    for item in failed[:NAMED]:
        item.logs = read_logs(item, params["log_lines"], context, until)
    logs = next((item.logs for item in failed if item.logs), [])
    if not in_time:
        raise _timed_out(watcher, failed, params, context, logs)
    if failed:
        raise errors.BuildFailedError(_failures(failed, len(watched)), api={"message": failed[0].build["message"]}, logs=logs)


def check(params: dict[str, t.Any]) -> None:
    """Refuse numbers that make no sense.

    :raises InvalidArgumentsError: they do not.
    """
    for name, least in (("wait_timeout", 1), ("wait_interval", 1), ("log_lines", 0)):
        if params[name] < least:
            raise errors.InvalidArgumentsError(f"{name} is {params[name]}; give {least} or more.")


def read_logs(item: Watched, lines: int, context: Context, until: float | None = None) -> list[str]:
    """The last lines of a build's log; a warning and none where they cannot be read."""
    if lines == 0:
        return []
    try:
        return item.builds.logs(item.build["id"], lines, until)
    except errors.NorthflankError as problem:
        context.warn(problem.message)
        return []


def _failures(failed: list[Watched], total: int) -> str:
    count = f"{len(failed)} of {total} builds failed. " if total > 1 else ""
    reasons = _some([f"{_name(item)} ended with {_verdict(item.build)}" for item in failed])
    advice = " The last lines of its log are in logs." if failed[0].logs else ""
    return f"{count}{reasons}.{advice}"


def _some(texts: list[str]) -> str:
    more = f"; and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return "; ".join(texts[:NAMED]) + more


def _name(item: Watched) -> str:
    return f"Build {item.build['id']!r} of {item.builds.job}"


def _verdict(build: Build) -> str:
    words = (build["message"] or "").strip().rstrip(".")
    return f"{build['status'] or 'no status'}{f': {words}' if words else ''}"


def _timed_out(
    watcher: Watcher, failed: list[Watched], params: dict[str, t.Any], context: Context, logs: list[str]
) -> errors.WaitTimeoutError:
    late = [item for item in watcher.watched if not item.ended]
    states = _some([f"{_name(item)} is at {item.build['status'] or 'an unknown status'}" for item in late])
    sentences = [f"Not ended after {params['wait_timeout']} seconds: {states}."]
    if failed:
        sentences.append(_failures(failed, len(watcher.watched)))
    if watcher.problem is not None:
        sentences.append(f"The latest look failed: {watcher.problem.message}")
    if params["abort_on_timeout"]:
        sentences.append(_abort_all(late, watcher.client, context))
    else:
        sentences.append(
            f"{'It goes' if len(late) == 1 else 'They go'} on: raise wait_timeout, or wait on with the module northflank_job_build_wait."
        )
    return errors.WaitTimeoutError(" ".join(sentences), logs=logs)


def _abort_all(late: list[Watched], client: Client, context: Context) -> str:
    """Abort what has not ended, within the time of one request and its repetitions for all of them together."""
    until = client.clock.monotonic() + client.timeout
    aborted = tried = 0
    for item in late:
        if client.clock.monotonic() >= until:
            break
        tried += 1
        try:
            aborted += abort(item, context, until)
        except errors.NorthflankError as problem:
            context.warn(problem.message)
    untried = f" There was no time left for the other {len(late) - tried}; they go on." if tried < len(late) else ""
    return f"Aborted: {aborted} of {len(late)}.{untried}"


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
            return True
    if refusal is not None and not item.ended:
        refusal.found["build"] = item.build
        raise refusal
    return not item.ended or item.build["status"] == ABORTED
