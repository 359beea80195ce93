# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts the overrides of a task to the API's format and rejects what the API would reject."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from .. import _errors as errors
from .._argspec import FILE, FILE_SOURCES

_PATH = "a path of letters, digits, '-', '.', and '_' that begins with '/' and has no '.' or '..' between slashes, like"
_FOLDERS = r"/((?!\.\.?/)[a-zA-Z0-9-._]+/)*(?!\.\.?\Z)"

_PATTERNS = {
    "docker_file_path": (rf"{_FOLDERS}[a-zA-Z0-9-._]+", f"{_PATH} /docker/Dockerfile"),
    "docker_work_dir": (rf"{_FOLDERS}[a-zA-Z0-9-._]*", f"{_PATH} /app"),
    "dockerfile_target": (r"[a-zA-Z0-9-_]+", "the name of a stage: letters, digits, '-', and '_'"),
    "dockerfile_contents": (r"(?s:.+)", "the text of a Dockerfile"),
}
"""The API's patterns."""


def overrides_body(overrides: dict[str, t.Any], add_secret: t.Callable[[str, str], None]) -> dict[str, t.Any]:
    """Return the overrides for the request body, with only the given options.

    `add_secret` receives each secret found here, such as the content of a file, and the option's path. Raises InvalidArgumentsError for
    what the API would reject or misinterpret.
    """
    given = {
        "buildArguments": _build_arguments(overrides.get("build_arguments")),
        "buildFiles": _files("build_files", overrides.get("build_files"), add_secret),
        "dockerSecretMounts": _files("docker_secret_mounts", overrides.get("docker_secret_mounts"), add_secret),
        "docker": _docker(overrides.get("docker")),
    }
    return {key: value for key, value in given.items() if value is not None}


def _build_arguments(given: dict[str, t.Any] | None) -> dict[str, str] | None:
    if given is None:
        return None
    if "" in map(str, given):
        advice = "Give it the name that the Dockerfile declares with ARG."
        raise errors.InvalidArgumentsError(f"overrides.build_arguments has an argument without a name. {advice}")
    for name, value in given.items():
        if not isinstance(value, (str, int, float)):
            what = "empty (null)" if value is None else f"a {'list' if isinstance(value, (list, tuple)) else 'dictionary'}"
            advice = "Give a string, a number, or a boolean; write '' for an empty one."
            where = f"overrides.build_arguments[{str(name)!r}]"
            raise errors.InvalidArgumentsError(f"{where} is {what}, but a build argument is one text. {advice}")
    return {str(name): str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def _docker(given: dict[str, t.Any] | None) -> dict[str, str] | None:
    if given is None:
        return None
    for name, (pattern, shape) in _PATTERNS.items():
        if given.get(name) is not None and not re.fullmatch(pattern, given[name]):
            raise errors.InvalidArgumentsError(f"overrides.docker.{name} {given[name]!r} is not {shape}.")
    return t.cast(dict[str, str], snake_dict_to_camel_dict({name: value for name, value in given.items() if value is not None}))


def _files(option: str, given: dict[str, t.Any] | None, add_secret: t.Callable[[str, str], None]) -> dict[str, t.Any] | None:
    if given is None:
        return None
    files = {}
    for name, value in given.items():
        where = f"overrides.{option}[{name!r}]"
        if option == "build_files" and not str(name).startswith("/"):
            raise errors.InvalidArgumentsError(f"{where}: a build file is named by its absolute path in the build, which begins with '/'.")
        if not str(name):
            raise errors.InvalidArgumentsError(f"{where}: the ID of the secret mount is empty. Give the ID that the Dockerfile mounts.")
        files[str(name)] = _file(where, value, add_secret)
    return files


def _file(where: str, given: t.Any, add_secret: t.Callable[[str, str], None]) -> dict[str, str]:
    """Return a file in the API's format: base64, and the name of an encoding."""
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(f"{where} must be a dictionary with one of {', '.join(FILE_SOURCES)}.")
    validator = ArgumentSpecValidator(FILE, mutually_exclusive=[FILE_SOURCES], required_one_of=[FILE_SOURCES])
    checked = validator.validate({key: value for key, value in given.items() if value is not None})
    if checked.error_messages:
        raise errors.InvalidArgumentsError(f"{where}: {'; '.join(checked.error_messages)}")
    file = checked.validated_parameters
    if file.get("encoding") is None and file.get("content") is not None:
        file["encoding"] = "utf-8"
    encoding = file.get("encoding")
    try:
        raw = _read(file)
    except (OSError, LookupError, ValueError) as error:
        raise errors.InvalidArgumentsError(f"{where}: {_problem(file, error)}") from None
    data = file.get("data") or base64.b64encode(raw).decode("ascii")
    add_secret(data, where)
    for codec in ("utf-8", encoding or "utf-8"):
        with contextlib.suppress(LookupError, ValueError):
            add_secret(raw.decode(codec, "replace"), where)
    return {"data": data} if encoding is None else {"data": data, "encoding": encoding}


def _read(file: dict[str, t.Any]) -> bytes:
    if file.get("data") is not None:
        return base64.b64decode(file["data"], validate=True)
    if file.get("src") is not None:
        with open(file["src"], "rb") as source:
            return source.read()
    # Before ansible-core 2.19, templates turn JSON-like text into data; undo that, as ansible.builtin.copy does.
    text = file["content"] if isinstance(file["content"], str) else json.dumps(file["content"])
    return text.encode(file["encoding"] or "utf-8")


def _problem(file: dict[str, t.Any], error: Exception) -> str:
    if file.get("data") is not None:
        return "data is not base64. Give plain text as content, or encode it: {{ text | b64encode }}."
    if file.get("src") is not None:
        return f"cannot read src {file['src']!r} on the host that runs the module: {getattr(error, 'strerror', error)}."
    return f"content cannot be written in encoding {file['encoding'] or 'utf-8'!r}. Use utf-8, or give the bytes as base64 in data."
