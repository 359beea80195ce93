# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clocks: a simulated one for tests that wait for nothing, and the real one.

The embedded API needs `time()` and, where the clock has it, `monotonic()`. It goes by the latter, so
that a wall clock that is set on the client's side does not set the server's.
"""

from __future__ import annotations

import threading
import time
from typing import Callable

Callback = Callable[[], None]


class RealClock:
    """The machine's own clock, all in seconds."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        """A clock that is never set, in seconds."""
        return time.monotonic()


class SimulatedClock:
    """A clock that moves only when it is told to. All times are seconds; safe to use from many threads.

    `sleeps` holds the length of every `sleep`, in order.
    """

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self.sleeps: list[float] = []
        self._lock = threading.Lock()
        self._start = start
        self._passed = 0.0
        self._set_by = 0.0
        self._callbacks: list[Callback] = []

    def time(self) -> float:
        """The wall clock, in seconds since 1970."""
        with self._lock:
            return self._start + self._passed + self._set_by

    def monotonic(self) -> float:
        """A clock that is never set, in seconds."""
        with self._lock:
            return self._passed

    def sleep(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        with self._lock:
            self.sleeps.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let time pass, in seconds."""
        with self._lock:
            self._passed += seconds
            callbacks = list(self._callbacks)
        # Outside the lock: a callback may well ask what time it is.
        for callback in callbacks:
            callback()

    def jump(self, seconds: float) -> None:
        """Set the wall clock on (or back) by so many seconds; `monotonic()` does not notice."""
        with self._lock:
            self._set_by += seconds

    def on_advance(self, callback: Callback) -> Callback:
        """Call `callback()` each time the clock has moved on. Returns what ends that."""
        with self._lock:
            self._callbacks.append(callback)

        def forget() -> None:
            with self._lock:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return forget
