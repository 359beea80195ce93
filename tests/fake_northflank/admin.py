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
- `POST /_fake/tokens`: the arguments of `add_token`, or `{"revoke": "…"}`.
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
from .settings import Settings

if TYPE_CHECKING:
    from .fake import FakeNorthflank

PREFIX = "/_fake/"
SETTINGS = frozenset(Settings.__annotations__)


def handle(fake: FakeNorthflank, request: Request) -> Reply:
    """Answer one request for `/_fake/…`."""
    action = ACTIONS.get((request.method, request.target[len(PREFIX) :].partition("?")[0]))
    if action is None:
        return Reply.of_json(404, {"error": f"no such thing: {request.method} {request.target}"})
    try:
        return Reply.of_json(200, action(fake, parse_json(request.body)))
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        return Reply.of_json(400, {"error": str(error)})


def _reset(fake: FakeNorthflank, _body: Any) -> dict[str, Any]:
    fake.reset()
    return {}


def _journal(fake: FakeNorthflank, _body: Any) -> dict[str, Any]:
    return {"journal": [entry.to_json() for entry in fake.journal]}


def _faults(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    # All are made before the first is set, so that a wrong one leaves none behind.
    faults = [Fault(**fields) for fields in body]
    if not faults:
        fake.clear_faults()
    for fault in faults:
        fake.fault(fault)
    return {"faults": len(faults)}


def _jobs(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    return {"job": fake.add_job(**body).view()}


def _builds(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    return {"build": fake.add_build(**_with_script(body)).view()}


def _runs(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    return {"run": fake.add_run(**_with_script(body)).view()}


def _plan(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    fake.plan(**_with_script(body))
    return {}


def _push(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    return {"sha": fake.push(**body)}


def _tokens(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    if "revoke" in body:
        fake.revoke_token(body["revoke"])
    else:
        fake.add_token(**body)
    return {}


def _settings(fake: FakeNorthflank, body: Any) -> dict[str, Any]:
    unknown = body.keys() - SETTINGS - {"quota"}
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(sorted(unknown))}")
    for name, value in body.items():
        if name == "quota":
            fake.set_quota(**value)
        else:
            setattr(fake, name, Script.from_json(value) if name in ("default_script", "default_run_script") else value)
    return {}


def _with_script(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "script": Script.from_json(body["script"])} if body.get("script") else body


ACTIONS: dict[tuple[str, str], Callable[[FakeNorthflank, Any], dict[str, Any]]] = {
    ("POST", "reset"): _reset,
    ("GET", "journal"): _journal,
    ("POST", "faults"): _faults,
    ("POST", "jobs"): _jobs,
    ("POST", "builds"): _builds,
    ("POST", "runs"): _runs,
    ("POST", "plan"): _plan,
    ("POST", "push"): _push,
    ("POST", "tokens"): _tokens,
    ("POST", "settings"): _settings,
}
