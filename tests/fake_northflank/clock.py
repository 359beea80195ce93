# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clocks: a simulated one for tests that wait for nothing, and the real one.

The embedded API needs `time()` and, where the clock has it, `monotonic()`. It goes by the latter, so
that a wall clock that is set on the client's side does not set the server's.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Iterable
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


class SharedClock(SimulatedClock):
    """A simulated clock for several threads: when all of them sleep, it moves on to the earliest wake-up.

    Only one of them is awake at a time, so a run is always the same.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asleep: list[tuple[float, int, threading.Event]] = []
        self._count = 0

    def sleep(self, seconds: float) -> None:
        wake = self._plan_wake(seconds)
        self._wake_next()
        wake.wait()

    def run(self, tasks: Iterable[Callback], at_once: int) -> None:
        """Run the tasks in threads, so many at once, in order."""
        left = iter(tasks)

        def work(wake: threading.Event) -> None:
            wake.wait()
            try:
                for task in left:
                    task()
            finally:
                self._wake_next()

        threads = [threading.Thread(target=work, args=(self._plan_wake(0),)) for _number in range(at_once)]
        for thread in threads:
            thread.start()
        self._wake_next()
        for thread in threads:
            thread.join()

    def _plan_wake(self, seconds: float) -> threading.Event:
        self._count += 1
        wake = threading.Event()
        heapq.heappush(self._asleep, (self.monotonic() + seconds, self._count, wake))
        return wake

    def _wake_next(self) -> None:
        if self._asleep:
            moment, _number, wake = heapq.heappop(self._asleep)
            self.advance(max(0.0, moment - self.monotonic()))
            wake.set()
