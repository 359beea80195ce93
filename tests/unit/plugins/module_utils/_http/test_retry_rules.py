# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of failures, row by row."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.plugins.module_utils import _errors as errors
from ansible_collections.community.northflank.plugins.module_utils._http import retry_rules
from ansible_collections.community.northflank.plugins.module_utils._http.retry_rules import (
    can_retry_later,
    can_retry_now,
    is_ambiguous,
    is_unprocessed,
)


def failed(*statuses: int, retry_after: float | None = None) -> list[errors.NorthflankError]:
    return [errors.error_class(status)("x", status=status, retry_after=retry_after) for status in statuses]


def no_json(*statuses: int | None) -> list[errors.NorthflankError]:
    return [errors.InvalidResponseError("x", status=status) for status in statuses]


EXAMPLES: dict[str, list[errors.NorthflankError]] = {
    "lasting: a certificate, a wrong setting": [errors.NetworkError("x", sent=False, is_lasting=True)],
    "no connection; nothing was sent": [errors.NetworkError("x", sent=False)],
    "429; 503 with Retry-After": [*failed(429), *failed(429, 503, retry_after=7.0), *failed(503, retry_after=0.0)],
    "connection lost, timeout": [errors.NetworkError("x", sent=True)],
    "502, 503, 504": [*failed(502, 503, 504), *failed(502, 504, retry_after=7.0)],
    "other 5xx, 408, 2xx that is not JSON": [*failed(500, 501, 505, 599, 408), *no_json(200, 204, None)],
    "3xx": failed(301, 302, 304, 307),
    "other 4xx that is not Northflank's": no_json(400, 401, 403, 404, 405),
    "other 4xx": failed(400, 401, 403, 404, 407, 409, 410, 422, 451),
}

ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in (retry_rules.__doc__ or "").splitlines() if line.startswith("|")][
    2:
]


def row_of(error: errors.NorthflankError) -> list[str]:
    """What the rules say of an error, as the table has it."""
    start = "yes" if is_unprocessed(error) and can_retry_now(error) else "once the list shows nothing" if is_ambiguous(error) else "no"
    processed = "unknown" if is_ambiguous(error) else "no"
    return [processed, *("yes" if rule(error) else "no" for rule in (can_retry_now, can_retry_later)), start]


def test_there_are_examples_of_every_row():
    assert [row[0] for row in ROWS] == list(EXAMPLES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_rules_are_those_of_the_table(row):
    for error in EXAMPLES[row[0]]:
        assert row_of(error) == row[1:], f"{error!r} with status {error.status}"


@pytest.mark.parametrize("kind", [errors.InvalidArgumentsError, errors.UnknownOutcomeError, errors.WaitTimeoutError])
def test_what_is_no_failed_request_is_not_repeated(kind):
    assert row_of(kind("x")) == ["no", "no", "no", "no"]
