# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specs, and the checks and masking based on them.

Their documentation is in `plugins/doc_fragments/` and in each module; sanity tests compare the two. Options are the API's names in
snake_case, with the API's spelling as an alias at every level.
"""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.common.parameters import env_fallback

from . import _errors as errors
from ._masking import iter_secrets, mask_values

Spec = dict[str, dict[str, t.Any]]


def api_options(*names: str, **details: t.Any) -> Spec:
    """Return an option for each of the API's names: in snake_case, with the API's spelling as an alias. All have the same `details`."""
    options = {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower(): name for name in names}
    return {option: {**details, "aliases": [name]} if name != option else details for option, name in options.items()}


def in_api_spelling(spec: Spec, given: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return validated options with the API's names, without those that are not set."""
    return {
        details.get("aliases", [name])[0]: in_api_spelling(details["options"], given[name]) if "options" in details else given[name]
        for name, details in spec.items()
        if given.get(name) is not None
    }


URL_VARIABLES = ["NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST"]  # In the order of the official Python SDK, northflank 2.1.0.

COMMON: Spec = {
    "api_token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["NORTHFLANK_API_TOKEN", "NF_API_TOKEN"])},
    "api_url": {"type": "str", "default": "https://api.northflank.com", "fallback": (env_fallback, URL_VARIABLES)},
    **api_options("teamId", type="str"),
    "api_timeout": {"type": "int", "default": 30},
    "api_retries": {"type": "int", "default": 3},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
}

JOB: Spec = api_options("projectId", "jobId", type="str", required=True)

FILE: Spec = {"data": {"type": "str"}, "content": {"type": "raw"}, "src": {"type": "path"}, "encoding": {"type": "str"}}
"""One value of an option in FILE_OPTIONS. Their keys are arbitrary, so Ansible cannot check the values as suboptions."""

FILE_SOURCES = ("data", "content", "src")

# Without no_log, Ansible warns because of the name.
_SECRET_MOUNTS: Spec = api_options("dockerSecretMounts", type="dict", no_log=False)

DOCKER: Spec = api_options("dockerFilePath", "dockerWorkDir", "dockerfileTarget", "dockerfileContents", type="str")

OVERRIDES: Spec = {
    **api_options("buildArguments", "buildFiles", type="dict"),
    **_SECRET_MOUNTS,
    "docker": {"type": "dict", "options": DOCKER},
}

BUILD: Spec = {"sha": {"type": "str"}, "overrides": {"type": "dict", "options": OVERRIDES}}

_COMMAND: Spec = api_options("customEntrypoint", "customCommand", type="str")
_DOCKER_TYPES = ["default", "customEntrypoint", "customCommand", "customEntrypointCustomCommand"]
_BUILDPACK_TYPES = ["default", "customProcess", "customCommand", "customEntrypointCustomCommand", "originalEntrypointCustomCommand"]

RUNTIMES: dict[str, Spec] = {
    "docker": {**api_options("configType", type="str", required=True, choices=_DOCKER_TYPES), **_COMMAND},
    "buildpack": {
        **api_options("configType", type="str", required=True, choices=_BUILDPACK_TYPES),
        **api_options("customProcess", type="str"),
        **_COMMAND,
    },
}

STORAGE: Spec = {
    **api_options("ephemeralStorage", type="dict", options=api_options("storageSize", type="int")),
    **api_options("shmSize", type="int"),
    **api_options("useHdbStorage", "usePdSsdStorage", type="bool"),
}

DEPLOYMENT: Spec = {
    "internal": {"type": "dict", "options": api_options("id", "branch", "buildSHA", "buildId", type="str")},
    "external": {
        "type": "dict",
        "options": {**api_options("imagePath", type="str", required=True), **api_options("credentials", type="str")},
    },
    **{name: {"type": "dict", "options": options} for name, options in RUNTIMES.items()},
    "storage": {"type": "dict", "options": STORAGE},
}

RUN: Spec = {
    **api_options("runtimeEnvironment", "runtimeFiles", type="dict"),
    **_SECRET_MOUNTS,
    "billing": {"type": "dict", "options": api_options("deploymentPlan", type="str")},
    "deployment": {"type": "dict", "options": DEPLOYMENT},
}

