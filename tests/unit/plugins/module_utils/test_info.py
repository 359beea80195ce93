# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds are looked up."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import PERMISSIONS, Fault, Script

PROJECT, JOB = "default-project", "example-job"
OTHER = "a" * 40


@pytest.fixture
def history(fake):
    """The ids of 120 builds, the newest first."""
    fake.page_order = ("shuffled", 5)
    return [
        fake.add_build(
            PROJECT, JOB, age=60 * (number + 1), sha=OTHER if number % 3 else None, branch="dev" if number % 4 else "main",
            script=Script.failure(5) if number % 2 else Script.success(5),
        ).id
        for number in range(120)
    ]  # fmt: skip


def test_one(info, fake, history):
    result = info(build_id=history[7])
    assert [b["id"] for b in result["builds"]] == [history[7]]
    assert result["changed"] is False
    assert [call.endpoint for call in fake.journal] == ["get"]


def test_an_unknown_build_is_an_empty_list(info):
    assert info(build_id="no-such-build")["builds"] == []


def test_an_unknown_job_is_a_failure(info):
    assert info(job_id="no-such-job", build_id="no-such-build")["error"]["kind"] == "not_found"
    assert info(job_id="no-such-job")["error"]["kind"] == "not_found"


def test_an_unknown_build_where_the_job_may_not_be_seen(info, fake):
    fake.add_token("starter", {p for p in PERMISSIONS if "Deploy Build" in p})
    assert info(api_token="starter", build_id="no-such-build")["builds"] == []
    assert len(info.warnings) == 1


def test_the_newest_first(info, history):
    assert [b["id"] for b in info()["builds"]] == history[:50]
    assert [b["id"] for b in info(limit=3)["builds"]] == history[:3]
    assert [b["id"] for b in info(limit=0)["builds"]] == history


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"sha": OTHER}, lambda n: n % 3),
        ({"sha": OTHER.upper()}, lambda n: n % 3),
        ({"branch": "dev"}, lambda n: n % 4),
        ({"status": ["FAILURE"]}, lambda n: n % 2),
        ({"status": ["failure", "SUCCESS"]}, lambda n: True),
        ({"status": ["ABORTED"]}, lambda n: False),
        ({"sha": OTHER, "branch": "main", "status": ["SUCCESS"]}, lambda n: n % 3 and not n % 4 and not n % 2),
    ],
)
def test_filters(info, history, arguments, wanted):
    result = info(limit=0, **arguments)
    assert [b["id"] for b in result["builds"]] == [build_id for number, build_id in enumerate(history) if wanted(number)]


def test_logs(info, fake):
    there = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5, log=[(0, "one"), (1, "two"), (2, "three")]))
    assert info(build_id=there.id, log_lines=2)["builds"][0]["logs"] == ["two", "three"]
    assert info(limit=1, log_lines=5)["builds"][0]["logs"] == ["one", "two", "three"]
    assert "logs" not in info(build_id=there.id)["builds"][0]


def test_logs_that_cannot_be_read_are_a_warning(info, fake):
    there = fake.add_build(PROJECT, JOB, age=60)
    fake.fault(Fault("status", "logs", status=403, message="No."))
    assert info(build_id=there.id, log_lines=2)["builds"][0]["logs"] == []
    assert "View Instance Logs" in info.warnings[0]


@pytest.mark.parametrize("pages", ["absent", "null", "present"])
def test_the_last_page_ends_the_list_whatever_its_cursor(info, fake, pages):
    fake.last_page_cursor = pages
    fake.max_page_size = 5
    ids = {fake.add_build(PROJECT, JOB, age=60).id for _each in range(12)}
    assert {b["id"] for b in info(limit=0)["builds"]} == ids
    assert len(fake.calls("list")) == 3


def test_a_list_without_an_end_is_given_up(info, fake):
    page = {"data": {"builds": []}, "pagination": {"hasNextPage": True, "cursor": "c" * 24, "count": 0}}
    fake.fault(Fault("json", "list", status=200, body=page, times=None))
    assert info()["error"]["kind"] == "invalid_response"
    assert len(fake.calls("list")) == 2


@pytest.mark.parametrize("arguments", [{"limit": -1}, {"log_lines": -1}, {"build_id": ".."}, {"build_id": "a", "sha": OTHER}])
def test_arguments_that_make_no_sense(info, fake, arguments):
    assert info(**arguments)["error"]["kind"] == "invalid_arguments"
    assert fake.journal == []


def test_check_mode(info, fake, history):
    assert len(info(check_mode=True)["builds"]) == 50
    assert info(check_mode=True, build_id="")["builds"] == []
