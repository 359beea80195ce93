# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark judges by medians, and writes a page and a chart that can be read."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from ansible_collections.community.northflank.tools.benchmark import bench_scale, report, scale_report
from ansible_collections.community.northflank.tools.benchmark.rows import LIMITS, rows


def test_page_and_chart_have_all_figures():
    measured = rows()
    for row in measured.values():
        row.seconds.update((side, [0.0123, 0.0456]) for side in row.sides)
    page, chart = report.page(measured, "2 rounds"), report.chart(measured)
    assert all(limit.title in page for limit in LIMITS)
    assert all(name in page and name in chart for name in report.NAMES.values())
    ElementTree.fromstring(chart)


def test_growth_is_the_slope_in_log_log():
    assert bench_scale.exponent([(1, 5), (10, 50), (100, 500)]) == pytest.approx(1)
    assert bench_scale.exponent([(1, 3), (10, 3), (100, 3)]) == pytest.approx(0)
    assert bench_scale.exponent([(1, 0), (10, 3)]) is None


def test_page_and_plot_of_scale_have_all_lines():
    points = {size: scale_report.Point(size, 0.01 * size, 0.1) for size in (1, 100)}
    lines = [scale_report.Line(title, "things", name, points) for title in ("History", "Hosts") for name in ("ours <&>", "SDK: all()")]
    plot = ElementTree.fromstring(scale_report.plot(lines))
    assert sum("ours-curve" in element.get("class", "") for element in plot.iter()) == 8
    table = scale_report.terminal(lines, bench_scale.exponent)
    assert table.count("1.00") == 8
    assert all(line.name in table for line in lines)
