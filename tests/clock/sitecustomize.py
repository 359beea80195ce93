# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes time go by faster in every Python process that has this folder in C(PYTHONPATH): for waiting that takes minutes.

Only what the modules go by is faster, their steady clock and their pauses. Time limits of connections stay as they are.
"""

import os
import time

_SPEED = float(os.environ.get("TESTS_CLOCK_SPEED", "1"))
_SHORT = 0.1  # Seconds. Ansible's own loop pauses for less, and would only use more CPU
_clock_gettime, _sleep = time.clock_gettime, time.sleep


def _faster_clock(which):
    now = _clock_gettime(which)
    return now * _SPEED if which == getattr(time, "CLOCK_BOOTTIME", None) else now


time.clock_gettime = _faster_clock
time.sleep = lambda seconds: _sleep(seconds if seconds < _SHORT else seconds / _SPEED)
