# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which failures are worth a retry. All rules are in this file; `start.py` and `watcher.py` decide how long.

| Failure                                 | Processed?   | GET, DELETE: retry now | Poll again later | Start: send again           |
|-----------------------------------------|--------------|------------------------|------------------|-----------------------------|
| lasting: a certificate, a wrong setting | no           | no                     | yes              | no                          |
| no connection; nothing was sent         | no           | yes                    | yes              | yes                         |
| 429; 503 with Retry-After               | no           | yes                    | yes              | yes                         |
| connection lost, timeout                | unknown      | yes                    | yes              | once the list shows nothing |
| 502, 503, 504                           | unknown      | yes                    | yes              | once the list shows nothing |
| other 5xx, 408, 2xx that is not JSON    | unknown      | no                     | yes              | once the list shows nothing |
| 3xx                                     | unknown      | no                     | no               | once the list shows nothing |
| other 4xx that is not Northflank's      | no           | no                     | yes              | no                          |
| other 4xx                               | no           | no                     | no               | no                          |
"""

from __future__ import annotations

from .. import _errors as errors


def can_retry_now(error: errors.NorthflankError) -> bool:
    """Whether repeating an idempotent request at once may succeed."""
    if is_lasting(error):
        return False
    return isinstance(error, (errors.NetworkError, errors.RateLimitedError)) or error.status in (502, 503, 504)


def can_retry_later(error: errors.NorthflankError) -> bool:
    """Whether a later poll may succeed."""
    if error.status is not None and 300 <= error.status < 400:
        return False
    return is_unprocessed(error) or is_ambiguous(error) or isinstance(error, errors.InvalidResponseError)


def is_lasting(error: errors.NorthflankError) -> bool:
    """Whether no connection can be made until somebody changes something. Once the API has responded, even that may be temporary."""
    return isinstance(error, errors.NetworkError) and error.is_lasting


def is_unprocessed(error: errors.NorthflankError) -> bool:
    """Whether the request was certainly not processed: it never left this host, or the server said so."""
    if isinstance(error, errors.NetworkError):
        return not error.sent
    return error.status == 429 or (error.status == 503 and error.retry_after is not None)


def is_ambiguous(error: errors.NorthflankError) -> bool:
    """Whether it is unknown if the request was processed. A gateway that answers 408 may have forwarded it."""
    if is_unprocessed(error):
        return False
    if error.status is not None and 400 <= error.status < 500:
        return error.status == 408
    return isinstance(error, (errors.NetworkError, errors.ServerError, errors.InvalidResponseError))
