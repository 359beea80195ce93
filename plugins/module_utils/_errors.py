# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exceptions of this collection. Each has a message, and the `error` that a playbook can test.

NorthflankError
 ├── InvalidArgumentsError     the task's arguments are invalid; nothing was sent
 ├── MissingDependencyError    requests is not installed on the host that runs the module; nothing was sent
 ├── NetworkError              no complete response in time
 ├── ResponseError             an error response, or an invalid one
 │    ├── AuthenticationError  401: the token is not accepted, or Northflank gives another reason
 │    ├── ForbiddenError       403: the token is valid, but its role lacks a permission
 │    ├── NotFoundError        404: no such team, project, job, or build, or the token has no access to it
 │    ├── RateLimitedError     429: the account's rate limit is used up
 │    ├── RejectedError        400, 409, 422, and any other 4xx: understood and refused
 │    ├── ServerError          5xx
 │    └── InvalidResponseError not from Northflank: a redirect, HTML, an empty body, another web server's 4xx, fields of the wrong type
 ├── UnknownOutcomeError       a start may or may not have been processed, and the API does not show which
 ├── FailedError               an awaited item ended without success
 └── WaitTimeoutError          an awaited item had not ended within `wait_timeout`
"""

from __future__ import annotations

import typing as t

from ._masking import strip_controls


class NorthflankError(Exception):
    """A failure: a message for people, and facts that a playbook can branch on.

    `api` is the `error` object of Northflank's response, `retry_after` the seconds the server asked us to wait. `partial_result` has the
    result keys that are known although the task failed, such as `build` or `logs`.
    """

    kind: t.ClassVar[str] = "server_error"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        api: dict[str, t.Any] | None = None,
        retry_after: float | None = None,
        **partial_result: t.Any,
    ) -> None:
        super().__init__(message)
        self.message = strip_controls(message)
        self.status = status
        self.api = api or {}
        self.retry_after = retry_after
        self.partial_result: dict[str, t.Any] = partial_result

    def as_result(self) -> dict[str, t.Any]:
        """Return the keys of a failed task's result: `msg`, `error`, and the partial result."""
        own_words = {name: self.api.get(name) for name in ("message", "id", "details")}
        return {**self.partial_result, "msg": self.message, "error": {"kind": self.kind, "status": self.status, **own_words}}


class InvalidArgumentsError(NorthflankError):
    kind = "invalid_arguments"


class MissingDependencyError(NorthflankError):
    kind = "missing_dependency"


class NetworkError(NorthflankError):
    """No complete response. `sent` is whether any byte of the request may have left this host.

    `is_lasting` is whether the same request will surely fail again, until somebody changes a setting, a certificate, or a proxy.
    """

    kind = "network"

    def __init__(self, message: str, *, sent: bool, is_lasting: bool = False, **partial_result: t.Any) -> None:
        super().__init__(message, **partial_result)
        self.sent = sent
        self.is_lasting = is_lasting


class ResponseError(NorthflankError):
    pass


class AuthenticationError(ResponseError):
    kind = "authentication"


class ForbiddenError(ResponseError):
    kind = "permission"


class NotFoundError(ResponseError):
    kind = "not_found"


class RateLimitedError(ResponseError):
    kind = "rate_limited"


class RejectedError(ResponseError):
    kind = "rejected"


class ServerError(ResponseError):
    kind = "server_error"


class InvalidResponseError(ResponseError):
    kind = "invalid_response"


class UnknownOutcomeError(NorthflankError):
    kind = "unknown_outcome"


class FailedError(NorthflankError):
    """An awaited item failed. `kind` depends on the item, as in `build_failed`, and so does the name of its status in `item_status`."""

    def __init__(self, message: str, *, kind: str, item_status: dict[str, str | None], **more: t.Any) -> None:
        super().__init__(message, **more)
        self.kind = kind  # type: ignore[misc]
        self._item_status = item_status

    def as_result(self) -> dict[str, t.Any]:
        result = super().as_result()
        result["error"].update(self._item_status)
        return result


class WaitTimeoutError(NorthflankError):
    kind = "wait_timeout"


def error_class(status: int) -> type[ResponseError]:
    """Return the class for an HTTP status that is not 2xx."""
    if status >= 500:
        return ServerError
    if status < 400:
        return InvalidResponseError
    return {401: AuthenticationError, 403: ForbiddenError, 404: NotFoundError, 429: RateLimitedError}.get(status, RejectedError)
