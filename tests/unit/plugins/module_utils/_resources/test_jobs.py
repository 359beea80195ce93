# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job is addressed by its IDs, whatever is in them, and builds from the head of its branch."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

PREFIX = f"/v1/projects/{PROJECT}/jobs/"


@pytest.mark.parametrize("job_id", ["a/b", "../x", "a?b=c", "a#b", "a%2Fb", "ü b", "..;", "&=+", "'\""])
def test_an_id_stays_in_its_segment_of_the_path(build, fake, job_id):
    fake.add_job(PROJECT, job_id)
    assert build(job_id=job_id)["build"]["job_id"] == job_id
    before, _prefix, rest = fake.calls("start")[0].target.partition(PREFIX)
    assert (before, rest.count("/"), rest.rpartition("/")[2]) == ("", 1, "build")


@pytest.mark.parametrize("option", ["project_id", "job_id", "team_id"])
@pytest.mark.parametrize("value", ["", " ", ".", ".."])
def test_what_cannot_be_a_segment_is_refused(build, fake, option, value):
    result = build(**{option: value})
    assert result["error"]["kind"] == "invalid_arguments"
    assert f"{option} is {value!r}, which is no ID" in result["msg"]
    assert ("default(omit, true)" in result["msg"]) is (option == "team_id" and not value.strip())
    assert fake.journal == []


def test_a_job_may_belong_to_a_team(build, fake):
    fake.add_job(PROJECT, JOB, team_id="my-team")
    assert build(team_id="my-team")["build"]["team_id"] == "my-team"
    assert fake.calls("start")[0].target == f"/v1/teams/my-team/projects/{PROJECT}/jobs/{JOB}/build"
    assert "of team 'no-team'" in build(team_id="no-team")["msg"]


def test_the_head_of_the_branch_is_found_on_whatever_page_it_is(build, fake):
    head = fake.push(PROJECT, JOB)
    for number in range(20):
        fake.push(PROJECT, JOB, branch=f"feature-{number}")
    fake.max_page_size = 2
    there = fake.add_build(PROJECT, JOB, sha=head)
    assert build(reuse="any")["build"]["id"] == there.id


@pytest.mark.parametrize(
    ("endpoint", "data"),
    [
        ("job", {"vcsData": "main"}),
        ("job", {"vcsData": {"projectBranch": 7}}),
        ("job", "text"),
        ("branches", {"branches": [None, "main", {"name": "main"}, {"name": "main", "commit": "a"}]}),
        ("branches", {"branches": [{"name": "main", "commit": {"sha": 7}}]}),
    ],
    ids=str,
)
def test_a_job_whose_newest_commit_is_not_told_needs_a_sha(build, fake, endpoint, data):
    fake.fault(Fault("json", endpoint, times=None, status=200, body={"data": data}))
    result = build(reuse="any")
    assert result["error"]["kind"] == "invalid_arguments"
    assert "Set sha" in result["msg"]
    assert fake.calls("start") == []
