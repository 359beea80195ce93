# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The committed pictures are up to date, need nothing else, and tell nothing of the machine that drew them."""

from __future__ import annotations

import re
import sys
from xml.etree import ElementTree

import pytest
import yaml
from ansible_collections.community.northflank.tests.fake_northflank.world import EXAMPLE_TOKEN
from ansible_collections.community.northflank.tools.pictures import layers
from ansible_collections.community.northflank.tools.pictures.draw import FOLDER, FROM_CODE, ROOT, draw

SVG = "{http://www.w3.org/2000/svg}"
COMMITTED = sorted(path.relative_to(ROOT) for path in (ROOT / "docs").rglob("*.svg") if "_build" not in path.parts)


@pytest.mark.parametrize("name", FROM_CODE)
def test_up_to_date(name):
    assert (ROOT / FOLDER / f"{name}.svg").read_text(encoding="utf-8") == draw(name), "run make pictures"


@pytest.mark.parametrize("path", COMMITTED, ids=str)
def test_stands_alone(path):
    svg = (ROOT / path).read_text(encoding="utf-8")
    root = ElementTree.fromstring(svg)
    assert all(len(root.findtext(f"{SVG}{element}") or "") > 20 for element in ("title", "desc"))
    assert "prefers-color-scheme: dark" in svg
    assert len(svg) < 60_000
    # Neither scripts, nor fonts, nor anything else to fetch.
    assert not re.search(r"<script|<image|<foreignObject|href|url\(|@import|@font-face", svg)
    assert set(re.findall(r"https?://([\w.]+)", svg)) <= {"www.w3.org", "www.gnu.org", "127.0.0.1"}
    for secret in (EXAMPLE_TOKEN, "correct horse", "s3cr3t", str(ROOT), sys.prefix, "/home/", "/root/", "/Users/"):
        assert secret not in svg


def test_demo_shows_tasks_of_today():
    lines = ["".join(text.itertext()) for text in ElementTree.parse(ROOT / FOLDER / "demo.svg").iter(f"{SVG}text")]
    shown = re.findall(r"TASK \[(.+?)\]", "\n".join(lines))
    play = yaml.safe_load((ROOT / "tests/demo/demo.yml").read_text(encoding="utf-8"))[0]
    blocks = [[task, *task.get("block", []), *task.get("rescue", [])] for task in play["tasks"]]
    assert len(shown) > 5
    assert set(shown) <= {task["name"] for tasks in blocks for task in tasks}
    assert any("DATABASE_PASSWORD: '********'" in line for line in lines)


@pytest.mark.parametrize("layer", layers.LAYERS, ids=lambda layer: layer.title)
def test_texts_fit_into_their_box(layer):
    # A character is about half as wide as the font is high, here 14; a monospaced one, of 13, 0.6 times.
    assert 0.5 * 14 * len(layer.purpose) <= layer.right - layer.left
    assert 0.6 * 13 * len(layer.names) <= layer.right - layer.left - 16
