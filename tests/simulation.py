# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks on a simulated clock against the embedded API, over real HTTP."""

from __future__ import annotations

import os
import typing as t
from dataclasses import dataclass, field
from functools import partial

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.community.northflank.plugins.module_utils._argspec import type_problems
from ansible_collections.community.northflank.plugins.module_utils._http.transport import Transport
from ansible_collections.community.northflank.plugins.module_utils._modules import (
    job_build,
    job_build_abort,
    job_build_info,
    job_build_wait,
    job_run,
    job_run_abort,
    job_run_info,
    job_run_wait,
)
from ansible_collections.community.northflank.plugins.module_utils._operation import (
    Context,
    Operation,
    invalid_arguments,
    perform,
    with_invocation,
)
from ansible_collections.community.northflank.tests.fake_northflank import (
    PERMISSIONS,
    FakeNorthflank,
    Fault,
    Script,
    SharedClock,
    SimulatedClock,
)
from ansible_collections.community.northflank.tests.fake_northflank.world import EXAMPLE_SHA
from ansible_collections.community.northflank.tests.scanner import scan_task

PROJECT, JOB = "default-project", "example-job"
SHA, OTHER_SHA = EXAMPLE_SHA, "a" * 40

OPERATIONS: dict[str, dict[str, Operation]] = {
    kind: {name: module.OPERATION for name, module in zip(("start", "info", "wait", "abort"), modules)}
    for kind, modules in {
        "build": (job_build, job_build_info, job_build_wait, job_build_abort),
        "run": (job_run, job_run_info, job_run_wait, job_run_abort),
    }.items()
}

SETTINGS = ("NORTHFLANK_API_TOKEN", "NF_API_TOKEN", "NORTHFLANK_API_BASE_URL", "NF_API_HOST", "NF_HOST", "NETRC")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle")


def clean_environment() -> None:
    """Forget this machine's own settings; embedded APIs are on loopback, where no proxy belongs."""
    for name in (*SETTINGS, *PROXIES, *map(str.upper, PROXIES)):
        os.environ.pop(name, None)


def started(fake: FakeNorthflank, kind: str = "build") -> list[t.Any]:
    """The builds, or the runs, that tasks have started, by the server's own count."""
    there = {"build": fake.builds, "run": fake.runs}[kind](PROJECT, JOB)
    return [item for item in there if item.started_by == "api"]


def several(fake: FakeNorthflank, count: int, script: Script | None = None, **fields: t.Any) -> list[str]:
    """The IDs of builds that somebody else started."""
    return [fake.add_build(PROJECT, JOB, script=script or Script.success(10), **fields).id for _number in range(count)]


def permissions_without(words: str) -> set[str]:
    """All permissions of a token but those with these words in their name."""
    return {permission for permission in PERMISSIONS if words not in permission}


@dataclass
class Task:
    """Runs operations as an entry point does: Ansible's check of the arguments first."""

    fake: FakeNorthflank
    clock: SimulatedClock
    operation: Operation
    warnings: list[str] = field(default_factory=list)
    events: list[dict[str, t.Any]] = field(default_factory=list)
    transport: Transport | None = None  # Connections to keep, as for the items of a loop
    started: set[tuple[t.Hashable, str]] | None = None  # What the items of a loop remember; a task as a module remembers nothing
    recorded: bool = True  # Whether to keep the events and look for secrets, which takes time and memory

    def __call__(self, *, check_mode: bool = False, diff: bool = False, **arguments: t.Any) -> dict[str, t.Any]:
        """The result of one task; the embedded API, its token and its job unless others are given."""
        defaults = {"api_url": self.fake.url, "api_token": self.fake.token, "project_id": PROJECT, "job_id": JOB}
        given = {k: v for k, v in {**defaults, **arguments}.items() if v is not ...}
        problem = next(type_problems(self.operation.argument_spec, given), None)
        validator = ArgumentSpecValidator(self.operation.argument_spec, mutually_exclusive=self.operation.mutually_exclusive)
        checked = validator.validate({} if problem else given)
        params = given if problem else checked.validated_parameters
        if problem or checked.error_messages:
            result = invalid_arguments(self.operation, params, problem or checked.error_messages[0])
        else:
            result = perform(self.operation, params, self._context(check_mode, diff))
        result = with_invocation(self.operation, params, result)
        if self.recorded:
            scan_task(self.fake, given, result, self.warnings, self.events)
        return result

    def _context(self, check_mode: bool, diff: bool) -> Context:
        context = Context(
            check_mode=check_mode,
            diff=diff,
            clock=self.clock,
            warn=self.warnings.append,
            report=self.events.append if self.recorded else lambda event: None,
            shows_progress=True,
        )
        if self.transport is not None:
            context.transport = lambda token, verify: self.transport
        if self.started is not None:
            context.started = self.started
        return context


def endpoint(kind: str, name: str) -> str:
    """How the embedded API names what it has for builds and for runs."""
    return f"run_{name}" if kind == "run" and name not in ("any", "job", "branches") else name


@dataclass
class Kind:
    """Builds, or runs: what there is of them in the embedded API, and the modules for them. For tests of what both share."""

    name: str  # `build` or `run`
    fake: FakeNorthflank
    clock: SimulatedClock

    @property
    def plural(self) -> str:
        return f"{self.name}s"

    def task(self, operation: str, *more: t.Any, **options: t.Any) -> Task:
        """The module of that operation: `start`, `info`, `wait` or `abort`."""
        return Task(self.fake, self.clock, OPERATIONS[self.name][operation], *more, **options)

    def wait(self, given: t.Any, **arguments: t.Any) -> dict[str, t.Any]:
        return self.task("wait")(**{self.plural: given}, **arguments)

    def add(self, job_id: str = JOB, **options: t.Any) -> t.Any:
        """One that somebody else started."""
        return {"build": self.fake.add_build, "run": self.fake.add_run}[self.name](PROJECT, job_id, **options)

    def there(self, job_id: str = JOB) -> list[t.Any]:
        """All that the server knows of."""
        return {"build": self.fake.builds, "run": self.fake.runs}[self.name](PROJECT, job_id)

    @property
    def ours(self) -> list[t.Any]:
        """Those that tasks have started, by the server's own count."""
        return started(self.fake, self.name)

    def plan(self, script: Script) -> None:
        self.fake.plan(PROJECT, JOB, script, kind=self.name)

    def fault(self, fault: str, name: str, **detail: t.Any) -> None:
        self.fake.fault(Fault(fault, endpoint(self.name, name), **detail))

    def calls(self, name: str) -> list[t.Any]:
        return self.fake.calls(endpoint(self.name, name))


def on_hosts(
    fake: FakeNorthflank, clock: SharedClock, hosts: int, forks: int, script: Script, **arguments: t.Any
) -> list[dict[str, t.Any]]:
    """Build a job of its own on each of so many hosts and wait, a process each, so many at once.

    Returns the results, each with the `seconds` that it took.
    """
    results: list[dict[str, t.Any]] = []
    for number in range(hosts):
        fake.add_job(PROJECT, f"job-{number}").builds.default_script = script

    def host(number: int) -> None:
        # A worker takes a moment to start.
        clock.sleep(0.3)
        began = clock.monotonic()
        result = Task(fake, clock, OPERATIONS["build"]["start"], recorded=False)(job_id=f"job-{number}", wait=True, **arguments)
        results.append({**result, "seconds": clock.monotonic() - began})

    clock.run((partial(host, number) for number in range(hosts)), forks)
    return results
