# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret comes back, not even from an API that repeats what it was sent; and nothing else is altered."""

from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote

import pytest
from ansible_collections.community.northflank.plugins.module_utils import (
    _job_build,
    _job_build_abort,
    _job_build_info,
    _job_build_wait,
)
from ansible_collections.community.northflank.plugins.module_utils._logs import log_text
from ansible_collections.community.northflank.plugins.module_utils._options import HIDDEN, Spec
from ansible_collections.community.northflank.plugins.module_utils._secrets import Secrets, plain, without
from ansible_collections.community.northflank.plugins.module_utils._times import http_date, unix_time
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from hypothesis import HealthCheck, given, settings, strategies as st

PROJECT, JOB = "default-project", "example-job"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"

SECRETS = {
    "word": "correct horse battery staple",
    "lines": 'first secret line\nsecond "secret" line\n',
    "non-ASCII": "pässwörd-ßßß",
    "URL": "https://user:pass@example.com/?a=b&c",
    "JSON": '{"password": "hunter2hunter2"}',
    "backslashes": "C:\\secret\\path\t$HOME",
    "megabyte": "s3cr3t-" * 150_000,
}


def overrides(kind: str, value: str) -> dict:
    """Overrides with a secret in one place."""
    encoded = base64.b64encode(value.encode()).decode()
    return {
        "argument": {"build_arguments": {"NAME_OF_IT": value}},
        "argument in the API's spelling": {"buildArguments": {"NAME_OF_IT": value}},
        "content": {"build_files": {"/NAME_OF_IT": {"content": value}}},
        "data": {"buildFiles": {"/NAME_OF_IT": {"data": encoded}}},
        "mount": {"docker_secret_mounts": {"NAME_OF_IT": {"content": value}}},
        "Dockerfile": {"docker": {"dockerfile_contents": value}},
        "misspelt argument": {"build_argumets": {"NAME_OF_IT": value}},
        "misspelt file": {"build_files": {"/NAME_OF_IT": {"contents": value}}},
        "nested": {"build_arguments": {"NAME_OF_IT": {"deep": [value]}}},
        "file as text": {"build_files": {"/NAME_OF_IT": value}},
    }[kind]


KINDS = [
    "argument",
    "argument in the API's spelling",
    "content",
    "data",
    "mount",
    "Dockerfile",
    "misspelt argument",
    "misspelt file",
    "nested",
    "file as text",
]


def traces(value: str) -> list[str]:
    """What of a secret must not be seen: as it is, as JSON, as sent, and line by line."""
    texts = [value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], base64.b64encode(value.encode()).decode()]
    return [text for text in [*texts, *value.splitlines()] if len(text) >= 6]


@pytest.mark.parametrize("value", SECRETS.values(), ids=SECRETS.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_an_api_that_repeats_secrets(build, fake, kind, value):
    echo = f"You sent {value} and {base64.b64encode(value.encode()).decode()}"
    fake.plan(
        PROJECT, JOB, Script.failure(5, message=echo, log=[(0, line) for line in echo.splitlines()], raw={"newKey": [echo, {"a": echo}]})
    )
    began = time.process_time()
    fake.fault(Fault("json", "start", status=422, body={"error": {"message": echo, "details": {"body": [echo]}}}))
    refused = build(sha=SHA, overrides=overrides(kind, value), diff=True)
    failed = build(sha=SHA, overrides=overrides(kind, value), diff=True, wait=True)
    moved = build(sha=SHA, overrides=overrides(kind, value), check_mode=True, diff=True)
    assert time.process_time() - began < 30
    shown = json.dumps([refused, failed, moved, build.warnings, build.events], ensure_ascii=False)
    for trace in traces(value):
        assert trace not in shown
        assert json.dumps(trace)[1:-1] not in shown
    assert "NAME_OF_IT" in shown or kind == "Dockerfile"
    assert fake.token not in shown
    if failed["error"]["kind"] == "build_failed":
        there = fake.builds(PROJECT, JOB)[-1]
        assert (failed["build"]["id"], failed["build"]["sha"], failed["build"]["status"]) == (there.id, SHA, "FAILURE")
        assert failed["build"]["message"].startswith("You sent ********")


@pytest.mark.parametrize("value", ["1", "main", "true", SHA, "reeze", "FAILURE", "default-project", "example-job", "2026"])
def test_values_that_are_part_of_other_things_alter_nothing(build, fake, value):
    fake.plan(PROJECT, JOB, Script.failure(5))
    given_overrides = {"build_arguments": {"A": value}, "docker_secret_mounts": {"B": {"content": value}}}
    result = build(sha=SHA, overrides=given_overrides, wait=True)
    there = fake.builds(PROJECT, JOB)[-1].view(fake.now())
    assert result["build"]["id"] == there["id"]
    assert (result["build"]["sha"], result["build"]["branch"], result["build"]["status"]) == (SHA, "main", "FAILURE")
    assert (result["build"]["project_id"], result["build"]["job_id"]) == (PROJECT, JOB)
    assert result["build"]["created_at"] == there["createdAt"]
    assert result["build"]["registry"]["uri"] == there["registry"]["uri"]
    assert there["id"] in result["msg"]
    assert result["invocation"]["module_args"]["sha"] == SHA
    assert result["invocation"]["module_args"]["overrides"]["build_arguments"] == {"A": "********"}


@settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5), before=st.text(max_size=10), after=st.text(max_size=10))
def test_scrubbing_finds_every_meaningful_value(values, before, after):
    secrets = Secrets()
    for value in values:
        secrets.add(value)
    for value in values:
        scrubbed = secrets.scrub({"a": [f"{before}{value}{after}"]})["a"][0]
        assert len(value) < 6 or value not in scrubbed


