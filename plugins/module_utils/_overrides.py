# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""The overrides of a start: a task's arguments as the API takes them, refused where it could not make sense of them."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from . import _errors as errors
from ._options import FILE, FILE_KINDS

_PATTERNS = {
    "docker_file_path": (
        r"/([a-zA-Z0-9-._]+/)*[a-zA-Z0-9-._]+",
        "a path that begins with '/' and consists of letters, digits, '-', '.' and '_', like /docker/Dockerfile",
    ),
    "docker_work_dir": (
        r"/([a-zA-Z0-9-._]+/)*[a-zA-Z0-9-._]*",
        "a path that begins with '/' and consists of letters, digits, '-', '.' and '_', like /app",
    ),
    "dockerfile_target": (r"[a-zA-Z0-9-_]+", "the name of a stage: letters, digits, '-' and '_'"),
}
"""The API's own patterns."""


def overrides_body(overrides: dict[str, t.Any], remember: t.Callable[[str], None]) -> dict[str, t.Any]:
    """The overrides in the body of a start: exactly those that were given.

    :arg remember: told each secret that only comes to light here (the text of a file).
    :raises InvalidArgumentsError: the API would refuse it, or could not make sense of it.
    """
    given = {
        "buildArguments": _build_arguments(overrides.get("build_arguments")),
        "buildFiles": _files("build_files", overrides.get("build_files"), remember),
        "dockerSecretMounts": _files("docker_secret_mounts", overrides.get("docker_secret_mounts"), remember),
        "docker": _docker(overrides.get("docker")),
    }
    return {key: value for key, value in given.items() if value is not None}


def _build_arguments(given: dict[str, t.Any] | None) -> dict[str, str] | None:
    if given is None:
        return None
    sent = {}
    for name, value in given.items():
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif not isinstance(value, (str, int, float)):
            what = "empty (null)" if value is None else f"a {'list' if isinstance(value, (list, tuple)) else 'dictionary'}"
            raise errors.InvalidArgumentsError(
                f"overrides.build_arguments[{name!r}] is {what}, but a build argument is one text. "
                "Give a string, a number or a boolean; write '' for an empty one."
            )
        if not str(name):
            raise errors.InvalidArgumentsError(
                "overrides.build_arguments has an argument without a name. Give it the name that the Dockerfile declares with ARG."
            )
        sent[str(name)] = str(value)
    return sent


def _docker(given: dict[str, t.Any] | None) -> dict[str, str] | None:
    if given is None:
        return None
    api_names = {
        "docker_file_path": "dockerFilePath",
        "docker_work_dir": "dockerWorkDir",
        "dockerfile_target": "dockerfileTarget",
        # Only the Python SDK 2.1.0 knows it.
        "dockerfile_contents": "dockerfileContents",
    }
    for name, (pattern, shape) in _PATTERNS.items():
        if given.get(name) is not None and not re.fullmatch(pattern, given[name]):
            raise errors.InvalidArgumentsError(f"overrides.docker.{name} {given[name]!r} is not {shape}.")
    return {api_name: given[name] for name, api_name in api_names.items() if given.get(name) is not None}


def _files(option: str, given: dict[str, t.Any] | None, remember: t.Callable[[str], None]) -> dict[str, t.Any] | None:
    if given is None:
        return None
    sent = {}
    for name, value in given.items():
        where = f"overrides.{option}[{name!r}]"
        if option == "build_files" and not str(name).startswith("/"):
            raise errors.InvalidArgumentsError(f"{where}: a build file is named by the absolute path it gets, so this must begin with '/'.")
        if not str(name):
            raise errors.InvalidArgumentsError(f"{where}: the ID of the secret mount is empty. Give the ID that the Dockerfile mounts.")
        sent[str(name)] = _file(where, value, remember)
    return sent


def _file(where: str, given: t.Any, remember: t.Callable[[str], None]) -> dict[str, str]:
    """One file as the API takes it: base64 and the name of an encoding."""
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(f"{where} must be a dictionary with one of {', '.join(FILE_KINDS)}.")
    validator = ArgumentSpecValidator(FILE, mutually_exclusive=[FILE_KINDS], required_one_of=[FILE_KINDS])
    checked = validator.validate({key: value for key, value in given.items() if value is not None})
    if checked.error_messages:
        raise errors.InvalidArgumentsError(f"{where}: {'; '.join(checked.error_messages)}")
    file = checked.validated_parameters
    encoding = file.get("encoding")
    if file.get("data") is not None:
        raw = _decoded(where, file["data"])
        data = file["data"]
    else:
        raw = _read(where, file["src"]) if file.get("src") is not None else _encoded(where, file["content"], encoding or "utf-8")
        data = base64.b64encode(raw).decode("ascii")
    remember(data)
    for codec in ("utf-8", encoding or "utf-8"):
        with contextlib.suppress(LookupError, ValueError):
            remember(raw.decode(codec, "replace"))
    if encoding is None and file.get("content") is not None:
        encoding = "utf-8"
    return {"data": data} if encoding is None else {"data": data, "encoding": encoding}


def _decoded(where: str, data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise errors.InvalidArgumentsError(
            f"{where}: data is not base64. Give plain text as content, or encode it: {{{{ text | b64encode }}}}."
        ) from None


def _read(where: str, path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except (OSError, ValueError) as problem:
        raise errors.InvalidArgumentsError(
            f"{where}: cannot read src {path!r} on the host that runs the module: {getattr(problem, 'strerror', problem)}."
        ) from None


def _encoded(where: str, content: t.Any, encoding: str) -> bytes:
    # Jinja turns text that looks like JSON into data before ansible-core 2.19; ansible.builtin.copy has the same remedy.
    text = content if isinstance(content, str) else json.dumps(content)
    try:
        return text.encode(encoding)
    except (LookupError, ValueError):
        raise errors.InvalidArgumentsError(
            f"{where}: content cannot be written in encoding {encoding!r}. Use utf-8, or give the bytes as base64 in data."
        ) from None
