# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_run_abort`: abort a run that has not ended."""

from __future__ import annotations

from .._resources.job_runs import JobRuns
from .abort import operation

OPERATION = operation(JobRuns)