FILE_OPTIONS = ("build_files", "runtime_files", "docker_secret_mounts")

_OTHER_SECRET_OPTIONS = ("api_token", "build_arguments", "runtime_environment", "dockerfile_contents", "data", "content", "credentials")

SECRET_OPTIONS = {*FILE_OPTIONS, *_OTHER_SECRET_OPTIONS}
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

BUILD_ID: Spec = api_options("buildId", type="str")

DAY = 86_400  # Seconds.
MILLION = 1_000_000  # Seconds of a wait (eleven days), lines of a log, builds in a list; more is a mistake.

QUOTE_IT = "Quote it: without quotes, YAML reads 1.10 as 1.1 and NO as false. If it comes from a template, add the filter string."

LEAVE_OUT = "To leave it out where a variable is unset or empty, use the filter default(omit, true)."

_KINDS = {bool: "a boolean", int: "a number", float: "a floating-point number", list: "a list", dict: "a dictionary"}


def optional(spec: Spec) -> Spec:
    """Return the same options, none of them required."""
    return {name: {**option, "required": False} for name, option in spec.items()}


def check_ranges(params: dict[str, t.Any], **limits: tuple[int, int]) -> None:
    """Raise InvalidArgumentsError if a number is outside its limits, which are inclusive."""
    for name, (least, most) in limits.items():
        # To Ansible, true is a number.
        if isinstance(params[name], bool) or not least <= params[name] <= most:
            given = str(params[name])
            shown = given if len(given) < 30 else f"a number of {len(given)} digits"
            raise errors.InvalidArgumentsError(f"{name} is {shown}; give {least} or more, and at most {most}.")


def text_problem(text: str) -> str:
    """Return why text cannot be sent, or an empty string. Bytes of a file that is not text reach a task as lone surrogates."""
    if re.search("[\0\ud800-\udfff]", text):
        advice = "If it is a file, use src, or its base64 in data."
        return f"is not text: it has a NUL or bytes that are not UTF-8 in it. {advice}"
    return ""


def type_problems(spec: Spec, given: dict[str, t.Any], where: str = "") -> t.Iterator[str]:
    """Yield an error for each text that cannot be sent, and for each value that Ansible would silently convert to a dictionary or to text.

    For use before Ansible's own check. Whole numbers pass as text.
    """
    known = _by_name(spec)
    for name, value in given.items():
        details = known[name][1] if name in known else {}
        kind = next((words for kind, words in _KINDS.items() if isinstance(value, kind)), "text") if value != "" else "empty"
        if details.get("type") == "dict" and not isinstance(value, (dict, type(None))):
            advice = LEAVE_OUT if value == "" else "Write its names and values below it in YAML; text in JSON needs the filter from_json."
            yield f"{where}{name} is {kind}, but takes a dictionary. {advice}"
        elif "options" in details and value is not None:
            yield from type_problems(details["options"], value, f"{where}{name}.")
        elif details.get("type") in ("str", "path") and isinstance(value, (dict, list)):
            yield f"{where}{name} is {kind}, but takes text. If it comes from query, use lookup instead."
        elif details.get("type") in ("str", "path") and isinstance(value, (bool, float)):
            yield f"{where}{name} is {kind}, but takes text. {QUOTE_IT}"
        elif details.get("type") == "str" and isinstance(value, str) and text_problem(value):
            yield f"{where}{name} {text_problem(value)}"
        elif details.get("type") == "int" and isinstance(value, float) and not value.is_integer():
            yield f"{where}{name} is {kind}, but takes a whole number."


def _by_name(spec: Spec) -> dict[str, tuple[str, dict[str, t.Any]]]:
    """Return each option and its details by its name and its aliases."""
    return {name: (option, details) for option, details in spec.items() for name in (option, *details.get("aliases", ()))}


def mask_arguments(spec: Spec, params: t.Any, where: str = "") -> tuple[t.Any, list[tuple[str, str]]]:
    """Return a masked copy of a task's arguments, and the secret values with their paths.

    An unknown option counts as a secret: it may be a typo.
    """
    if not isinstance(params, dict):
        return mask_values(params), list(iter_secrets(params, where))
    known = _by_name(spec)
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
