# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about failing networks says what the table says, and is RST."""

from __future__ import annotations

from ansible_collections.community.northflank.tests.faults.page import PAGE, page
from ansible_collections.community.northflank.tests.faults.table import FAMILIES


def test_the_page_is_what_would_be_generated() -> None:
    """After a change of the table, tests/faults/page.py writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_page_tells_of_every_family() -> None:
    """In the words of the table, and with every place in them filled in."""
    text = " ".join(page().split())
    assert [words for words in FAMILIES.values() if words not in text] == []
    assert "{kind}" not in text
    assert "its own" not in text.replace("takes as its own", "").replace("for its own", "")
