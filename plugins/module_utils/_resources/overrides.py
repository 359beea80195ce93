# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts the overrides of a task to the API's format and rejects what the API would reject."""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import os
import re
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from .. import _errors as errors
from .._argspec import FILE, FILE_SOURCES, OVERRIDES, QUOTE_IT, in_api_spelling, text_problem, type_problems
from .._masking import map_strings

_PATH = "a path of letters, digits, '-', '.', and '_' that begins with '/' and has no '.' or '..' between slashes, like"
_FOLDERS = r"/((?!\.\.?/)[a-zA-Z0-9-._]+/)*(?!\.\.?\Z)"

_PATTERNS = {
    "overrides.docker.docker_file_path": (rf"{_FOLDERS}[a-zA-Z0-9-._]+", f"{_PATH} /docker/Dockerfile"),
    "overrides.docker.docker_work_dir": (rf"{_FOLDERS}[a-zA-Z0-9-._]*", f"{_PATH} /app"),
    "overrides.docker.dockerfile_target": (r"[a-zA-Z0-9-_]+", "the name of a stage: letters, digits, '-', and '_'"),
    "overrides.docker.dockerfile_contents": (r"(?s:.+)", "the text of a Dockerfile"),
}
"""The API's patterns."""

_VAULT = "$ANSIBLE_VAULT;"


def overrides_body(overrides: dict[str, t.Any], add_secret: t.Callable[[str, str], None]) -> dict[str, t.Any]:
    """Return the overrides for the request body, with only the given options.

    `add_secret` receives each secret found here, such as the content of a file, and the option's path. Raises InvalidArgumentsError for
    what the API would reject or misinterpret.
    """
    check_patterns(_PATTERNS, {"overrides": overrides})
    given = {
        **overrides,
        "build_arguments": texts("overrides.build_arguments", overrides.get("build_arguments")),
        "build_files": files("overrides.build_files", overrides.get("build_files"), add_secret),
        "docker_secret_mounts": files("overrides.docker_secret_mounts", overrides.get("docker_secret_mounts"), add_secret),
    }
    return in_api_spelling(OVERRIDES, given)


def check_patterns(patterns: dict[str, tuple[str, str]], params: dict[str, t.Any]) -> None:
    """Raise InvalidArgumentsError for an option that does not match. `patterns` maps its path to a pattern and to its shape in words."""
    for where, (pattern, shape) in patterns.items():
        value: t.Any = params
        for name in where.split("."):
            value = (value or {}).get(name)
        if value is not None and not re.fullmatch(pattern, value):
            shown = "" if where.endswith("credentials") else f" {value!r}"
            raise errors.InvalidArgumentsError(f"{where}{shown} is not {shape}.")


