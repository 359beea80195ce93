# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret comes out, no text controls a terminal, and nothing else is altered."""

from __future__ import annotations

import base64
import json
import re
import time
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.community.northflank.plugins.module_utils._masking import (
    Redactor,
    break_ci_commands,
    iter_secrets,
    mask_values,
    redact_value,
    strip_controls,
    strip_credentials,
)
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, SHA
from hypothesis import given, strategies as st

CPU_SECONDS = 20
"""What takes the square of a megabyte takes many minutes; what does not, a moment on any machine."""

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = "".join(chr(code) for code in [*range(32), *range(127, 160)] if chr(code) != "\t") + BIDI
PIECES = [*CONTROLS, *("\x1b[", "\x1b]", "\x1b]8;;", "\x1b\\", "\x1bP", "0", ";", "m", "[", "]", "\\", "(", "B", " ", "\t", "word", "ä")]
hostile = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60)


def redactor(*secrets: str) -> Redactor:
    subject = Redactor()
    for secret in secrets:
        subject.add(secret)
    return subject


def controls_nothing(text: str) -> bool:
    return not set(text) & set(CONTROLS)


@given(text=hostile)
def test_what_is_left_of_a_text_controls_nothing_and_then_stays(text):
    stripped = strip_controls(text)
    assert controls_nothing(stripped)
    assert strip_controls(stripped) == stripped
    if controls_nothing(text) and text.isprintable():
        assert stripped == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *(("\x1b[1;38;5;196mred\x1b[m", "red"), ("\x1b[38:2::255:0:0mred", "red"), ("\x1b[?25lhidden\x1b[?25h", "hidden")),
        *(("\x1b[2J\x1b[1;1Hclear", "clear"), ("\x1b[ q", ""), ("\x1b]0;title\x07text", "text"), ("\x1b", ""), ("text\x1b[31", "text31")),
        ("\x1b]8;id=1;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b(B\x1b[mtext", "text"),  # "ESC ( B" is what tput sgr0 prints.
        *(("\x1b#8text\x1b7\x1b=\x1bc", "text"), ("back\b\b\b\bkcab", "backkcab"), ("tab\there", "tab\there")),
        *(("\u202egnp.exe", "gnp.exe"), ("\x9b31mred", "31mred"), ("half \ud800 a character", "half  a character")),
        *(("{{ 7 * 7 }}{% raw %}", "{{ 7 * 7 }}{% raw %}"), ("שלום مرحبا", "שלום مرحبا"), ("👩\u200d🚀 e\u0301", "👩\u200d🚀 e\u0301")),
        ("one\ntwo\rthree\x0bfour\x0cfive\x85six", "one two three four five six"),
    ],
    ids=repr,
)
def test_a_text_is_shown_as_a_terminal_would_show_it_in_one_line(text, shown):
    assert strip_controls(text) == shown


@pytest.mark.parametrize("text", ["\x1b]" * 300_000, "\x1b[" * 300_000, "\x1b[" + "0" * 500_000, "\u202e" * 500_000])
def test_a_long_text_takes_no_long_time(text):
    began = time.process_time()
    assert controls_nothing(strip_controls(text))
    assert time.process_time() - began < CPU_SECONDS


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        *(
            ("##vso[task.setvariable variable=a]b", "# #vso[task.setvariable variable=a]b"),
            ("at the end ##[error]x", "at the end # #[error]x"),
        ),
        *(("##teamcity[buildStatus]", "# #teamcity[buildStatus]"), ("## a heading [x]", "## a heading [x]")),
    ],
)
def test_what_a_ci_system_takes_for_a_command_is_broken(line, shown):
    assert break_ci_commands(line) == shown


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("https://user:password@api.example.com/v1", "https://api.example.com/v1"),
        ("https://user:1/pass@word@api.example.com", "https://api.example.com"),
        ("https://user:pass//word@api.example.com", "https://api.example.com"),
        ("https://user:pass#wo\nrd?@api.example.com", "https://api.example.com"),
        ("user:pass//word@api.example.com", "api.example.com"),
        ("cannot connect to http://user:password@proxy: refused", "cannot connect to http://proxy: refused"),
        ("https://api.example.com", "https://api.example.com"),
        ("no address", "no address"),
    ],
)
def test_credentials_of_a_url_are_removed(text, rest):
    assert strip_credentials(text) == rest


