# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Of what the API says of an item, the documented fields alone reach a result; lists are read to their end, and no further."""

from __future__ import annotations

import json
import random
import re
import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils._timestamps import iso_time, unix_time
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.hostile import FIELDS
from ansible_collections.community.northflank.tests.raw_server import Peer, http
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT
from hypothesis import HealthCheck, given, settings, strategies as st


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


class ShiftingList:
    """A list of builds whose pages are cut by their number, so that builds that arrive meanwhile push others to the next page."""

    def __init__(self) -> None:
        self.reset([], 100, [], random.Random(0))

    def reset(self, times: list[int | None], page_size: int, arrivals: list[int], chance: random.Random | None) -> None:
        """`chance` is null where the newest comes first. After each page, so many builds arrive."""
        self.builds = [self._build(f"b-{number}", time) for number, time in enumerate(times)]
        self.page_size, self.arrivals, self.chance = page_size, list(arrivals), chance
        self.requests = 0
        if chance:
            chance.shuffle(self.builds)

    def _build(self, build_id: str, time: int | None) -> dict[str, t.Any]:
        return {"id": build_id, "createdAt": None if time is None else iso_time(1_790_000_000 + time)}

    def __call__(self, peer: Peer) -> None:
        while (request := peer.read()) is not None:
            at = int((re.search(rb"cursor=(\d+)", request) or [b"", b"0"])[1])
            page, has_next = self.builds[at : at + self.page_size], at + self.page_size < len(self.builds)
            self.requests += 1
            for _each in range(self.arrivals.pop(0) if self.arrivals else 0):
                new = self._build(f"n-{len(self.builds)}", 10_000 + len(self.builds))
                self.builds.insert(self.chance.randint(0, len(self.builds)) if self.chance else 0, new)
            pagination = {"hasNextPage": has_next, "cursor": f"{at + self.page_size:024}"}
            peer.send(http(200, json.dumps({"data": {"builds": page}, "pagination": pagination}).encode()))


@pytest.fixture
def shifting(serve) -> ShiftingList:
    shifting = ShiftingList()
    shifting.url = serve(shifting).url  # type: ignore[attr-defined]
    return shifting


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(0, 90),
    odd=st.none() | st.tuples(st.integers(0, 17), st.none() | st.integers(0, 89)),
    page_size=st.sampled_from([2, 7, 25, 100]),
    arrivals=st.lists(st.integers(0, 8), max_size=5),
    chance=st.none() | st.randoms(use_true_random=False).map(lambda chance: random.Random(chance.random())),
    limit=st.integers(0, 40),
)
def test_the_newest_are_found_whatever_the_order_is_and_whatever_arrives_meanwhile(
    info, shifting, count, odd, page_size, arrivals, chance, limit
):
    times: list[int | None] = list(range(count, 0, -1))
    if odd and odd[0] < count:
        times[odd[0]] = odd[1]  # Undated, out of order, or of the same time as another: near the beginning, where it can be seen.
    shifting.reset(times, page_size, arrivals, chance)
    result = info(api_url=shifting.url, limit=limit)
    found = {build["id"]: unix_time(build["created_at"]) or 0.0 for build in result["builds"]}
    assert len(found) == len(result["builds"]) <= (limit or 200)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    left_out = {f"b-{number}": time for number, time in enumerate(times) if f"b-{number}" not in found}
    oldest = min(found.values(), default=0.0)
    assert all(time is None or 1_790_000_000 + time <= oldest for time in left_out.values())
    assert not left_out or len(found) == limit
    assert result["truncated"] or not left_out
    assert not result["truncated"] or len(shifting.builds) > limit


def test_what_is_older_than_the_question_needs_is_not_read(info, build, fake, shifting):
    shifting.reset(list(range(1000, 0, -1)), 100, [3, 3, 3], None)
    for arguments, requests in (({}, 1), ({"limit": 100}, 1), ({"limit": 101}, 2), ({"limit": 0}, 11)):
        shifting.requests = 0
        result = info(api_url=shifting.url, **arguments)
        assert shifting.requests == requests
        assert result["truncated"] is (arguments.get("limit") != 0)
    for number in range(250):
        fake.add_build(PROJECT, JOB, age=60 * (number + 1))
    assert build(reuse="successful")["reused"] is True
    assert [call.endpoint for call in fake.journal] == ["job", "branches", "list"]


def test_a_few_builds_that_happen_to_come_newest_first_prove_no_order(info, shifting):
    for seed in range(8):
        shifting.reset(list(range(60)), 2, [], random.Random(seed))
        assert [build["id"] for build in info(api_url=shifting.url, limit=1)["builds"]] == ["b-59"]
