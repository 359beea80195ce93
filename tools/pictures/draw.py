# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draw the pictures of the documentation, all of them or those named. Each is drawn by the file of its name beside this one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("docs/docsite/rst/images")

FROM_CODE = ("layers", "life_of_a_build", "two_paths")  # The same in every run
FROM_RUNS = ("demo",)  # With times and ports of their run


def draw(name: str) -> str:
    picture: str = importlib.import_module(f"ansible_collections.community.northflank.tools.pictures.{name}").draw()
    return picture


if __name__ == "__main__":
    for picture_name in sys.argv[1:] or [*FROM_CODE, *FROM_RUNS]:
        (ROOT / FOLDER / f"{picture_name}.svg").write_text(draw(picture_name), encoding="utf-8")
        print(FOLDER / f"{picture_name}.svg")
