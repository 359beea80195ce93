# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clock for the embedded API that is as fast as that of the modules."""

from __future__ import annotations

import time
from pathlib import Path


class FastClock:
    """Goes `speed` times as fast as the machine's; `environment` makes that of the modules as fast."""

    def __init__(self, speed: int) -> None:
        self._began, self._epoch = time.monotonic(), time.time()
        self._speed = speed
        self.environment = {"PYTHONPATH": str(Path(__file__).parent), "TESTS_CLOCK_SPEED": str(speed)}

    def monotonic(self) -> float:
        """A clock that is never set, in seconds."""
        return (time.monotonic() - self._began) * self._speed

    def time(self) -> float:
        return self._epoch + self.monotonic()
