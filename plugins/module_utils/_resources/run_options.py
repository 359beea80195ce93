# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Converts the options of a run to the API's format and rejects what the API would reject."""

from __future__ import annotations

import typing as t

from .. import _errors as errors
from .._argspec import MILLION, RUN, RUNTIMES, check_ranges, in_api_spelling
from .job_builds import validate_sha
from .overrides import check_patterns, files, texts

_PATTERNS = {
    "billing.deployment_plan": (r"(?=.{3,100}$)[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*", "the ID of a plan, like nf-compute-20"),
    "deployment.internal.id": (r"([a-zA-Z0-9-]+/)?[a-zA-Z0-9-]+", "the ID of a build service, or project-id/build-service-id"),
    "deployment.internal.branch": (r".+", "the name of a branch"),
    "deployment.external.image_path": (
        r"(https?://)?[a-zA-Z0-9/._-]+[:@][a-zA-Z0-9/._:-]+",
        "an image with a tag or digest, like registry.example.com/app:1.4.2",
    ),
    "deployment.external.credentials": (r"[a-zA-Z0-9-]+", "the ID of saved credentials: letters, digits, and '-'"),
}
"""The API's patterns, in part simplified."""


def run_body(params: dict[str, t.Any], add_secret: t.Callable[[str, str], None]) -> dict[str, t.Any]:
    """Return the request body with only the given options; may be `{}`.

    `add_secret` receives each secret found here, such as the content of a file, and the option's path. Raises InvalidArgumentsError for
    what the API would reject or misinterpret.
    """
    check_patterns(_PATTERNS, params)
    deployment = {"internal": {"build_id": params["build_id"]}} if params["build_id"] else params["deployment"]
    _check_deployment(deployment or {})
    given = {
        **params,
        "runtime_environment": texts("runtime_environment", params["runtime_environment"]),
        "runtime_files": files("runtime_files", params["runtime_files"], add_secret),
        "docker_secret_mounts": files("docker_secret_mounts", params["docker_secret_mounts"], add_secret),
        "deployment": deployment,
    }
    return in_api_spelling(RUN, given)


def _check_deployment(deployment: dict[str, t.Any]) -> None:
    internal = deployment.get("internal")
    if internal and deployment.get("external"):
        raise errors.InvalidArgumentsError("deployment has both internal and external. Give one of them: a run uses one image.")
    if internal and internal.get("build_sha") not in (None, "latest"):
        validate_sha(internal["build_sha"], "deployment.internal.build_sha")
    for kind, spec in RUNTIMES.items():
        runtime = deployment.get(kind) or {}
        for name in spec:
            if name.replace("_", "") in (runtime.get("config_type") or "").lower() and not runtime[name]:
                problem = f"config_type {runtime['config_type']} needs {name}, which is not set, or empty"
                raise errors.InvalidArgumentsError(f"deployment.{kind}: {problem}.")
    storage = deployment.get("storage") or {}
    sizes = {**storage, **(storage.get("ephemeral_storage") or {})}
    given = {name: sizes[name] for name in ("storage_size", "shm_size") if sizes.get(name) is not None}
    check_ranges(given, **dict.fromkeys(given, (1, 1000 * MILLION)))
