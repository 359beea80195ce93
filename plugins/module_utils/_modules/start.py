# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the modules that start something: what is sent, check mode, and `wait`."""

from __future__ import annotations

import json
import typing as t

from .. import _errors as errors
from .._argspec import Spec, mask_arguments
from .._lifecycle.polling import FIRST_POLL
from .._lifecycle.start import start
from .._lifecycle.tracked import Tracked
from .._lifecycle.wait import check_wait_options, wait_for
from .._operation import Context, Result
from .._resources.jobs import job_details
from .._resources.resource import Item, Resource

Body = dict[str, t.Any]


def check_start(resource: Resource, body: Body, spec: Spec, params: dict[str, t.Any], context: Context) -> Result:
    """Check the wait options, and return the `request` that would be sent, and the `diff` in diff mode."""
    check_wait_options(params, context)
    method, path = resource.start_request(body)[:2]
    request = {"method": method, "url": resource.client.api_url + path, "body": mask_arguments(spec, body)[0]}
    pretty = json.dumps(request, indent=2, ensure_ascii=False) + "\n"
    return {"request": request, **({"diff": {"before": "", "after": pretty, "after_header": "request"}} if context.diff else {})}


def start_and_wait(resource: Resource, body: Body, checked: Result, params: dict[str, t.Any], context: Context) -> Result:
    """Start an item and, with `wait`, wait for it; in check mode, return the request that would be sent."""
    if context.check_mode:
        return {"changed": True, "recovered": False, **as_result(resource, _preview(resource, body, context)), **checked}
    item, recovered = start(resource, body, context)
    if recovered:
        name, only = f"{resource.noun.capitalize()} {item['id']!r}", f"the only {resource.sole_match(body)}"
        context.warn(
            f"The response to the start of a {resource.noun} of {resource.job} was lost. {name} is {only} that was "
            "started since then, so the task continues with it; nothing was started twice."
        )
    del checked["request"]
    return wait_if_wanted(resource, item, {"changed": True, "recovered": recovered, **checked}, params, context, FIRST_POLL)


def wait_if_wanted(
    resource: Resource, item: Item, result: Result, params: dict[str, t.Any], context: Context, first: float = 0.0
) -> Result:
    """Wait for an item if the task says so, and add it to the result, or to the error, as last seen."""
    tracked = Tracked(resource, item)
    try:
        if params["wait"] and not context.check_mode:
            wait_for(resource.client, context, [tracked], params, first)
    except errors.NorthflankError as error:
        error.partial_result.update(result, **{resource.noun: tracked.item})
        raise
    return {**result, **as_result(resource, tracked.item)}


def _preview(resource: Resource, body: Body, context: Context) -> Item:
    """Check with a read request that the job exists and the token is valid."""
    job = None
    try:
        job = job_details(resource.client, resource.job)
    except errors.ForbiddenError as error:
        what = f"a token may have permission to start {resource.plural}, but not to read jobs"
        context.warn(f"Check mode could not verify that the job exists; {what}. {error.message}")
    return resource.preview(body, job, context.warn)


def as_result(resource: Resource, item: Item) -> Result:
    return {resource.noun: item, "ansible_facts": {f"northflank_job_{resource.noun}": item}}
