# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all pictures share: the frame, the description for screen readers, colors for light and dark pages, and a few shapes."""

from __future__ import annotations

import textwrap
import typing as t
from xml.sax.saxutils import escape, quoteattr

WIDTH, MARGIN = 640, 24  # A phone shows this width at three fifths of its size: text of 14 units can still be read there
LICENSE = """\
<!-- Copyright (c) 2026, The community.northflank authors
     GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
     SPDX-License-Identifier: GPL-3.0-or-later
-->
"""

# Each color on a light page, and on a dark one.
COLORS = {
    "page": ("#ffffff", "#0d1117"),
    "line": ("#d1d9e0", "#3d444d"),
    "text": ("#1f2328", "#f0f6fc"),
    "quiet": ("#59636e", "#9198a1"),
    "box": ("#f6f8fa", "#151b23"),
    "blue": ("#0969da", "#4493f8"),
    "pale-blue": ("#ddf4ff", "#121d2f"),
    "gray": ("#a3aab2", "#656c76"),
    "green": ("#1a7f37", "#3fb950"),
    "yellow": ("#9a6700", "#d29922"),
    "red": ("#cf222e", "#ff7b72"),
}

RULES = {
    ".page": {"fill": "page", "stroke": "line"},
    "text": {"fill": "text"},
    ".quiet": {"fill": "quiet"},
    ".box": {"fill": "box", "stroke": "line"},
    ".ours": {"fill": "pale-blue", "stroke": "blue"},
    ".arrow": {"stroke": "quiet"},
    ".tip": {"fill": "quiet"},
    ".ours-arrow": {"stroke": "blue"},
    ".ours-tip": {"fill": "blue"},
}
TYPE = """\
    text { font: 14px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif }
    .title { font-weight: 600; font-size: 18px }
    .heading { font-weight: 600; font-size: 15px }
    .code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
    .arrow, .ours-arrow { fill: none; stroke-width: 1.5 }
"""


def picture(
    title: str,
    description: str,
    height: float,
    shapes: t.Iterable[str],
    *,
    rules: t.Mapping[str, t.Mapping[str, str]] | None = None,
    css: str = "",
) -> str:
    """The whole file. It has its own background, so that its text can be read on any page."""
    light, dark = (_css(rules or RULES, {name: pair[shade] for name, pair in COLORS.items()}) for shade in (0, 1))
    style = f"{TYPE}{css}{light}    @media (prefers-color-scheme: dark) {{\n{textwrap.indent(dark, '  ')}    }}\n"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" '
        'role="img" aria-labelledby="title desc">\n'
        f'{LICENSE}  <title id="title">{escape(title)}</title>\n  <desc id="desc">{escape(description)}</desc>\n'
        f"  <style>\n{style}  </style>\n"
        f'  <rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:g}" rx="6"/>\n'
        + "".join(f"  {shape}\n" for shape in shapes)
        + "</svg>\n"
    )


def text(words: str, x: float, y: float, style: str = "", anchor: str = "start", length: float | None = None) -> str:
    """One line of text. `y` is its base line; `length`, if given, is kept whatever the font is."""
    end = "" if anchor == "start" else f' text-anchor="{anchor}"'
    fit = f' textLength={_number(length)} lengthAdjust="spacingAndGlyphs"' if length else ""
    return f"<text{_class(style)} x={_number(x)} y={_number(y)}{end}{fit}>{escape(words)}</text>"


def box(x: float, y: float, width: float, height: float, style: str = "box", radius: float = 6) -> str:
    return f'<rect{_class(style)} x={_number(x)} y={_number(y)} width={_number(width)} height={_number(height)} rx="{radius:g}"/>'


def arrow(start: tuple[float, float], end: tuple[float, float], turn: float | None = None, style: str = "") -> str:
    """An arrow downward. It leaves and arrives upright, and moves sideways only below `turn`."""
    (x1, y1), (x2, y2) = start, end
    turn, neck = y1 if turn is None else turn, y2 - 7
    bend = (neck - turn) * 0.6
    path = f"M{x1:g} {y1:g}V{turn:g}C{x1:g} {turn + bend:g} {x2:g} {neck - bend:g} {x2:g} {neck:g}"
    prefix = f"{style}-" if style else ""
    return f'<path class="{prefix}arrow" d="{path}"/><path class="{prefix}tip" d="M{x2:g} {y2:g}l-4.5 -8h9z"/>'


def _css(rules: t.Mapping[str, t.Mapping[str, str]], colors: t.Mapping[str, str]) -> str:
    """Rules whose values are names of colors, as CSS. Some renderers do not know CSS's own variables."""
    bodies = {
        selector: "; ".join(f"{name}: {colors.get(value, value)}" for name, value in facts.items()) for selector, facts in rules.items()
    }
    return "".join(f"    {selector} {{ {body} }}\n" for selector, body in bodies.items())


def _class(style: str) -> str:
    return f" class={quoteattr(style)}" if style else ""


def _number(value: float) -> str:
    return f'"{round(value, 1):g}"'
