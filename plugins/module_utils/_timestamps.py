# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts timestamps from and to Unix time in seconds."""

from __future__ import annotations

import datetime
import email.utils
import re
import typing as t

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d))", re.ASCII)

_MILLISECONDS = 1e11  # Larger numbers count milliseconds: as seconds they would be beyond the year 5138.


def unix_time(value: t.Any) -> float | None:
    """Return the Unix time of an ISO 8601 string, or of a number of seconds or milliseconds; None if it is neither.

    The API sends `createdAt` as a string, and `buildConcludedAt` as a number whose unit is undocumented. A string without a time zone is
    None, too: taken for UTC, it could make a new build look old.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _in_range(value / 1000 if abs(value) > _MILLISECONDS else value) if abs(value) < 1e16 else None
    match = _ISO.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime.datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp()
    except ValueError:
        return None
    offset = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1) if sign else 0
    return _in_range(moment + float(fraction or 0) - offset)


def iso_time(moment: float) -> str:
    """Format a Unix time like the API's clients."""
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def http_date(text: str | None) -> float | None:
    """Return the Unix time of an HTTP date, as in `Date` and `Retry-After`; None if it is not one."""
    try:
        moment = email.utils.parsedate_to_datetime(text) if text else None
        if moment is None:
            return None
        # HTTP dates are in GMT even if they do not say so.
        return _in_range((moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _in_range(moment: float) -> float | None:
    # Dates out of this range cannot be formatted on some platforms. NaN is rejected, too.
    return float(moment) if 0 <= moment < 32503680000 else None
