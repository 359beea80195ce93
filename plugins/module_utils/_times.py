# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""Points in time as servers write them, as Unix time in seconds."""

from __future__ import annotations

import datetime
import email.utils
import re
import typing as t

# Compiled when the first time is read.
_ISO = r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d))?"

_MILLISECONDS = 1e11
"""More than this is no number of seconds: it would be the year 5138."""


def unix_time(value: t.Any) -> float | None:
    """Unix time of an ISO 8601 text or of a number of seconds or milliseconds; null where it is neither.

    The API writes C(createdAt) as text and C(buildConcludedAt) as a number whose unit it does not state.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _bounded(value / 1000 if abs(value) > _MILLISECONDS else value) if abs(value) < 1e16 else None
    match = re.fullmatch(_ISO, value) if isinstance(value, str) else None
    if match is None:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime.datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp()
    except ValueError:
        return None
    offset = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1) if sign else 0
    return _bounded(moment + float(fraction or 0) - offset)


def iso_time(moment: float) -> str:
    """A moment as the API's clients write it."""
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def http_date(text: str | None) -> float | None:
    """Unix time of an HTTP date, as in C(Date) and C(Retry-After); null where it is none."""
    try:
        moment = email.utils.parsedate_to_datetime(text) if text else None
        if moment is None:
            return None
        # HTTP's dates are in GMT, also where they do not say so.
        return _bounded((moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def _bounded(moment: float) -> float | None:
    # Past these, formatting a date fails on some platforms; NaN fails the comparison as well.
    return float(moment) if 0 <= moment < 32503680000 else None
