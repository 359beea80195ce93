# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mutation tests know the files as they are called today."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.community.northflank.tools.mutation.files import TESTS, UTILS

ROOT = Path(__file__).parents[2]


def test_the_files_and_their_tests_exist():
    files = [f"{UTILS}/{name}.py" for name in TESTS]
    tests = [f"tests/unit/{UTILS}/{test}.py" for names in TESTS.values() for test in names.split()]
    assert [name for name in (*files, *tests) if not (ROOT / name).is_file()] == []
