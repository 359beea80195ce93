# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Overrides are sent as the API takes them, and refused where it would not."""

from __future__ import annotations

import base64
import os
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.plugins.module_utils._errors import InvalidArgumentsError
from ansible_collections.community.northflank.plugins.module_utils._resources.overrides import overrides_body

TEXT = base64.b64encode(b"hello build\n").decode()


def body(**overrides: t.Any) -> dict[str, t.Any]:
    return overrides_body(overrides, lambda secret, where: None)


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, {}),
        ({"build_arguments": {}}, {"buildArguments": {}}),
        ({"docker": {}}, {"docker": {}}),
        ({"docker": {"dockerfile_target": "a_b-1"}}, {"docker": {"dockerfileTarget": "a_b-1"}}),
        ({"docker": {"dockerfile_contents": "FROM scratch\n"}}, {"docker": {"dockerfileContents": "FROM scratch\n"}}),
        *(({"docker": {"docker_work_dir": path}}, {"docker": {"dockerWorkDir": path}}) for path in ("/", "/a/", "/.hidden/a..b", "/...")),
        *(({"docker": {"docker_file_path": path}}, {"docker": {"dockerFilePath": path}}) for path in ("/.Dockerfile", "/..a/...")),
    ],
)
def test_nothing_is_sent_that_was_not_asked_for(overrides, expected):
    assert body(**overrides) == expected


def test_values_of_build_arguments_become_strings():
    given = {"A": True, "B": False, "C": 7, "E": "", "F": "ü\n'\"", "G": "yes", 8: "h"}
    sent = {"A": "true", "B": "false", "C": "7", "E": "", "F": "ü\n'\"", "G": "yes", "8": "h"}
    assert body(build_arguments=given) == {"buildArguments": sent}


def test_the_contents_of_a_file_come_from_one_of_three_sources(tmp_path: Path):
    (tmp_path / "binary").write_bytes(b"\x00\xff")
    files = {
        "/data": {"data": TEXT},
        "/wrapped": {"data": f" {TEXT[:4]}\r\n{TEXT[4:]}\n", "encoding": "latin-1"},
        "/content": {"content": "hello build\n", "encoding": "utf-16-le"},
        "/json": {"content": {"a": [1, True]}},
        "/list": {"content": ["a", "b"]},
        "/empty": {"content": ""},
        "/src": {"src": str(tmp_path / "binary")},
    }
    assert body(build_files=files)["buildFiles"] == {
        "/data": {"data": TEXT},
        "/wrapped": {"data": TEXT, "encoding": "latin-1"},
        "/content": {"data": base64.b64encode("hello build\n".encode("utf-16-le")).decode(), "encoding": "utf-16-le"},
        "/json": {"data": base64.b64encode(b'{"a": [1, true]}').decode(), "encoding": "utf-8"},
        "/list": {"data": base64.b64encode(b'["a", "b"]').decode(), "encoding": "utf-8"},
        "/empty": {"data": "", "encoding": "utf-8"},
        "/src": {"data": "AP8="},
    }


def test_the_text_of_a_file_is_a_secret_in_every_form():
    secrets: list[str] = []
    overrides_body(
        {"build_files": {"/a": {"data": TEXT}}, "docker_secret_mounts": {"b": {"content": "key"}}},
        lambda secret, where: secrets.append(secret),
    )
    assert {TEXT, "hello build\n", "a2V5", "key"} <= set(secrets)


def test_a_source_that_is_encrypted_is_refused_and_the_lookup_named(tmp_path: Path):
    source = tmp_path / "vaulted.txt"
    source.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    with pytest.raises(InvalidArgumentsError, match="is encrypted by Ansible Vault") as caught:
        body(build_files={"/a": {"src": str(source)}})
    assert f"content: {{{{ lookup('ansible.builtin.unvault', {str(source)!r}) }}}}" in caught.value.message


def file(**source: t.Any) -> dict[str, t.Any]:
    return {"build_files": {"/a": source}}


def argument(value: t.Any, name: t.Any = "A") -> dict[str, t.Any]:
    return {"build_arguments": {name: value}}


