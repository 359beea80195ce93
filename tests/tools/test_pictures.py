# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The committed pictures are up to date, can be read by everybody, and tell nothing of the machine that drew them."""

from __future__ import annotations

import re
import sys
from xml.etree import ElementTree

import pytest
import yaml
from ansible_collections.community.northflank.plugins.plugin_utils._progress import Progress
from ansible_collections.community.northflank.tests.fake_northflank.world import EXAMPLE_TOKEN
from ansible_collections.community.northflank.tools.pictures import layers
from ansible_collections.community.northflank.tools.pictures.draw import FOLDER, FROM_CODE, FROM_RUNS, ROOT, draw

SVG = "{http://www.w3.org/2000/svg}"
COMMITTED = sorted(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.svg") if "_build" not in path.parts)
MOST = 60_000
"""Bytes."""


@pytest.mark.parametrize("name", FROM_CODE)
def test_up_to_date(name):
    assert (ROOT / FOLDER / f"{name}.svg").read_text(encoding="utf-8") == draw(name), "run make pictures"


def test_all_are_there():
    assert {FOLDER / f"{name}.svg" for name in (*FROM_CODE, *FROM_RUNS)} <= set(COMMITTED)


@pytest.mark.parametrize("path", COMMITTED, ids=str)
def test_stands_alone(path):
    svg = (ROOT / path).read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert len(svg.encode()) < MOST
    for element in ("title", "desc"):
        assert len(root.findtext(f"{SVG}{element}") or "") > 20
    assert "prefers-color-scheme: dark" in svg
    # Neither scripts, nor fonts, nor anything else that would have to be fetched.
    assert not re.search(r"<script|<image|<foreignObject|href|url\(|@import|@font-face", svg)
    addresses = set(re.findall(r"https?://([\w.]+)", svg))
    assert addresses <= {"www.w3.org", "www.gnu.org", "127.0.0.1"}


@pytest.mark.parametrize("path", COMMITTED, ids=str)
def test_tells_no_secret(path):
    svg = (ROOT / path).read_text(encoding="utf-8")
    for secret in (EXAMPLE_TOKEN, "correct horse", "s3cr3t", str(ROOT), sys.prefix):
        assert secret not in svg
    assert not re.search(r"/(home|root|Users)/", svg)


@pytest.fixture(scope="module")
def terminal():
    """The lines of the demo's picture, without its bars and without the spaces that begin them."""
    lines: dict[str, str] = {}
    for text in ElementTree.parse(ROOT / FOLDER / "demo.svg").iter(f"{SVG}text"):
        lines[text.attrib["y"]] = f"{lines.get(text.attrib['y'], '')} {text.text}".strip()
    return list(lines.values())


def test_demo_shows_what_it_promises(terminal):
    shown = "\n".join(terminal)
    for promise in ("DATABASE_PASSWORD: '********'", "returned a non-zero code: 1", "5 of 5 succeeded", "[ERROR]: Task failed"):
        assert promise in shown


def test_demo_shows_tasks_that_there_are(terminal):
    play = yaml.safe_load((ROOT / "tests/demo/demo.yml").read_text(encoding="utf-8"))[0]
    blocks = [[task, *task.get("block", []), *task.get("rescue", [])] for task in play["tasks"]]
    named = [task["name"] for tasks in blocks for task in tasks]
    shown = [line[len("TASK [") : line.rindex("]")] for line in terminal if line.startswith("TASK [")]
    assert len(shown) > 5
    assert set(shown) <= set(named)


def test_demo_shows_progress_in_the_words_of_today(terminal):
    said: list[str] = []
    for line in terminal:
        show = Progress(said.append, host="localhost", columns=0, ascii_only=False)
        if one := re.match(r"\[localhost\] (\S+) \((\S+)\): .*?([A-Z]+) after (\d+) s(?:, usually (\d+) s)?$", line):
            build = {"id": one[1], "job_id": one[2], "status": one[3], "concluded": one[3] == "SUCCESS", "success": True, "message": None}
            show({"kind": "status", "build": build, "total": 1, "elapsed": int(one[4]), "usual": int(one[5] or 0)})
            assert said[-1].strip() == line
        elif many := re.match(r"\[localhost\] .*?(\d)/5 .*?(\d+) s(?:, usually (\d+) s)?$", line):
            show({"kind": "heartbeat", "ended": int(many[1]), "total": 5, "failed": 0, "elapsed": int(many[2]), "usual": int(many[3] or 0)})
            assert re.sub(r"[\u2588\u2591]+ ", "", said[-1]).strip() == line
    assert len(said) > 5


@pytest.mark.parametrize("upward", [("module_utils/_secrets", "module_utils/_client"), ("module_utils/_start", "module_utils/_watch")])
def test_layers_refuse_imports_that_do_not_lead_down(upward):
    with pytest.raises(ValueError, match="not below"):
        layers.arrows([*layers.imports(), upward])


def test_layers_refuse_a_file_without_a_layer():
    with pytest.raises(ValueError, match="0 layers"):
        layers.layer_of("module_utils/_new")


@pytest.mark.parametrize("layer", layers.LAYERS, ids=lambda layer: layer.title)
def test_texts_fit_into_their_box(layer):
    # A character is about half as wide as it is high, here 14.
    assert 0.5 * 14 * len(layer.purpose) <= layer.right - layer.left
    # Characters of a monospaced font are 0.6 times as wide as they are high, here 13.
    assert 0.6 * 13 * len(layers.names(layer)) <= layer.right - layer.left - 16
