# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets stay hidden in logs, and logs stay readable."""

from __future__ import annotations

import base64
import time

import pytest
from ansible_collections.community.northflank.plugins.module_utils._masking import Redactor
from ansible_collections.community.northflank.plugins.module_utils._sensitive import find_secrets
from ansible_collections.community.northflank.tests.fake_northflank import Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

CPU_SECONDS = 20

DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM node:22-alpine@sha256:0d1a2b3c4d5e6f70819203142536475869708192a3b4c5d6e7f8091a2b3c4d5e AS build
ARG NPM_TOKEN
ENV NODE_ENV=production PIP_DISABLE_PIP_VERSION_CHECK=1
ENV STRIPE_KEY=sk_live_4eC39HqLyjWD
WORKDIR /app/src/Components2/index
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci
RUN curl -H "Authorization: Bearer abc123def" https://deploy:hunter22@example.com/app.tgz
"""
REQUIREMENTS = "requests==2.31.0\nPyJWT==2.8.0\ntokenizers>=0.20.0\nuvicorn[standard]~=0.30\nopentelemetry-instrumentation-asgi==0.48b0\n"
PACKAGE = '{\n  "author": "Somebody",\n  "scripts": {"build": "vite build"},\n  "dependencies": {"js-cookie": "^10.0.5"}\n}\n'
ENV = "NODE_ENV=production\nREGION=europe-west1\nPASSWORD=hunter22\nexport DB_PASS='correct horse'\nMAX_TOKENS=4096\n"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\nabcdefghijklmnop\nQw3r+/=\n-----END PRIVATE KEY-----\n"
ACCOUNT = '{"type": "service_account", "client_email": "a@b.example", "private_key": "' + PEM.replace("\n", "\\n") + '"}'


def argument(value: str) -> dict:
    return {"build_arguments": {"A": value}}


def file(content: object) -> dict:
    return {"build_files": {"/c": {"content": content}}}


def mount(content: str) -> dict:
    return {"docker_secret_mounts": {"x": {"content": content}}}


READABLE = {
    "Dockerfile": (
        {"docker": {"dockerfile_contents": DOCKERFILE}},
        [
            "#4 [1/5] FROM docker.io/library/node:22-alpine@sha256:0d1a2b3c4d5e6f70819203142536475869708192a3b4c5d6e7f8091a2b3c4d5e",
            "#5 [2/5] WORKDIR /app/src/Components2/index",
            "#6 [3/5] COPY package.json package-lock.json ./",
            "#7 [4/5] RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci",
            "Step 3/9 : ARG NPM_TOKEN",
            "Step 4/9 : ENV NODE_ENV=production PIP_DISABLE_PIP_VERSION_CHECK=1",
        ],
    ),
    "a Dockerfile of one line": (
        {"docker": {"dockerfileContents": "FROM registry.example.com/team/app:1.2.3"}},
        ["FROM registry.example.com/team/app:1.2.3"],
    ),
    "requirements": (
        file(REQUIREMENTS),
        [*(f"Collecting {line}" for line in REQUIREMENTS.splitlines()), "Using cached PyJWT-2.8.0-py3-none-any.whl"],
    ),
    "one requirement": (file("requests==2.31.0\n"), ["Collecting requests==2.31.0"]),
    "as base64": ({"build_files": {"/r.txt": {"data": base64.b64encode(REQUIREMENTS.encode()).decode()}}}, ["Collecting requests==2.31.0"]),
    "package.json": ({"buildFiles": {"/app/package.json": {"content": PACKAGE}}}, ["> vite build", "npm warn js-cookie@10.0.5: Somebody"]),
    "env": (file(ENV), ["running in production mode in europe-west1"]),
    "a secret's other lines": (mount("registry=https://npm.example.com/\n_authToken=abc123\n"), ["GET https://npm.example.com/app"]),
    **{
        value: ({"build_arguments": {"NAME": value}}, [f"using {value} here"])
        for value in (
            *("production", "Release", "RelWithDebInfo", "my-service"),
            *("europe-west1", "node:22-alpine", "linux/amd64", "/app/dist", "1.10.0"),
        )
    },
    "an address": ({"build_arguments": {"API_URL": "https://api.example.com:8080/v1"}}, ["GET https://api.example.com:8080/v1"]),
}

HIDDEN = {
    "argument": (argument("s3cr3t-t0ken"), ["s3cr3t-t0ken"]),
    "a word with a number": (argument("hunter22"), ["hunter22"]),
    "words": (argument("correct horse"), ["correct horse"]),
    "a plain word by its name": ({"build_arguments": {"NPM_TOKEN": "swordfish", "dbPassword": "abcdef"}}, ["swordfish", "abcdef"]),
    "an address with credentials": (
        {"build_arguments": {"INDEX": "https://deploy:hunter@pypi.example.com/simple"}},
        ["deploy:hunter", "hunter@"],
    ),
    "a commit": (argument("0123456789abcdef0123456789abcdef01234567"), ["0123456789abcdef0123456789abcdef01234567"]),
    "Dockerfile": ({"docker": {"dockerfile_contents": DOCKERFILE}}, ["sk_live_4eC39HqLyjWD", "abc123def", "deploy:hunter22", "hunter22"]),
    "npmrc": (file('//registry/:_authToken=abc123\n//b/:_password="cGFzcw=="\n'), ["abc123", "cGFzcw=="]),
    "npmrc as a secret": (mount("//registry/:_authToken=abc123\n"), ["//registry/:_authToken=abc123", "abc123"]),
    "env": (file(ENV), ["PASSWORD=hunter22", "hunter22", "correct horse"]),
    "YAML": (file("db:\n  user: app\n  password: 'it''s-me'\n  api_key: deadbeef # old\n"), ["it''s-me", "deadbeef"]),
    "JSON in a line": (file('{"user":"app","password":"hunter22","token":"abcdefg"}'), ["hunter22", "abcdefg"]),
    "data": (file({"db": {"password": "swordfish"}}), ["swordfish"]),
    "XML": (file("<s>\n<password>swordfish</password>\n</s>"), ["swordfish"]),
    "netrc": (mount("machine a.example\nlogin deploy\npassword hunter22\n"), ["password hunter22", "hunter22"]),
    "pip.conf": (file("[global]\nindex-url = https://u:swordfish@pypi.example.com/\n"), ["swordfish"]),
    "git credentials": (file("https://ghp16charsOfToken:x-oauth@github.com\nhttps://b.example\n"), ["ghp16charsOfToken:x-oauth"]),
    "PEM": (file(PEM), PEM.splitlines()),
    "PEM in JSON": (file(ACCOUNT), PEM.splitlines()[1:3]),
    "tokens without a name": (
        file("a\nghp_16C7e42F292c6912E7710c838347Ae178B4a\n0f8fad5b-d9cb-469f-a165-70867728950e\nAKIAIOSFODNN7EXAMPLE\n"),
        ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "0f8fad5b-d9cb-469f-a165-70867728950e", "AKIAIOSFODNN7EXAMPLE"],
    ),
    "a file of one line": (file("hunter22\n"), ["hunter22"]),
    "a secret of a plain word": (mount("production"), ["production"]),
    "every line of a secret": (mount("one of them\ntwo of them\n"), ["one of them", "two of them"]),
    "misspelt": ({"build_file": {"/x": {"content": "one of them\ntwo of them\n"}}}, ["one of them"]),
}


def shown_log(build, overrides, lines: list[str]) -> list[str]:
    """How a build that fails shows the lines of its log, if it gets so far."""
    build.fake.plan(PROJECT, JOB, Script.failure(5, log=[(0, line) for line in lines]))
    return build(wait=True, overrides=overrides)["logs"]


@pytest.mark.parametrize(("overrides", "lines"), READABLE.values(), ids=READABLE)
def test_a_log_stays_readable(build, overrides, lines):
    build.recorded = False  # The scanner takes each value for a secret.
    assert shown_log(build, overrides, lines) == lines


@pytest.mark.parametrize(("overrides", "traces"), [case for name, case in HIDDEN.items() if name != "misspelt"], ids=[*HIDDEN][:-1])
def test_a_secret_stays_hidden(build, overrides, traces):
    shown = shown_log(build, overrides, [f"it is {trace} indeed" for trace in traces])
    for line, trace in zip(shown, traces):
        assert trace not in line and "********" in line


def test_of_a_value_without_quotes_no_part_is_a_secret():
    assert "ransien" not in set(find_secrets("overrides.build_files./x.content", "token=transient-failure-1\n"))
    assert "uoted text" not in set(find_secrets("overrides.build_files./x.content", "token='quoted text' q\n"))
    assert "quoted text" in set(find_secrets("overrides.build_files./x.content", "token='quoted text' q\n"))


def test_a_value_in_the_wrong_place_is_a_secret_line_by_line(build):
    overrides, [trace] = HIDDEN["misspelt"]
    assert trace not in str(build(overrides=overrides))
    assert trace in list(find_secrets("overrides.build_file./x.content", "one of them\ntwo of them\n"))


@pytest.mark.parametrize("option", ["build_files", "docker_secret_mounts", "docker.dockerfile_contents"])
@pytest.mark.parametrize("text", ["key" * 100_000, "key=abcdefg\n" * 20_000, "a://" * 100_000 + "@", "A1-" * 100_000, "token " * 10_000])
def test_a_long_text_takes_no_long_time(option, text):
    subject = Redactor()
    subject.add(text, f"overrides.{option}")
    began = time.process_time()
    subject.line(text, 10_000)
    assert time.process_time() - began < CPU_SECONDS
