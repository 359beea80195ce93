# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook gets of a failure."""

from __future__ import annotations

import pytest
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


def test_a_failure_without_a_response_has_the_same_keys():
    error = errors.NetworkError("No.", sent=True)
    assert error.as_result()["error"] == {"kind": "network", "status": None, "message": None, "id": None, "details": None}


def test_a_partial_result_never_takes_the_place_of_the_facts():
    assert errors.ServerError("No.", error="other").as_result()["error"]["kind"] == "server_error"


def test_a_message_is_one_line_without_controls():
    assert errors.ServerError("a\nb\x1b[31mc\u202ed").message == "a bcd"


def test_what_failed_names_the_kind():
    assert errors.FailedError("No.", kind="build_failed").as_result()["error"]["kind"] == "build_failed"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *(
            (302, "invalid_response"),
            (400, "rejected"),
            (401, "authentication"),
            (403, "permission"),
            (404, "not_found"),
            (408, "rejected"),
        ),
        *((409, "rejected"), (422, "rejected"), (429, "rate_limited"), (499, "rejected"), (500, "server_error"), (599, "server_error")),
        *((100, "invalid_response"), (999, "server_error")),
    ],
)
def test_a_status_has_its_kind(status, kind):
    assert errors.error_class(status).kind == kind


def test_the_list_of_classes_is_complete():
    documented = errors.__doc__ or ""
    assert [cls.__name__ for cls in CLASSES if cls.__name__ not in documented] == []


def test_all_kinds_are_documented_for_users():
    kinds = {cls.kind for cls in CLASSES} | {"build_failed"}
    assert [kind for kind in kinds if kind not in northflank_job_build.RETURN] == []