BAD = {
    "Dockerfile path relative": ({"docker": {"docker_file_path": "Dockerfile"}}, "docker_file_path 'Dockerfile'"),
    "Dockerfile path a folder": ({"docker": {"docker_file_path": "/a/"}}, "docker_file_path"),
    "Dockerfile path with a space": ({"docker": {"docker_file_path": "/a b"}}, "docker_file_path"),
    **{
        f"Dockerfile path {path}": ({"docker": {"docker_file_path": path}}, f"docker_file_path {path!r}")
        for path in ("/.", "/..", "/../Dockerfile", "/a/./Dockerfile", "/a/..")
    },
    **{
        f"work dir {path}": ({"docker": {"docker_work_dir": path}}, f"docker_work_dir {path!r}")
        for path in ("/.", "/../", "/a/./b", "/a/..")
    },
    "no Dockerfile": ({"docker": {"dockerfile_contents": ""}}, "dockerfile_contents '' is not the text of a Dockerfile"),
    "work dir": ({"docker": {"docker_work_dir": "a"}}, "docker_work_dir 'a'"),
    "target": ({"docker": {"dockerfile_target": "a.b"}}, "dockerfile_target 'a.b'"),
    "target with a line break": ({"docker": {"dockerfile_target": "a\n"}}, "dockerfile_target"),
    "file path relative": ({"build_files": {"a/b": {"content": ""}}}, "'a/b'"),
    "base64 for URLs": (file(data="_-_-"), "not base64"),
    "bad base64": (file(data="!!!"), "not base64"),
    "base64 of a wrong length": (file(data="abcde"), "not base64"),
    "two sources": (file(data=TEXT, content="x"), "mutually exclusive"),
    "no source": ({"docker_secret_mounts": {"a": {"encoding": "utf-8"}}}, "one of the following is required"),
    "unknown key in a file": (file(contents="x"), "contents"),
    "file not a dictionary": ({"build_files": {"/a": "x"}}, "must be a dictionary"),
    "unreadable src": (file(src="/no/such/file"), "No such file or directory."),
    "src relative": (file(src="no/such"), f"starts in {os.getcwd()!r} there; for a role's own file, write {{{{ role_path }}}}/files"),
    "src a folder": (file(src="/"), "cannot read src '/'"),
    **{
        f"{encoding!r} as encoding of {source}": (file(**{source: value, "encoding": encoding}), f"].encoding {encoding!r} is not")
        for source, value in {"content": "x", "data": TEXT, "src": __file__}.items()
        for encoding in ("utf-99", "base64", "", "rot13", "undefined")
    },
    "content outside the encoding": (file(content="\u20ac", encoding="latin-1"), "that encoding 'latin-1' does not. Use utf-8."),
    "content of one text in a list": (file(content=["x"]), "].content is a list with a single string, as query returns it. Use lookup"),
    **{
        f"{value!r} in content": ({"docker_secret_mounts": {"a": {"content": {"b": [value]}}}}, "['a'].content has .nan or .inf in it")
        for value in (float("nan"), float("-inf"))
    },
    **{f"{value!r} as content": (file(content=value), "['/a'].content is not text. Quote it") for value in (1.1, True)},
    "content of a vault": (file(content="$ANSIBLE_VAULT;1.1;AES256\n61"), "].content is encrypted by Ansible Vault."),
    "source of a wrong type": (file(src=["x"]), "overrides.build_files['/a'].src is a list, but takes text"),
    **{
        f"{text!r} in {place}": (overrides(text), f"overrides.{place}")
        for text in ("a\udce9", "a\0", "\ud83d\ude00")
        for place, overrides in {
            "build_arguments['A'] is not text": argument,
            "build_arguments['": lambda text: {"build_arguments": {text: "a"}},
            "build_files['/a'].content is not text": lambda text: file(content=text),
            "build_files['/b'].content is not text": lambda text: {"build_files": {"/b": {"content": [{text: text}]}}},
            "build_files['/c'].data is not text": lambda text: {"build_files": {"/c": {"data": text}}},
            "build_files['/d": lambda text: {"build_files": {"/d" + text: {"content": ""}}},
            "docker_secret_mounts['": lambda text: {"docker_secret_mounts": {text: {"content": ""}}},
        }.items()
    },
    **{
        f"{value!r} as build argument": (argument(value), "build_arguments['A'] is a floating-point number, but takes text. Quote it")
        for value in (1.1, 1.0e3, float("inf"), float("nan"))
    },
    "mount without an ID": ({"docker_secret_mounts": {"": {"content": "x"}}}, "ID of the secret mount is empty"),
    "null build argument": (argument(None, "TOKEN_X"), "build_arguments['TOKEN_X'] is empty (null)"),
    "nested build argument": (argument({"a": 1}, "DEEP"), "build_arguments['DEEP'] is a dictionary"),
    "list as build argument": (argument([1], "LIST"), "build_arguments['LIST'] is a list"),
    "build argument without a name": (argument("x", ""), "without a name"),
}


@pytest.mark.parametrize(("overrides", "words"), BAD.values(), ids=BAD.keys())
def test_what_the_api_would_refuse_is_refused(overrides, words):
    with pytest.raises(InvalidArgumentsError) as caught:
        body(**overrides)
    assert words in caught.value.message
