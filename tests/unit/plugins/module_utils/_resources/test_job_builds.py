# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a build has ended, whether well, and of which commit it is."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.plugins.module_utils._errors import InvalidArgumentsError
from ansible_collections.community.northflank.plugins.module_utils._resources.job_builds import RUNNING, JobBuilds, validate_sha
from ansible_collections.community.northflank.plugins.module_utils._resources.jobs import Job
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, SHA

BUILDS = JobBuilds(None, Job(PROJECT, JOB))


@pytest.mark.parametrize(
    ("status", "concluded", "success", "ended", "succeeded"),
    [
        ("IN_PROGRESS", True, True, True, True),
        ("SUCCESS", True, False, True, False),
        ("SUCCESS", False, None, False, True),
        # Where a field is missing, the status backs it up.
        ("SUCCESS", None, None, True, True),
        ("SUCCESS", True, None, True, True),
        *[(status, None, None, True, False) for status in ("FAILURE", "SUBMISSION_FAILURE", "CRASHED", "ABORTED")],
        *[(status, None, None, False, False) for status in (*RUNNING, "NEW_AND_UNKNOWN", "success", None)],
    ],
)
def test_concluded_and_success_count_before_the_status(status, concluded, success, ended, succeeded):
    item = BUILDS.empty(status=status, concluded=concluded, success=success)
    assert (BUILDS.has_ended(item), BUILDS.has_succeeded(item)) == (ended, succeeded)


@pytest.mark.parametrize("status", ["QUEUED", "NEW_AND_UNKNOWN", None, 7])
def test_an_unknown_status_is_waited_for(build, fake, status):
    fake.plan(PROJECT, JOB, Script(steps=[(0, "PENDING"), (60, "SUCCESS")], raw={"status": status}))
    assert build(wait=True)["build"]["success"] is True


@pytest.mark.parametrize("sha", [SHA, SHA.upper(), "0" * 40])
def test_a_full_hash_is_a_commit(sha):
    assert validate_sha(sha) == sha


@pytest.mark.parametrize(
    ("sha", "words"),
    [
        ("262ed98", "has 40 hexadecimal characters, this has 7"),
        ("z" * 40, "40 hexadecimal characters"),
        (f"{SHA}\n", "40 hexadecimal characters"),
        ("main", "no abbreviated hash, branch, or tag"),
        ("1e+40", "Quote it"),
        ("inf", "Quote it"),
        *(("", "sha is empty. To leave it out"), ("\n", "use the filter default\\(omit, true\\)")),
    ],
)
def test_anything_else_is_none(sha, words):
    with pytest.raises(InvalidArgumentsError, match=words.replace("+", r"\+")):
        validate_sha(sha)
