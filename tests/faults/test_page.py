# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page about failing networks says what the table says."""

from __future__ import annotations

from ansible_collections.community.northflank.plugins.module_utils._lifecycle.start import CLOCK_SKEW
from ansible_collections.community.northflank.tests.faults.page import PAGE, TABLE, page
from ansible_collections.community.northflank.tests.faults.table import FAMILIES, RETRIES, SEARCHING, TIMEOUT


def test_the_page_is_up_to_date() -> None:
    """After a change of the table, tests/faults/page.py writes it again."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == page()
    assert len(TABLE.findall(text)) == text.count(".. list-table::") == 7


def test_the_page_tells_of_every_family_and_of_the_times() -> None:
    text = " ".join(page().split())
    times = (f"({TIMEOUT} seconds by default)", f"({RETRIES} by default)", f"for {SEARCHING} seconds", f"than {CLOCK_SKEW:.0f} seconds")
    assert [words for words in (*FAMILIES.values(), *times) if words not in text] == []
    assert "{kind}" not in text
