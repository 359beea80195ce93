# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a task runs in the worker or as a module, it gives the same result, key for key."""

from __future__ import annotations

import re

import pytest
from ansible_collections.community.northflank.tests.equivalence import runs
from ansible_collections.community.northflank.tests.scanner import CANARIES, scan

# The connection shows the command that it runs, and C(environment) stands in front of that.
OF_ANSIBLE = re.compile(r"<127\.0\.0\.1> EXEC /bin/sh -c 'NORTHFLANK_API_TOKEN=\S+ ")


def of_file(name, *values, **options):
    """A parameter of a test that needs the runs of a file of cases."""
    marks = [pytest.mark.xdist_group(name), *options.pop("marks", [])]
    return pytest.param(name, *values, marks=marks, **options)


def cases():
    for name in runs.groups():
        for case in runs.group(name)["cases"]:
            why = runs.lacking(case)
            yield of_file(name, case, id=f"{name}-{case['case']}", marks=[pytest.mark.skip(reason=why)] if why else [])


@pytest.mark.parametrize(("name", "case"), list(cases()))
def test_same_result(pair_of, name, case):
    """All at once, because the runs are what takes time."""
    pair = pair_of(name)
    in_process, as_module = seen = [run.cases[case["case"]] for run in pair]
    for run, one in zip(pair, seen):
        assert one.results, f"The case left no result.\n{run.output[-20000:]}"
        assert run.returncode == 0, run.output[-20000:]
    problems = [*wrong_way(case, in_process, as_module), *unexpected(case, in_process), *unexpected(case, as_module)]
    allowed = case.get("unlike", ())
    if as_module.progress or ("progress" in case and bool(in_process.progress) != case["progress"]):
        problems.append(f"progress: {in_process.progress} and {as_module.progress}")
    problems += [f"result: {text}" for text in runs.differences(in_process.results, as_module.results, allowed)]
    if case.get("printed", True):
        problems += [f"printed: {text}" for text in runs.different_lines(in_process.printed, as_module.printed)]
    if case.get("journal", True):
        problems += [f"request: {text}" for text in runs.differences(in_process.journal, as_module.journal)]
    if "same_as" in case:
        for run in pair:
            (mine,), (its,) = (run.cases[name].results.values() for name in (case["case"], case["same_as"]))
            problems += [f"as {case['same_as']}: {text}" for text in runs.differences(mine, its, [*allowed, r"rate_limit\.remaining$"])]
    assert not problems, "\n".join(problems)


def wrong_way(case, in_process, as_module):
    """Whether each run went the way it was meant to, so that no case compares the module with itself."""
    way = case.get("path", "in-process")
    times = case.get("times", 1)
    first, second = times if isinstance(times, list) else (times, times)
    off = case.get("path_when_off", runs.SWITCHED_OFF)
    for seen, wanted in ((in_process, [way] * first), (as_module, [off] * second)):
        if seen.paths != (wanted if way else []):
            yield f"way: {seen.paths}, not {wanted}"


def unexpected(case, seen):
    """What is not as the case says, so that two wrong results are not taken for good."""
    for host, kept in seen.results.items():
        found = runs.flat(kept["result"])
        for name, value in case.get("expect", {}).items():
            for key, item in runs.flat(value, name).items():
                if key not in found or found[key] != item:
                    yield f"expected on {host}: {key}: {item!r}, not {found.get(key, 'nothing')!r}"


@pytest.mark.parametrize("name", [of_file(name) for name in runs.groups()])
def test_no_secret_is_printed(pair_of, name):
    """At -vvvvv, by us or by Ansible for us."""
    for run in pair_of(name):
        lines = [line for line in run.output.splitlines() if not OF_ANSIBLE.match(line)]
        scan(f"the output of the cases {name}", "\n".join(lines), [*runs.SECRETS.values(), *CANARIES])


TOKENS = {"example-job": "two", "worker": "two", "job-three": "three", "job-four": "three"}


@pytest.mark.parametrize(
    ("name", "case", "expected"),
    [
        # Two tokens on four hosts at once, and three in one loop.
        of_file("hosts", "two_tokens", [item for item in TOKENS.items() for _item in range(3)]),
        of_file("keywords", "loop_over_tokens", [("example-job", token) for token in ("two", "three", "two", "unknown")]),
    ],
)
def test_each_token_goes_with_its_own_request(pair_of, name, case, expected):
    for run in pair_of(name):
        seen = [(entry["target"].split("/")[5], entry["headers"]["authorization"]) for entry in run.cases[case].journal]
        wanted = [(job, f"Bearer {runs.SECRETS[token]}") for job, token in expected]
        assert seen == wanted if name == "keywords" else sorted(seen) == sorted(wanted)


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, 1.0), (1, "1"), (None, "None"), ([], {}), ({"a": None}, {}), ([1, 2], [2, 1]), ([None], [])]
)
def test_differences_are_seen(one, other):
    assert runs.differences({"result": one}, {"result": other})
    assert not runs.differences({"result": one}, {"result": one})