def texts(option: str, given: dict[str, t.Any] | None) -> dict[str, str] | None:
    """Return build arguments or variables in the API's format."""
    if given is None:
        return None
    if "" in map(str, given):
        raise errors.InvalidArgumentsError(f"{option} has a value without a name. Give it the name by which the program reads it.")
    for name, value in given.items():
        where = f"{option}[{str(name)!r}]"
        if isinstance(value, float):
            raise errors.InvalidArgumentsError(f"{where} is a floating-point number, but takes text. {QUOTE_IT}")
        if not isinstance(value, (str, int)):
            what = "empty (null)" if value is None else f"a {'list' if isinstance(value, (list, tuple)) else 'dictionary'}"
            advice = "Give a string, a whole number, or a boolean; write '' for an empty one."
            raise errors.InvalidArgumentsError(f"{where} is {what}, but takes one text. {advice}")
        _check_text(where, f"{name}{value}")
    return {str(name): str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def files(option: str, given: dict[str, t.Any] | None, add_secret: t.Callable[[str, str], None]) -> dict[str, t.Any] | None:
    """Return files, or secret mounts, in the API's format."""
    if given is None:
        return None
    found = {}
    for name, value in given.items():
        where = f"{option}[{name!r}]"
        if option.endswith("files") and not str(name).startswith("/"):
            raise errors.InvalidArgumentsError(f"{where}: a file is named by its absolute path in the image, which begins with '/'.")
        if not str(name):
            raise errors.InvalidArgumentsError(f"{where}: the ID of the secret mount is empty. Give the ID that the Dockerfile mounts.")
        _check_text(where, str(name))
        found[str(name)] = _file(where, value, add_secret)
    return found


def _file(where: str, given: t.Any, add_secret: t.Callable[[str, str], None]) -> dict[str, str]:
    """Return a file in the API's format: base64, and the name of an encoding."""
    if not isinstance(given, dict):
        raise errors.InvalidArgumentsError(f"{where} must be a dictionary with one of {', '.join(FILE_SOURCES)}.")
    for problem in type_problems(FILE, given, f"{where}."):
        raise errors.InvalidArgumentsError(problem)
    validator = ArgumentSpecValidator(FILE, mutually_exclusive=[FILE_SOURCES], required_one_of=[FILE_SOURCES])
    checked = validator.validate({key: value for key, value in given.items() if value is not None})
    if checked.error_messages:
        raise errors.InvalidArgumentsError(f"{where}: {'; '.join(checked.error_messages)}")
    file = checked.validated_parameters
    encoding = "utf-8" if file["encoding"] is None and file["content"] is not None else file["encoding"]
    if encoding is not None:
        _check_encoding(where, encoding)
    if file["data"] is not None:
        raw = _decode(where, file["data"])
    elif file["src"] is not None:
        raw = _read(where, file["src"])
    else:
        raw = _encode(where, file["content"], encoding)
    data = base64.b64encode(raw).decode("ascii")
    add_secret(data, where)
    for codec in ("utf-8", encoding or "utf-8"):
        with contextlib.suppress(ValueError):
            add_secret(raw.decode(codec, "replace"), where)
    return {"data": data} if encoding is None else {"data": data, "encoding": encoding}


def _check_encoding(where: str, encoding: str) -> None:
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):
        advice = "Name that of the text, like utf-8, or leave it out; data is always base64."
        raise errors.InvalidArgumentsError(f"{where}.encoding {encoding!r} is not an encoding of text. {advice}") from None


def _decode(where: str, data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except ValueError:
        advice = "Give plain text as content, or encode it: {{ text | b64encode }}."
        raise errors.InvalidArgumentsError(f"{where}: data is not base64. {advice}") from None


def _read(where: str, src: str) -> bytes:
    try:
        with open(src, "rb") as source:
            raw = source.read()
    except (OSError, ValueError) as error:
        tried = f" A relative path starts in {os.getcwd()!r} there; for a role's own file, write {{{{ role_path }}}}/files/{src}."
        problem = f"cannot read src {src!r} on the host that runs the module: {getattr(error, 'strerror', error)}."
        raise errors.InvalidArgumentsError(f"{where}: {problem}{'' if os.path.isabs(src) else tried}") from None
    if raw.startswith(_VAULT.encode()):
        advice = f"Decrypt it as content: {{{{ lookup('ansible.builtin.unvault', {src!r}) }}}}."
        raise errors.InvalidArgumentsError(f"{where}: src {src!r} is encrypted by Ansible Vault. {advice}")
    return raw


def _encode(where: str, content: t.Any, encoding: str) -> bytes:
    where = f"{where}.content"
    if isinstance(content, (bool, float)):
        raise errors.InvalidArgumentsError(f"{where} is not text. {QUOTE_IT}")
    if isinstance(content, list) and len(content) == 1 and isinstance(content[0], str):
        advice = "Use lookup instead of query. A list to be sent as JSON needs the filter to_json."
        raise errors.InvalidArgumentsError(f"{where} is a list with a single string, as query returns it. {advice}")
    map_strings(content, functools.partial(_check_text, where))
    try:
        # Before ansible-core 2.19, templates turn JSON-like text into data; undo that, as ansible.builtin.copy does.
        text = content if isinstance(content, str) else json.dumps(content, allow_nan=False)
        if text.startswith(_VAULT):
            raise errors.InvalidArgumentsError(f"{where} is encrypted by Ansible Vault. Use the lookup ansible.builtin.unvault.")
        return text.encode(encoding)
    except UnicodeEncodeError:
        raise errors.InvalidArgumentsError(f"{where} has characters that encoding {encoding!r} does not. Use utf-8.") from None
    except ValueError:
        raise errors.InvalidArgumentsError(f"{where} has .nan or .inf in it, which JSON does not. Quote it.") from None


def _check_text(where: str, text: str) -> str:
    if text_problem(text):
        raise errors.InvalidArgumentsError(f"{where} {text_problem(text)}")
    return text
