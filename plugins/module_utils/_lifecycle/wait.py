# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for items and reports failures: shared by `wait: true` and the modules that only wait."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import DAY, MILLION, check_ranges
from .._http.client import Client
from .._operation import Context
from .log_follower import LogFollower
from .lookup import not_found
from .tracked import Tracked, abort, read_logs
from .watcher import Watcher

MAX_NAMED = 5  # Items that a message names; the rest are counted.


def check_wait_options(params: dict[str, t.Any], context: Context) -> None:
    """Raise InvalidArgumentsError if a wait option is out of range, and warn if `follow_logs` has no effect."""
    if params["follow_logs"] and not (params.get("wait", True) and context.shows_progress):
        needs = "it needs a task that waits, shows progress, and runs in-process"
        context.warn(f"follow_logs has no effect: {needs}. Run the play with -vvv to see why the task runs as a module.")
    check_ranges(params, wait_timeout=(1, MILLION), wait_interval=(1, DAY), log_lines=(0, MILLION))


def wait_for(
    client: Client,
    context: Context,
    watched: list[Tracked],
    params: dict[str, t.Any],
    first: float = 0.0,
    failed_before: errors.FailedError | None = None,
) -> None:
    """Wait until all items have succeeded. Each `Tracked` then holds the item as last seen.

    Raises FailedError, NotFoundError, or WaitTimeoutError, with the end of a log in `logs`. `failed_before` is what else failed: it is
    raised if nothing did since, and otherwise added to the message.
    """
    if failed_before and params["fail_fast"]:
        raise failed_before
    follow_log = LogFollower(context.report, context.warn) if params["follow_logs"] and context.shows_progress else None
    fail_fast = params.get("fail_fast", False)
    watcher = Watcher(client, context, watched, params["wait_interval"], params["wait_timeout"], first, fail_fast, follow_log)
    in_time = watcher.run()
    for tracked in watched:
        # Never seen: its ID is probably wrong. One that was seen, or has just been started, continues.
        if tracked.absent_since is not None and not tracked.ended and tracked.item == tracked.resource.empty(id=tracked.id):
            tracked.not_found = not_found(tracked)
    failed = [tracked for tracked in watched if tracked.failed]
    late = [] if in_time else [tracked for tracked in watched if not tracked.ended]
    # Deadline for aborts and logs: one request's time after the end of the wait.
    deadline = min(client.clock.monotonic(), watcher.deadline) + client.timeout
    aborts = ""
    # As they were before an abort.
    statuses = {tracked: tracked.item["status"] or "status unknown" for tracked in late}
    if late and params["abort_on_timeout"] and not context.check_mode:
        aborts = _abort_all(late, deadline, context)
        # Some may have succeeded in the meantime.
        late = [tracked for tracked in late if not tracked.ended or tracked.failed]
    for tracked in [tracked for tracked in failed + late if not tracked.not_found][:MAX_NAMED]:
        if client.clock.monotonic() < deadline:
            tracked.logs = read_logs(tracked, params["log_lines"], context, deadline)
            if tracked.logs and follow_log is None:
                context.report({"kind": "log_end", "item": tracked.summary(), "lines": tracked.logs})
    logs = next((tracked.logs for tracked in failed + late if tracked.logs), [])
    before = f" {failed_before.message}" if failed_before else ""
    if late:
        states = [statuses[tracked] for tracked in late]
        raise errors.WaitTimeoutError(_timeout_message(late, states, failed, watcher, aborts) + before, logs=logs)
    if failed:
        raise _failure(failed, watched, before, logs)
    if failed_before:
        raise failed_before


def _failure(failed: list[Tracked], watched: list[Tracked], before: str, logs: list[str]) -> errors.NorthflankError:
    running = sum(not tracked.ended for tracked in watched)
    others = f" With fail_fast, the task did not wait for the rest ({running}), which continues in Northflank." if running else ""
    message = _failure_message(failed, len(watched)) + others + before
    verdicts = [tracked for tracked in failed if not tracked.not_found]
    if not verdicts:
        return errors.NotFoundError(message, logs=logs)
    resource, item = verdicts[0].resource, verdicts[0].item
    item_status = {f"{resource.noun}_status": resource.status(item) or None}
    return errors.FailedError(message, kind=resource.failed_kind, item_status=item_status, api={"message": item.get("message")}, logs=logs)


def _abort_all(late: list[Tracked], deadline: float, context: Context) -> str:
    aborted = tried = 0
    for tracked in late:
        if context.clock.monotonic() >= deadline:
            break
        tried += 1
        try:
            aborted += abort(tracked, context, deadline)
        except errors.NorthflankError as error:
            context.warn(error.message)
    rest = f" There was no time left to abort the rest ({len(late) - tried}), which continues." if tried < len(late) else ""
    return f"Aborted: {aborted} of {len(late)}.{rest}"


def _failure_message(failed: list[Tracked], total: int) -> str:
    if total == 1 and failed[0].not_found:
        return failed[0].not_found.message
    return _sentence(failed, total, "ended with ", "failed: ", [_verdict(tracked) for tracked in failed]) + _where_logs(failed, total)


def _sentence(items: list[Tracked], total: int, one: str, many: str, states: list[str]) -> str:
    """Return a sentence about the item that was awaited, or about some of several."""
    if total == 1:
        return f"{items[0].name} {one}{states[0]}."
    named = [f"{tracked.short_name}: {state}" for tracked, state in zip(items, states)][:MAX_NAMED]
    more = f"; and {len(items) - MAX_NAMED} more" if len(items) > MAX_NAMED else ""
    return f"{len(items)} of {total} {items[0].resource.plural} {many}{'; '.join(named)}{more}."


def _verdict(tracked: Tracked) -> str:
    if tracked.not_found:
        return "not found"
    words = (tracked.resource.reason(tracked.item) or "").strip().rstrip(".")
    if not tracked.resource.has_verdict(tracked.item):
        words = "; ".join(filter(None, ["Northflank does not say whether it succeeded", words]))
    return f"{tracked.item['status'] or 'no status'}{f': {words}' if words else ''}"


def _timeout_message(late: list[Tracked], states: list[str], failed: list[Tracked], watcher: Watcher, aborts: str) -> str:
    total = len(watcher.watched)
    not_ended = f"not ended after {watcher.timeout} s (wait_timeout): "
    sentences = [_sentence(late, total, f"has {not_ended}", f"have {not_ended}", states)]
    if failed:
        sentences.append(_failure_message(failed, total))
    if watcher.last_error is not None:
        sentences.append(f"The last poll failed: {watcher.last_error.message}")
    they_continue = "It continues" if len(late) == 1 else "They continue"
    advice = f"{they_continue} in Northflank: raise wait_timeout, or keep waiting with {late[0].resource.wait_module}."
    return " ".join([*sentences, aborts or advice]) + ("" if failed else _where_logs(late, total))


def _where_logs(items: list[Tracked], total: int) -> str:
    with_log = [tracked for tracked in items if tracked.logs]
    if not with_log:
        return ""
    others = f" Logs of others are in {with_log[0].resource.plural}[].logs." if len(with_log) > 1 else ""
    return f" The last lines of the log{'' if total == 1 else f' of {with_log[0].short_name}'} are in logs.{others}"
