# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks on a simulated clock against the embedded API, over real HTTP."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.community.northflank.plugins.module_utils._operation import (
    Context,
    Operation,
    invalid_arguments,
    invocation,
    perform,
)
from ansible_collections.community.northflank.plugins.module_utils._wire import Wire
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, SimulatedClock
from ansible_collections.community.northflank.tests.scanner import scan_task

PROJECT, JOB = "default-project", "example-job"


@dataclass
class Task:
    """Runs operations as an edge does: Ansible's check of the arguments first."""

    fake: FakeNorthflank
    clock: SimulatedClock
    operation: Operation
    warnings: list[str] = field(default_factory=list)
    events: list[dict[str, t.Any]] = field(default_factory=list)
    wire: Wire | None = None
    """Connections to keep, as for the items of a loop."""
    recorded: bool = True
    """Whether to keep the events and look for secrets, which takes time and memory."""

    def __call__(self, *, check_mode: bool = False, diff: bool = False, **arguments: t.Any) -> dict[str, t.Any]:
        """The result of one task; the embedded API, its token and its job unless others are given."""
        defaults = {"api_url": self.fake.url, "api_token": self.fake.token, "project_id": PROJECT, "job_id": JOB}
        given = {k: v for k, v in {**defaults, **arguments}.items() if v is not ...}
        checked = ArgumentSpecValidator(
            self.operation.argument_spec,
            mutually_exclusive=self.operation.mutually_exclusive,
            required_one_of=self.operation.required_one_of,
        ).validate(given)
        params = checked.validated_parameters
        if checked.error_messages:
            result = invalid_arguments(self.operation, params, checked.error_messages[0])
        else:
            context = Context(
                check_mode=check_mode,
                diff=diff,
                clock=self.clock,
                warn=self.warnings.append,
                report=self.events.append if self.recorded else lambda event: None,
                shows_progress=True,
            )
            if self.wire is not None:
                context.wire, context.keep = lambda token, verify: self.wire, True
            result = perform(self.operation, params, context)
        result = {**result, "invocation": invocation(self.operation, params)}
        if self.recorded:
            scan_task(self.fake, given, result, self.warnings, self.events)
        return result
