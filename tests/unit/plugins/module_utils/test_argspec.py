# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which options there are, what they may be, and which of them are secret."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _errors as errors
from ansible_collections.community.northflank.plugins.module_utils._argspec import (
    BUILD,
    COMMON,
    JOB,
    RUN,
    SECRET_OPTIONS,
    WAIT,
    Spec,
    check_ranges,
    mask_arguments,
    type_problems,
)
from ansible_collections.community.northflank.tests.simulation import OPERATIONS

MODULES = [operation for operations in OPERATIONS.values() for operation in operations.values()]
SPEC: Spec = {**COMMON, **JOB, **BUILD, **WAIT}
SECRET = "the-secret-value"
M = "********"
DICTIONARIES = ("build_arguments", "buildArguments", "build_files", "buildFiles", "docker_secret_mounts", "dockerSecretMounts", "docker")


def options(spec: Spec) -> dict[str, dict[str, t.Any]]:
    """All options, suboptions included."""
    found = dict(spec)
    for option in spec.values():
        found.update(options(option.get("options", {})))
    return found


@pytest.mark.parametrize("module", MODULES)
def test_ansible_hides_the_token_alone_by_its_value(module):
    found = options(module.argument_spec)
    assert [name for name, option in found.items() if option.get("no_log")] == ["api_token"]
    assert {name for name, option in found.items() if "no_log" in option} <= SECRET_OPTIONS


