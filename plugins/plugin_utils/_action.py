# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: names and behaviour can change in any release.
"""The edge that runs an operation in Ansible's worker process, where that gives the module's result: faster, and with progress."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import sys
import typing as t
from collections.abc import Mapping

from ansible import constants as C
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.warnings import get_warning_messages
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display
from ansible_collections.community.northflank.plugins.module_utils import _await, _failures, _overrides, _recovery
from ansible_collections.community.northflank.plugins.module_utils._operation import (
    NOT_UNDERSTOOD,
    VALIDATOR_ERRORS,
    Context,
    Operation,
    Result,
    invalid_arguments,
    invocation,
    perform,
    without_token,
)
from ansible_collections.community.northflank.plugins.module_utils._wire import REQUESTS_IMPORT_ERROR, Wire, trusted_context
from ansible_collections.community.northflank.plugins.plugin_utils._progress import Progress

display = Display()

# Operations import these only when they need them. A worker has them from the start: it must be able to say what went wrong
# when no more file can be opened, and when the collection was replaced during a play.
NEEDED_LATER = (_await, _failures, _overrides, _recovery)

SWITCH = "northflank_in_process"
"""A variable: false switches this edge off. E(NORTHFLANK_IN_PROCESS) does the same for all hosts."""

# Up here, because Ansible imports an action plugin before it forks: every worker then has the authorities loaded.
TRUSTED = None if REQUESTS_IMPORT_ERROR else trusted_context()

# A worker's own standard output leads nowhere.
_ASCII_ONLY = not (getattr(sys.stdout, "encoding", None) or "ascii").lower().startswith("utf")
# What another callback prints may be read by a program, so there progress goes to standard error.
_FOR_PEOPLE = str(C.config.get_config_value("DEFAULT_STDOUT_CALLBACK")).rpartition(".")[2] in ("default", "yaml", "awx_display")

# Ansible's own display.columns is never less than 79.
_COLUMNS = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0

KEPT = 10
"""Wires. A loop over more tokens than that opens connections anew."""

# Per worker, which runs one task of one host with all items of its loop.
_wires: dict[tuple[t.Any, ...], Wire] = {}


def kept_wire(token: str, verify: bool | str) -> Wire:
    """The connections for a token, the same for all items of a loop. A forked process never uses those of its parent."""
    key = (os.getpid(), token, verify)
    if key not in _wires:
        if len(_wires) >= KEPT:
            _wires.pop(next(iter(_wires))).close()
        _wires[key] = Wire(token, TRUSTED if verify is True else None)
    return _wires[key]


class NorthflankAction(NormalAction):
    """An action plugin that does in the worker what the module of the same name would do in a process of its own."""

    operation: t.ClassVar[Operation]

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the operation here if nothing speaks against it, else hand over to the module."""
        task_vars = task_vars or {}
        reason = self._against_worker(task_vars)
        if reason:
            display.vvv(f"{self._task.action}: run as a module, because {reason}")
            self._prefer_pipe(task_vars)
            handed_over: dict[str, t.Any] = super().run(tmp, task_vars)
            return handed_over
        display.vvv(f"{self._task.action}: run in-process, in the worker")
        ActionBase.run(self, tmp, task_vars)
        # Where a module runs on a local connection: relative paths begin there.
        before = os.getcwd()
        os.chdir(self._loader.get_basedir())
        try:
            return self._run_here(task_vars)
        finally:
            os.chdir(before)

    def _against_worker(self, task_vars: dict[str, t.Any]) -> str:
        """Why this task must run as a module; empty where it may run here.

        All of these change where, as whom, or in which environment a module runs.
        """
        interpreter = self._interpreter(task_vars)
        switched_on = self._templar.template(task_vars.get(SWITCH, os.environ.get("NORTHFLANK_IN_PROCESS", True)))
        reasons = {
            f"{SWITCH} is off": not boolean(switched_on, strict=False),
            "the connection is not local": not self._is_local(),
            "become is used": bool(self._connection.become),
            "async is used": bool(self._task.async_val),
            "environment is set": any(self._task.environment or []),
            f"the interpreter is {interpreter}": not _is_this_interpreter(interpreter),
            "requests is not installed for the controller": REQUESTS_IMPORT_ERROR is not None,
            "an argument is binary": _has_binary(self._task.args),
        }
        return next((reason for reason, holds in reasons.items() if holds), "")

    def _is_local(self) -> bool:
        return self._connection.transport in ("local", "ansible.builtin.local")

    def _prefer_pipe(self, task_vars: dict[str, t.Any]) -> None:
        """Have the module go to a Python on this host through a pipe, which Ansible calls pipelining, unless somebody decided about that.

        Else Ansible writes it to a file first, with the token and all other arguments in it, and an interrupted play leaves that there.
        C(become) is left alone: with pipelining it needs a sudo that asks for no terminal. Up to ansible-core 2.17 each task has a variable
        for this, so that nobody can tell whether somebody decided; nothing is changed there.
        """
        if not self._is_local() or self._connection.become:
            return
        _default, origin = self._connection.get_option_and_origin("pipelining", hostvars=task_vars)
        if origin == "default":
            self._connection.set_option("pipelining", True)

    def _interpreter(self, task_vars: dict[str, t.Any]) -> str:
        variables = task_vars
        if self._task.delegate_to:
            variables = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        interpreter = variables.get("ansible_python_interpreter") or C.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
        return str(self._templar.template(interpreter))

    def _run_here(self, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        arguments = native(self._task.args)
        # Up to ansible-core 2.18 a clash in suboptions is only told to a list that modules read.
        before = len(get_warning_messages())
        try:
            checked = ArgumentSpecValidator(
                self.operation.argument_spec,
                mutually_exclusive=self.operation.mutually_exclusive,
                required_one_of=self.operation.required_one_of,
            ).validate(arguments)
        except VALIDATOR_ERRORS:
            return self._finished(invalid_arguments(self.operation, arguments, NOT_UNDERSTOOD), arguments, task_vars, [])
        params = checked.validated_parameters
        warnings = [str(warning) for warning in get_warning_messages()[before:]]
        warnings += [f"Both option {clash['option']} and its alias {clash['alias']} are set." for clash in checked._warnings]
        if checked.error_messages:
            result = invalid_arguments(self.operation, params, self._validation_message(checked.errors))
        else:
            result = perform(self.operation, params, self._context(params, task_vars, warnings))
        return self._finished(result, params, task_vars, warnings)

    def _validation_message(self, found: t.Any) -> str:
        """The first error, in the words of C(AnsibleModule)."""
        if isinstance(found.errors[0], UnsupportedError):
            return f"Unsupported parameters for ({self._task.action}) module: {found.msg}"
        return str(found.msg)

    def _context(self, params: dict[str, t.Any], task_vars: dict[str, t.Any], warnings: list[str]) -> Context:
        context = Context(check_mode=self._task.check_mode, diff=self._task.diff, warn=warnings.append, wire=kept_wire, keep=True)
        if params.get("progress") and not self._task.no_log:
            context.shows_progress = True
            context.report = Progress(
                show=lambda line: display.display(line, color=C.COLOR_VERBOSE, stderr=not _FOR_PEOPLE),
                host=task_vars.get("inventory_hostname", "localhost"),
                columns=_COLUMNS,
                ascii_only=_ASCII_ONLY,
            )
        return context

    def _finished(self, result: Result, params: dict[str, t.Any], task_vars: dict[str, t.Any], warnings: list[str]) -> Result:
        """Everything that C(AnsibleModule) does to a result on its way out."""
        if _invocation_wanted(task_vars):
            result["invocation"] = invocation(self.operation, params)
        if warnings:
            result["warnings"] = warnings
        return without_token(result, params)


def native(value: t.Any) -> t.Any:
    """Arguments as a module gets them: plain JSON data, vaulted texts decrypted, templates rendered."""
    if isinstance(value, str):
        return str(value)
    # The second is for Ansible's own kinds; to ask for it takes long, so it is not asked of a dict.
    if isinstance(value, (dict, Mapping)):
        # JSON has texts alone for keys, and its own words for true, false and null.
        return {str(key) if isinstance(key, str) else json.dumps(native(key)): native(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [native(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return (float if isinstance(value, float) else int)(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return str(value)


def _has_binary(value: t.Any) -> bool:
    """Whether there is something that JSON, and so a module, has no word for; the error is Ansible's to tell."""
    if value is None or isinstance(value, (str, int, float)):
        return False
    if isinstance(value, (dict, Mapping)):
        return any(_has_binary(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple, set)):
        return any(_has_binary(item) for item in value)
    return isinstance(value, (bytes, bytearray))


def _is_this_interpreter(interpreter: str) -> bool:
    # "auto" and its variants leave the choice to Ansible. Any other Python than ours is asked for on purpose, and so is another
    # environment: its folder tells, because python and python3 of a virtual environment both lead to the same file elsewhere.
    def place(path: str) -> tuple[str, str]:
        return os.path.dirname(os.path.abspath(path)), os.path.realpath(path)

    return interpreter == sys.executable or interpreter.startswith("auto") or place(interpreter) == place(sys.executable)


def _invocation_wanted(task_vars: dict[str, t.Any]) -> bool:
    """Since ansible-core 2.21 results have no C(invocation) unless it is asked for."""
    if "INJECT_INVOCATION" not in C.config.get_configuration_definitions():
        return True
    return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
