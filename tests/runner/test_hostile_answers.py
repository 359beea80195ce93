# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile API runs nothing on the controller and breaks no play, not even a later one that reads the facts from a cache."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.community.northflank.tests import hostile
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault

MODULE = "community.northflank.northflank_job_build"
KEY = re.compile(r"""["']__?ansible_\w+\\*["']\s*:""")  # A key of Ansible's own in what a play prints, be it in a text that is JSON
GOOD = "nothing"  # In place of the endpoint that answers with an error
TASKS: list[tuple[str, str, dict[str, t.Any]]] = [
    # The endpoint that refuses, the module, its arguments.
    (GOOD, MODULE, {}),
    (GOOD, MODULE, {"check_mode": True}),
    (GOOD, MODULE, {"reuse": "any", "wait": True, "follow_logs": True}),
    (GOOD, f"{MODULE}_info", {"log_lines": 99}),
    (GOOD, f"{MODULE}_wait", {"builds": [hostile.BUILD_ID]}),
    (GOOD, f"{MODULE}_abort", {"build_id": hostile.BUILD_ID}),
    ("start", MODULE, {}),
    ("job", MODULE, {"check_mode": True}),
    ("branches", MODULE, {"reuse": "any"}),
    ("list", f"{MODULE}_info", {}),
    ("get", f"{MODULE}_info", {"build_id": hostile.BUILD_ID}),
    ("logs", f"{MODULE}_info", {"log_lines": 99}),
    ("logs", f"{MODULE}_abort", {"build_id": hostile.BUILD_ID}),
    ("abort", f"{MODULE}_abort", {"build_id": hostile.BUILD_ID}),
]
# The log of a build is no condition for anything else.
FAILING = [number for number, (refusing, _module, _arguments) in enumerate(TASKS) if refusing not in (GOOD, "logs")]


@contextlib.contextmanager
def servers(template: str, shapes: list[t.Any]) -> t.Iterator[dict[str, FakeNorthflank]]:
    """An embedded API whose answers are all hostile, and one more for each endpoint that refuses with a hostile error."""
    with contextlib.ExitStack() as stack:
        found = {name: stack.enter_context(FakeNorthflank()) for name in (GOOD, *hostile.ENDPOINTS)}
        for refusing, fake in found.items():
            # A build that has ended is not aborted.
            status = "BUILDING" if refusing in ("abort", "logs") else "SUCCESS"
            for endpoint, answer in hostile.answers(template, *shapes, status=status).items():
                refused = endpoint == refusing
                body = hostile.body(hostile.refusal(template, *shapes) if refused else answer)
                fake.fault(Fault("json", endpoint, status=422 if refused else 200, body=body, times=None))
        yield found


def first_play(found: dict[str, FakeNorthflank], results: Path) -> list[dict[str, t.Any]]:
    """Each task, then whatever renders its result and the fact, and a cached fact of it."""
    tasks: list[dict[str, t.Any]] = []
    for number, (refusing, module, given) in enumerate(TASKS):
        arguments = {name: value for name, value in given.items() if name != "check_mode"}
        common = {"api_url": found[refusing].url, "project_id": "default-project", "job_id": "example-job", "api_retries": 0}
        check = {"check_mode": True} if "check_mode" in given else {}
        tasks.append({module: {**common, **arguments}, "register": f"result_{number}", "ignore_errors": True, **check})
        if number == 0:
            tasks += [{"ansible.builtin.debug": {"var": name}} for name in ("result_0", "northflank_job_build", "ansible_facts")]
    names = [f"result_{number}" for number in range(len(TASKS))]
    tasks += [
        {"ansible.builtin.debug": {"msg": [f"{{{{ {name} }}}}" for name in names]}},
        {"ansible.builtin.set_fact": {"cacheable": True, **{f"kept_{name}": f"{{{{ {name} }}}}" for name in names}}},
        {"ansible.builtin.copy": {"dest": str(results), "content": f"{{{{ [{', '.join(names)}] | to_json }}}}"}},
    ]
    return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]


