# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What looks through all other tests for secrets finds them."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _masking
from ansible_collections.community.northflank.tests.fake_northflank import Fault
from ansible_collections.community.northflank.tests.scanner import FactAltered, SecretShown, printed_result, scan, scan_task

SECRET = 'line "one"/ä'
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
OVERRIDES = {"build_arguments": {"NAME": "a-secret-value"}}


@pytest.mark.parametrize(
    "shown", [SECRET, json.dumps(SECRET), json.dumps(SECRET, ensure_ascii=False), base64.b64encode(SECRET.encode()).decode(), quote(SECRET)]
)
def test_every_spelling_is_found(shown):
    with pytest.raises(SecretShown):
        scan("a text", f"before {shown} after", [SECRET])


def test_the_tokens_of_all_tests_are_found(fake):
    with pytest.raises(SecretShown):
        scan("a text", f"Bearer {fake.token}")


def test_a_task_that_does_not_mask_is_found(build, fake, monkeypatch):
    monkeypatch.setattr(_masking.Redactor, "line", lambda self, text, limit=0: text)
    fake.fault(Fault("json", "start", status=422, body={"error": {"status": 422, "message": "You sent a-secret-value"}}))
    with pytest.raises(SecretShown):
        build(sha=SHA, overrides=OVERRIDES)


def test_a_value_that_may_be_seen_elsewhere_is_no_find(build):
    assert build(sha=SHA, overrides={"build_arguments": {"A": SHA, "B": "example-job"}})["build"]["sha"] == SHA


@pytest.mark.parametrize(("fact", "value"), [("sha", "********"), ("branch", "m**n"), ("created_at", "2026-11-24T00:00:00.000Z")])
def test_an_altered_fact_is_found(build, fake, fact, value):
    result = build(sha=SHA)
    scan_task(fake, {}, result)
    with pytest.raises(FactAltered):
        scan_task(fake, {}, {**result, "build": {**result["build"], fact: value}})


def test_a_module_that_has_ansible_hide_a_build_argument_is_found(fake):
    printed = {"changed": True, "_ansible_new_secrets": [fake.token]}
    assert printed_result(json.dumps(printed), fake.token) == {"changed": True}
    with pytest.raises(FactAltered):
        printed_result(json.dumps({**printed, "_ansible_new_secrets": [fake.token, "1"]}), fake.token)
