# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a run has ended, and whether well."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.plugins.module_utils._resources.job_runs import JobRuns
from ansible_collections.community.northflank.plugins.module_utils._resources.jobs import Job
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

RUNS = JobRuns(None, Job(PROJECT, JOB))


@pytest.mark.parametrize(
    ("status", "concluded", "ended", "succeeded"),
    [
        ("SUCCESS", True, True, True),
        ("success", True, True, True),
        ("FAILED", True, True, False),
        *((status, True, True, False) for status in ("RUNNING", "NEW_AND_UNKNOWN", None)),
        *((status, False, False, status == "SUCCESS") for status in ("SUCCESS", "FAILED", "RUNNING")),
        # Where `concluded` is missing, the status backs it up.
        *((status, None, True, status == "Success") for status in ("Success", "FAILED")),
        *((status, None, False, False) for status in ("RUNNING", "NEW_AND_UNKNOWN", None)),
    ],
)
@pytest.mark.parametrize("count", [0, 1])
def test_concluded_ends_a_run_and_the_status_judges_it(status, concluded, count, ended, succeeded):
    item = RUNS.empty(status=status, concluded=concluded, succeeded=count)
    assert (RUNS.has_ended(item), RUNS.has_succeeded(item)) == (ended, succeeded)
    assert RUNS.has_ended({**item, "concluded_at": "2026-11-26T02:11:48Z"}) is (ended or concluded is None)


@pytest.mark.parametrize(("status", "kind"), [("NEW_AND_UNKNOWN", "run_failed"), (None, "run_failed"), ("succeSS", None)])
def test_an_unknown_status_is_waited_for_and_is_no_success(run, fake, status, kind):
    fake.plan(PROJECT, JOB, Script.success(60, raw={"status": status}), kind="run")
    result = run(wait=True)
    assert result.get("error", {}).get("kind") == kind
    assert ("Northflank does not say whether it succeeded; failed attempts: 0" in result.get("msg", "")) is bool(kind)
    assert (result["run"]["status"], result["run"]["concluded"]) == (status, True)
