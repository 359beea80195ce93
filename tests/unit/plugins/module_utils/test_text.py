# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts that a terminal shows as they are, and the text of a log line."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.community.northflank.plugins.module_utils._logs import log_text
from ansible_collections.community.northflank.plugins.module_utils._secrets import plain
from hypothesis import given, settings, strategies as st

PROPERTY = settings(max_examples=100, deadline=None, derandomize=True, database=None)

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = "".join(chr(code) for code in [*range(32), *range(127, 160)] if chr(code) != "\t") + BIDI

hostile = st.lists(
    st.sampled_from(
        [
            *CONTROLS,
            "\x1b[",
            "\x1b]",
            "\x1b]8;;",
            "\x1b\\",
            "\x1bP",
            "0",
            ";",
            "m",
            "[",
            "]",
            "\\",
            "(",
            "B",
            " ",
            "\t",
            "word",
            "ä",
            "\U0001f600",
        ]
    ),
    max_size=30,
).map("".join)


def is_plain(text: str) -> bool:
    """Whether nothing in a text controls a terminal."""
    return not set(text) & set(CONTROLS)


@PROPERTY
@given(text=hostile | st.text(max_size=60))
def test_what_is_plain_controls_nothing(text):
    assert is_plain(plain(text))


@PROPERTY
@given(text=hostile | st.text(max_size=60))
def test_plain_text_stays_as_it_is(text):
    assert plain(plain(text)) == plain(text)
    if is_plain(text):
        assert plain(text) == text


@pytest.mark.parametrize("control", CONTROLS, ids=lambda c: f"U+{ord(c):04X}")
def test_every_control_goes_and_its_surroundings_stay(control):
    assert is_plain(plain(f"before{control}"))
    assert plain(f"before {control}").startswith("before ")
    if control != "\x1b":
        assert plain(f"before{control}after").replace(" ", "") == "beforeafter"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[1;38;5;196mred\x1b[m", "red"),
        ("\x1b[38:2::255:0:0mred", "red"),
        ("\x1b[?25lhidden cursor\x1b[?25h", "hidden cursor"),
        ("\x1b[2J\x1b[1;1Hclear", "clear"),
        ("\x1b[2Kline\x1b[1A", "line"),
        ("\x1b[ q", ""),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]2;title\x1b\\text", "text"),
        ("\x1b]8;;https://evil.example\x07link\x1b]8;;\x07", "link"),
        ("\x1b]8;id=1;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;ZXZpbA==\x07", ""),
        ("\x1b", ""),
        ("\x1b[", ""),
        ("text\x1b[31", "text31"),
        ("back\b\b\b\bkcab", "backkcab"),
        ("tab\there", "tab\there"),
        ("\u202egnp.exe", "gnp.exe"),
        ("\x9b31mred", "31mred"),
        ("{{ 7 * 7 }}{% raw %}{# no #}", "{{ 7 * 7 }}{% raw %}{# no #}"),
        ("!unsafe &a *a %YAML", "!unsafe &a *a %YAML"),
        ("שלום עולם مرحبا", "שלום עולם مرحبا"),
        ("👩\u200d🚀 e\u0301", "👩\u200d🚀 e\u0301"),
    ],
    ids=repr,
)
def test_sequences(text, seen):
    assert plain(text) == seen


@pytest.mark.parametrize(
    "text", ["\x1b(B\x1b[mtext", "\x1b(0text\x1b(B", "\x1b)Btext", "\x1b#8text", "\x1b7text\x1b8", "\x1b=text\x1b>", "\x1bctext"]
)
def test_short_sequences_leave_nothing(text):
    # "ESC ( B" is what tput sgr0 prints.
    assert plain(text) == "text"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85"])
def test_line_breaks_part_words(line_break):
    assert plain(f"one{line_break}two").split() == ["one", "two"]


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]" * 300_000,
        "\x1b[" * 300_000,
        "\x1b[" + "0" * 500_000,
        "\x1b[0 " * 200_000,
        "\x1b[" + "0" * 300_000 + " " * 300_000,
        "\u202e" * 500_000,
    ],
    ids=["titles", "sequences", "parameters", "intermediate", "both", "bidi"],
)
def test_long_texts_take_no_long_time(text):
    began = time.process_time()
    assert is_plain(plain(text))
    # What takes the square of such a length takes many minutes; what does not, a moment on any machine.
    assert time.process_time() - began < 30


# Log lines.


@pytest.mark.parametrize("tag", ["F", "P"])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize(
    "moment",
    [
        "",
        "2023-04-13T08:18:13Z ",
        "2023-04-13T08:18:13.944Z ",
        "2023-04-13T08:18:13.944190216Z ",
        "2023-04-13T08:18:13.944190216+02:00 ",
        "2023-04-13T08:18:13.944190216-0930 ",
    ],
)
def test_the_documented_formats(moment, stream, tag):
    for text in ("TEST", "This is a log line", "", "  indented", "trailing  ", "a\ttab", "stdout F twice", "2023-04-13T08:18:13Z a time"):
        assert log_text(f"{moment}{stream} {tag} {text}") == text


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "",
        "stdout",
        "stdout F",
        "stdout X text",
        "stdoutF text",
        "STDOUT F text",
        "stdin F text",
        " stdout F text",
        "2023-04-13T08:18:13.944190216Z TEST",
        "2023-04-13 stdout F text",
        "text stdout F text",
        "{{ lookup('pipe', 'id') }}",
        "ünïcödé \U0001f600",
    ],
)
def test_other_lines_stay_as_they_are(text):
    assert log_text(text) == text


@pytest.mark.parametrize(
    "entry",
    [{"level": "info", "message": "stdout F é"}, ["a", 1], 7, 1.5, True, {}, [], {"deep": {"deeper": ["{{ 7 }}"]}}],
    ids=repr,
)
def test_entries_that_are_no_text_are_shown_as_json(entry):
    assert json.loads(log_text(entry)) == entry
    assert "\\u00" not in log_text(entry)


def test_a_line_without_a_text():
    assert log_text(None) == "null"


def test_a_documented_line_with_controls():
    assert log_text("stdout F \x1b[32mgreen\x1b[0m\tand \x1b]0;title\x07text\r") == "green\tand text "


def test_controls_in_an_object_are_no_controls_in_its_line():
    assert is_plain(log_text({"message": "".join(CONTROLS) + "\x1b[31mred"}))


@PROPERTY
@given(text=hostile, prefix=st.sampled_from(["", "stdout F ", "2023-04-13T08:18:13.944190216Z stderr P "]))
def test_a_log_line_controls_nothing(text, prefix):
    assert is_plain(log_text(prefix + text))
    if prefix:
        assert log_text(prefix + text) == plain(text)
