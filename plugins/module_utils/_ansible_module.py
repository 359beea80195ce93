# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point that runs an operation as a module."""

from __future__ import annotations

import functools
import typing as t

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from . import _errors as errors
from ._argspec import type_problems
from ._http.transport import MIN_REQUESTS, MIN_URLLIB3, REQUESTS_IMPORT_ERROR
from ._masking import map_strings, strip_controls
from ._operation import Context, Operation, invalid_arguments, perform, shown_arguments, with_invocation
from ._orphans import has_no_reader, terminate_when

STDOUT = 1  # As a file descriptor.


class NorthflankModule(AnsibleModule):
    """A module whose failures all have the collection's `error`, and whose arguments are masked by position."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._may_log = False
        super().__init__(operation.argument_spec, supports_check_mode=True, mutually_exclusive=operation.mutually_exclusive)
        self._may_log = True
        shown = map_strings(shown_arguments(operation, self.params), strip_controls)
        self.log("Invoked with " + " ".join(f"{name}={value}" for name, value in shown.items()), log_args=shown)

    def _set_internal_properties(self, *args: t.Any, **kwargs: t.Any) -> None:
        # The last moment to see the arguments as they were given.
        super()._set_internal_properties(*args, **kwargs)
        for problem in type_problems(self._operation.argument_spec, self.params):
            self.fail_json(msg=problem)

    def log(self, msg: t.Any, log_args: dict[str, t.Any] | None = None) -> None:
        """Write to syslog, except Ansible's own line with the arguments: it masks only `no_log` values."""
        if self._may_log:
            super().log(msg, log_args=log_args)

    def fail_json(self, msg: str, **kwargs: t.Any) -> None:
        """Fail the module. Failures raised by AnsibleModule itself concern the arguments."""
        result = {"msg": msg, **kwargs}
        if "error" not in kwargs:
            result.update(invalid_arguments(self._operation, self.params, msg))
        super().fail_json(**with_invocation(self._operation, self.params, result))


def run_module(operation: Operation) -> None:
    """Run an operation as a module; the body of every `main`."""
    module = NorthflankModule(operation)
    if REQUESTS_IMPORT_ERROR:
        error = errors.MissingDependencyError(missing_required_lib(f"requests>={MIN_REQUESTS}, urllib3>={MIN_URLLIB3}"))
        module.fail_json(exception=REQUESTS_IMPORT_ERROR, **error.as_result())
    terminate_when(functools.partial(has_no_reader, STDOUT))  # Whoever started this module reads its result from there.
    context = Context(check_mode=module.check_mode, diff=module._diff, warn=module.warn)
    result = perform(operation, module.params, context)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**with_invocation(operation, module.params, result))
