# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the builds or runs to wait for are named, and how they are returned."""

from __future__ import annotations

import json

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT


@pytest.fixture
def there(kind):
    return kind.add(script=Script.success(10))


def test_they_are_returned_in_the_order_in_which_they_were_given(kind):
    ids = [kind.add(script=Script.success(seconds)).id for seconds in (30, 10, 20)]
    result = kind.wait(ids)
    assert [(item["id"], item["status"], item["logs"]) for item in result[kind.plural]] == [(item_id, "SUCCESS", []) for item_id in ids]
    assert result["changed"] is False


def test_they_may_be_of_several_jobs_and_teams(kind, there):
    other = kind.add("worker", id=there.id, script=Script.success(20))
    third = kind.add(team_id="example-team", script=Script.success(5))
    entries = [
        {"id": there.id},
        {f"{kind.name}_id": other.id, "job_id": "worker", "status": "whatever"},
        {f"{kind.name}Id": third.id, "team_id": "example-team", "project_id": PROJECT, "job_id": JOB},
    ]
    found = kind.wait(entries)[kind.plural]
    assert [(item["job_id"], item["team_id"]) for item in found] == [(JOB, None), ("worker", None), (JOB, "example-team")]
    assert {item["status"] for item in found} == {"SUCCESS"}


def test_other_results_go_in_as_they_are(kind):
    results = [kind.task("start")() for _each in range(3)]
    for entries in (results, [result[kind.name] for result in results]):
        found = kind.wait(entries, project_id=..., job_id=...)[kind.plural]
        assert [item["id"] for item in found] == [result[kind.name]["id"] for result in results]


def test_the_same_one_may_be_given_twice(kind, there):
    assert [item["status"] for item in kind.wait([{"id": there.id}, there.id])[kind.plural]] == ["SUCCESS", "SUCCESS"]


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
def test_entries_that_name_nothing_are_refused(kind, fake, builds, words):
    result = kind.wait(builds)
    assert result["error"]["kind"] == "invalid_arguments"
    assert words.replace("builds", kind.plural) in result["msg"]
    assert fake.journal == []


LOST = {"failed": True, "msg": "Could not start a build of job 'b': HTTP 500.", "item": "b", "ansible_loop_var": "item"}
SKIPPED = {"skipped": True, "skip_reason": "Conditional result was False", "item": "c", "changed": False}


@pytest.mark.parametrize(
    "given",
    [
        *("{0},{1}", " {0} , {1} ", ["{0}", "{1}\n"], [["{0}"], "{1}"], ["{0}", SKIPPED, "{1}"]),
        {"builds": [{"id": "{0}"}, {"id": "{1}"}]},
        {"results": [{"build": {"id": "{0}"}, "changed": True}, SKIPPED, {"build": {"id": "{1}"}}], "changed": True},
        [{"results": [{"build": {"id": "{0}"}}, SKIPPED]}, {"failed": True, "msg": "not ended", "build": {"id": "{1}"}}],
    ],
    ids=str,
)
def test_they_are_taken_as_results_have_them(kind, given):
    ids = [kind.add(script=Script.success(10)).id for _each in range(2)]
    entries = json.dumps(given).replace('"build', f'"{kind.name}').replace("{0}", ids[0]).replace("{1}", ids[1])
    result = kind.wait(json.loads(entries))
    assert [(item["id"], item["status"]) for item in result[kind.plural]] == [(item_id, "SUCCESS") for item_id in ids]


@pytest.mark.parametrize("given", [[], {"results": [SKIPPED]}, [SKIPPED], SKIPPED, {"results": [], "skipped": True}], ids=str)
def test_where_all_was_skipped_there_is_nothing_to_wait_for(kind, fake, given):
    assert (kind.wait(given)[kind.plural], fake.journal) == ([], [])


def test_those_of_a_loop_are_awaited_before_its_failed_items_are_named(kind, there):
    unreachable = {"unreachable": True, "msg": "No route.", "item": {"password": "the-secret-value"}}
    result = kind.wait({"results": [{kind.name: {"id": there.id}}, LOST, SKIPPED, unreachable]})
    assert [item["status"] for item in result[kind.plural]] == ["SUCCESS"]
    assert (result["failed"], result["error"]["kind"], result["error"][f"{kind.name}_status"]) == (True, f"{kind.name}_failed", None)
    assert f"2 tasks failed to start a {kind.name}: {kind.plural}.results[1] (item 'b'): Could not " in result["msg"]
    assert f"job 'b': HTTP 500; {kind.plural}.results[3]: No route." in result["msg"]
    assert "the-secret-value" not in result["msg"]


def test_a_failed_item_is_named_beside_what_ended_badly(kind):
    good, bad = (kind.add(script=script).id for script in (Script.success(5), Script.failure(5, message="Broken", log=[(0, "boom")])))
    result = kind.wait([good, bad, LOST])
    ended = {"build": "FAILURE: Broken", "run": "FAILED: failed attempts: 1, backoff limit: 0"}[kind.name]
    assert result["error"]["kind"] == f"{kind.name}_failed"
    assert f"1 of 2 {kind.plural} failed: {bad!r} (job 'example-job'): {ended}" in result["msg"]
    assert f"{kind.plural}[2] (item 'b')" in result["msg"]
    assert result["logs"] == result[kind.plural][1]["logs"] == ["boom"]


def test_with_fail_fast_a_failed_item_fails_the_task_at_once(kind, there, fake):
    result = kind.wait([there.id, LOST], fail_fast=True)
    assert (fake.journal, result["error"]["kind"]) == ([], f"{kind.name}_failed")
    assert "the task did not wait for those that were started; they continue" in result["msg"]


@pytest.mark.parametrize("option", ["project_id", "job_id"])
def test_an_entry_needs_a_job_if_the_task_has_none(kind, option):
    assert f"{kind.plural}[0] has no {option}" in kind.wait([{"id": "a"}], **{option: ...})["msg"]


def test_one_of_another_job_is_not_found_and_the_job_is_named(kind):
    result = kind.wait([kind.add("worker", id="other-1").id])
    assert result["error"]["kind"] == "not_found"
    assert f"{kind.name} 'other-1' of job 'example-job'" in result["msg"].lower()


def test_check_mode_accepts_what_was_not_started(kind):
    result = kind.wait([kind.task("start")(check_mode=True)[kind.name]], check_mode=True)
    assert result[kind.plural][0]["id"] is None
    assert "failed" not in result


def test_one_that_has_failed_is_no_failed_task(kind):
    there = kind.add(age=60, script=Script.failure(5))
    result = kind.wait(kind.task("info")()[kind.plural])
    assert f"{kind.name.title()} {there.id!r} of job 'example-job'" in result["msg"] and "ended with FAIL" in result["msg"]
