# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The site that C(make docs) builds from what antsibull-docs has written, without the network."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from docutils import nodes

project = "community.northflank"
html_title = "community.northflank"

extensions = ["sphinx_antsibull_ext", "sphinx_copybutton"]
exclude_patterns = ["environment_variables.rst"]
nitpicky = True
default_role = "any"
highlight_language = "YAML+Jinja"
smartquotes = False

# The lexer for Ansible's output does not know results as YAML; it colors the rest all the same. That code is right, the tests say.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_static_path = ["css"]
html_css_files = ["site.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
antsibull_ext_color_scheme = "none"  # site.css sets these colors to the theme's, which know light from dark

IMAGES = "https://raw.githubusercontent.com/ansible-collections/community.northflank/main/docs/docsite/rst/images/"
"""Where the pages have their images from when they are published elsewhere. This site has its own copies."""

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
ANSIBLE_LABELS = {
    "action_plugins": "plugins/action.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
"""The labels of Ansible's own documentation that the pages refer to."""

SECTION = re.compile(r"^(?P<title>.+)\n-+\n\n\.\. toctree::\n|^\.\. toctree::\n(?= +:maxdepth: 1\n +:hidden:)", re.MULTILINE)
TITLE = re.compile(r"^(?:community\.northflank\.(?P<module>.*)|Community\.(?P<index>Northflank))\n[+=]+$", re.MULTILINE)
CHANGELOG = re.compile(r"^\.\. _changelog_section.*?^    changelog$\n+", re.MULTILINE | re.DOTALL)
CONTENTS = re.compile(r"^\.\. contents::\n(?: +:.*\n)*", re.MULTILINE)
IMAGE = re.compile(r"^\.\. image:: /images/(?P<name>\S+)\n(?: +:.*\n)*", re.MULTILINE)


def fit_site(app: t.Any, docname: str, source: list[str]) -> None:
    """Take images from this checkout; short titles for the sidebar; and the theme lists a page's contents by itself."""
    text = CONTENTS.sub("", source[0].replace(IMAGES, "/images/"))
    text = IMAGE.sub(_if_there, text)
    text = SECTION.sub(_with_caption, _changelog_last(text)) if docname == "index" else text
    source[0] = TITLE.sub(_short_title, text)


def _changelog_last(text: str) -> str:
    found = CHANGELOG.search(text)
    return text if found is None else f"{text.replace(found[0], '')}\n{found[0]}"


def _with_caption(match: re.Match[str]) -> str:
    # The sidebar shows the captions; site.css hides them on the page, which has the titles.
    return f"{match[0]}    :caption: {match['title'] or 'Modules'}\n"


def _short_title(match: re.Match[str]) -> str:
    title = match["module"] or project
    return f"{title}\n{'=' * len(title)}"


def _if_there(match: re.Match[str]) -> str:
    # The benchmark's chart is measured, not drawn, and a checkout may be without it.
    return match[0] if (Path(__file__).parent / "docsite/rst/images" / match["name"]).exists() else ""


def ansible_label(app: t.Any, env: t.Any, node: t.Any, content: t.Any) -> nodes.reference | None:
    """A link into Ansible's documentation, whose inventory would have to be fetched."""
    page = ANSIBLE_LABELS.get(node["reftarget"])
    return nodes.reference("", "", content, internal=False, refuri=ANSIBLE + page) if page else None


def setup(app: t.Any) -> None:
    app.connect("source-read", fit_site)
    app.connect("missing-reference", ansible_label)
