# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steering the embedded API over HTTP, for playbooks. Outside of the quota, the journal and the faults.

Every request is JSON in, JSON out, without a token; a wrong one gets 400 and `{"error": "…"}`.

- `POST /_fake/reset`: back to the default world.
- `GET /_fake/journal`: `{"journal": […]}`, each request with the attributes of `Entry`.
- `POST /_fake/faults`: a list of objects with the arguments of `Fault`, such as
  `[{"kind": "reset", "endpoint": "start", "when": "after"}]`. An empty list clears them all.
- `POST /_fake/jobs`: the arguments of `add_job`; answers `{"job": {…}}`.
- `POST /_fake/builds`: the arguments of `add_build`, `script` as below; answers `{"build": {…}}`.
- `POST /_fake/runs`: the same with `add_run`; answers `{"run": {…}}`.
- `POST /_fake/plan`: the arguments of `plan`, `script` as below.
- `POST /_fake/push`: the arguments of `push`; answers `{"sha": "…"}`.
- `POST /_fake/tokens`: the arguments of `add_token`.
- `POST /_fake/settings`: attributes of `Settings`, and `quota` with the arguments of `set_quota`:
  `{"page_order": ["shuffled", 7], "quota": {"remaining": 3}}`.

A script is an object with the arguments of `Script`, or with `kind` (`success`, `failure`, `never_ends`,
`vanishes`) and the arguments of that constructor: `{"kind": "success", "duration": 3}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from .endpoints import parse_json
from .faults import Fault
from .scripts import Script
from .server import Reply, Request
from .settings import DEFAULTS

if TYPE_CHECKING:
    from .fake import FakeNorthflank

PREFIX = "/_fake/"


def handle(fake: FakeNorthflank, request: Request) -> Reply:
    """Answer one request for `/_fake/…`."""
    action = ACTIONS.get((request.method, request.target[len(PREFIX) :].partition("?")[0]))
    if action is None:
        return Reply.of_json(404, {"error": f"no such thing: {request.method} {request.target}"})
    try:
        return Reply.of_json(200, action(fake, parse_json(request.body)) or {})
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        return Reply.of_json(400, {"error": str(error)})


def _faults(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    # All are made before the first is set, so that a wrong one leaves none behind.
    faults = [Fault(**fields) for fields in body]
    if not faults:
        fake.clear_faults()
    for fault in faults:
        fake.fault(fault)
    return {"faults": len(faults)}


def _settings(fake: FakeNorthflank, body: Any) -> None:
    unknown = body.keys() - DEFAULTS.keys() - {"quota"}
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
    for name, value in body.items():
        if name == "quota":
            fake.set_quota(**value)
        else:
            setattr(fake, name, Script.from_json(value) if name in ("default_script", "default_run_script") else value)


def _with_script(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "script": Script.from_json(body["script"])} if body.get("script") else body


ACTIONS: dict[tuple[str, str], Callable[[FakeNorthflank, Any], dict[str, Any] | None]] = {
    ("POST", "reset"): lambda fake, _body: fake.reset(),
    ("GET", "journal"): lambda fake, _body: {"journal": [entry.to_json() for entry in fake.journal]},
    ("POST", "faults"): _faults,
    ("POST", "jobs"): lambda fake, body: {"job": fake.add_job(**body).view()},
    ("POST", "builds"): lambda fake, body: {"build": fake.add_build(**_with_script(body)).view()},
    ("POST", "runs"): lambda fake, body: {"run": fake.add_run(**_with_script(body)).view()},
    ("POST", "plan"): lambda fake, body: fake.plan(**_with_script(body)),
    ("POST", "push"): lambda fake, body: {"sha": fake.push(**body)},
    ("POST", "tokens"): lambda fake, body: fake.add_token(**body),
    ("POST", "settings"): _settings,
}
