# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything on the pages works: each command and each playbook is run, and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests.docs.blocks import PAGES, ROOT, blocks
from ansible_collections.community.northflank.tests.docs.sandbox import lasting, sandbox

SITE = "https://ansible-collections.github.io/community.northflank"


@pytest.mark.pages
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_everything_on_the_page_works(page: Path, tmp_path: Path):
    with sandbox(page, tmp_path) as reader:
        reader.read()
    shown = {block.line: block.body for block in blocks(page)}
    for line, output in reader.outputs.items():
        assert lasting(shown[line]) == lasting(output), f"{page.relative_to(ROOT)}:{line} shows something else; run make docs-output"
    missing = {reason for block, reason in reader.skipped if block.note("needs")}
    if missing:
        pytest.skip(f"all of the page works but for what needs Northflank's own clients: {missing.pop()}")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_code_escapes(page: Path):
    """Code stands in blocks that name their language, since only those are tried."""
    text = page.read_text(encoding="utf-8")
    fences = len(re.findall(r"^ *```", text, re.MULTILINE)) / 2
    directives = len(re.findall(r"^ *\.\. (?:code|code-block|sourcecode|parsed-literal|literalinclude)::", text, re.MULTILINE))
    assert len(blocks(page)) == (directives if page.suffix == ".rst" else fences)
    assert page.suffix == ".md" or not re.search(r"^ *(?!\.\. ).*::$", text, re.MULTILINE)


def test_next_to_nothing_is_left_out():
    assert {block.place.partition(":")[0]: block.note("skip") for page in PAGES for block in blocks(page) if block.note("skip")} == {
        "docs/docsite/rst/contact.rst": "needs a clone and an account",
        "docs/docsite/rst/pipeline.rst": "needs an engine for containers, and a base image",
        "docs/docsite/rst/secrets.rst": "a Dockerfile is for Northflank to build",
    }


def test_every_target_of_make_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        name for page in PAGES for names in re.findall(r"`make ([a-z -]+)`", page.read_text(encoding="utf-8")) for name in names.split()
    }
    assert named
    assert named <= targets


def test_contributing_names_every_file_and_every_folder_of_tests():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Where to find what")[2].partition("\n## ")[0]
    operations = {path.name for path in (ROOT / "plugins/module_utils/_modules").glob("*.py")}
    files = {path.name for path in (ROOT / "plugins").glob("*_utils/**/*.py")} - operations
    assert files
    assert {name for name in files if name not in text} == set()
    assert {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith("_")} - {"output"} <= set(
        re.findall(r"tests/(\w+)/", text)
    )


def test_links_to_the_site_lead_to_its_pages():
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md")]
    linked = set(re.findall(rf"{re.escape(SITE)}/docsite/(\w+)\.html", "".join(texts)))
    assert linked
    assert linked <= {page.stem for page in PAGES}
    assert SITE in (ROOT / "galaxy.yml").read_text(encoding="utf-8")
