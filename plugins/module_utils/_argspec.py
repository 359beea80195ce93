# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs, and the checks and masking based on them.

Their documentation is in `plugins/doc_fragments/` and in each module; sanity tests compare the two. Options are the API's names in
snake_case, with the API's spelling as an alias at every level.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import env_fallback

from . import _errors as errors
from ._masking import iter_secrets, mask_values

Spec = dict[str, dict[str, t.Any]]

URL_VARIABLES = ["NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST"]  # In the order of the official Python SDK, northflank 2.1.0.

COMMON: Spec = {
    "api_token": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["NORTHFLANK_API_TOKEN", "NF_API_TOKEN"])},
    "api_url": {"type": "str", "default": "https://api.northflank.com", "fallback": (env_fallback, URL_VARIABLES)},
    "team_id": {"type": "str", "aliases": ["teamId"]},
    "api_timeout": {"type": "int", "default": 30},
    "api_retries": {"type": "int", "default": 3},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

JOB: Spec = {
    "project_id": {"type": "str", "required": True, "aliases": ["projectId"]},
    "job_id": {"type": "str", "required": True, "aliases": ["jobId"]},
}

FILE: Spec = {"data": {"type": "str"}, "content": {"type": "raw"}, "src": {"type": "path"}, "encoding": {"type": "str"}}
"""One value of `build_files` and `docker_secret_mounts`. Their keys are arbitrary, so Ansible cannot check the values as suboptions."""

FILE_SOURCES = ("data", "content", "src")

DOCKER: Spec = {
    "docker_file_path": {"type": "str", "aliases": ["dockerFilePath"]},
    "docker_work_dir": {"type": "str", "aliases": ["dockerWorkDir"]},
    "dockerfile_target": {"type": "str", "aliases": ["dockerfileTarget"]},
    "dockerfile_contents": {"type": "str", "aliases": ["dockerfileContents"]},
}

OVERRIDES: Spec = {
    "build_arguments": {"type": "dict", "aliases": ["buildArguments"]},
    "build_files": {"type": "dict", "aliases": ["buildFiles"]},
    # Without no_log, Ansible warns because of the name.
    "docker_secret_mounts": {"type": "dict", "aliases": ["dockerSecretMounts"], "no_log": False},
    "docker": {"type": "dict", "options": DOCKER},
}

BUILD: Spec = {"sha": {"type": "str"}, "overrides": {"type": "dict", "options": OVERRIDES}}

FILE_OPTIONS = ("build_files", "docker_secret_mounts")

SECRET_OPTIONS = {*FILE_OPTIONS, "api_token", "build_arguments", "dockerfile_contents", "data", "content"}
"""Options whose values are never shown; `mask_arguments` masks them.

Only the token has `no_log`: Ansible masks `no_log` values wherever they occur (since ansible-core 2.22 in all later output of the play),
so a build argument `1` would damage every ID, SHA, and time that contains a 1.
"""

WAIT: Spec = {
    "wait_timeout": {"type": "int", "default": 1800},
    "wait_interval": {"type": "int", "default": 10, "aliases": ["wait_sleep"]},
    "abort_on_timeout": {"type": "bool", "default": False},
    "log_lines": {"type": "int", "default": 50},
    "progress": {"type": "bool", "default": True},
    "follow_logs": {"type": "bool", "default": False},
}

BUILD_ID: Spec = {"build_id": {"type": "str", "aliases": ["buildId"]}}

DAY = 86_400  # Seconds.
MILLION = 1_000_000  # Seconds of a wait (eleven days), lines of a log, builds in a list; more is a mistake.


def optional(spec: Spec) -> Spec:
    """Return the same options, none of them required."""
    return {name: {**option, "required": False} for name, option in spec.items()}


def check_ranges(params: dict[str, t.Any], **limits: tuple[int, int]) -> None:
    """Raise InvalidArgumentsError if a number is outside its limits, which are inclusive."""
    for name, (least, most) in limits.items():
        if not least <= params[name] <= most:
            given = str(params[name])
            shown = given if len(given) < 30 else f"a number of {len(given)} digits"
            raise errors.InvalidArgumentsError(f"{name} is {shown}; give {least} or more, and at most {most}.")


def mask_arguments(spec: Spec, params: t.Any, where: str = "") -> tuple[t.Any, list[tuple[str, str]]]:
    """Return a masked copy of a task's arguments, and the secret values with their paths.

    An unknown option counts as a secret: it may be a typo.
    """
    if not isinstance(params, dict):
        return mask_values(params), list(iter_secrets(params, where))
    known = {name: (option, details) for option, details in spec.items() for name in (option, *details.get("aliases", ()))}
    shown: dict[str, t.Any] = {}
    secrets: list[tuple[str, str]] = []
    for name, value in params.items():
        option, details = known.get(name, ("", {}))
        path = f"{where}.{option or name}".lstrip(".")
        if option in FILE_OPTIONS and isinstance(value, dict):
            details = {"options": {key: {"options": FILE} for key in value}}
        if "options" in details:
            shown[name], more = mask_arguments(details["options"], value, path)
        # Where a string belongs, a structure may contain anything.
        elif not option or option in SECRET_OPTIONS or (isinstance(value, (dict, list)) and details.get("type") in ("str", "path")):
            shown[name], more = mask_values(value), list(iter_secrets(value, path))
        else:
            shown[name], more = value, []
        secrets += more
    return shown, secrets
