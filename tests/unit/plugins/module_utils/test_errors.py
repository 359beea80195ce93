# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook gets of a failure."""

from __future__ import annotations

from ansible_collections.community.northflank.plugins.module_utils import _errors as errors
from ansible_collections.community.northflank.plugins.modules import northflank_job_build

CLASSES = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.NorthflankError)]


def test_a_failure_has_its_facts_and_what_is_known_although_it_failed():
    error = errors.RejectedError("No.", status=422, api={"message": "m", "id": "i", "details": {"a": 1}, "new": 2}, build={"id": "b"})
    assert error.as_result() == {
        "build": {"id": "b"},
        "msg": "No.",
        "error": {"kind": "rejected", "status": 422, "message": "m", "id": "i", "details": {"a": 1}},
    }


def test_a_failure_without_a_response_has_the_same_keys_and_one_line():
    result = errors.NetworkError("a\nb\x1b[31mc\u202ed", sent=True, error="other").as_result()
    assert result["error"] == {"kind": "network", "status": None, "message": None, "id": None, "details": None}
    assert result["msg"] == "a bcd"


def test_all_kinds_are_documented_for_users():
    kinds = {cls.kind for cls in CLASSES} | {"build_failed"}
    assert [kind for kind in kinds if kind not in northflank_job_build.RETURN] == []
