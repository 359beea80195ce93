# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point that runs an operation in Ansible's worker process: faster than the module, same result, and with progress."""

from __future__ import annotations

import datetime
import functools
import json
import multiprocessing
import os
import sys
import typing as t
from collections.abc import Mapping

from ansible import constants as C
from ansible.module_utils import basic
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.warnings import get_warning_messages
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display
from ansible_collections.community.northflank.plugins.module_utils._argspec import QUOTE_IT, type_problems
from ansible_collections.community.northflank.plugins.module_utils._http.transport import REQUESTS_IMPORT_ERROR, Transport, load_ca_context
from ansible_collections.community.northflank.plugins.module_utils._operation import (
    Context,
    Operation,
    invalid_arguments,
    perform,
    with_invocation,
)
from ansible_collections.community.northflank.plugins.module_utils._orphans import terminate_when
from ansible_collections.community.northflank.plugins.plugin_utils._progress import ASCII_ONLY, Progress, can_show, show

display = Display()

SWITCH = "northflank_in_process"
"""Variable that turns this entry point off. The environment variable NORTHFLANK_IN_PROCESS does so for all hosts."""

CA_CONTEXT = None if REQUESTS_IMPORT_ERROR else load_ca_context()  # Loaded before Ansible forks its workers: saves 20 ms per task.


# Shared by the iterations of a loop, which run in one worker. Keyed by PID so that a fork does not reuse its parent's connections.
@functools.lru_cache(maxsize=10)
def _transport(_process: int, token: str, verify: bool | str) -> Transport:
    return Transport(token, verify, CA_CONTEXT)


@functools.cache
def _started(_process: int) -> set[tuple[t.Hashable, str]]:
    return set()


@functools.cache
def _end_with_parent(_process: int) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        terminate_when(lambda: os.getppid() != parent.pid)


