# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers of a hostile API: what in them Ansible would take for its own, in every spelling and at every place.

Ansible's readers of JSON (of a module's output, of a fact cache) turn dictionaries with certain keys into objects: texts that are trusted
as templates, vaulted texts, messages, times. What they cannot turn into one, they refuse, and the play with it.
"""

from __future__ import annotations

import json
import re
import typing as t

BUILD_ID = "q-1"
SHA = "262ed9817b3cad5142fbceabe0c9e371e390d616"
TEXT = "__ansible_type: as text"  # A value and no key, so it is harmless, and must come through
OWN_KEY = re.compile(r"_ansible_|(__ansible_(type|unsafe|vault)|__payload__)$")
"""The keys that Ansible takes for its own, and those that it takes out."""

FIELDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "project_id", "job_id", "team_id", "branch", "sha", "created_at", "status", "message"), (str,)),
    "pull_request_id": (int, str), "registry": (dict,), "concluded": (bool,), "success": (bool,), "build_concluded_at": (int, float, str),
}  # fmt: skip
"""The documented keys of a build, with their types."""

ENDPOINTS = ("start", "get", "list", "abort", "logs", "job", "branches")

VAULTED = "$ANSIBLE_VAULT;1.1;AES256\n" + "61" * 40


def run_if_trusted(command: str) -> str:
    return f"{{{{ lookup('ansible.builtin.pipe', '{command}') }}}}"


def _tagged(kind: str, value: t.Any, *tags: dict[str, t.Any]) -> dict[str, t.Any]:
    return {"__ansible_type": kind, "value": value, "tags": list(tags)}


TRUSTED = {"__ansible_type": "TrustedAsTemplate"}


def revived(template: str) -> dict[str, dict[str, t.Any]]:
    """What one or the other version of Ansible makes objects of its own of, or takes away."""
    return {
        "a trusted text": _tagged("_AnsibleTaggedStr", template, TRUSTED),
        "a trusted text in a list": _tagged("_AnsibleTaggedList", [_tagged("_AnsibleTaggedStr", template, TRUSTED)], TRUSTED),
        "a trusted text in a dictionary": _tagged("_AnsibleTaggedDict", {"a": _tagged("_AnsibleTaggedStr", template, TRUSTED)}),
        "a text with an origin": _tagged(
            "_AnsibleTaggedStr", template, {"__ansible_type": "Origin", "path": "/etc/hostname", "line_num": 1}
        ),
        "a text of a vault": _tagged("_AnsibleTaggedStr", template, {"__ansible_type": "VaultedValue", "ciphertext": VAULTED}),
        "a time": {"__ansible_type": "AnsibleSerializableDateTime", "iso8601": "2026-01-01T00:00:00", "fold": 0},
        "an unsafe text": {"__ansible_unsafe": template},
        "a vaulted text": {"__ansible_vault": VAULTED},
        "an internal key": {"_ansible_no_log": True, "_ansible_item_label": template},
    }


REFUSED: dict[str, dict[str, t.Any]] = {
    "an unknown type": {"__ansible_type": "x"},
    "a type that is a list": {"__ansible_type": ["x"]},
    "a type alone": {"__ansible_type": "_AnsibleTaggedStr"},
    "bytes": _tagged("_AnsibleTaggedBytes", TEXT, TRUSTED),
    "a set of dictionaries": _tagged("_AnsibleTaggedSet", [{}], TRUSTED),
    "an encrypted text": {"__ansible_type": "EncryptedString", "ciphertext": VAULTED},
    "an unsafe list": {"__ansible_unsafe": ["x"]},
    "a vaulted text that is none": {"__ansible_vault": "x"},
}
"""What one or the other version of Ansible fails to read, or to use."""

SPELLINGS: dict[str, t.Callable[[str], str]] = {
    "as it is": lambda key: key,
    # These become the key in snake case.
    "in camel case": lambda key: re.sub(r"(?<=[a-z])_(.)", lambda match: match[1].upper(), key),
    "in capitals": str.upper,
    "with a capital for an underscore": lambda key: re.sub(r"_(a|$)(\w+)_(\w)", lambda m: "A" + m[2] + m[3].upper(), key, count=1),
    # These become the key when control characters are taken out.
    "after a control character": lambda key: "\u202e" + key,
    "after an escape sequence": lambda key: "\x1b[31m" + key,
    "after half a character": lambda key: "\ud800" + key,
    "around a control character": lambda key: key[:1] + "\x00" + key[1:],
    "before a control character": lambda key: key + "\x07",
    # This becomes the key when some of its underscores are taken away, or white space.
    "with more underscores": lambda key: "___" + key,
    "after a space": lambda key: " " + key,
    # This becomes the key when Unicode is normalized.
    "in wide letters": lambda key: "".join(chr(ord(letter) + 0xFEE0) for letter in key),
}


def spelled(value: t.Any, spelling: str) -> t.Any:
    if isinstance(value, dict):
        change = SPELLINGS[spelling]
        return {change(key) if OWN_KEY.match(key) else key: spelled(item, spelling) for key, item in value.items()}
    return [spelled(item, spelling) for item in value] if isinstance(value, list) else value


def build(status: str, template: str, *shapes: t.Any) -> dict[str, t.Any]:
    """A build as the API tells it, with hostile shapes wherever there may be any."""
    return {
        "id": BUILD_ID,
        "sha": SHA,
        "branch": template,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "status": status,
        "concluded": status != "BUILDING",
        "success": status == "SUCCESS",
        "message": f"{template} {TEXT}",
        "pullRequestId": shapes[0],
        "buildConcludedAt": shapes[-1],
        "registry": {"uri": template, **_around(shapes)},
        **_around(shapes),
    }


def answers(template: str, *shapes: t.Any, status: str = "SUCCESS") -> dict[str, dict[str, t.Any]]:
    """A good answer of every endpoint, but for the hostile shapes."""
    around = _around(shapes)
    seen = build(status, template, *shapes)
    page = {"hasNextPage": False, "count": 1, "cursor": shapes[0], **around}
    job = {"id": "example-job", "vcsData": {"projectBranch": "main", **around}, **around}
    branch = {"name": "main", "commit": {"sha": SHA, **around}, **around}
    entry = {"log": f"{template} {TEXT}", "ts": "2026-01-01T00:00:01.000Z", "containerId": shapes[0], **around}
    data: dict[str, t.Any] = {
        "start": seen,
        "get": seen,
        "list": {"builds": [seen], **around},
        "abort": around,
        "logs": [entry, *({"log": shape} for shape in shapes), {"log": [around]}],
        "job": job,
        "branches": {"branches": [branch], **around},
    }
    return {endpoint: {"data": data[endpoint], "pagination": page, **around} for endpoint in ENDPOINTS}


def refusal(template: str, *shapes: t.Any) -> dict[str, t.Any]:
    """An error as the API tells it, but for the hostile shapes."""
    around = _around(shapes)
    error = {"status": 422, "message": f"{template} {TEXT}", "id": TEXT, "details": {"field": TEXT, **around}, **around}
    return {"error": error, **around}


def _around(shapes: t.Sequence[t.Any]) -> dict[str, t.Any]:
    """The shapes as the new fields of a dictionary, and the last of them as the dictionary itself."""
    itself = shapes[-1] if isinstance(shapes[-1], dict) else {}
    return {
        "newField": shapes[0],
        "newList": list(shapes),
        "newDeep": {"a": [[{"b": shapes[-1]}]]},
        **{key: item for key, item in itself.items() if key not in ("msg", "value", "tags")},
    }


def body(answer: t.Any) -> str:
    """An answer as JSON that has some keys twice, and some in escapes."""
    text = json.dumps(answer)
    again = json.dumps({"newList": {"__ansible_type": "x"}})[1:-1]
    text = text.replace('"newList":', f'{again}, "newList":').replace('"newField":', f'"newField": "harmless", {again}, "newField":')
    return text.replace('"_ansible_', '"\\u005fansible_')


def own_keys(value: t.Any) -> set[str]:
    """The keys in data, at any depth, that Ansible would take for its own."""
    if isinstance(value, dict):
        found = {key for key in value if OWN_KEY.match(key)}
        return found.union(*map(own_keys, value.values()))
    return set().union(*map(own_keys, value)) if isinstance(value, list) else set()
