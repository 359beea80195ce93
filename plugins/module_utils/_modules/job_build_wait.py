# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build_wait`: wait for any number of builds, of any number of jobs, at once."""

from __future__ import annotations

from .._resources.job_builds import JobBuilds
from .wait import operation

OPERATION = operation(JobBuilds)
