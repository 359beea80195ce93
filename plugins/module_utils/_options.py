# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Argument specs. Their documentation is in C(plugins/doc_fragments/northflank.py) and in each module; a check keeps the two equal.

Options are the API's names in snake_case; the API's own spelling is an alias at every level.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import env_fallback

from . import _errors as errors
from ._secrets import leaves, mask_all

Spec = dict[str, dict[str, t.Any]]

COMMON: Spec = {
    "api_token": {
        "type": "str",
        "required": True,
        "no_log": True,
        "fallback": (env_fallback, ["NORTHFLANK_API_TOKEN", "NF_API_TOKEN"]),
    },
    "api_url": {
        "type": "str",
        "default": "https://api.northflank.com",
        # The order of the official Python SDK, northflank 2.1.0.
        "fallback": (env_fallback, ["NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST"]),
    },
    "team_id": {"type": "str", "aliases": ["teamId"]},
    "timeout": {"type": "int", "default": 30},
    "retries": {"type": "int", "default": 3},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

JOB: Spec = {
    "project_id": {"type": "str", "required": True, "aliases": ["projectId"]},
    "job_id": {"type": "str", "required": True, "aliases": ["jobId"]},
}

FILE: Spec = {
    "data": {"type": "str"},
    "content": {"type": "raw"},
    "src": {"type": "path"},
    "encoding": {"type": "str"},
}
"""One value of C(build_files) and C(docker_secret_mounts). Their keys are free, so Ansible cannot check them as suboptions."""

FILE_KINDS = ("data", "content", "src")

OVERRIDES: Spec = {
    "build_arguments": {"type": "dict", "aliases": ["buildArguments"]},
    "build_files": {"type": "dict", "aliases": ["buildFiles"]},
    # Said because of the name; see HIDDEN.
    "docker_secret_mounts": {"type": "dict", "aliases": ["dockerSecretMounts"], "no_log": False},
    "docker": {
        "type": "dict",
        "options": {
            "docker_file_path": {"type": "str", "aliases": ["dockerFilePath"]},
            "docker_work_dir": {"type": "str", "aliases": ["dockerWorkDir"]},
            "dockerfile_target": {"type": "str", "aliases": ["dockerfileTarget"]},
            "dockerfile_contents": {"type": "str", "aliases": ["dockerfileContents"]},
        },
    },
}

START: Spec = {
    "sha": {"type": "str"},
    "overrides": {"type": "dict", "options": OVERRIDES},
}

HIDDEN = frozenset({"api_token", "build_arguments", "build_files", "docker_secret_mounts", "dockerfile_contents", "data", "content"})
"""Options whose values are shown nowhere. L(split) masks them where they stand.

C(no_log) is for the token alone: what has it, Ansible removes by value, from the module's result and since ansible-core 2.22 from
everything that the rest of the play prints. A build argument C(1) would damage each id, sha and time with a 1 in it.
"""

WAITING: Spec = {
    "wait_timeout": {"type": "int", "default": 1800},
    "wait_interval": {"type": "int", "default": 10},
    "abort_on_timeout": {"type": "bool", "default": False},
    "log_lines": {"type": "int", "default": 50},
    "progress": {"type": "bool", "default": True},
    "follow_logs": {"type": "bool", "default": False},
}

DAY = 86_400
"""Seconds."""

MANY = 1_000_000
"""Seconds for a wait (eleven days), lines of a log, builds: more is a mistake."""

BUILD_ID: Spec = {"build_id": {"type": "str", "aliases": ["buildId"]}}


def optional(spec: Spec) -> Spec:
    """The same options, none of them required."""
    return {name: {**option, "required": False} for name, option in spec.items()}


def between(params: dict[str, t.Any], **limits: tuple[int, int]) -> None:
    """Check that numbers make sense.

    :raises InvalidArgumentsError: one is too small or too large.
    """
    for name, (least, most) in limits.items():
        if not least <= params[name] <= most:
            given = str(params[name])
            shown = given if len(given) < 30 else f"a number of {len(given)} digits"
            raise errors.InvalidArgumentsError(f"{name} is {shown}; give {least} or more, and at most {most}.")


def split(spec: Spec, params: t.Any) -> tuple[t.Any, list[str]]:
    """Part a task's arguments by its argument spec, position by position.

    :returns: the arguments as they may be shown, and the values that may not be. What the spec does not
        know may be a misspelt secret, so it counts as one.
    """
    if not isinstance(params, dict):
        return mask_all(params), list(leaves(params))
    known = {name: (option, part) for option, part in spec.items() for name in (option, *part.get("aliases", ()))}
    shown: dict[str, t.Any] = {}
    hidden: list[str] = []
    for name, value in params.items():
        option, part = known.get(name, ("", {}))
        if "options" in part:
            shown[name], more = split(part["options"], value)
        elif option in ("build_files", "docker_secret_mounts") and isinstance(value, dict):
            files = {key: split(FILE, item) for key, item in value.items()}
            shown[name] = {key: file[0] for key, file in files.items()}
            more = [text for file in files.values() for text in file[1]]
        elif option in HIDDEN or not option:
            shown[name], more = mask_all(value), list(leaves(value))
        elif isinstance(value, (dict, list)) and part.get("type") in ("str", "path"):
            # Not what belongs here, so it may be anything.
            shown[name], more = mask_all(value), list(leaves(value))
        else:
            shown[name], more = value, []
        hidden += more
    return shown, hidden
