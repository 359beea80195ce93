# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

JOB = "/v1/projects/default-project/jobs/example-job"
ORDERS = ["newest", "oldest", ("shuffled", 1), ("shuffled", 2)]


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
        assert len(answer["pagination"]["cursor"]) == 24
        query = f"?per_page={per_page}&cursor={answer['pagination']['cursor']}"
        between()


def flat(lists):
    return [item for part in lists for item in part]


@pytest.fixture
def ids(fake):
    """The ids of seven builds, the oldest first, though they were not made in that order."""
    for age in (50, 30, 70, 10, 20, 60, 40):
        fake.add_build("default-project", "example-job", age=age)
    builds = sorted(fake.builds("default-project", "example-job"), key=lambda build: build.created_at)
    return [build.id for build in builds]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("per_page", [1, 3, 7, 100])
def test_nothing_is_lost_or_shown_twice(fake, client, ids, order, per_page):
    fake.page_order = order
    found = pages(client, per_page)
    assert [len(page) for page in found[:-1]] == [per_page] * (len(found) - 1)
    assert sorted(flat(found)) == sorted(ids)
    numbered = [client.listed(f"?per_page={per_page}&page={number}") for number in range(1, len(found) + 1)]
    assert numbered == found
    assert client.listed(f"?per_page={per_page}&page={len(found) + 1}") == []


def test_the_orders(fake, client, ids):
    assert client.listed() == ids[::-1]
    fake.page_order = "oldest"
    assert client.listed() == ids
    fake.page_order = ("shuffled", 1)
    shuffled = client.listed()
    assert shuffled not in (ids, ids[::-1])
    assert client.listed() == shuffled
    fake.page_order = ("shuffled", 2)
    assert client.listed() != shuffled


@pytest.mark.parametrize("order", ORDERS)
def test_builds_that_start_meanwhile_hide_none(fake, client, ids, order):
    fake.page_order = order
    found = flat(pages(client, 2, between=lambda: fake.builds("default-project", "example-job")[7:] or client.start()))
    assert len(found) == len(set(found))
    assert set(ids) <= set(found)


def test_small_pages_whatever_is_asked_for(fake, client, ids):
    fake.max_page_size = 3
    assert [len(page) for page in pages(client, 100)] == [3, 3, 1]
    assert len(client.listed()) == 3


def test_the_cursor_of_the_last_page(fake, client, ids):
    fake.last_page_cursor = "null"
    assert client("GET", f"{JOB}/build").json["pagination"] == {"hasNextPage": False, "count": 7, "cursor": None}
    fake.last_page_cursor = "present"
    pagination = client("GET", f"{JOB}/build").json["pagination"]
    assert (pagination["hasNextPage"], len(pagination["cursor"])) == (False, 24)
    answer = client("GET", f"{JOB}/build?cursor={pagination['cursor']}").json
    assert answer == {"data": {"builds": []}, "pagination": {"hasNextPage": False, "count": 0}}


def test_a_cursor_belongs_to_its_listing(fake, client, ids):
    cursor = client("GET", f"{JOB}/build?per_page=1").json["pagination"]["cursor"]
    assert client("GET", f"{JOB}/build?cursor={cursor}").status == 200
    assert client("GET", f"{JOB}/branches?cursor={cursor}").status == 400
    assert client("GET", f"/v1/teams/example-team{JOB[3:]}/build?cursor={cursor}").status == 400


def test_fifty_rows_where_no_number_is_asked_for(fake, client):
    for _each in range(51):
        fake.add_build("default-project", "example-job")
    assert len(client.listed()) == 50


def test_branches_are_paged(fake, client):
    for number in range(4):
        fake.push("default-project", "example-job", branch=f"branch-{number}")
    found = pages(client, 2, f"{JOB}/branches", "branches", "name")
    assert found == [["main", "branch-0"], ["branch-1", "branch-2"], ["branch-3"]]
