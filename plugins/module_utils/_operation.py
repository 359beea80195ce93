# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module does, independent of how it is run. The two entry points, a module and an action plugin, share `perform`."""

from __future__ import annotations

import functools
import os
import ssl
import time as system_time
import typing as t
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from . import _errors as errors
from ._argspec import DAY, Spec, check_ranges, mask_arguments
from ._http.client import Client, Clock, base_url
from ._http.transport import Transport
from ._masking import Redactor, break_ci_commands, redact_value, strip_controls, strip_credentials

Result = dict[str, t.Any]
Event = dict[str, t.Any]


class SystemClock:
    """Monotonic clock that also counts time while the host is suspended."""

    _boot = getattr(system_time, "CLOCK_BOOTTIME", system_time.CLOCK_MONOTONIC)  # Linux alone has the former.
    monotonic = staticmethod(functools.partial(system_time.clock_gettime, _boot))
    sleep = staticmethod(system_time.sleep)
    time = staticmethod(system_time.time)


@dataclass(eq=False, repr=False)
class Context:
    """What an entry point gives an operation.

    `report` receives progress events as data; the entry point renders them. `transport` returns the transport for a token and a `verify`
    as in `requests`. `started` has a pair of job and ID for each item that this process started.
    """

    check_mode: bool = False
    diff: bool = False
    clock: Clock = field(default_factory=SystemClock)
    warn: t.Callable[[str], None] = lambda text: None
    report: t.Callable[[Event], None] = lambda event: None
    shows_progress: bool = False
    transport: t.Callable[[str, bool | str], Transport] = Transport
    redactor: Redactor = field(default_factory=Redactor)
    started: set[tuple[t.Hashable, str]] = field(default_factory=set)


class Operation(t.NamedTuple):
    """One module: its argument spec, and what it does."""

    argument_spec: Spec
    run: t.Callable[[Client, dict[str, t.Any], Context], Result]
    mutually_exclusive: t.Sequence[t.Sequence[str]] = ()


def perform(operation: Operation, params: dict[str, t.Any], context: Context) -> Result:
    """Run an operation with validated arguments. The result of a failed task has `failed`, `msg`, and `error`."""
    _add_secrets(context.redactor, operation, params)
    token = params["api_token"] or ""
    warn, report = context.warn, context.report
    context = replace(
        context,
        warn=lambda text: warn(break_ci_commands(strip_controls(redact_value(text, token)))),
        report=lambda event: report(redact_value(event, token)),
    )
    client: Client | None = None
    try:
        client = new_client(params, context)
        result = operation.run(client, params, context)
    except errors.NorthflankError as error:
        result = {"failed": True, "changed": False, **error.as_result()}
    rate_limit = {} if client is None else {"rate_limit": client.rate_limit}
    return t.cast(Result, redact_value({**result, **rate_limit}, token))


def invalid_arguments(operation: Operation, params: dict[str, t.Any], msg: str) -> Result:
    """Return the failed result for arguments that were rejected before the operation, with the message."""
    redactor = Redactor()
    _add_secrets(redactor, operation, params)
    return {"failed": True, "changed": False, **errors.InvalidArgumentsError(redactor.line(msg)).as_result()}


def _add_secrets(redactor: Redactor, operation: Operation, params: dict[str, t.Any]) -> None:
    for value, where in mask_arguments(operation.argument_spec, params)[1]:
        redactor.add(value, where)


def with_invocation(operation: Operation, params: dict[str, t.Any], result: Result) -> Result:
    """Add a task's masked arguments to its result."""
    return {**result, "invocation": {"module_args": shown_arguments(operation, params)}}


def shown_arguments(operation: Operation, params: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return a task's arguments as they may be shown."""
    shown = mask_arguments(operation.argument_spec, params)[0]
    if isinstance(shown.get("api_url"), str):
        shown["api_url"] = strip_credentials(shown["api_url"])
    return t.cast(dict[str, t.Any], redact_value(shown, str(params.get("api_token") or "")))


def new_client(params: dict[str, t.Any], context: Context) -> Client:
    """Create the client from the common options. Raises InvalidArgumentsError if one of them is invalid."""
    token, ca_path = params["api_token"], params["ca_path"]
    _check_token(token)
    check_ranges(params, api_timeout=(1, DAY), api_retries=(0, 100))
    if ca_path is not None:
        _check_ca_path(ca_path)
    api_url = base_url(params["api_url"])
    parts = urlsplit(api_url)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        context.warn(f"api_url {api_url} is plain http, so the API token is sent unencrypted. Use https.")
    verify: bool | str = (ca_path or True) if params["validate_certs"] else False
    transport, timeout, retries = context.transport(token, verify), params["api_timeout"], params["api_retries"]
    return Client(api_url=api_url, transport=transport, timeout=timeout, retries=retries, clock=context.clock, redactor=context.redactor)


def _check_token(token: str | None) -> None:
    if not token:
        advice = "Set it, or leave it out and set NORTHFLANK_API_TOKEN or NF_API_TOKEN on the host that runs the module."
        raise errors.InvalidArgumentsError(f"api_token is {'not set' if token is None else 'empty'}. {advice}")
    if token.lower().split()[:1] == ["bearer"]:
        raise errors.InvalidArgumentsError("api_token begins with 'Bearer'. Set only the token; the module adds this word.")
    if any(map(str.isspace, token)):
        advice = "Often this is a line break at the end of a file; use the trim filter."
        raise errors.InvalidArgumentsError(f"api_token has white space in it. {advice}")
    if not token.isascii() or not token.isprintable():
        what = "control characters" if token.isascii() else "characters other than ASCII"
        raise errors.InvalidArgumentsError(f"api_token has {what} in it, so it is not a Northflank token. Copy it again.")


@functools.cache  # Once for all items of a loop.
def _check_ca_path(path: str) -> None:
    where = f"ca_path {path!r}"
    if not os.path.exists(path):
        raise errors.InvalidArgumentsError(f"{where} does not exist on the host that runs the module.")
    try:
        if not os.path.isdir(path):
            ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        advice = "It may be damaged, or in DER format; openssl x509 -inform der -in FILE -out FILE.pem converts that."
        raise errors.InvalidArgumentsError(f"{where} is not a file of certificates in PEM format. {advice}") from None
    except OSError as error:
        raise errors.InvalidArgumentsError(f"{where} cannot be read on the host that runs the module: {error.strerror}.") from None
