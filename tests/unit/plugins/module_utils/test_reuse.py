# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An existing build of the same commit is returned instead of starting one."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS, Script

PROJECT, JOB = "default-project", "example-job"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
OTHER = "a" * 40


@pytest.fixture
def there(fake):
    """Builds of the wanted commit, from the oldest to the newest, and newer ones of another commit."""
    builds = {
        "failed": fake.add_build(PROJECT, JOB, sha=SHA, age=5000, script=Script.failure(10)),
        "old success": fake.add_build(PROJECT, JOB, sha=SHA, age=4000, script=Script.success(10)),
        "success": fake.add_build(PROJECT, JOB, sha=SHA, age=3000, script=Script.success(10)),
        "running": fake.add_build(PROJECT, JOB, sha=SHA, age=50, script=Script.success(100)),
    }
    fake.add_build(PROJECT, JOB, sha=OTHER, age=40, script=Script.success(10))
    return builds


@pytest.mark.parametrize("order", ["newest", "oldest", ("shuffled", 1)], ids=str)
@pytest.mark.parametrize("sha", [SHA, SHA.upper(), None], ids=["sha", "upper case", "head of the branch"])
@pytest.mark.parametrize(("reuse", "which"), [("in_progress", "running"), ("successful", "success"), ("any", "success")])
def test_the_newest_that_fits(build, fake, there, reuse, which, sha, order):
    fake.page_order = order
    fake.max_page_size = 2
    result = build(sha=sha, reuse=reuse)
    assert result["build"]["id"] == there[which].id
    assert (result["changed"], result["reused"], result["recovered"]) == (False, True, False)
    assert fake.calls("start") == []


def test_never_is_the_default(build, fake, there):
    assert build(sha=SHA)["reused"] is False
    assert len(fake.calls("start")) == 1
    assert fake.calls("list") == []


@pytest.mark.parametrize("reuse", ["in_progress", "successful", "any"])
def test_nothing_to_reuse(build, fake, reuse):
    fake.add_build(PROJECT, JOB, sha=SHA, age=5000, script=Script.failure(10))
    fake.add_build(PROJECT, JOB, sha=OTHER, age=5000, script=Script.success(10))
    result = build(reuse=reuse)
    assert (result["changed"], result["reused"]) == (True, False)
    assert fake.calls("start")[0].json == {}


def test_a_running_build_is_waited_for(build, fake, there):
    result = build(sha=SHA, reuse="in_progress", wait=True)
    assert result["build"]["id"] == there["running"].id
    assert result["build"]["success"] is True
    assert result["changed"] is False


def test_a_running_build_that_fails_is_named(build, fake):
    running = fake.add_build(PROJECT, JOB, sha=SHA, age=10, script=Script.failure(60))
    result = build(sha=SHA, reuse="any", wait=True)
    assert result["error"]["kind"] == "build_failed"
    assert (result["build"]["id"], result["changed"], result["reused"]) == (running.id, False, True)


def test_a_successful_build_is_not_looked_at_again(build, fake, there, clock):
    build(sha=SHA, reuse="successful", wait=True)
    assert fake.calls("get") == []
    assert clock.sleeps == []


def test_check_mode_says_what_would_be_reused(build, fake, there):
    result = build(sha=SHA, reuse="any", check_mode=True)
    assert (result["changed"], result["reused"]) == (False, True)
    assert result["build"]["id"] == there["success"].id
    assert build(sha="b" * 40, reuse="any", check_mode=True)["changed"] is True
    assert fake.calls("start") == []


def test_a_job_without_a_branch_needs_a_sha(build, fake):
    result = build(job_id="image-only", reuse="any")
    assert result["error"]["kind"] == "invalid_arguments"
    assert "Set sha" in result["msg"]


def test_no_permission_to_look_is_a_failure(build, fake):
    fake.add_token("starter", {p for p in PERMISSIONS if "Deploy Build" in p})
    result = build(api_token="starter", sha=SHA, reuse="any")
    assert result["error"]["kind"] == "permission"
    assert fake.calls("start") == []


def test_twice_in_a_row_builds_once(build, fake):
    first = build(reuse="any")
    second = build(reuse="any")
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["build"]["id"] == second["build"]["id"]
