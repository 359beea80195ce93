# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded Northflank API: one stateful server for the tests, the demo and the benchmark.

It stands in for api.northflank.com with the standard library alone, holds every request against
`openapi.json`, and lies only where a `Fault` tells it to. From a shell: `python -m tests.fake_northflank`.
"""

from __future__ import annotations

from .clock import RealClock, SharedClock, SimulatedClock
from .fake import PERMISSIONS, FakeNorthflank
from .faults import Fault
from .intake import Entry
from .runs import Run
from .scripts import Script
from .world import Build, Job

__all__ = ["PERMISSIONS", "Build", "Entry", "FakeNorthflank", "Fault", "Job", "RealClock", "Run", "Script", "SharedClock", "SimulatedClock"]
