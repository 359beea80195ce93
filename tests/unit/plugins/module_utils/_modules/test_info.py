# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which builds or runs are returned, and in which order."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, OTHER_SHA as OTHER, PROJECT, endpoint, permissions_without

LOG = [(0, "one"), (1, "two"), (2, "three")]
FAILED = {"build": "FAILURE", "run": "FAILED"}


@pytest.fixture
def history(kind, fake):
    """The IDs of 120, newest first: every second has failed."""
    fake.page_order = ("shuffled", 5)
    scripts = (Script.success(5, log=LOG), Script.failure(5))
    return [kind.add(age=60 * (number + 1), script=scripts[number % 2], id=f"item-{number}").id for number in range(120)]


@pytest.fixture
def look(kind):
    return kind.task("info")


def ids(result) -> list[str]:
    return [item["id"] for item in result.get("builds", result.get("runs"))]


def test_one_is_looked_up_by_its_id(kind, look, fake, history):
    result = look(**{f"{kind.name}_id": history[7]})
    assert (ids(result), result["changed"], result["truncated"]) == ([history[7]], False, False)
    assert "logs" not in result[kind.plural][0]
    assert [call.endpoint for call in fake.journal] == [endpoint(kind.name, "get")]


def test_an_unknown_one_is_an_empty_list_and_an_unknown_job_a_failure(kind, look, history):
    name = f"{kind.name}_id"
    assert ids(look(**{name: "no-such-item"})) == ids(look(**{name: history[0]}, job_id="worker")) == []
    for arguments in ({name: history[0]}, {}):
        assert look(job_id="no-such-job", **arguments)["error"]["kind"] == "not_found"


def test_an_unknown_build_of_a_job_that_may_not_be_seen_is_an_empty_list_with_a_warning(info, fake):
    fake.add_token("starter", permissions_without("General > Read"))
    assert info(api_token="starter", build_id="no-such-build")["builds"] == []
    assert len(info.warnings) == 1


@pytest.mark.parametrize(("limit", "truncated"), [(None, True), (3, True), (0, False), (119, True), (120, False), (121, False)])
def test_the_newest_come_first(look, history, limit, truncated):
    result = look() if limit is None else look(limit=limit)
    assert ids(result) == history[: {None: 50, 0: 120}.get(limit, limit)]
    assert result["truncated"] is truncated


def test_they_are_filtered_by_status_and_an_unknown_status_is_warned_about(kind, look, history):
    failed = FAILED[kind.name]
    assert ids(look(limit=0, status=[failed.lower()])) == history[1::2]
    assert ids(look(limit=0, status=[failed, "SUCCESS"])) == history
    assert look.warnings == []
    unknown = FAILED["run" if kind.name == "build" else "build"]
    assert ids(look(limit=0, status=[unknown, "success"])) == history[::2]
    assert f"Not a known status of {kind.plural}: {unknown}. Known are " in look.warnings[0]


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        *(({"sha": OTHER}, [2, 3]), ({"sha": OTHER.upper()}, [2, 3]), ({"branch": "dev"}, [1, 3]), ({"status": ["ABORTED"]}, [])),
        *(({"sha": OTHER, "branch": "main"}, [2]), ({"sha": OTHER, "branch": "dev", "status": ["SUCCESS"]}, [])),
    ],
)
def test_builds_are_filtered(info, fake, arguments, wanted):
    for number, (sha, branch) in enumerate([(None, "main"), (None, "dev"), (OTHER, "main"), (OTHER, "dev")]):
        fake.add_build(PROJECT, JOB, age=60 * (number + 1), sha=sha, branch=branch, id=f"b-{number}", status="FAILURE")
    assert ids(info(**arguments)) == [f"b-{number}" for number in wanted]
    assert [info(limit=limit, sha=OTHER)["truncated"] for limit in (1, 2)] == [True, False]


@pytest.mark.parametrize("option", ["sha", "branch"])
def test_an_empty_filter_is_refused_for_it_matches_nothing(info, fake, option):
    result = info(**{option: ""})
    assert (result["error"]["kind"], fake.journal) == ("invalid_arguments", [])
    assert f"{option} is empty. To leave it out" in result["msg"]


def test_logs_are_read_where_they_are_wanted(kind, look, fake, history):
    assert look(**{f"{kind.name}_id": history[0]}, log_lines=2)[kind.plural][0]["logs"] == ["two", "three"]
    assert look(limit=1, log_lines=5)[kind.plural][0]["logs"] == ["one", "two", "three"]
    assert [call.endpoint for call in fake.journal[:2]] == [endpoint(kind.name, "get"), endpoint(kind.name, "logs")]


@pytest.mark.parametrize("status", [401, 403])
def test_logs_that_may_not_be_read_are_asked_for_once(kind, look, history, status):
    kind.fault("status", "logs", status=status, message="Feature flag is not enabled for your account 2", times=None)
    assert [item["logs"] for item in look(limit=3, log_lines=5)[kind.plural]] == [[], [], []]
    assert ["(HTTP" in warning for warning in look.warnings] == [True]
    assert len(kind.calls("logs")) == 1


@pytest.mark.parametrize("arguments", [{"limit": -1}, {"log_lines": -1}, {"build_id": ".."}, {"build_id": "a", "status": ["FAILED"]}])
def test_arguments_that_make_no_sense_are_refused(kind, look, fake, arguments):
    result = look(**{name.replace("build", kind.name): value for name, value in arguments.items()})
    assert (result["error"]["kind"], fake.journal) == ("invalid_arguments", [])