class NorthflankAction(NormalAction):
    """An action plugin that does in the worker what the module of the same name does in its own process."""

    operation: t.ClassVar[Operation]

    @classmethod
    def check_arguments(cls) -> None:
        """Check a task's arguments and do nothing else. `ansible-lint` calls the `main` of the file that it finds under a module's name."""
        basic.AnsibleModule(cls.operation.argument_spec, supports_check_mode=True, mutually_exclusive=cls.operation.mutually_exclusive)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the operation here if possible, otherwise as a module."""
        _end_with_parent(os.getpid())
        task_vars = task_vars or {}
        try:
            arguments = native(self._task.args)
        except TypeError:  # Bytes, which a module cannot receive; Ansible then reports the error.
            arguments = None
        problem = next(json_problems(self._task.args), "")
        if problem and arguments is not None:
            return self._with_invocation(arguments, invalid_arguments(self.operation, arguments, problem), task_vars)
        reason = self._reason_for_module(task_vars) or ("an argument is binary" if arguments is None else "")
        if can_show(stderr=False):
            display.vvv(f"{self._task.action}: run {f'as a module, because {reason}' if reason else 'in-process, in the worker'}")
        if reason:
            return t.cast(dict[str, t.Any], super().run(tmp, task_vars))
        ActionBase.run(self, tmp, task_vars)
        # Use the directory in which a local module would run, so that relative paths mean the same.
        before = os.getcwd()
        os.chdir(self._loader.get_basedir())
        try:
            return self._run_here(arguments, task_vars)
        finally:
            os.chdir(before)

    def _reason_for_module(self, task_vars: dict[str, t.Any]) -> str:
        """Return why this task must run as a module, or an empty string if it can run here."""
        interpreter = self._interpreter(task_vars)
        switched_on = self._templar.template(task_vars.get(SWITCH, os.environ.get("NORTHFLANK_IN_PROCESS", True)))
        reasons = {
            f"{SWITCH} is off": not boolean(switched_on, strict=False),
            "the connection is not local": self._connection.transport not in ("local", "ansible.builtin.local"),
            "become is used": bool(self._connection.become),
            "async is used": bool(self._task.async_val),
            "environment is set": any(self._task.environment or []),
            f"the interpreter is {interpreter}": not _is_this_interpreter(interpreter),
            "requests is not installed for the controller": REQUESTS_IMPORT_ERROR is not None,
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def _interpreter(self, task_vars: dict[str, t.Any]) -> str:
        variables = task_vars
        if self._task.delegate_to:
            variables = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        interpreter = variables.get("ansible_python_interpreter") or C.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        return str(self._templar.template(interpreter))

    def _run_here(self, arguments: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        # Up to ansible-core 2.18, alias conflicts in suboptions are only reported through this global list of all tasks' warnings.
        before = len(get_warning_messages())
        for problem in type_problems(self.operation.argument_spec, arguments):
            return self._with_invocation(arguments, invalid_arguments(self.operation, arguments, problem), task_vars)
        validator = ArgumentSpecValidator(self.operation.argument_spec, mutually_exclusive=self.operation.mutually_exclusive)
        checked = validator.validate(arguments)
        params = checked.validated_parameters
        warnings = [str(warning) for warning in get_warning_messages()[before:]]
        # Private, but there is no public way to get these warnings of AnsibleModule.
        warnings += [f"Both option {clash['option']} and its alias {clash['alias']} are set." for clash in checked._warnings]
        if checked.error_messages:
            # Worded as by AnsibleModule, which reports the first error.
            unsupported = isinstance(checked.errors.errors[0], UnsupportedError)
            where = f"Unsupported parameters for ({self._task.action}) module: " if unsupported else ""
            result = invalid_arguments(self.operation, params, f"{where}{checked.errors.msg}")
        else:
            result = perform(self.operation, params, self._context(params, task_vars, warnings))
        result = self._with_invocation(params, result, task_vars)
        return {**result, "warnings": warnings} if warnings else result

    def _with_invocation(self, params: dict[str, t.Any], result: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        # Since ansible-core 2.21, results have no `invocation` unless it is requested.
        is_optional = "INJECT_INVOCATION" in C.config.get_configuration_definitions()
        if not is_optional or C.config.get_config_value("INJECT_INVOCATION", variables=task_vars):
            return with_invocation(self.operation, params, result)
        return result

    def _context(self, params: dict[str, t.Any], task_vars: dict[str, t.Any], warnings: list[str]) -> Context:
        context = Context(self._task.check_mode, self._task.diff, warn=warnings.append)
        context.transport = functools.partial(_transport, os.getpid())
        context.started = _started(os.getpid())
        if params.get("progress") and not self._task.no_log:
            context.shows_progress = True
            host = task_vars.get("inventory_hostname", "localhost")
            context.report = Progress(show, host, ASCII_ONLY)
        return context


def native(value: t.Any) -> t.Any:
    """Return arguments as a module receives them: plain JSON data, decrypted and rendered."""
    if isinstance(value, Mapping):  # Ansible's own types, too.
        # JSON keys are strings; true, false, and null are spelled differently.
        return {str(key) if isinstance(key, str) else json.dumps(native(key)): native(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [native(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return (float if isinstance(value, float) else int)(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        raise TypeError("bytes are no JSON")
    return str(value)


def json_problems(value: t.Any, where: str = "") -> t.Iterator[str]:
    """Yield an error for each date, and for each name that is not text. In JSON, as a module receives it, they look like other text."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            path = f"{where}.{name}" if where else str(name)
            if not isinstance(name, (str, int)) or isinstance(name, bool):
                yield f"{path} is a name that is not text. {QUOTE_IT}"
            # Not lists of options such as `builds`: of other tasks' results, only the IDs are used.
            if where or not isinstance(item, list):
                yield from json_problems(item, path)
    elif isinstance(value, (list, tuple, set)):
        for number, item in enumerate(value):
            yield from json_problems(item, f"{where}[{number}]")
    elif isinstance(value, datetime.date):
        yield f"{where} is a date, but takes text. {QUOTE_IT}"


def _is_this_interpreter(interpreter: str) -> bool:
    # "auto" leaves the choice to Ansible. Compare the directory, too: the python of two virtual environments may link to the same file.
    def place(path: str) -> tuple[str, str]:
        return os.path.dirname(os.path.abspath(path)), os.path.realpath(path)

    return interpreter == sys.executable or interpreter.startswith("auto") or place(interpreter) == place(sys.executable)
