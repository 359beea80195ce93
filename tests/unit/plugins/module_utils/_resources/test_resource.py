# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of what the API says of an item, the documented fields alone reach a result; lists are read to their end, and no further."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.hostile import FIELDS
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT


def test_fields_that_nobody_documents_do_not_reach_a_result(build, fake):
    new = {"id": "b-1", "newThing": {"innerKey": 1}, "projectId": "x", "registry": {"uri": "r/i", "newThing": 1}}
    fake.fault(Fault("json", "start", when="after", status=200, body={"data": new}))
    there = build()["build"]
    assert set(there) == FIELDS.keys()
    assert (there["registry"], there["project_id"]) == ({"uri": "r/i"}, PROJECT)


@pytest.mark.parametrize(
    ("given", "key", "value"),
    [
        *(({"sha": ["a"]}, "sha", None), ({"status": {"a": 1}}, "status", None), ({"status": "x" * 1001}, "status", None)),
        *(({"concluded": "yes"}, "concluded", None), ({"concluded": 1}, "concluded", None), ({"createdAt": True}, "created_at", None)),
        *(({"registry": "r/i"}, "registry", {"uri": None}), ({"registry": {"uri": 1}}, "registry", {"uri": None})),
        *(({"message": ["a"]}, "message", None), ({"message": "a\x1b[31mb\x07"}, "message", "ab")),
        *(({"pullRequestId": value}, "pull_request_id", None if value is True else value) for value in (7, "7", True)),
    ],
    ids=str,
)
def test_a_field_that_is_not_as_documented_is_null(info, fake, given, key, value):
    there = fake.add_build(PROJECT, JOB)
    there.raw = given
    [found] = info(build_id=there.id)["builds"]
    assert found[key] == value
    assert set(found) == FIELDS.keys()


def test_a_message_is_cut_to_what_a_person_reads(info, fake):
    there = fake.add_build(PROJECT, JOB, message="x" * 10_000)
    [found] = info(build_id=there.id)["builds"]
    assert 4000 <= len(found["message"]) < 4100


@pytest.mark.parametrize("build_id", [None, 7, "", "..", "x" * 1001])
def test_an_item_without_a_usable_id_is_no_item(info, fake, build_id):
    fake.fault(Fault("json", "get", status=200, body={"data": {"id": build_id}}))
    assert info(build_id="b-1")["error"]["kind"] == "invalid_response"


@pytest.mark.parametrize("arguments", [{"reuse": "any"}, {"limit": 0}], ids=["reuse", "info"])
def test_a_list_without_an_end_is_given_up_in_time(build, info, fake, clock, endless_list, arguments):
    fake.latency = 20.0
    began = clock.monotonic()
    result = (build if "reuse" in arguments else info)(**arguments)
    assert result["error"]["kind"] == "network"
    assert "no time left" in result["msg"]
    # The requests for the branch and its head are not part of the list.
    assert clock.monotonic() - began <= 10 * 30 + 3 * 20
