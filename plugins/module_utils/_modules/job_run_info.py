# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_run_info`: one run of a job, or a list of them."""

from __future__ import annotations

from .._resources.job_runs import JobRuns
from .info import operation

OPERATION = operation(JobRuns, {}, lambda params: lambda run: True)
