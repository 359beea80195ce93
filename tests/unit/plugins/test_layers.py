# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The layers of the product: what may import what, and which layer knows which words."""

from __future__ import annotations

import ast
import re
import typing as t
from pathlib import Path, PurePosixPath

import pytest

PLUGINS = Path(__file__).parents[3] / "plugins"
COLLECTION = "ansible_collections.community.northflank.plugins."

LAYERS = (
    ("modules", "action"),
    ("plugin_utils", "module_utils/_ansible_module.py"),
    ("module_utils/_modules",),
    ("module_utils/_lifecycle",),
    ("module_utils/_resources",),
    ("module_utils/_operation.py",),
    ("module_utils/_http",),
    ("module_utils",),
)
"""From the top to the bottom. Files of one folder may import each other; what is not named in the last layer is at the bottom."""

FOLDERS = {name for layer in LAYERS for name in layer if not name.endswith(".py")}

BOTTOM = {"module_utils/_argspec.py", "module_utils/_masking.py", "module_utils/_errors.py", "module_utils/_timestamps.py"}

WORDS = {
    # What is done with items of any kind.
    "module_utils/_lifecycle": re.compile(r"builds?|sha|shas|commits?|branch|branches|job runs?"),
    "module_utils/_http": re.compile(r"builds?|jobs?|branch|branches|logs?"),
}
"""What a layer knows nothing of."""

OWN_PRIVATE = {"_replace", "_asdict"}  # A named tuple's, which are public.
FROM_ACTION_BASE = {"self._task", "self._connection", "self._templar", "self._loader"}
"""What ActionBase gives to its subclasses."""

KNOWN_PRIVATE = {"module._diff", "checked._warnings"}
"""There is no public way to these."""


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
    for node, other in imported_files(path, tree):
        below, folder = layer_of(other)
        if below < number or (below == number and name != folder):
            yield f"{path}:{node.lineno}: imports {other}, which is not below it"


def hidden_imports(path: str, tree: ast.AST) -> t.Iterator[str]:
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            for node in ast.walk(function):
                if isinstance(node, (ast.Import, ast.ImportFrom)) or (
                    isinstance(node, ast.Name) and node.id in ("__import__", "importlib")
                ):
                    yield f"{path}:{node.lineno}: an import inside a function"


def texts(tree: ast.AST) -> t.Iterator[tuple[int, str]]:
    """All identifiers and texts of a file but docstrings, each with its line."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)) and id(node) not in docstrings:
            yield line, node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield line, name


def forbidden_words(path: str, tree: ast.AST) -> t.Iterator[str]:
    pattern = next((words for place, words in WORDS.items() if path.startswith(place)), None)
    for line, text in texts(tree) if pattern else ():
        # snake_case and camelCase have words, too.
        spaced = re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)).lower()
        for found in re.findall(rf"\b(?:{pattern.pattern})\b", spaced):  # type: ignore[union-attr]
            yield f"{path}:{line}: this layer knows no {found!r}"


def own_private_names(trees: t.Iterable[ast.AST]) -> set[str]:
    """The private names that the collection defines."""
    found = set(OWN_PRIVATE)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def foreign_private_names(path: str, tree: ast.AST, own: set[str]) -> t.Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            text = ast.unparse(node)
            if text not in KNOWN_PRIVATE | FROM_ACTION_BASE:
                yield f"{path}:{node.lineno}: {text} is private to another library"
    for statement, module, name in imports(path, tree):
        if not module.startswith(COLLECTION) and any(map(is_private, [*module.split("."), name])):
            yield f"{path}:{statement.lineno}: {module} {name} is private to another library"


def circles(sources: dict[str, ast.AST]) -> t.Iterator[str]:
    """Imports that lead back to where they began."""
    graph = {path: {other for _node, other in imported_files(path, tree)} for path, tree in sources.items()}
    while leaves := [path for path, others in graph.items() if not others & set(graph)]:
        for path in leaves:
            del graph[path]
    if graph:
        yield f"these import each other: {', '.join(sorted(graph))}"


def problems(sources: dict[str, str]) -> list[str]:
    """What is wrong with some files, given by their path below plugins/."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    own = own_private_names(trees.values())
    found = [
        problem
        for path, tree in trees.items()
        for check in (upward_imports, hidden_imports, forbidden_words)
        for problem in check(path, tree)
    ]
    found += [problem for path, tree in trees.items() for problem in foreign_private_names(path, tree, own)]
    return [*found, *circles(trees)]


def product() -> dict[str, str]:
    return {str(path.relative_to(PLUGINS)): path.read_text(encoding="utf-8") for path in sorted(PLUGINS.rglob("*.py"))}


