# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Wait for builds and judge them: what C(wait) of C(northflank_job_build) and C(northflank_job_build_wait) have in common."""

from __future__ import annotations

import typing as t

from . import _errors as errors
from ._builds import Build
from ._client import Client
from ._follow import Follower
from ._operation import Context
from ._watch import Watcher
from ._watched import Watched, abort, read_logs

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
    failed = [item for item in watched if item.failed]
    late = [] if in_time else [item for item in watched if not item.ended]
    # For all that is still to be done together: no wait ends later than its timeout and the time of one request.
    until = min(client.clock.monotonic(), watcher.deadline) + client.timeout
    aborts = ""
    if late and params["abort_on_timeout"] and not context.check_mode:
        aborts = _abort_all(late, until, context)
        # Some may have ended by themselves meanwhile, and well.
        late = [item for item in late if not item.ended or item.failed]
    for item in [item for item in failed + late if not item.lost][:NAMED]:
        if context.clock.monotonic() < until:
            item.logs = read_logs(item, params["log_lines"], context, until)
    logs = next((item.logs for item in failed + late if item.logs), [])
    if late:
        raise errors.WaitTimeoutError(_timed_out(late, failed, watcher, params, aborts), logs=logs)
    if failed:
        kind = errors.NotFoundError if all(item.lost for item in failed) else errors.BuildFailedError
        raise kind(_failures(failed, len(watched)), api={"message": failed[0].build["message"]}, logs=logs)


def _failures(failed: list[Watched], total: int) -> str:
    if total == 1:
        reasons = failed[0].lost.message if failed[0].lost else f"{_name(failed[0])} ended with {_verdict(failed[0].build)}."
    else:
        reasons = f"{len(failed)} of {total} builds failed: {_some([f'{_short(item)}: {_verdict_or_loss(item)}' for item in failed])}."
    return reasons + _where_logs(failed, total)


def _where_logs(items: list[Watched], total: int) -> str:
    with_log = [item for item in items if item.logs]
    if not with_log:
        return ""
    others = " Those of others are in builds[].logs." if len(with_log) > 1 else ""
    return f" The last lines of the log{'' if total == 1 else f' of {_short(with_log[0])}'} are in logs.{others}"


def _some(texts: list[str]) -> str:
    more = f"; and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return "; ".join(texts[:NAMED]) + more


def _name(item: Watched) -> str:
    return f"Build {item.build['id']!r} of {item.builds.job}"


def _short(item: Watched) -> str:
    return f"{item.build['id']!r} (job {item.builds.job.job_id!r})"


def _verdict_or_loss(item: Watched) -> str:
    return "not found" if item.lost else _verdict(item.build)


def _verdict(build: Build) -> str:
    words = (build["message"] or "").strip().rstrip(".")
    return f"{build['status'] or 'no status'}{f': {words}' if words else ''}"


def _timed_out(late: list[Watched], failed: list[Watched], watcher: Watcher, params: dict[str, t.Any], aborts: str) -> str:
    total, seconds = len(watcher.watched), params["wait_timeout"]
    if total == 1:
        sentences = [f"{_name(late[0])} has not ended after {seconds} s (wait_timeout): {late[0].build['status'] or 'status unknown'}."]
    else:
        states = _some([f"{_short(item)}: {item.build['status'] or 'status unknown'}" for item in late])
        sentences = [f"{len(late)} of {total} builds have not ended after {seconds} s (wait_timeout): {states}."]
    if failed:
        sentences.append(_failures(failed, total))
    if watcher.problem is not None:
        sentences.append(f"The latest look failed: {watcher.problem.message}")
    goes_on = (
        f"{'It goes' if len(late) == 1 else 'They go'} on in Northflank: raise wait_timeout, or wait on with northflank_job_build_wait."
    )
    return " ".join([*sentences, aborts or goes_on]) + ("" if failed else _where_logs(late, total))


def _abort_all(late: list[Watched], until: float, context: Context) -> str:
    aborted = tried = 0
    for item in late:
        if context.clock.monotonic() >= until:
            break
        tried += 1
        try:
            aborted += abort(item, context, until)
        except errors.NorthflankError as problem:
            context.warn(problem.message)
    untried = f" There was no time left for the other {len(late) - tried}; they go on." if tried < len(late) else ""
    return f"Aborted: {aborted} of {len(late)}.{untried}"
