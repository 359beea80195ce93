# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import JOB, PLACE

ORDERS = ["newest", "oldest", ("shuffled", 1)]


def pages(client, per_page, path=f"{JOB}/build", rows="builds", name="id", between=lambda: None):
    """Every page by cursor, as lists of ids."""
    found, query = [], f"?per_page={per_page}"
    while True:
        answer = client("GET", path + query).json
        found.append([row[name] for row in answer["data"][rows]])
        assert answer["pagination"]["count"] == len(found[-1])
        if not answer["pagination"]["hasNextPage"]:
            assert "cursor" not in answer["pagination"]
            return found
        query = f"?per_page={per_page}&cursor={answer['pagination']['cursor']}"
        between()


@pytest.fixture
def ids(fake):
    """The ids of seven builds, the oldest first, though they were not made in that order."""
    for age in (50, 30, 70, 10, 20, 60, 40):
        fake.add_build(*PLACE, age=age)
    return [build.id for build in sorted(fake.builds(*PLACE), key=lambda build: build.created_at)]


@pytest.mark.parametrize("order", ORDERS)
def test_nothing_is_lost_or_shown_twice(fake, client, ids, order):
    fake.page_order = order
    for per_page in (1, 3, 7, 100):
        found = pages(client, per_page)
        assert sorted(itertools.chain(*found)) == sorted(ids)
        assert [client.listed(f"?per_page={per_page}&page={number}") for number in range(1, len(found) + 2)] == [*found, []]
    meanwhile = list(itertools.chain(*pages(client, 2, between=lambda: fake.builds(*PLACE)[7:] or client.start())))
    assert len(meanwhile) == len(set(meanwhile))
    assert set(ids) <= set(meanwhile)


def test_builds_come_in_the_order_that_is_set(fake, client, ids):
    assert client.listed() == ids[::-1]
    fake.page_order = "oldest"
    assert client.listed() == ids
    fake.page_order = ("shuffled", 1)
    shuffled = client.listed()
    assert shuffled not in (ids, ids[::-1])
    assert client.listed() == shuffled
    fake.page_order = ("shuffled", 2)
    assert client.listed() != shuffled


def test_the_last_page_may_have_a_cursor(fake, client, ids):
    fake.last_page_cursor = "null"
    assert client("GET", f"{JOB}/build").json["pagination"] == {"hasNextPage": False, "count": 7, "cursor": None}
    fake.last_page_cursor = "present"
    cursor = client("GET", f"{JOB}/build").json["pagination"]["cursor"]
    answer = client("GET", f"{JOB}/build?cursor={cursor}").json
    assert answer == {"data": {"builds": []}, "pagination": {"hasNextPage": False, "count": 0}}


def test_a_cursor_belongs_to_its_listing(fake, client, ids):
    cursor = client("GET", f"{JOB}/build?per_page=1").json["pagination"]["cursor"]
    paths = (JOB + "/build", JOB + "/branches", f"/v1/teams/example-team{JOB[3:]}/build")
    assert [client("GET", f"{path}?cursor={cursor}").status for path in paths] == [200, 400, 400]
