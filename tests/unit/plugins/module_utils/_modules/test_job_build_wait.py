# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the builds to wait for are named, and how they are returned."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT


@pytest.fixture
def there(fake):
    return fake.add_build(PROJECT, JOB, script=Script.success(10))


def test_builds_are_returned_in_the_order_in_which_they_were_given(wait, fake):
    ids = [fake.add_build(PROJECT, JOB, script=Script.success(seconds)).id for seconds in (30, 10, 20)]
    result = wait(builds=ids)
    assert [build["id"] for build in result["builds"]] == ids
    assert all((build["success"], build["logs"]) == (True, []) for build in result["builds"])
    assert result["changed"] is False


def test_builds_of_several_jobs_and_teams(wait, fake, there):
    fake.add_job(PROJECT, "other")
    other = fake.add_build(PROJECT, "other", script=Script.success(20))
    third = fake.add_build(PROJECT, JOB, team_id="example-team", script=Script.success(5))
    entries = [
        {"id": there.id},
        {"build_id": other.id, "job_id": "other", "status": "whatever"},
        {"id": third.id, "team_id": "example-team", "project_id": PROJECT, "job_id": JOB},
    ]
    result = wait(builds=entries)
    assert [build["job_id"] for build in result["builds"]] == [JOB, "other", JOB]
    assert [build["team_id"] for build in result["builds"]] == [None, None, "example-team"]
    assert all(build["success"] for build in result["builds"])


def test_the_builds_of_other_results_go_in_as_they_are(build, wait):
    results = [build() for _each in range(3)]
    for entries in (results, [result["build"] for result in results]):
        found = wait(builds=entries, project_id=..., job_id=...)["builds"]
        assert [b["id"] for b in found] == [result["build"]["id"] for result in results]


def test_the_same_build_may_be_given_twice(wait, there):
    assert [b["success"] for b in wait(builds=[{"id": there.id}, there.id])["builds"]] == [True, True]


def test_no_builds_are_no_wait(wait, fake):
    assert wait(builds=[])["builds"] == []
    assert fake.journal == []


@pytest.mark.parametrize(
    ("builds", "words"),
    [
        ([{"status": "x"}], "builds[0] has no ID"),
        (["b-1", {"id": None}], "builds[1] has no ID"),
        ([7], "builds[0] is neither an ID nor a dictionary"),
        (7, "builds is neither an ID nor a dictionary"),
        ({"results": [{"ansible_job_id": "1.2", "started": 1}]}, "builds.results[0] has no ID"),
        ("b-1,", "builds[1] has no ID"),
        ("b-1\nb-2", "builds[0] is 'b-1\\nb-2', which is not an ID"),
        ('["b-1"]', "not an ID"),
        ([{"id": "a", "job_id": ".."}], "job_id is '..'"),
    ],
)
def test_entries_that_name_no_build_are_refused(wait, fake, builds, words):
    result = wait(builds=builds)
    assert result["error"]["kind"] == "invalid_arguments"
    assert words in result["msg"]
    assert fake.journal == []


LOST = {"failed": True, "msg": "Could not start a build of job 'b': HTTP 500.", "item": "b", "ansible_loop_var": "item"}
SKIPPED = {"skipped": True, "skip_reason": "Conditional result was False", "item": "c", "changed": False}


@pytest.mark.parametrize(
    "given",
    [
        *(
            "{0},{1}",
            " {0} , {1} ",
            ["{0}", "{1}\n"],
            [["{0}"], "{1}"],
            ["{0}", SKIPPED, "{1}"],
            {"builds": [{"id": "{0}"}, {"id": "{1}"}]},
        ),
        {"results": [{"build": {"id": "{0}"}, "changed": True}, SKIPPED, {"build": {"id": "{1}"}}], "changed": True},
        [{"results": [{"build": {"id": "{0}"}}, SKIPPED]}, {"failed": True, "msg": "not ended", "build": {"id": "{1}"}}],
    ],
    ids=str,
)
def test_builds_are_taken_as_results_have_them(wait, fake, given):
    ids = [fake.add_build(PROJECT, JOB, script=Script.success(10)).id for _each in range(2)]
    result = wait(builds=json.loads(json.dumps(given).replace("{0}", ids[0]).replace("{1}", ids[1])))
    assert [build["id"] for build in result["builds"]] == ids
    assert all(build["success"] for build in result["builds"])


@pytest.mark.parametrize("given", [{"results": [SKIPPED]}, [SKIPPED], SKIPPED, {"results": [], "skipped": True}], ids=str)
def test_where_all_was_skipped_there_is_nothing_to_wait_for(wait, fake, given):
    assert (wait(builds=given)["builds"], fake.journal) == ([], [])


def test_the_builds_of_a_loop_are_awaited_before_its_failed_items_are_named(wait, there):
    unreachable = {"unreachable": True, "msg": "No route.", "item": {"password": "the-secret-value"}}
    result = wait(builds={"results": [{"build": {"id": there.id}}, LOST, SKIPPED, unreachable]})
    assert [build["success"] for build in result["builds"]] == [True]
    assert (result["failed"], result["error"]["kind"], result["error"]["build_status"]) == (True, "build_failed", None)
    assert "2 tasks failed to start a build: " in result["msg"]
    assert "builds.results[1] (item 'b'): Could not start a build of job 'b': HTTP 500; builds.results[3]: No route." in result["msg"]
    assert "the-secret-value" not in result["msg"]


def test_a_failed_item_is_named_beside_a_failed_build(wait, fake):
    bad = fake.add_build(PROJECT, JOB, script=Script.failure(5, message="Broken"))
    message = wait(builds=[bad.id, LOST])["msg"]
    assert "FAILURE: Broken" in message and "builds[1] (item 'b')" in message


def test_with_fail_fast_a_failed_item_fails_the_task_at_once(wait, there, fake):
    result = wait(builds=[there.id, LOST], fail_fast=True)
    assert (fake.journal, result["error"]["kind"]) == ([], "build_failed")
    assert "the task did not wait for those that were started; they continue" in result["msg"]


@pytest.mark.parametrize("option", ["project_id", "job_id"])
def test_an_entry_needs_a_job_if_the_task_has_none(wait, option):
    assert f"builds[0] has no {option}" in wait(builds=[{"id": "a"}], **{option: ...})["msg"]


def test_check_mode_accepts_builds_that_were_not_started(build, wait):
    preview = build(check_mode=True)["build"]
    result = wait(builds=[preview], check_mode=True)
    assert result["builds"][0]["id"] is None
    assert "failed" not in result
