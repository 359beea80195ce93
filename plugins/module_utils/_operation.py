# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""What a module does, apart from how it is run: an operation gets checked arguments and gives a result.

It knows neither C(AnsibleModule) nor C(ActionBase). The two edges, a module and a worker, share L(perform).
"""

from __future__ import annotations

import os
import time
import typing as t
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from . import _errors as errors
from ._client import Client, Clock, base_url
from ._options import DAY, MANY, Spec, between, split
from ._secrets import Secrets, plain, without, without_commands, without_credentials
from ._wire import Wire, has_proxy

Result = dict[str, t.Any]
Event = dict[str, t.Any]


def _boot_time() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


VALIDATOR_ERRORS = (TypeError, ValueError, AttributeError)
"""What Ansible's own check dies of when a list stands where a dictionary with suboptions belongs."""

NOT_UNDERSTOOD = "An option that takes a dictionary was given something else. Check overrides and overrides.docker."


class SystemClock:
    """The time of this host, monotonic. It goes on while a laptop sleeps, so that it keeps in step with the server's."""

    monotonic = staticmethod(_boot_time if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic)
    sleep = staticmethod(time.sleep)


@dataclass(eq=False, repr=False)
class Context:
    """What an edge gives an operation.

    :ivar warn: shows a warning of the task.
    :ivar report: takes an event of progress, which is data; who can show it renders it.
    :ivar wire: gives the connections for a token and what C(verify) is to C(requests). One that L(keep) says is used by several
        operations is left open.
    """

    check_mode: bool = False
    diff: bool = False
    clock: Clock = field(default_factory=SystemClock)
    warn: t.Callable[[str], None] = lambda text: None
    report: t.Callable[[Event], None] = lambda event: None
    shows_progress: bool = False
    wire: t.Callable[[str, bool | str], Wire] = lambda token, verify: Wire(token)
    keep: bool = False
    secrets: Secrets = field(default_factory=Secrets)


class Operation(t.NamedTuple):
    """One module: its argument spec and what it does."""

    argument_spec: Spec
    run: t.Callable[[Client, dict[str, t.Any], Context], Result]
    mutually_exclusive: t.Sequence[t.Sequence[str]] = ()
    required_one_of: t.Sequence[t.Sequence[str]] = ()


def perform(operation: Operation, params: dict[str, t.Any], context: Context) -> Result:
    """Run an operation with arguments that its spec has checked.

    :returns: its result. One that failed has C(failed), C(msg) and C(error).
    """
    warn, report = context.warn, context.report
    _shown, hidden = split(operation.argument_spec, params)
    for value in hidden:
        context.secrets.add(value)
    context = replace(
        context,
        warn=lambda text: warn(without_commands(plain(without_token(text, params)))),
        report=lambda event: report(without_token(event, params)),
    )
    return without_token(_perform(operation, params, context), params)


def _perform(operation: Operation, params: dict[str, t.Any], context: Context) -> Result:
    try:
        client = new_client(params, context)
    except errors.NorthflankError as problem:
        return {"failed": True, "changed": False, **problem.as_result()}
    try:
        return {**operation.run(client, params, context), "rate_limit": client.rate_limit}
    except errors.NorthflankError as problem:
        return {"failed": True, "changed": False, "rate_limit": client.rate_limit, **problem.as_result()}
    finally:
        if not context.keep:
            client.close()


def invalid_arguments(operation: Operation, params: dict[str, t.Any], msg: str) -> Result:
    """The result of a task whose arguments Ansible's own check refused, in its words."""
    secrets = Secrets()
    for value in split(operation.argument_spec, params)[1]:
        secrets.add(value)
    if msg.startswith("missing required arguments:") and "api_token" in msg:
        msg += ". The token may also be in the environment variable NORTHFLANK_API_TOKEN or NF_API_TOKEN, on the host that runs the module."
    return {"failed": True, "changed": False, **errors.InvalidArgumentsError(secrets.scrub(msg)).as_result()}


def invocation(operation: Operation, params: dict[str, t.Any]) -> Result:
    """The arguments of a task as they may be shown."""
    shown = split(operation.argument_spec, params)[0]
    if isinstance(shown.get("api_url"), str):
        shown["api_url"] = without_credentials(shown["api_url"])
    return {"module_args": shown}


def without_token(value: t.Any, params: dict[str, t.Any]) -> t.Any:
    """What is on its way out: the token is replaced wherever it stands, as C(AnsibleModule) does in results up to ansible-core 2.21."""
    token = params.get("api_token")
    return without(value, str(token)) if token else value


def check_waiting(params: dict[str, t.Any], context: Context) -> None:
    """Check the options on waiting, and warn of one that has no effect.

    :raises InvalidArgumentsError: a number makes no sense.
    """
    if params["follow_logs"] and not (params.get("wait", True) and context.shows_progress):
        context.warn(
            "follow_logs has no effect: it needs a task that waits, shows its progress, and runs in-process. "
            "The verbosity option -vvv says why a task runs as a module."
        )
    between(params, wait_timeout=(1, MANY), wait_interval=(1, DAY), log_lines=(0, MANY))


def new_client(params: dict[str, t.Any], context: Context) -> Client:
    """A client after the common options.

    :raises InvalidArgumentsError: one of them makes no sense.
    """
    token, ca_path = params["api_token"], params["ca_path"]
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise errors.InvalidArgumentsError(
            "api_token has white space or control characters in it, often a line break at the end of a file; use the trim filter."
            if token
            else "api_token is empty. Set it, or leave it out and set NORTHFLANK_API_TOKEN on the host that runs the module."
        )
    between(params, timeout=(1, DAY), retries=(0, 100))
    if ca_path is not None and not os.path.exists(ca_path):
        raise errors.InvalidArgumentsError(f"ca_path {ca_path!r} does not exist on the host that runs the module.")
    api_url = base_url(params["api_url"])
    parts = urlsplit(api_url)
    if parts.scheme == "http" and has_proxy(api_url):
        context.warn(
            f"api_url {api_url} is plain http and goes through the proxy of the environment (http_proxy): the API token crosses the "
            "network unencrypted. Use https, or name the host in no_proxy."
        )
    elif parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        context.warn(f"api_url {api_url} is plain http: the API token crosses the network unencrypted. Use https.")
    verify: bool | str = (ca_path or True) if params["validate_certs"] else False
    return Client(
        api_url=api_url,
        wire=context.wire(token, verify),
        timeout=params["timeout"],
        retries=params["retries"],
        verify=verify,
        clock=context.clock,
        scrub=context.secrets.scrub,
    )
