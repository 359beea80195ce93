# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends a process that nobody waits for any more: it polls nothing further, and aborts nothing."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
import typing as t

INTERVAL = 1.0  # Seconds between two checks.


def terminate_when(orphaned: t.Callable[[], bool]) -> None:
    """Terminate this process once that is true. Checked in a thread, because the main thread may be in a long request or sleep."""

    def watch() -> None:
        while not orphaned():
            time.sleep(INTERVAL)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def has_no_reader(descriptor: int) -> bool:
    """Return whether the other end of a pipe or a terminal is closed."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _descriptor, events in poll.poll(0))
