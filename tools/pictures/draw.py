# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the pictures of the documentation, all or those that are named: each by the file of its name beside this one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("docs/docsite/rst/images")

FROM_CODE = ("layers", "life_of_a_build", "two_paths")
"""Two runs draw the same."""

FROM_RUNS = ("demo",)
"""Two runs differ in times and ports."""


def draw(name: str) -> str:
    """The picture of that name, as it should be now."""
    picture: str = importlib.import_module(f"ansible_collections.community.northflank.tools.pictures.{name}").draw()
    return picture


def main(wanted: list[str]) -> None:
    """Write the pictures."""
    for name in wanted or [*FROM_CODE, *FROM_RUNS]:
        (ROOT / FOLDER / f"{name}.svg").write_text(draw(name), encoding="utf-8")
        print(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
