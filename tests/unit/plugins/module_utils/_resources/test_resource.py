# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of what the API says of an item, the documented fields alone reach a result; lists are read to their end, and no further."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

FIELDS = {
    "id", "project_id", "job_id", "team_id", "branch", "pull_request_id", "sha", "registry", "created_at", "status",
    "concluded", "success", "message", "build_concluded_at",
}  # fmt: skip


def test_fields_that_nobody_documents_do_not_reach_a_result(build, fake):
    new = {"id": "b-1", "newThing": {"innerKey": 1}, "projectId": "x", "registry": {"uri": "r/i", "newThing": 1}}
    fake.fault(Fault("json", "start", when="after", status=200, body={"data": new}))
    there = build()["build"]
    assert set(there) == FIELDS
    assert (there["registry"], there["project_id"]) == ({"uri": "r/i"}, PROJECT)


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        ({"branch": 7}, "branch", None),
        ({"sha": ["a"]}, "sha", None),
        ({"status": {"a": 1}}, "status", None),
        ({"status": "x" * 1001}, "status", None),
        ({"concluded": "yes"}, "concluded", None),
        ({"concluded": 1}, "concluded", None),
        ({"createdAt": True}, "created_at", None),
        ({"registry": "r/i"}, "registry", {"uri": None}),
        ({"registry": {"uri": 1}}, "registry", {"uri": None}),
        ({"message": ["a"]}, "message", None),
        ({"message": "a\x1b[31mb\x07"}, "message", "ab"),
        ({"pullRequestId": 7}, "pull_request_id", 7),
        ({"pullRequestId": "7"}, "pull_request_id", "7"),
        ({"pullRequestId": True}, "pull_request_id", None),
        ({"buildConcludedAt": 1.5}, "build_concluded_at", 1.5),
    ],
    ids=str,
)
def test_a_field_that_is_not_as_documented_is_null(info, fake, given, key, value):
    there = fake.add_build(PROJECT, JOB)
    there.raw = given
    [found] = info(build_id=there.id)["builds"]
    assert found[key] == value
    assert set(found) == FIELDS


def test_a_message_is_cut_to_what_a_person_reads(info, fake):
    there = fake.add_build(PROJECT, JOB, message="x" * 10_000)
    [found] = info(build_id=there.id)["builds"]
    assert 4000 <= len(found["message"]) < 4100


@pytest.mark.parametrize("build_id", [None, 7, "", "..", "x" * 1001])
def test_an_item_without_a_usable_id_is_no_item(info, fake, build_id):
    fake.fault(Fault("json", "get", status=200, body={"data": {"id": build_id}}))
    assert info(build_id="b-1")["error"]["kind"] == "invalid_response"


@pytest.mark.parametrize("cursor", ["absent", "null", "present"])
def test_the_last_page_ends_a_list_whatever_its_cursor(info, fake, cursor):
    fake.last_page_cursor = cursor
    fake.max_page_size = 5
    ids = {fake.add_build(PROJECT, JOB, age=60).id for _each in range(12)}
    assert {b["id"] for b in info(limit=0)["builds"]} == ids
    assert len(fake.calls("list")) == 3


def test_pages_that_repeat_themselves_are_given_up(info, fake):
    page = {"data": {"builds": []}, "pagination": {"hasNextPage": True, "cursor": "c" * 24, "count": 0}}
    fake.fault(Fault("json", "list", status=200, body=page, times=None))
    assert info()["error"]["kind"] == "invalid_response"
    assert len(fake.calls("list")) == 2


def test_a_list_without_builds_that_says_so_is_empty(info, fake):
    fake.fault(Fault("json", "list", status=200, body={"data": {}, "pagination": {"hasNextPage": False, "count": 0}}))
    assert info()["builds"] == []


@pytest.mark.parametrize("arguments", [{"reuse": "any"}, {"limit": 0}], ids=["reuse", "info"])
def test_a_list_without_an_end_is_given_up_in_time(build, info, fake, clock, endless_list, arguments):
    fake.latency = 20.0
    began = clock.monotonic()
    result = (build if "reuse" in arguments else info)(**arguments)
    assert result["error"]["kind"] == "network"
    assert "no time left" in result["msg"]
    # The requests for the branch and its head are not part of the list.
    assert clock.monotonic() - began <= 10 * 30 + 3 * 20
