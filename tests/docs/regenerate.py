# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the outputs that the pages show, anew: C(python tests/docs/regenerate.py [PAGE ...])."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from ansible_collections.community.northflank.tests.docs.blocks import PAGES, ROOT, blocks, written
from ansible_collections.community.northflank.tests.docs.sandbox import Sandbox, lasting, sandbox


def main() -> None:
    """Try the pages, and write down what was printed where that is something new."""
    pages = [page for page in PAGES if len(sys.argv) == 1 or page.stem in sys.argv[1:]]
    readers = [_regenerate(page) for page in pages]
    for reader in readers:
        for block, reason in reader.skipped:
            print(f"  {block.place}: {reason}")


def _regenerate(page: Path) -> Sandbox:
    with tempfile.TemporaryDirectory() as folder, sandbox(page, Path(folder)) as reader:
        reader.read()
    old = {block.line: block.body for block in blocks(page)}
    # Times and the like differ each time, and are no reason for a change.
    new = {line: output for line, output in reader.outputs.items() if lasting(output) != lasting(old[line])}
    if new:
        page.write_text(written(page, new), encoding="utf-8")
    print(f"{page.relative_to(ROOT)}: {len(new)} of {len(reader.outputs)} outputs written")
    return reader


if __name__ == "__main__":
    main()