def test_the_token_is_redacted_in_values_alone():
    data = {"msg": "a t0k-en", "t0k-en": [None, True, 1.5, {"whole": "t0k-en"}]}
    assert redact_value(data, "t0k-en") == {"msg": "a ********", "t0k-en": [None, True, 1.5, {"whole": "********"}]}
    assert redact_value(data, "") == redact_value(data, None) == data


def test_values_are_masked_and_names_are_shown():
    value = {"a": "x", "b": [1, (True, None)], "c": {}}
    assert mask_values(value) == {"a": "********", "b": ["********", ["********", None]], "c": {}}
    assert list(iter_secrets(value, "o")) == [("x", "o.a"), ("1", "o.b")]


@given(values=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5), before=st.text(max_size=10), after=st.text(max_size=10))
def test_every_secret_that_is_long_enough_is_redacted(values, before, after):
    subject = redactor(*values)
    for value in values:
        assert len(value) < 6 or value not in subject.line(f"{before}{value}{after}")


ENCODINGS = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON with Unicode": lambda text: json.dumps(text, ensure_ascii=False),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "URL": quote,
    "part of a URL": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "without controls": strip_controls,
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_a_secret_is_redacted_in_every_encoding(encode):
    for secret in ("correct horse", 'a "quoted" \\ secret', "pässwörd-ßßß", "https://user:pass@example.com/?a=b&c", "tab\tand \x1b[31mred"):
        encoded = encode(secret).strip('"')
        assert redactor(secret).line(f"a {encoded} b") == "a ******** b"


def test_each_line_of_a_secret_is_one_and_what_is_short_is_none():
    assert redactor("first line\n  second line\r\n").line("a second line, first line") == "a ********, ********"
    assert redactor("short", "longer-secret").line("short, a longer-secret b") == "short, a ******** b"


@pytest.mark.parametrize(("colors", "at"), [(0, 0), (0, 5), (2000, 0), (2000, 12)])
def test_a_cut_line_shows_no_part_of_a_secret(colors, at):
    secret = "".join(f"{number:04}" for number in range(2000))
    line = redactor(secret).line("x" * at + "\x1b[1m" * colors + secret + "y" * 5000, 20)
    assert not re.search(r"\d{6}", line.partition("...")[0])
    assert line.endswith("more characters)")


def test_secrets_that_overlap_are_redacted_whole():
    assert redactor("abcdef-1234", "1234-a-very-long-secret").line("x abcdef-1234-a-very-long-secret y") == "x ******** y"
    assert redactor("abcdef", "abcdef-and-more", "def-an").line("x abcdef-and-more y") == "x ******** y"


def test_the_longest_of_secrets_that_begin_alike_is_redacted():
    subject = redactor("secret-a", "secret-abcdef", "secret-abcxyz", "zzzzzz")
    assert subject.line("secret-a secret-ab secret-abcdef secret-abcxy") == "******** ********b ******** ********bcxy"
    assert redactor("secret-abcdef").line("secret-abc") == "secret-abc"


MEGABYTES = 10
WORDS = [f"{word}{number}" for number in range(50) for word in ("npm", "Collecting ", "node_modules/", "error: ", "\tcode", "#5 ")]
TEXT = (" ".join(WORDS) * 10_000)[: MEGABYTES * 1_000_000]
SECRETS = [base64.b64encode(f"{number:06} {number * 7919:09}".encode()[::-1]).decode() for number in range(1000)]


