# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import Script, SimulatedClock
from ansible_collections.community.northflank.tests.unit.fake_northflank.conftest import ITEMS, PLACE


@pytest.fixture
def get(kind, client):
    """What the API says of one build or run."""
    return lambda item_id: client.data("GET", f"{ITEMS[kind.name]}/{item_id}")


@pytest.fixture
def start(kind, client):
    return lambda body=None: client.start(body, ITEMS[kind.name])["id"]


def test_a_script_goes_on_by_the_clock(kind, clock, start, get):
    item_id, seen = start(), []
    for _each in range(21):
        seen.append(get(item_id)["status"])
        clock.advance(0.1)
    usual = {"build": ["PENDING", "CLONING", "BUILDING", "UPLOADING", "SUCCESS"], "run": ["RUNNING", "SUCCESS"]}
    assert list(dict.fromkeys(seen)) == usual[kind.name]


def test_a_script_goes_on_by_looks_of_both_kinds(kind, client, clock, start, get):
    bad = {"build": "CRASHED", "run": "FAILED"}[kind.name]
    kind.plan(Script([(0, "QUEUED"), (1, "PAUSED"), (3, "BUSY"), (5, bad)], by="looks"))
    item_id = start()
    clock.advance(1000)
    assert get(item_id)["status"] == "PAUSED"
    assert client.data("GET", ITEMS[kind.name])[kind.plural][0]["status"] == "PAUSED"
    assert kind.ours[0].view()["status"] == "PAUSED"
    assert [get(item_id)["status"] for _each in range(3)] == ["BUSY", "BUSY", bad]
    ended = get(item_id)
    at = {"build": 1_790_001_000, "run": "2026-09-21T14:30:00Z"}[kind.name]
    assert (ended["concluded"], ended.get("buildConcludedAt", ended.get("concludedAt"))) == (True, at)


@pytest.mark.parametrize("status", ["SUCCESS", "FAILURE", "SUBMISSION_FAILURE", "CRASHED", "ABORTED"])
def test_a_build_can_end_in_five_ways(fake, client, status):
    build = client.data("GET", f"{ITEMS['build']}/{fake.add_build(*PLACE, age=100, status=status).id}")
    assert (build["status"], build["concluded"], build["success"]) == (status, True, status == "SUCCESS")
    assert build["buildConcludedAt"] == 1_790_000_000 - 100 + 60


def test_answers_can_be_spoilt(kind, start, get):
    kind.plan(Script.success(0, raw={"status": "success", "concluded": "yes"}, omit=["sha", "active"]))
    item = get(start())
    assert (item["status"], item["concluded"], {"sha", "active"} & item.keys()) == ("success", "yes", set())


def test_it_can_show_late_and_vanish(kind, client, clock, start):
    kind.plan(Script.vanishes(9, visible_after=5, get_visible_after=1))
    item_id, path, seen = start(), ITEMS[kind.name], []
    for seconds in (0, 1, 4, 4):
        clock.advance(seconds)
        seen.append((item_id in client.listed(path), client("GET", f"{path}/{item_id}").status))
    assert seen == [(False, 404), (False, 200), (True, 200), (False, 404)]


def test_plans_count_in_their_order_and_are_for_builds_or_for_runs(kind, fake, start, get):
    """A run's commit is that of its image."""
    shas = {name: name * 40 for name in "ef"}
    for name, sha in shas.items():
        fake.add_build(*PLACE, age=700, id=f"build-{name}", sha=sha, status="SUCCESS")

    def status(sha=None):
        of_run = {"deployment": {"internal": {"buildId": f"build-{sha}"}}}
        return get(start((of_run if kind.name == "run" else {"sha": shas[sha]}) if sha else {}))["status"]

    fake.plan(*PLACE, Script([(0, "OTHER")]), kind={"build": "run", "run": "build"}[kind.name])
    for name, options in (
        *(("A", {}), ("B", {}), ("C", {"times": 2}), ("D", {"times": 1})),
        *(("E", {"sha": shas["e"], "times": 1}), ("F", {"sha": shas["f"]})),
    ):
        fake.plan(*PLACE, Script([(0, name)]), kind=kind.name, **options)
    assert [status(), status("e"), status("e"), status()] == ["C", "E", "C", "D"]
    assert [status(), status("f"), status()] == ["B", "F", "B"]


def test_there_can_be_some_from_before(kind, get, clock):
    bad = {"build": "FAILURE", "run": "FAILED"}[kind.name]
    old = kind.add(age=500, status=bad, duration=90, message="no", pullRequestId=7, id="given-id")
    item = get("given-id")
    times = {"build": ("2026-09-21T14:05:00.000Z", 1_789_999_590), "run": ("2026-09-21T14:05:00Z", "2026-09-21T14:06:30Z")}
    told = [item[name] for name in ("createdAt", "startedAt", "buildConcludedAt", "concludedAt") if name in item]
    assert (item["status"], item["pullRequestId"], tuple(told)) == (bad, 7, times[kind.name])
    assert (old.started_by, old.created_at) == ("history", clock.time() - 500)
    assert get(kind.add(age=3, duration=4).id)["concluded"] is False
    with pytest.raises(ValueError, match=f"already has a {kind.name} given-id"):
        kind.add(id="given-id")


def test_a_build_from_before_may_be_of_any_branch_and_go_on(fake, client, clock):
    own = fake.add_build(*PLACE, age=5, branch="topic", script=Script.never_ends())
    clock.sleep(86400)
    build = client.data("GET", f"{ITEMS['build']}/{own.id}")
    assert (build["branch"], build["status"]) == ("topic", "BUILDING")


def test_the_simulated_clock_moves_only_when_it_is_told_to():
    clock, calls = SimulatedClock(start=100.0), []
    forget = clock.on_advance(lambda: calls.append(clock.time()))
    clock.sleep(2)
    clock.advance(3)
    clock.jump(-50)
    assert (clock.time(), clock.monotonic(), clock.sleeps, calls) == (55.0, 5.0, [2], [102.0, 105.0])
    forget()
    clock.sleep(1)
    assert (clock.sleeps, calls) == ([2, 1], [102.0, 105.0])