def second_play(facts: Path) -> list[dict[str, t.Any]]:
    """A play without a task of ours, which reads the cache."""
    tasks = [
        {"ansible.builtin.debug": {"var": "ansible_facts"}},
        {"ansible.builtin.debug": {"var": "hostvars"}},
        {"ansible.builtin.copy": {"dest": str(facts), "content": "{{ ansible_facts | to_json }}"}},
    ]
    return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]


def ours(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """A result without what Ansible itself puts into it, which has Ansible's own objects in it by right."""
    return {key: value for key, value in result.items() if key not in ("warnings", "exception", "deprecations", "_ansible_no_log")}


def all_shapes(template: str) -> list[t.Any]:
    """Every shape, and the one that Ansible knows best in every second spelling too: the unit tests have them all."""
    shapes = {**hostile.revived(template), **hostile.REFUSED}
    respelled = [hostile.spelled(shapes["a trusted text"], spelling) for spelling in list(hostile.SPELLINGS)[1::2]]
    # The last shape is put into dictionaries themselves. A tagged text with more fields is none, so it must not be one.
    return [*shapes.values(), *respelled, shapes["an unknown type"]]


@pytest.mark.hostile
@pytest.mark.parametrize("in_process", ["true", "false"])
def test_a_hostile_api_neither_runs_nor_breaks_anything(playbook, tmp_path, in_process):
    canary = tmp_path / "canary"
    template = hostile.run_if_trusted(f"touch {canary}")
    environment = {
        "NORTHFLANK_IN_PROCESS": in_process,
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache"),
        "ANSIBLE_INJECT_FACT_VARS": "true",
    }
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}

    def run(name: str, play: list[dict[str, t.Any]]) -> str:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(play), encoding="utf-8")
        try:
            ran = playbook(path, "-i", "web-1,", "-e", json.dumps(variables), **environment)
        finally:
            assert not canary.exists(), "the controller ran a command of the API's"
        output = str(ran.stdout + ran.stderr)
        assert ran.returncode == 0, f"exit {ran.returncode}: {output[-3000:]}"
        assert "Traceback" not in output
        assert not KEY.search(output)
        return output

    with servers(template, all_shapes(template)) as found:
        environment["NORTHFLANK_API_TOKEN"] = found[GOOD].token
        output = run("first", first_play(found, tmp_path / "results"))
        asked = {refusing: {entry.endpoint for entry in fake.journal} for refusing, fake in found.items()}
    assert asked[GOOD] == {"start", "get", "list", "logs", "job", "branches"}
    assert "abort" in asked["logs"]
    assert all(endpoint in asked[endpoint] for endpoint in hostile.ENDPOINTS)
    assert f"ignored={len(FAILING)} " in output

    results = json.loads((tmp_path / "results").read_text(encoding="utf-8"))
    for number, result in enumerate(results):
        assert hostile.own_keys(ours(result)) == set(), TASKS[number]
        assert bool(result.get("failed")) is (number in FAILING), (TASKS[number], result)
        if number in FAILING:
            assert result["error"]["message"] == f"{template} {hostile.TEXT}"
            assert result["error"]["details"]["field"] == hostile.TEXT
            continue
        for build in result.get("builds") or [result["build"]]:
            assert set(build) - {"logs"} == hostile.FIELDS.keys()
            # A check mode starts no build, so there is none to know.
            if "check_mode" not in TASKS[number][2]:
                assert (build["id"], build["branch"], build["registry"]) == (hostile.BUILD_ID, template, {"uri": template})
    assert f"{template} {hostile.TEXT}" in results[3]["builds"][0]["logs"]

    run("second", second_play(tmp_path / "facts"))
    facts = json.loads((tmp_path / "facts").read_text(encoding="utf-8"))
    assert facts["northflank_job_build"] == results[2]["build"]
    assert [ours(facts[f"kept_result_{number}"]) for number in range(len(TASKS))] == [ours(result) for result in results]