def test_the_product_keeps_to_its_layers():
    assert problems(product()) == []


def test_every_file_of_the_product_has_a_layer():
    sources = [path for path in product() if not path.startswith("doc_fragments/")]
    assert [path for path in sources if layer_of(path)[0] < 0] == []
    assert {path for path in sources if layer_of(path) == (len(LAYERS) - 1, "module_utils")} == BOTTOM
    assert {layer_of(path)[1] for path in sources} == {name for layer in LAYERS for name in layer}


FROM = f"from {COLLECTION}"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("module_utils/_http/client.py", "from .._operation import Context"),
        ("module_utils/_http/client.py", "from .. import _operation"),
        ("module_utils/_http/client.py", "from .._resources.jobs import Job"),
        ("module_utils/_masking.py", "from ._http.messages import Request"),
        ("module_utils/_operation.py", "from ._modules import job_build"),
        ("module_utils/_operation.py", f"{FROM}module_utils._modules.job_build import OPERATION"),
        ("module_utils/_resources/jobs.py", "from .._lifecycle.tracked import Tracked"),
        ("module_utils/_lifecycle/wait.py", "from .._modules.job_build_wait import run"),
        ("module_utils/_modules/job_build.py", "if True:\n    from .._ansible_module import run_module"),
        ("module_utils/_ansible_module.py", f"{FROM}plugin_utils._progress import Progress"),
        ("plugin_utils/_action.py", f"{FROM}module_utils._ansible_module import NorthflankModule"),
        ("plugin_utils/_action.py", f"{FROM}action.northflank_job_build import ActionModule"),
        ("action/northflank_job_build.py", f"import {COLLECTION}modules.northflank_job_build"),
    ],
)
def test_an_import_that_leads_upwards_is_found(path, source):
    [problem] = upward_imports(path, ast.parse(source))
    assert problem in problems({path: source})


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("module_utils/_http/client.py", "from .. import _errors\nfrom .messages import Request\nimport requests"),
        ("module_utils/_lifecycle/wait.py", "from .._http.client import Client\nfrom .._resources.logs import lines_since"),
        ("plugin_utils/_action.py", f"{FROM}plugin_utils._progress import Progress\n{FROM}module_utils._http.transport import Transport"),
        ("module_utils/_resources/jobs.py", "branch = build['sha']"),
        ("module_utils/_http/client.py", '"""Pages of builds."""\nMAX = 1\n"""Builds."""\n# a job\nrebuild = catalog = "blog"'),
        ("module_utils/_http/client.py", "class A:\n    def __init__(self):\n        self._b = 1\na._b, c._replace(), __d, e.__class__"),
        ("module_utils/_ansible_module.py", "module._diff"),
    ],
)
def test_what_is_as_it_should_be_is_no_problem(path, source):
    assert problems({path: source}) == []


@pytest.mark.parametrize(
    "source", ["def f():\n    import json", "class A:\n    def f(self):\n        from . import b", "lambda: __import__('a')"]
)
def test_an_import_inside_a_function_is_found(source):
    [problem] = problems({"module_utils/_http/client.py": source})
    assert "inside a function" in problem


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("_lifecycle", "x = 'the build failed'"),
        ("_lifecycle", "x = f'{y} is a job run of {z}'"),
        ("_lifecycle", "def start(sha): pass"),
        ("_lifecycle", "x = item['branch']"),
        ("_lifecycle", "x.same_commit"),
        ("_lifecycle", "class JobBuild: pass"),
        ("_lifecycle", "f(builds=1)"),
        ("_lifecycle", "from .._resources.resource import build_of"),
        ("_http", "path = '/jobs/'"),
        ("_http", "buildId = 1"),
        ("_http", "read_logs()"),
        ("_http", "x = b'branches'"),
    ],
)
def test_a_word_that_a_layer_must_not_know_is_found(folder, source):
    [problem] = problems({f"module_utils/{folder}/x.py": source})
    assert "knows no" in problem


@pytest.mark.parametrize(
    "source",
    [
        *("session._x()", "urllib3.connection._y", "module._debug", "self._loaded_frm", "checked._errors", "import ansible._internal"),
        *("from urllib3 import _version", "from requests._types import A"),
    ],
)
def test_a_private_name_of_another_library_is_found(source):
    [problem] = problems({"plugin_utils/_action.py": source})
    assert "is private to another library" in problem


def test_files_that_import_each_other_are_found():
    sources = {"module_utils/_http/a.py": "from .b import x", "module_utils/_http/b.py": "from .a import y", "module_utils/_http/c.py": ""}
    assert problems(sources) == ["these import each other: module_utils/_http/a.py, module_utils/_http/b.py"]
