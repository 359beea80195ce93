# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.

"""The edge that runs an operation as a module."""

from __future__ import annotations

import atexit
import gc
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _errors as errors
from ._operation import (
    NOT_UNDERSTOOD,
    VALIDATOR_ERRORS,
    Context,
    Operation,
    Result,
    SystemClock,
    invalid_arguments,
    invocation,
    perform,
    without_token,
)
from ._secrets import tidy
from ._wire import OLDEST_REQUESTS, OLDEST_URLLIB3, REQUESTS_IMPORT_ERROR


class NorthflankModule(AnsibleModule):
    """A module whose every result keeps the collection's promise on failures and secrets."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._logs = False
        understood = True
        try:
            super().__init__(
                argument_spec=operation.argument_spec,
                mutually_exclusive=operation.mutually_exclusive,
                required_one_of=operation.required_one_of,
                supports_check_mode=True,
            )
        except VALIDATOR_ERRORS:
            understood = False
        if not understood:
            self.fail_json(msg=NOT_UNDERSTOOD)
        self._logs = True
        shown = tidy(invocation(operation, self.params)["module_args"])
        self.log("Invoked with " + " ".join(f"{name}={value}" for name, value in shown.items()), log_args=shown)

    def log(self, msg: t.Any, log_args: dict[str, t.Any] | None = None) -> None:
        """Write to the host's syslog, but not yet where Ansible itself would write the arguments: it masks by C(no_log) alone."""
        if self._logs:
            super().log(msg, log_args=log_args)

    def fail_json(self, msg: str, **kwargs: t.Any) -> None:
        """Also what Ansible itself fails with, which is about the arguments."""
        result = {"msg": msg, **kwargs}
        if "error" not in kwargs:
            result.update(invalid_arguments(self._operation, self.params, msg))
        super().fail_json(**self._finished(result))

    def finish(self, result: Result) -> None:
        """End the module with the result of an operation."""
        if result.pop("failed", False):
            self.fail_json(**result)
        self.exit_json(**self._finished(result))

    def _finished(self, result: Result) -> Result:
        # Up to ansible-core 2.21 Ansible would do it as well, and take a quota of 1000 for the token 1000.
        self.no_log_values: set[str] = set()
        return without_token({**result, "invocation": invocation(self._operation, self.params)}, self.params)


def run_module(operation: Operation) -> None:
    """The whole of a module's C(main)."""
    # Else Python looks twice through all that it has loaded for garbage, in the end, when the process is about to free it: some 20 ms.
    if hasattr(gc, "freeze"):  # PyPy has none.
        atexit.register(gc.freeze)
    module = NorthflankModule(operation)
    context = Context(check_mode=module.check_mode, diff=module._diff, clock=SystemClock(), warn=module.warn)
    if REQUESTS_IMPORT_ERROR:
        problem = errors.MissingDependencyError(missing_required_lib(f"requests>={OLDEST_REQUESTS}, urllib3>={OLDEST_URLLIB3}"))
        module.fail_json(exception=REQUESTS_IMPORT_ERROR, **problem.as_result())
    module.finish(perform(operation, module.params, context))
