# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When and by what a build is looked for whose start was lost, exactly. Mutation testing showed that other tests let this drift."""

from __future__ import annotations

from itertools import accumulate

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _recovery
from ansible_collections.community.northflank.tests.fake_northflank import Fault

PROJECT, JOB = "default-project", "example-job"


def test_the_moments_of_the_looks(build, fake, clock):
    fake.fault(Fault("reset", "start"))
    assert build(sha="b" * 40, retries=0)["error"]["kind"] == "network"
    assert list(accumulate(clock.sleeps)) == pytest.approx([1.0, 3.2, 7.4, 15.6, 20.0])


def listed(created: str | None) -> dict:
    return {"id": "b", "created_at": created}


@pytest.mark.parametrize(
    ("created", "since", "which"),
    [
        ("2026-11-24T12:00:00.000Z", 1795521600.0, "new"),
        ("2026-11-24T12:00:01.000Z", 1795521600.0, "new"),
        ("2026-11-24T11:59:59.999Z", 1795521600.0, "before"),
        ("2026-11-24T11:59:00.000Z", 1795521600.0, "before"),
        ("2026-11-24T11:58:59.999Z", 1795521600.0, "old"),
        (None, 1795521600.0, "undated"),
        ("2026-11-24T12:00:00.000Z", None, "undated"),
    ],
)
def test_by_when_a_build_was_created(created, since, which):
    new, before, undated = _recovery._sorted_out({"b-1": listed(created)}, since)
    assert [kind for kind, builds in {"new": new, "before": before, "undated": undated}.items() if builds] == (
        [] if which == "old" else [which]
    )


@pytest.mark.parametrize("other", ["a" * 40, "f" * 40])
def test_a_build_of_another_commit_is_not_taken(build, fake, other):
    """Of a smaller hash, and of a greater one."""
    fake.fault(Fault("reset", "start"))
    fake.add_build(PROJECT, JOB, sha=other)
    result = build(sha="b" * 40)
    assert result["recovered"] is False
    assert len(fake.calls("start")) == 2


def test_without_a_sha_a_build_of_another_branch_is_not_taken(build, fake):
    fake.fault(Fault("reset", "start"))
    fake.add_build(PROJECT, JOB, branch="develop")
    result = build()
    assert result["recovered"] is False
    assert result["build"]["branch"] == "main"
    assert len(fake.calls("start")) == 2


def test_with_a_sha_the_branch_is_not_asked_for(build, fake):
    """The token may start builds and not read jobs."""
    fake.fault(Fault("reset", "start", when="after"))
    assert build(sha="b" * 40)["recovered"] is True
    assert fake.calls("job") == []
