# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every test's captured output, log included, is looked through for secrets; the machine's own settings are no part of a test."""

from __future__ import annotations

import typing as t

import hypothesis
import pytest
from ansible_collections.community.northflank.tests import scanner
from ansible_collections.community.northflank.tests.simulation import clean_environment

SLOW = {"test_hostile_answers.py"}  # Files that take long. `make quick` leaves them out, and property tests.

hypothesis.settings.register_profile("tests", max_examples=50, deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("tests")


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> None:
    clean_environment()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # Hypothesis sets its own marker too late.
        if item.path.name in SLOW or "megabyte" in item.name or getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> t.Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test whose output has a secret, even if the test itself has not looked."""
    report = yield
    try:
        for title, text in report.sections:
            scanner.scan(f"{item.nodeid}: {title}", text)
    except scanner.SecretShown as shown:
        report.outcome, report.longrepr = "failed", str(shown)
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Know the markers where ansible-test runs, which does not read pyproject.toml."""
    for name in ("slow", "pages", "hostile"):
        config.addinivalue_line("markers", name)
