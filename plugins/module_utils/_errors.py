# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.
"""The one tree of exceptions: each says what happened and carries the C(error) that a playbook can test."""

from __future__ import annotations

import typing as t

from ._secrets import plain


class NorthflankError(Exception):
    """A failure in words for a person, with the facts that a playbook can branch on.

    :arg message: a sentence: what happened, to which build of which job, what to do next.
    :arg status: the HTTP status, where there was an answer.
    :arg api: the C(error) object of Northflank's answer (C(message), C(id), C(details)).
    :arg retry_after: seconds that the server asked to wait, where it did.
    :arg found: result keys known by now: C(build), C(builds), C(logs), C(candidates).
    """

    kind: t.ClassVar[str] = "server_error"
    transient: bool = False
    """Whether the same request may well succeed a little later."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        api: dict[str, t.Any] | None = None,
        retry_after: float | None = None,
        **found: t.Any,
    ) -> None:
        super().__init__(message)
        self.message = plain(message)
        self.status = status
        self.api = api or {}
        self.retry_after = retry_after
        self.found: dict[str, t.Any] = found

    def as_result(self) -> dict[str, t.Any]:
        """What a failed task returns: C(msg), C(error), and whatever was found before it failed."""
        return {
            **self.found,
            "msg": self.message,
            "error": {
                "kind": self.kind,
                "status": self.status,
                "message": self.api.get("message"),
                "id": self.api.get("id"),
                "details": self.api.get("details"),
            },
        }


class InvalidArgumentsError(NorthflankError):
    """The task's own arguments are wrong; nothing was sent."""

    kind = "invalid_arguments"


class MissingDependencyError(NorthflankError):
    """A Python library is missing on the host that runs the module; nothing was sent."""

    kind = "missing_dependency"


class NetworkError(NorthflankError):
    """No complete answer came. C(sent) is false only if the request surely never left this host."""

    kind = "network"
    transient = True

    def __init__(self, message: str, *, sent: bool, **found: t.Any) -> None:
        super().__init__(message, **found)
        self.sent = sent


class AuthenticationError(NorthflankError):
    """HTTP 401: the token is missing, wrong, expired or revoked."""

    kind = "authentication"


class ForbiddenError(NorthflankError):
    """HTTP 403: the token is good, its role lacks a permission."""

    kind = "permission"


class NotFoundError(NorthflankError):
    """HTTP 404: no such team, project, job or build, or not visible to the token."""

    kind = "not_found"


class RejectedError(NorthflankError):
    """HTTP 400, 409, 422 and the other 4xx: understood and refused."""

    kind = "rejected"


class RateLimitedError(NorthflankError):
    """HTTP 429: the account's request quota is used up."""

    kind = "rate_limited"
    transient = True


class ServerError(NorthflankError):
    """HTTP 5xx."""

    kind = "server_error"

    @property
    def transient(self) -> bool:  # type: ignore[override]
        """A gateway's word, not the application's: 502, 503 and 504 pass."""
        return self.status in (502, 503, 504)


class InvalidResponseError(NorthflankError):
    """An answer that is not Northflank's: a redirect, HTML, an empty body, fields of the wrong type."""

    kind = "invalid_response"


class UnknownOutcomeError(NorthflankError):
    """The request may or may not have started a build, and looking could not tell."""

    kind = "unknown_outcome"


class BuildFailedError(NorthflankError):
    """A build that was waited for ended without success."""

    kind = "build_failed"


class WaitTimeoutError(NorthflankError):
    """A build had not ended when C(wait_timeout) was over."""

    kind = "wait_timeout"


def may_pass(problem: NorthflankError) -> bool:
    """Whether looking again later may succeed. A redirect stays; so do a wrong token, a lack of rights, and a refusal."""
    redirect = problem.status is not None and 300 <= problem.status < 400
    # 408 is a gateway's word on its own patience.
    passing = isinstance(problem, (NetworkError, ServerError, RateLimitedError, InvalidResponseError)) or problem.status == 408
    return passing and not redirect


def from_status(status: int) -> type[NorthflankError]:
    """The class for an HTTP status that is not a success."""
    if status >= 500:
        return ServerError
    if status < 400:
        return InvalidResponseError
    return {401: AuthenticationError, 403: ForbiddenError, 404: NotFoundError, 429: RateLimitedError}.get(status, RejectedError)
