# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bar chart as SVG text, in the manner of the documentation's other pictures."""

from __future__ import annotations

import typing as t

from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, RULES, box, picture, text

LABELS, BARS = 316, 224
"""Where the bars begin, and how long the longest is."""

LINE, HEADING, TOP = 24, 40, 76

STYLES = {".bar": {"fill": "gray"}, ".bar-ours": {"fill": "blue"}}
COLORS = {"gray": ("#a3aab2", "#656c76")}


class Bar(t.NamedTuple):
    """One block. C(text): its length in words. C(ours): whether it stands out."""

    label: str
    length: float
    text: str
    ours: bool


def chart(title: str, description: str, groups: t.Mapping[str, t.Sequence[Bar]]) -> str:
    """The chart. Each group has a scale of its own: its longest bar is as long as there is room."""
    shapes = [text(title, MARGIN, 38, "title"), text("Shorter is better. Each group has a scale of its own.", MARGIN, 62, "quiet")]
    y = TOP
    for heading, bars in groups.items():
        y += HEADING
        shapes.append(text(heading, MARGIN, y - 10, "heading"))
        longest = max(block.length for block in bars)
        for block in bars:
            length = max(2.0, BARS * block.length / longest)
            shapes += [
                text(block.label, LABELS - 10, y + 16, "" if block.ours else "quiet", "end"),
                box(LABELS, y + 3, length, 17, "bar-ours" if block.ours else "bar", 2),
                text(block.text, LABELS + length + 8, y + 16, "" if block.ours else "quiet"),
            ]
            y += LINE
    return picture(title, description, y + MARGIN, shapes, colors=COLORS, rules={**RULES, **STYLES})