@pytest.mark.parametrize("module", MODULES)
def test_the_spelling_of_the_api_is_an_alias_at_every_level(module):
    ours = {"api_token", "api_url", "api_timeout", "api_retries", "validate_certs", "ca_path", "log_lines", "fail_fast"}
    for name, option in options(module.argument_spec).items():
        if "_" in name and name not in ours and not name.startswith(("wait_", "abort_", "follow_")):
            first, *others = name.split("_")
            [alias] = option["aliases"]
            assert alias.replace("SHA", "Sha") == first + "".join(map(str.capitalize, others))


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (True, "True"), (10, "10"), (-(10**27), "-1" + "0" * 27), (10**29, "a number of 30 digits"), (10**4000, "of 4001 digits")],
)
def test_a_number_outside_its_limits_is_refused_in_few_words(number, shown):
    with pytest.raises(errors.InvalidArgumentsError, match="give 1 or more, and at most 9") as caught:
        check_ranges({"n": number}, n=(1, 9))
    assert shown in caught.value.message
    assert len(caught.value.message) < 100
    for good in (1, 9):
        check_ranges({"n": good}, n=(1, 9))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        *(
            ({"overrides": "A=1"}, "overrides is text, but takes a dictionary. Write its names"),
            ({"overrides": 5}, "overrides is a number"),
        ),
        *(({"overrides": ""}, "overrides is empty, but takes a dictionary. To leave it out"), ({"overrides": [{}]}, "overrides is a list")),
        *((({"overrides": {name: SECRET}}), f"overrides.{name} is text, but takes a dictionary.") for name in DICTIONARIES),
        *(
            ({"overrides": {"docker": True}}, "overrides.docker is a boolean"),
            ({"overrides": {"buildFiles": ["/a"]}}, "buildFiles is a list"),
        ),
        *(({name: 1.1}, f"{name} is a floating-point number, but takes text. Quote it") for name in ("sha", "jobId", "team_id", "ca_path")),
        *(
            ({"sha": False}, "sha is a boolean, but takes text. Quote it"),
            ({"job_id": [SECRET]}, "job_id is a list, but takes text. If it"),
        ),
        ({"overrides": {"docker": {"dockerfileContents": [SECRET]}}}, "overrides.docker.dockerfileContents is a list, but takes text."),
        ({"overrides": {"docker": {"dockerfileContents": "a\0"}}}, "overrides.docker.dockerfileContents is not text: it has a NUL"),
        *(({"job_id": "a\udce9"}, "job_id is not text: it has a NUL or bytes that are not UTF-8 in it."), ({"ca_path": "a\udce9"}, "")),
        *(
            ({"api_timeout": value}, "api_timeout is a floating-point number, but takes a whole")
            for value in (1.5, float("inf"), float("nan"))
        ),
        *(({"overrides": None, "sha": None, "team_id": 7, "api_timeout": "x", "shaa": 1.1}, ""), ({"overrides": {"docker": None}}, "")),
        ({"overrides": {"build_arguments": {"A": 1.1}, "buildFiles": {"/a": "x"}, "docker": {}}}, ""),
    ],
)
def test_what_ansible_would_convert_in_silence_is_named(given, problem):
    found = next(type_problems(SPEC, given), "")
    assert problem in found
    assert bool(found) is bool(problem)
    assert SECRET not in found


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        *(({"build_arguments": {"A": SECRET, "B": None}}, {"build_arguments": {"A": M, "B": None}}), (SECRET, M), ([SECRET], [M])),
        *(
            ({"buildArguments": {"A": [SECRET]}}, {"buildArguments": {"A": [M]}}),
            ({"build_argumets": {"A": SECRET}}, {"build_argumets": {"A": M}}),
        ),
        *(({"buildFiles": {"/a": {"content": {"b": SECRET}, "src": "c"}}}, {"buildFiles": {"/a": {"content": {"b": M}, "src": "c"}}}),),
        *(
            (
                {"docker_secret_mounts": {"a": {"data": SECRET, "misspelt": SECRET}}},
                {"docker_secret_mounts": {"a": {"data": M, "misspelt": M}}},
            ),
        ),
        *(({"build_files": {"/a": SECRET}}, {"build_files": {"/a": M}}), ({"build_files": SECRET}, {"build_files": M})),
        *(
            (
                {"docker": {"dockerfileContents": SECRET, "dockerFilePath": "/D"}},
                {"docker": {"dockerfileContents": M, "dockerFilePath": "/D"}},
            ),
        ),
    ],
)
def test_secrets_in_overrides_are_masked_by_their_place_and_all_else_is_shown(given, shown):
    masked, secrets = mask_arguments(SPEC, {"overrides": given})
    assert masked == {"overrides": shown}
    assert {value for value, _where in secrets} == {SECRET}
    assert all(where.startswith("overrides") for _value, where in secrets)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        *(({"sha": "abc", "log_lines": 5, "project_id": None},) * 2, ({"api_token": SECRET}, {"api_token": M}), (SECRET, M), (None, None)),
        *(({"api_tokn": SECRET}, {"api_tokn": M}), ({"sha": {"A": SECRET}}, {"sha": {"A": M}}), ({"ca_path": [SECRET]}, {"ca_path": [M]})),
    ],
)
def test_options_are_shown_if_they_are_no_secrets_and_what_they_ought_to_be(given, shown):
    assert mask_arguments(SPEC, given)[0] == shown


def test_secrets_of_a_run_are_masked_by_their_place():
    given = {
        "runtimeEnvironment": {"A": SECRET},
        "runtime_files": {"/a": {"content": SECRET, "encoding": "utf-8"}},
        "deployment": {"external": {"imagePath": "app:1", "credentials": SECRET}, "docker": {"customCommand": "npm start"}},
    }
    masked, secrets = mask_arguments(RUN, given)
    assert json.dumps(masked) == json.dumps(given).replace(SECRET, M)
    assert [secret for secret, _path in secrets] == [SECRET] * 3


@pytest.mark.parametrize(("value", "secrets"), [(1, ["1"]), (1.5, ["1.5"]), (True, []), (None, [])])
def test_numbers_are_secrets_and_booleans_are_none(value, secrets):
    masked, found = mask_arguments(SPEC, {"overrides": {"build_arguments": {"A": value}}})
    assert found == [(secret, "overrides.build_arguments.A") for secret in secrets]
    assert masked["overrides"]["build_arguments"]["A"] == (None if value is None else M)
