# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks through all that the tests make the collection print or return: no secret may be in it, no fact may be altered.

What is a secret is said here again, and not asked of the collection.
"""

from __future__ import annotations

import base64
import json
import typing as t
from urllib.parse import quote

from ansible_collections.community.northflank.tests.fake_northflank import Build, FakeNorthflank
from ansible_collections.community.northflank.tests.fake_northflank.world import EXAMPLE_TOKEN

CANARIES = (EXAMPLE_TOKEN, "hush-", "example-npm-token", "correct horse battery", "the-secret-value")
"""What playbooks, examples and the demo have for secrets."""

SHORTEST = 6  # Characters. What is shorter is no secret in a text
SECRET = ("overrides", "runtime_environment", "runtime_files", "docker_secret_mounts")
"""Options with secrets."""
VISIBLE = frozenset(
    {"src", "encoding"}
    | {"docker_file_path", "docker_work_dir", "dockerfile_target", "dockerFilePath", "dockerWorkDir", "dockerfileTarget"}
)
"""Options below these whose values are no secrets."""

FACTS = {"sha": "sha", "branch": "branch", "created_at": "createdAt"}
INVENTED = frozenset({"json", "html", "huge", "empty", "redirect"})
"""Faults whose answers are not the embedded API's own, so that nothing can be compared."""


class SecretShown(AssertionError):
    """A secret is where nobody may see it."""


class FactAltered(AssertionError):
    """A build's fact is not what Northflank said."""


def scan(where: str, text: str, secrets: t.Iterable[str] = CANARIES, excused: t.Callable[[str], bool] = lambda spelling: False) -> None:
    """Look a text through.

    :arg excused: whether what was found may be seen after all.
    :raises SecretShown: the text has one of the secrets, as it is, or as JSON, base64 or a URL would have it.
    """
    for secret in secrets:
        for spelling in _spellings(secret):
            if spelling in text and not excused(spelling):
                at = text.index(spelling)
                raise SecretShown(f"{where} has the secret {secret[:60]!r}: {text[max(0, at - 200) : at + len(spelling) + 200]!r}")


def printed_result(output: str, token: str | None) -> dict[str, t.Any]:
    """The result that a module printed, without what only Ansible itself reads: the values that it is to hide in the rest of the play.

    Those are in it since ansible-core 2.22, and may be the token alone: any other would damage what the play prints.
    """
    result: dict[str, t.Any] = json.loads(output)
    told = result.pop("_ansible_new_secrets", [])
    if set(told) - {token}:
        raise FactAltered(f"Ansible is told to hide {told} wherever it stands")
    if "deprecations" in result:
        raise AssertionError(f"every task would warn of {result['deprecations']}")
    return result


def scan_task(fake: FakeNorthflank, arguments: dict[str, t.Any], result: dict[str, t.Any], *more: t.Any) -> None:
    """Look through a task's result and whatever else came of it, and compare its builds with those of the embedded API."""
    shown = json.dumps([result, *more], ensure_ascii=False)
    secrets = {str(arguments.get("api_token")), *(value for name in SECRET for value in _values(arguments.get(name)))}
    # Some tests have secrets that are part of what may be seen: that must be left alone.
    scan("a task's result", shown, [s for s in secrets if len(s) >= SHORTEST], lambda spelling: spelling in _visible(fake, arguments))
    builds = [result.get("build") or {}, *result.get("builds", []), *result.get("candidates", [])]
    invented = any(entry.fault in INVENTED for entry in fake.journal)
    for build in builds:
        there = None if invented else _find(fake, build)
        if there is not None:
            _compare(build, there)


def _compare(build: dict[str, t.Any], there: Build) -> None:
    said = there.view()
    if build["status"] is None:  # It was never seen.
        return
    for ours, its in FACTS.items():
        if not isinstance(said.get(its), str):
            continue
        if build[ours] != said[its]:
            raise FactAltered(f"{ours} of build {there.id} is {build[ours]!r}, Northflank said {said[its]!r}")


def _find(fake: FakeNorthflank, build: dict[str, t.Any]) -> Build | None:
    if not build.get("id") or build.get("team_id"):
        return None
    try:
        there = fake.builds(build["project_id"], build["job_id"])
    except LookupError:
        return None
    return next((one for one in there if one.id == build["id"]), None)


def _visible(fake: FakeNorthflank, arguments: dict[str, t.Any]) -> str:
    """All that may be seen: the other arguments, the names, and what the embedded API says of its builds."""
    others = [value for name, value in arguments.items() if name not in (*SECRET, "api_token")]
    names = [_names(arguments.get(name)) for name in SECRET]
    builds = [item.view() for job in fake.world.jobs() for item in (*job.builds, *job.runs)]
    return json.dumps([others, names, builds, fake.url], ensure_ascii=False, default=str)


def _values(value: t.Any) -> t.Iterator[str]:
    """The values that are secrets, files' contents included."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in VISIBLE:
                yield from _values(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _values(item)
    elif isinstance(value, str):
        yield value
        yield from value.splitlines()


def _names(value: t.Any) -> t.Any:
    """What is no secret: all names, and some options."""
    if isinstance(value, dict):
        return [[str(name), item if name in VISIBLE else _names(item)] for name, item in value.items()]
    return [_names(item) for item in value] if isinstance(value, (list, tuple)) else []


def _spellings(secret: str) -> set[str]:
    as_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    encoded = base64.b64encode(secret.encode("utf-8", "replace")).decode("ascii")
    return {secret, *as_json, encoded, quote(secret, errors="replace"), quote(secret, safe="", errors="replace")}
