# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`northflank_job_build_abort`: abort a build that has not ended."""

from __future__ import annotations

from .._resources.job_builds import JobBuilds
from .abort import operation

OPERATION = operation(JobBuilds)
