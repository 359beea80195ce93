# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers of the product: what may import what, and which layer knows which words. ruff finds imports inside functions."""

from __future__ import annotations

import ast
import re
import typing as t
from pathlib import Path, PurePosixPath

import pytest

PLUGINS = Path(__file__).parents[3] / "plugins"
COLLECTION = "ansible_collections.community.northflank.plugins."

LAYERS = (
    *(("modules", "action"), ("plugin_utils", "module_utils/_ansible_module.py"), ("module_utils/_modules",), ("module_utils/_lifecycle",)),
    *(("module_utils/_resources",), ("module_utils/_operation.py",), ("module_utils/_http",), ("module_utils",)),
)
"""From the top to the bottom. Files of one folder may import each other; what is not named in the last layer is at the bottom."""

FOLDERS = {name for layer in LAYERS for name in layer if not name.endswith(".py")}

WORDS = {
    "module_utils/_lifecycle": re.compile(r"builds?|sha|shas|commits?|branch|branches|job runs?"),
    "module_utils/_http": re.compile(r"builds?|jobs?|branch|branches|logs?"),
}
"""What a layer knows nothing of."""


def layer_of(path: str) -> tuple[int, str]:
    """The number of a file's layer, from the top, and its name."""
    places = [path, *map(str, PurePosixPath(path).parents)]
    found = [(number, name) for number, layer in enumerate(LAYERS) for name in layer if name in places]
    return min(found, default=(-1, path), key=lambda place: (-len(place[1]), place[0]))


def imports(path: str, tree: ast.AST) -> t.Iterator[tuple[ast.stmt, str, str]]:
    """Each import of a file: the statement, the module, and the name that is imported from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                folder = ".".join(PurePosixPath(path).parts[: -node.level])
                module = (COLLECTION + folder + "." + module).rstrip(".")
            yield from ((node, module, alias.name) for alias in node.names)


def imported_files(path: str, tree: ast.AST) -> t.Iterator[tuple[ast.stmt, str]]:
    """The files of the collection that a file imports."""
    for node, module, name in imports(path, tree):
        if module.startswith(COLLECTION):
            place = module[len(COLLECTION) :].replace(".", "/")
            # `from .. import _errors` names a file, `from .._errors import x` something in it.
            yield node, f"{place}/{name}.py" if place in FOLDERS else f"{place}.py"


def upward_imports(path: str, tree: ast.AST) -> t.Iterator[str]:
    number, name = layer_of(path)
    for _node, other in imported_files(path, tree):
        below, folder = layer_of(other)
        if below < number or (below == number and name != folder):
            yield f"{path}: imports {other}, which is not below it"


def forbidden_words(path: str, tree: ast.AST) -> t.Iterator[str]:
    """Names and texts, but no docstrings, that have a word in snake_case or camelCase that the layer must not know."""
    pattern = next((words for place, words in WORDS.items() if path.startswith(place)), None)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree) if pattern else ():
        texts = [getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname", "module")]
        texts += [node.value] if isinstance(node, ast.Constant) and id(node) not in docstrings else []
        for text in texts:
            spaced = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text if isinstance(text, str) else "")).lower()
            for found in re.findall(rf"\b(?:{pattern.pattern})\b", spaced):
                yield f"{path}: this layer knows no {found!r}"


def private_imports(path: str, tree: ast.AST) -> t.Iterator[str]:
    for _node, module, name in imports(path, tree):
        if not module.startswith(COLLECTION) and re.search(r"(^|\.)_(?!_)", f"{module}.{name}"):
            yield f"{path}: {module}.{name} is private to another library"


def problems(sources: dict[str, str]) -> list[str]:
    """What is wrong with some files, given by their path below plugins/."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    checks = (upward_imports, forbidden_words, private_imports)
    found = [problem for path, tree in trees.items() for check in checks for problem in check(path, tree)]
    graph = {path: {other for _node, other in imported_files(path, tree)} for path, tree in trees.items()}
    while leaves := [path for path, others in graph.items() if not others & set(graph)]:
        for path in leaves:
            del graph[path]
    return [*found, *(f"{path}: imports lead back to it" for path in graph)]


def test_the_product_keeps_to_its_layers():
    product = {str(path.relative_to(PLUGINS)): path.read_text(encoding="utf-8") for path in sorted(PLUGINS.rglob("*.py"))}
    assert problems(product) == []
    layered = {layer_of(path)[1] for path in product if not path.startswith("doc_fragments/")}
    assert layered == {name for layer in LAYERS for name in layer}


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("_http/client.py", "from .. import _operation", "not below it"),
        ("_modules/job_build.py", "if True:\n    from .._ansible_module import run_module", "not below it"),
        ("_ansible_module.py", f"from {COLLECTION}plugin_utils._progress import Progress", "not below it"),
        ("_lifecycle/x.py", "x = 'the build failed'", "knows no"),
        ("_lifecycle/x.py", "class JobBuild: pass", "knows no"),
        ("_http/x.py", "f(buildId=1)", "knows no"),
        ("_operation.py", "from requests._types import A", "is private"),
        ("_http/a.py", "from .a import b", "lead back"),
    ],
)
def test_what_is_not_is_found(path, source, words):
    [problem] = problems({f"module_utils/{path}": source})
    assert words in problem
