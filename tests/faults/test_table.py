# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every row of the table of faults and outcomes is so."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from ansible_collections.community.northflank.tests.fake_northflank.faults import ENDPOINTS, KINDS as FAKE_KINDS, RETRY_HEADERS
from ansible_collections.community.northflank.tests.faults.play import differences
from ansible_collections.community.northflank.tests.faults.table import (
    AMBIGUOUS,
    FAMILIES,
    FAULTS,
    KINDS,
    LIES,
    OF_BUILDS,
    OWN,
    RUNS,
    SITUATIONS,
    Row,
    rows,
)

ROWS = list(rows())
DEAR = [row for row in ROWS if row.case.dear]
AT_ONCE = 16


@pytest.mark.parametrize("row", [row for row in ROWS if not row.case.dear], ids=str)
def test_outcome(row: Row) -> None:
    assert differences(row) == []


@pytest.fixture(scope="module", autouse=True)
def played() -> Iterator[dict[str, Future]]:
    """The rows that take real time, all at once, while the others are played."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {str(row): pool.submit(differences, row) for row in DEAR}


@pytest.mark.parametrize("row", DEAR, ids=str)
def test_outcome_in_real_time(row: Row, played: dict[str, Future]) -> None:
    assert played[str(row)].result() == []


def test_the_table_leaves_no_fault_out() -> None:
    """Every kind of fault of the embedded API, and every header of a 429, is in the table."""
    assert {case.fault for case in FAULTS} == FAKE_KINDS.keys() | {"down"}
    assert {case.detail["header"] for case in FAULTS if case.fault == "rate_limited"} == RETRY_HEADERS | {None}
    assert {case.family for case in FAULTS} == FAMILIES.keys()
    # `other` is where a redirect would lead.
    assert {situation.endpoint for situation in SITUATIONS} == ENDPOINTS - {"any", "other"}


def test_the_table_leaves_no_family_out() -> None:
    """A situation has an outcome for each family of faults, but for what cannot be."""
    for situation in SITUATIONS:
        missing = FAMILIES.keys() - situation.once.keys()
        assert missing == FAMILIES.keys() - situation.always.keys(), situation.name
        # A slow response to what did not happen is a slow 503; a refused connection cannot be aimed at every request.
        writes = situation.endpoint.removeprefix(RUNS) in ("start", "abort")
        excused = set(LIES) if situation.after else {"slow"} if writes else set()
        assert missing <= excused | {"unsent"}, situation.name


def test_each_fault_is_tried_at_each_endpoint() -> None:
    """Thoroughly, in one situation or more."""
    assert {situation.endpoint for situation in SITUATIONS if situation.thorough} == {situation.endpoint for situation in OF_BUILDS}


def test_names_and_kinds() -> None:
    assert len({case.name for case in FAULTS}) == len(FAULTS)
    assert len({str(row) for row in ROWS}) == len(ROWS)
    assert {row.kind for row in ROWS} <= KINDS | {None}
    assert not set(AMBIGUOUS) & LIES.keys()
    assert all(row.outcome.kind != OWN or row.case.kind for row in ROWS)


def test_nothing_in_the_table_starts_twice() -> None:
    """Whatever a row says, it never says two builds."""
    assert max(row.outcome.started for row in ROWS) == 1