def test_scrubbing_leaves_short_values_and_other_types():
    secrets = Secrets()
    secrets.add("short")
    secrets.add("longer-secret")
    assert secrets.scrub(["short", 1, None, True, "a longer-secret b"]) == ["short", 1, None, True, "a ******** b"]


def test_a_quoted_secret_in_a_redirect(build, fake):
    secret = "correct horse battery"
    fake.fault(Fault("redirect", "job", location=f"https://example.com/?q={secret}"))
    result = build(check_mode=True, overrides={"build_arguments": {"A": secret}})
    assert secret not in json.dumps(result)
    assert quote(secret)  # A URL that quotes it is Northflank's to keep secret: it never was sent one.


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("stdout F This is a log line", "This is a log line"),
        ("2023-04-13T08:18:13.944190216Z stdout F TEST", "TEST"),
        ("2023-04-13T08:18:13.944190216+02:00 stderr P part", "part"),
        ("stdoutF x", "stdoutF x"),
        ("plain", "plain"),
        ("", ""),
        ({"level": "info", "msg": "é"}, '{"level": "info", "msg": "é"}'),
        (None, "null"),
        ("stdout F \x1b[32mgreen\x1b[0m\tand \x1b]0;title\x07text\r", "green\tand text "),
    ],
)
def test_log_text(line, text):
    assert log_text(line) == text


@pytest.mark.parametrize("text", ["plain", "tab\there", "ünïcödé", "emoji \U0001f600"])
def test_plain_leaves_plain_text(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("1970-01-01T00:00:10Z", 10),
        ("1970-01-01T00:00:10.5Z", 10.5),
        ("1970-01-01T00:00:10.123456789Z", 10.123456789),
        ("1970-01-01T01:00:10+01:00", 10),
        ("1969-12-31T23:00:10-0100", 10),
        ("1970-01-01 00:00:10", 10),
        (1606237973, 1606237973),
        (1606237973000, 1606237973),
        (0, 0),
        ("yesterday", None),
        ("2021-13-45T99:99:99Z", None),
        (True, None),
        (None, None),
        (-5, None),
        (10**30, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_unix_time(value, moment):
    assert unix_time(value) == (None if moment is None else pytest.approx(moment))


@pytest.mark.parametrize(
    ("text", "moment"), [("Thu, 01 Jan 1970 00:00:10 GMT", 10), ("soon", None), ("", None), (None, None), ("Thu, 99 Foo", None)]
)
def test_http_date(text, moment):
    assert http_date(text) == moment


def test_overlapping_secrets_are_masked_whole():
    secrets = Secrets()
    secrets.add("abcdef-1234")
    secrets.add("1234-a-very-long-secret")
    assert secrets.scrub("x abcdef-1234-a-very-long-secret y") == "x ******** y"


def test_many_lines_that_begin_alike():
    secrets = Secrets()
    secrets.add("\n".join(f"line number {number:08}" for number in range(20_000)))
    assert secrets.scrub(["line number 00000007"] * 2000) == ["********"] * 2000
    assert secrets.scrub("line number elsewhere") == "line number elsewhere"


def options(spec: Spec) -> dict[str, dict]:
    """All options, suboptions included."""
    found = dict(spec)
    for option in spec.values():
        found.update(options(option.get("options", {})))
    return found


@pytest.mark.parametrize("module", [_job_build, _job_build_abort, _job_build_info, _job_build_wait])
def test_ansible_hides_the_token_alone_by_its_value(module):
    found = options(module.OPERATION.argument_spec)
    assert [name for name, option in found.items() if option.get("no_log")] == ["api_token"]
    assert {name for name, option in found.items() if "no_log" in option} <= HIDDEN


def test_the_token_is_replaced_in_texts_alone():
    given = {"msg": "a t0ken", "t0ken": [None, True, 1.5, {"whole": "t0ken"}]}
    assert without(given, "t0ken") == {"msg": "a ********", "t0ken": [None, True, 1.5, {"whole": "********"}]}
