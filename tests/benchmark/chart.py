# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A block chart as SVG text, for light and for dark pages."""

from __future__ import annotations

import typing as t
from xml.sax.saxutils import escape

LEFT, WIDTH, BARS = 20, 760, 340
LABELS = 300
"""Where the bars begin."""

LINE, HEADING, GAP = 22, 30, 14

# The chart brings its background: whatever page it is on, its text can be read.
STYLE = """\
    .page { fill: #ffffff; stroke: #d1d9e0 }
    text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
    .heading { font-weight: 600; font-size: 14px }
    .block { fill: #a3aab2 }
    .ours { fill: #0969da }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; stroke: #3d444d }
      text { fill: #f0f6fc }
      .block { fill: #656c76 }
      .ours { fill: #4493f8 }
    }
"""

LICENSE = """\
<!-- Copyright (c) 2026, The community.northflank authors
     GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
     SPDX-License-Identifier: GPL-3.0-or-later -->
"""


class Bar(t.NamedTuple):
    """One block. C(text): its length in words. C(ours): whether it stands out."""

    label: str
    length: float
    text: str
    ours: bool


def chart(title: str, description: str, groups: t.Mapping[str, t.Sequence[Bar]]) -> str:
    """The chart. Each group has a scale of its own: its longest block is as long as there is room."""
    lines: list[str] = []
    y = GAP
    for heading, bars in groups.items():
        y += HEADING
        lines.append(f'<text class="heading" x="{LEFT}" y="{y - 10}">{escape(heading)}</text>')
        longest = max(block.length for block in bars)
        for block in bars:
            length = max(1.0, BARS * block.length / longest)
            lines.append(f'<text x="{LABELS - 10}" y="{y + 15}" text-anchor="end">{escape(block.label)}</text>')
            lines.append(
                f'<rect class="{"ours" if block.ours else "block"}" x="{LABELS}" y="{y + 3}" width="{length:.1f}" height="16" rx="2"/>'
            )
            lines.append(f'<text x="{LABELS + length + 8:.1f}" y="{y + 15}">{escape(block.text)}</text>')
            y += LINE
        y += GAP
    height = y + GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title desc">\n'
        f'{LICENSE}  <title id="title">{escape(title)}</title>\n  <desc id="desc">{escape(description)}</desc>\n'
        f"  <style>\n{STYLE}  </style>\n"
        f'  <rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="6"/>\n'
        + "".join(f"  {line}\n" for line in lines)
        + "</svg>\n"
    )