@pytest.mark.parametrize("secrets", [1, 1000])
def test_redacting_takes_little_longer_than_copying_by_lines(secrets):
    subject = redactor(*SECRETS[:secrets])
    assert subject.line(f"a {SECRETS[0]}") == "a ********"
    began = time.process_time()
    assert subject.line(TEXT, len(TEXT)) == TEXT
    # Half a second on the machine that it was measured on; looking up each character takes twenty times as long.
    assert time.process_time() - began < 3


def test_a_long_line_against_a_long_secret_takes_no_long_time():
    subject = redactor("\n".join(f"{TEXT[at : at + 50]}{at}" for at in range(0, len(TEXT) // 4, 50)))
    began = time.process_time()
    assert subject.line(TEXT[:5_000_000], 2000).endswith("(4998000 more characters)")
    assert subject.line("\x1b[31m" * 1_000_000, 2000).startswith("... ")
    assert time.process_time() - began < CPU_SECONDS


def test_many_secrets_that_begin_alike_take_no_long_time():
    subject = redactor("\n".join(f"line number {number:08}" for number in range(20_000)), *("a" * length for length in range(6, 1000)))
    began = time.process_time()
    assert [subject.line("line number 00000007") for _each in range(2000)] == ["********"] * 2000
    assert subject.line("line number elsewhere") == "line number elsewhere"
    assert subject.line("a" * 9000 + "b") == "********b"
    assert time.process_time() - began < CPU_SECONDS


LINES = 'first secret line\nsecond "secret" line\n'
CASES = {
    "argument": (LINES, lambda value: {"buildArguments": {"NAME_OF_IT": value}}),
    "content": (LINES, lambda value: {"build_files": {"/NAME_OF_IT": {"content": value}}}),
    "data": (LINES, lambda value: {"buildFiles": {"/NAME_OF_IT": {"data": base64.b64encode(value.encode()).decode()}}}),
    "mount": ("pässwörd-ßßß", lambda value: {"docker_secret_mounts": {"NAME_OF_IT": {"content": value}}}),
    "Dockerfile": ('{"password": "hunter2hunter2"}', lambda value: {"docker": {"dockerfile_contents": value}}),
    "backslashes": ("C:\\secret\\path\t$HOME", lambda value: {"buildArguments": {"NAME_OF_IT": value}}),
    "long": ("s3cr3t-" * 25_000, lambda value: {"buildArguments": {"NAME_OF_IT": value}}),
    "misspelt": (LINES, lambda value: {"build_argumets": {"NAME_OF_IT": value}}),
    "file as text": (LINES, lambda value: {"build_files": {"/NAME_OF_IT": value}}),
}


@pytest.mark.parametrize("case", CASES)
def test_an_api_that_repeats_secrets_gives_none_away(build, fake, case):
    secret, place = CASES[case]
    encoded = base64.b64encode(secret.encode()).decode()
    echo = f"You sent {secret} and {encoded}"
    fake.plan(PROJECT, JOB, Script.failure(5, message=echo, log=[(0, line) for line in echo.splitlines()]))
    fake.fault(Fault("json", "start", status=422, body={"error": {"status": 422, "message": echo, "details": {"body": [echo]}}}))
    arguments = {"sha": SHA, "overrides": place(secret), "diff": True}
    began = time.process_time()
    results = [build(**arguments), build(**arguments, wait=True), build(**arguments, check_mode=True)]
    assert time.process_time() - began < CPU_SECONDS
    shown = json.dumps([results, build.warnings, build.events], ensure_ascii=False)
    for trace in {secret, *secret.splitlines(), encoded}:
        assert trace not in shown
        assert json.dumps(trace)[1:-1] not in shown
    if case not in ("misspelt", "file as text"):
        failed = results[1]["build"]
        assert (failed["id"], failed["sha"], failed["status"]) == (fake.builds(PROJECT, JOB)[-1].id, SHA, "FAILURE")
        assert failed["message"].startswith("You sent ********")


@pytest.mark.parametrize("value", ["1", "main", SHA, "reeze", "FAILURE", "example-job", "2026"])
def test_values_that_are_part_of_other_things_alter_nothing(build, fake, value):
    fake.plan(PROJECT, JOB, Script.failure(5, raw={"registry": {"uri": f"registry.northflank.com/{PROJECT}/{JOB}:{SHA}"}}))
    result = build(sha=SHA, overrides={"build_arguments": {"A": value}, "docker_secret_mounts": {"B": {"content": value}}}, wait=True)
    there = fake.builds(PROJECT, JOB)[-1].view(fake.now())
    known = {"id": there["id"], "sha": SHA, "branch": "main", "status": "FAILURE", "project_id": PROJECT, "job_id": JOB}
    assert {key: result["build"][key] for key in known} == known
    assert result["build"]["created_at"] == there["createdAt"]
    assert result["build"]["registry"]["uri"] == there["registry"]["uri"]
    assert there["id"] in result["msg"]
    assert result["invocation"]["module_args"]["sha"] == SHA
    assert result["invocation"]["module_args"]["overrides"]["build_arguments"] == {"A": "********"}


PIN = {
    "build_arguments": {"PIN": "ab1", "ON": True, "N": 7, "MODE": "production", "S": "  cd\n\n"},
    "docker_secret_mounts": {"key": {"content": 'a"b'}},
}
REPEATED = {
    "as seen": ({"overrides.buildArguments.PIN": ['"PIN" is too short. Received "ab1"']}, '"PIN" is too short. Received "********"'),
    "without its name": ({"object": ['"PIN" is too short. Received "ab1"']}, '"PIN" is too short. Received "********"'),
    "of a usual length": ({"object": ['"MODE" is too long. Received "production"']}, '"MODE" is too long. Received "********"'),
    "a number": ({"object": ['"N" is too short. Received "7"']}, '"N" is too short. Received "********"'),
    "a boolean": ({"buildArguments.ON": ['"ON" must be 7. Received "true"']}, '"ON" must be 7. Received "********"'),
    "with a quotation mark": ({"object": ['Received "a"b"']}, 'Received "********"'),
    "in JSON": ({"object": ['Received "{\\"PIN\\":\\"ab1\\"}"']}, 'Received "{\\"PIN\\":\\"********\\"}"'),
    "without white space": ({"object": ['Received "cd"']}, 'Received "********"'),
    "as data": ([{"path": ["overrides"], "context": {"value": "ab1"}}], "********"),
    "cut": ({"overrides": {"dockerSecretMounts": {"key": ['is bad. Received "YS']}}}, 'is bad. Received "********"'),
    "in the data of a file": ({"overrides.dockerSecretMounts.key.data": ['Received "YSJi"']}, 'Received "********"'),
}


@pytest.mark.parametrize(("details", "shown"), REPEATED.values(), ids=REPEATED.keys())
def test_what_a_refusal_repeats_is_masked_however_short(build, fake, details, shown):
    error = {
        "status": 400,
        "message": 'Request failed payload validation: "ab1" - see details.',
        "id": "nf-invalid-request-body",
        "details": details,
    }
    fake.fault(Fault("json", "start", status=400, body={"error": error}))
    result = build(sha=SHA, overrides=PIN)
    assert list(iter_secrets(result["error"]["details"]))[-1][0] == shown
    assert result["error"]["message"] == 'Request failed payload validation: "********" - see details.'
    assert "ab1" not in json.dumps(result)


@pytest.mark.parametrize(
    "details",
    [
        {"sha": [f'"sha" must have 7 characters. Received "{SHA}"', "true or 7, ab1"], "7": []},
        {"overrides.docker.dockerFilePath": ['must be true. Received "/7"'], "overrides.buildFiles./a.encoding": ['Received "utf"']},
    ],
)
def test_what_a_refusal_repeats_of_other_options_is_shown(build, fake, details):
    fake.fault(Fault("json", "start", status=400, body={"error": {"status": 400, "message": "No 7, ab1, 'true7'", "details": details}}))
    result = build(sha=SHA, overrides=PIN)
    assert (result["error"]["details"], result["error"]["message"]) == (details, "No 7, ab1, 'true7'")
