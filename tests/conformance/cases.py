# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is compared: one row of data for each call, with whom the collection follows there, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

SDK = "Python SDK"
JS = "JavaScript client"
CLI = "CLI"
OURS = "ours"
CLIENTS = (SDK, JS, CLI)

PROJECT = "default-project"
JOB = "example-job"
TEAM = "example-team"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
BUILD_ID = "premium-guide-6393"
# The CLI asks for the run of a job at its terminal where none is given; its own help gives this example of one.
RUN_ID = "162b1977-6636-4000-929b-cc265b862ff0"


@dataclass(frozen=True)
class Differs:
    """Sends the request of the followed client, changed in these places and in no other."""

    says: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Refuses:
    """Sends nothing and fails; ``error`` is a regular expression found in what it prints."""

    says: str
    error: str


@dataclass(frozen=True, eq=False)
class Case:
    """One call, made by each client and by the collection from the same input.

    ``data`` is the body to send and ``options`` are the query parameters that the clients are asked for, both in the
    API's own spelling; ``ours`` are the options of our module that ask for the same as ``options``. ``exceptions``
    names each participant that does not send what the followed client sends.
    """

    title: str
    operation: str  # an endpoint of the embedded API: start, get, list, logs or abort, or the same of runs: run_start …
    follows: str
    why: str = ""
    data: Any = None
    options: Mapping[str, Any] = field(default_factory=dict)
    ours: Mapping[str, Any] = field(default_factory=dict)
    team_id: str | None = None
    job_id: str = JOB
    exceptions: Mapping[str, Differs | Refuses] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the call is about: a `build` or a `run`."""
        return "run" if self.operation.startswith("run_") else "build"


OVERRIDES = {
    "buildArguments": {"ARGUMENT_1": "abcdef", "ARGUMENT_2": "12345", "GREETING": "Grüße, «world» ☃", "EMPTY": ""},
    "buildFiles": {"/dir/fileName": {"data": "aGVsbG8gYnVpbGQK", "encoding": "utf-8"}},
    "dockerSecretMounts": {"example-secret-mount_1": {"data": "aGVsbG8gbW91bnQK", "encoding": "utf-8"}},
    "docker": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/", "dockerfileTarget": "release"},
}
NO_TEAMS = {CLI: Refuses("knows no --teamId", r"unknown option '--teamId'")}
FILES = {"/dir/fileName": {"data": "aGVsbG8gcnVuCg==", "encoding": "utf-8"}}
RUN_OPTIONS = {
    "runtimeEnvironment": {"VARIABLE_1": "abcdef", "VARIABLE_2": "12345", "GREETING": "Grüße, «world» ☃", "EMPTY": ""},
    "runtimeFiles": FILES,
    "dockerSecretMounts": {"example-secret-mount_1": FILES["/dir/fileName"]},
    "billing": {"deploymentPlan": "nf-compute-20"},
}
RUNTIME = {
    "docker": {"configType": "customEntrypointCustomCommand", "customEntrypoint": "/bin/sh", "customCommand": "npm run migrate"},
    "storage": {"ephemeralStorage": {"storageSize": 1024}, "shmSize": 64},
}
LISTED = {"options": {"per_page": 100}, "ours": {"limit": 0}}
LAST_LINES = {"options": {"lineLimit": 3, "direction": "backward"}, "ours": {"log_lines": 3}}
NO_LOG_RANGE = {SDK: Refuses("fetches logs of services only", r"no attribute 'fetch_job_logs'")}

_OF_NO_TEAM = (
    Case("start, {}", "start", JS, data={}),
    Case("start, sha", "start", JS, data={"sha": SHA}),
    Case(
        "start, every override",
        "start",
        JS,
        "the CLI's schema lacks buildFiles and dockerSecretMounts, yet it sends them unchanged",
        data={"sha": SHA, "overrides": OVERRIDES},
    ),
    Case(
        "start, inline Dockerfile",
        "start",
        SDK,
        "the documentation names dockerfileContents, too; the other two pass on what they do not know",
        data={"overrides": {"docker": {"dockerfileContents": "FROM scratch\n"}}},
    ),
    Case(
        "start, odd job id",
        "start",
        JS,
        "an id is encoded whole, so that it stays inside its place in the path",
        data={"sha": SHA},
        job_id="ex ample/../x?y=1#z",
    ),
    Case("get", "get", JS),
    Case("list, 100 a page", "list", JS, "to the last page, by cursor, the page size repeated with each", **LISTED),
    Case(
        "list, page size left open",
        "list",
        JS,
        "left open it is 50; ours always asks for the 100 that the API allows, for half the requests",
        ours={"limit": 0},
        exceptions={OURS: Differs("per_page=100", query={"per_page": "100"})},
    ),
    Case(
        "logs, last lines",
        "logs",
        JS,
        "the documented parameters; runId is not one, and only the CLI cannot do without",
        **LAST_LINES,
        exceptions={**NO_LOG_RANGE, CLI: Differs("adds runId", query={"runId": RUN_ID})},
    ),
    Case("abort", "abort", JS, "no body"),
    Case("run_start, {}", "run_start", JS, data={}),
    Case(
        "run_start, every option, the image of a build",
        "run_start",
        JS,
        data={**RUN_OPTIONS, "deployment": {**RUNTIME, "internal": {"branch": "main", "buildSHA": SHA, "buildId": BUILD_ID}}},
    ),
    Case(
        "run_start, an image of a registry",
        "run_start",
        JS,
        data={
            "deployment": {
                "external": {"imagePath": "docker.io/library/alpine:3.20", "credentials": "example-credentials"},
                "buildpack": {"configType": "customProcess", "customProcess": "worker"},
            }
        },
    ),
    Case("run_get", "run_get", JS),
    Case("run_list, 100 a page", "run_list", JS, "to the last page, by cursor, the page size repeated with each", **LISTED),
    Case("run_logs, last lines", "run_logs", JS, "the documented parameters", **LAST_LINES, exceptions=NO_LOG_RANGE),
    Case("run_abort", "run_abort", JS, "no body"),
)
_FIRST = {case.operation: case for case in reversed(_OF_NO_TEAM)}
# The JavaScript client, the SDK and the documentation agree.
_OF_A_TEAM = (
    replace(case, title=f"{case.title}, team", team_id=TEAM, exceptions={**case.exceptions, **NO_TEAMS}) for case in _FIRST.values()
)
CASES = (*_OF_NO_TEAM, *_OF_A_TEAM)
