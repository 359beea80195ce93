# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark judges by medians, and writes a page and a chart that can be read."""

from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.community.northflank.tools.benchmark import report
from ansible_collections.community.northflank.tools.benchmark.rows import LIMITS, rows


def test_page_and_chart_have_all_figures():
    measured = rows()
    for row in measured.values():
        row.seconds.update((side, [0.0123, 0.0456]) for side in row.sides)
    page, chart = report.page(measured, "2 rounds"), report.chart(measured)
    assert all(limit.title in page for limit in LIMITS)
    assert all(name in page and name in chart for name in report.NAMES.values())
    ElementTree.fromstring(chart)
