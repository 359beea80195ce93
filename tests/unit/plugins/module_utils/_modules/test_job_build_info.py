# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which builds are returned, and in which order."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, OTHER_SHA as OTHER, PROJECT, permissions_without


@pytest.fixture
def history(fake):
    """The IDs of 120 builds, the newest first."""
    fake.page_order = ("shuffled", 5)
    return [
        fake.add_build(
            PROJECT, JOB, age=60 * (number + 1), sha=OTHER if number % 3 else None, branch="dev" if number % 4 else "main",
            script=Script.failure(5) if number % 2 else Script.success(5),
        ).id
        for number in range(120)
    ]  # fmt: skip


def test_one_build_is_looked_up_by_its_id(info, fake, history):
    result = info(build_id=history[7])
    assert [b["id"] for b in result["builds"]] == [history[7]]
    assert result["changed"] is False
    assert [call.endpoint for call in fake.journal] == ["get"]


def test_an_unknown_job_is_a_failure(info):
    assert info(job_id="no-such-job", build_id="no-such-build")["error"]["kind"] == "not_found"
    assert info(job_id="no-such-job")["error"]["kind"] == "not_found"


def test_an_unknown_build_of_a_job_that_may_not_be_seen_is_an_empty_list_with_a_warning(info, fake):
    fake.add_token("starter", permissions_without("General > Read"))
    assert info(api_token="starter", build_id="no-such-build")["builds"] == []
    assert len(info.warnings) == 1


def test_the_newest_builds_come_first(info, history):
    assert [b["id"] for b in info()["builds"]] == history[:50]
    assert [b["id"] for b in info(limit=3)["builds"]] == history[:3]
    assert [b["id"] for b in info(limit=0)["builds"]] == history
    assert [info(limit=limit)["truncated"] for limit in (0, 119, 120, 121)] == [False, True, False, False]
    assert [info(limit=limit, sha=OTHER)["truncated"] for limit in (79, 80)] == [True, False]
    assert info(build_id=history[0])["truncated"] is False


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
def test_builds_are_filtered(info, history, arguments, wanted):
    result = info(limit=0, **arguments)
    assert [b["id"] for b in result["builds"]] == [build_id for number, build_id in enumerate(history) if wanted(number)]


@pytest.mark.parametrize("option", ["sha", "branch"])
def test_an_empty_filter_is_refused_for_it_matches_nothing(info, fake, option):
    result = info(**{option: ""})
    assert (result["error"]["kind"], fake.journal) == ("invalid_arguments", [])
    assert f"{option} is empty. To leave it out" in result["msg"]


def test_logs_are_read_where_they_are_wanted(info, fake):
    there = fake.add_build(PROJECT, JOB, age=60, script=Script.success(5, log=[(0, "one"), (1, "two"), (2, "three")]))
    assert info(build_id=there.id, log_lines=2)["builds"][0]["logs"] == ["two", "three"]
    assert info(limit=1, log_lines=5)["builds"][0]["logs"] == ["one", "two", "three"]
    assert "logs" not in info(build_id=there.id)["builds"][0]


@pytest.mark.parametrize("status", [401, 403])
def test_logs_that_may_not_be_read_are_asked_for_once(info, fake, history, status):
    fake.fault(Fault("status", "logs", status=status, message="Feature flag is not enabled for your account 2", times=None))
    assert [build["logs"] for build in info(limit=3, log_lines=5)["builds"]] == [[], [], []]
    assert ["(HTTP" in warning for warning in info.warnings] == [True]
    assert len(fake.calls("logs")) == 1


def test_an_unknown_status_is_warned_about(info, history):
    assert len(info(limit=0, status=["FAILED", "success"])["builds"]) == 60
    assert "Not a known status of builds: FAILED." in info.warnings[0]


@pytest.mark.parametrize("arguments", [{"limit": -1}, {"log_lines": -1}, {"build_id": ".."}, {"build_id": "a", "sha": OTHER}])
def test_arguments_that_make_no_sense_are_refused(info, fake, arguments):
    assert info(**arguments)["error"]["kind"] == "invalid_arguments"
    assert fake.journal == []
