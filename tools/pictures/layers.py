# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers of the collection: files in rows, imports as arrows."""

from __future__ import annotations

import ast
import fnmatch
import typing as t
from pathlib import Path

from ansible_collections.community.northflank.tools.pictures.svg import MARGIN, arrow, box, picture, text

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PACKAGE = "ansible_collections.community.northflank.plugins."
DOCUMENTATION = "doc_fragments/*"


class Layer(t.NamedTuple):
    """A box: files with one purpose. `style` is `ours` for what runs in the worker."""

    title: str
    purpose: str
    files: tuple[str, ...]
    left: float
    right: float
    style: str = "box"

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def names(self) -> str:
        return " ".join(pattern.removeprefix("module_utils/").removeprefix("plugin_utils/") for pattern in self.files)


# From top to bottom. A file that none of these names, and an import that does not lead down, are errors.
ROWS = (
    (
        Layer("Modules", "documentation, and one call", ("modules/northflank_*",), 24, 308),
        Layer("Action plugins", "the same names, in Ansible's worker", ("action/northflank_*",), 332, 616, "ours"),
    ),
    (
        Layer("Module entry point", "a process of its own", ("module_utils/_ansible_module",), 24, 190),
        Layer("Operations", "options in, result out", ("module_utils/_modules/*",), 202, 368),
        Layer("Worker entry point", "with live progress", ("plugin_utils/_action", "plugin_utils/_progress"), 380, 616, "ours"),
    ),
    (Layer("Life cycle", "start once, poll until the end, follow logs, abort: any kind", ("module_utils/_lifecycle/*",), 24, 616),),
    (Layer("Resources", "what Northflank has: paths, fields, statuses, permissions", ("module_utils/_resources/*",), 24, 616),),
    (Layer("Operation", "what all operations share", ("module_utils/_operation",), 112, 528),),
    (Layer("HTTP", "deadlines, retries, pages, the rate limit, error messages", ("module_utils/_http/*",), 24, 616),),
    (
        Layer(
            "Basics",
            "what all of the above may use",
            tuple(f"module_utils/{name}" for name in ("_argspec", "_errors", "_masking", "_orphans", "_sensitive", "_timestamps")),
            24,
            616,
        ),
    ),
)
LAYERS = tuple(layer for row in ROWS for layer in row)

TOP, HEIGHT, GAP, INSET = 88, 78, 48, 24


def draw() -> str:
    tops = {layer: TOP + number * (HEIGHT + GAP) for number, row in enumerate(ROWS) for layer in row}
    pairs = arrows(imports())
    shapes = [
        text("The layers of the collection", MARGIN, 38, "title"),
        text("An arrow is an import. Those that others imply are left out.", MARGIN, 62, "quiet"),
    ]
    shapes += [_arrow(above, below, pairs, tops) for above, below in pairs]
    for layer, top in tops.items():
        shapes += _box(layer, top)
    words = "; ".join(f"{above.title} to {below.title}" for above, below in pairs)
    return picture(
        "The layers of community.northflank",
        f"From top to bottom: {', '.join(layer.title for layer in LAYERS)}. All arrows point downward: {words}. "
        "What can be reached by other arrows has no arrow of its own.",
        TOP + len(ROWS) * (HEIGHT + GAP) - GAP + MARGIN,
        shapes,
    )


def arrows(found: t.Iterable[tuple[str, str]]) -> list[tuple[Layer, Layer]]:
    """The imports between layers, without those that others imply. One that leads upward or sideways is an error."""
    rows = {layer: number for number, row in enumerate(ROWS) for layer in row}
    known: dict[Layer, set[Layer]] = {layer: set() for layer in LAYERS}
    for importing, imported in found:
        above, below = layer_of(importing), layer_of(imported)
        if above != below and rows[above] >= rows[below]:
            raise ValueError(f"{importing} imports {imported}, which is not below it")
        known[above] |= {below} - {above}
    reached: dict[Layer, set[Layer]] = {}
    for layer in reversed(LAYERS):
        reached[layer] = known[layer].union(*(reached[below] for below in known[layer]))
    return [(a, b) for a in LAYERS for b in LAYERS if b in known[a] and not any(b in reached[other] for other in known[a] - {b})]


def imports() -> list[tuple[str, str]]:
    """Which file of the collection imports which, without suffixes."""
    files = {path.relative_to(PLUGINS).with_suffix("").as_posix(): path for path in sorted(PLUGINS.rglob("*.py"))}
    return [
        (name, imported)
        for name, path in files.items()
        if not fnmatch.fnmatch(name, DOCUMENTATION)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for imported in _imported(node, name)
        if imported in files
    ]


def layer_of(file: str) -> Layer:
    found = [layer for layer in LAYERS if any(fnmatch.fnmatch(file, pattern) for pattern in layer.files)]
    if len(found) != 1:
        raise ValueError(f"{file} is in {len(found)} layers of {__file__}; name it in one")
    return found[0]


def _imported(node: ast.ImportFrom, name: str) -> list[str]:
    """What an import statement can mean: a module, or modules of a package."""
    package = name.split("/")[: -node.level] if node.level else []
    module = "/".join([*package, *(node.module or "").removeprefix(PACKAGE).split(".")]).rstrip("/")
    return [module, *(f"{module}/{alias.name}" for alias in node.names)]


def _box(layer: Layer, top: float) -> list[str]:
    return [
        box(layer.left, top, layer.right - layer.left, HEIGHT, layer.style),
        text(layer.title, layer.middle, top + 23, "heading", "middle"),
        text(layer.purpose, layer.middle, top + 43, "", "middle"),
        text(layer.names, layer.middle, top + 64, "code quiet", "middle"),
    ]


def _arrow(above: Layer, below: Layer, pairs: list[tuple[Layer, Layer]], tops: dict[Layer, float]) -> str:
    """An arrow from one box to another, as straight as possible, past the boxes in between."""
    left, right = above.left, above.right
    for layer, top in tops.items():
        if tops[above] < top < tops[below]:
            left, right = max((left, min(right, layer.left)), (max(left, layer.right), right), key=lambda span: span[1] - span[0])
    out = sorted((b for a, b in pairs if a == above), key=lambda layer: layer.middle)
    start = left + (right - left) * (out.index(below) + 1) / (len(out) + 1)
    end = min(max(start, below.left + INSET), below.right - INSET)
    return arrow((start, tops[above] + HEIGHT), (end, tops[below]), tops[below] - GAP, "ours" if above.style == "ours" else "")
