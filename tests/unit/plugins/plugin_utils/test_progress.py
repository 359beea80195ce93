# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress as lines of the play."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.community.northflank.plugins.plugin_utils._progress import Progress, format_duration
from ansible_collections.community.northflank.tests.fake_northflank import Fault, Script
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT, several


def rendered(events: t.Iterable[dict[str, t.Any]], **options: t.Any) -> list[str]:
    """The lines for some events."""
    lines: list[str] = []
    progress = Progress(lines.extend, **{"host": "web-1", "ascii_only": True, **options})
    for event in events:
        progress(event)
    return lines


def test_one_build_has_a_line_for_each_status_and_each_minute(build, fake):
    fake.plan(PROJECT, JOB, Script.success(200))
    build_id = build(wait=True)["build"]["id"]
    lines = rendered(build.events)
    # Its ID is there at once, for whoever interrupts the play.
    assert lines[0] == f"  [web-1] {build_id} (example-job): PENDING after 0 s"
    assert lines[1].startswith(f"  [web-1] {build_id} (example-job): CLONING after ")
    assert f"  [web-1] {build_id} (example-job): BUILDING, 2 min so far" in lines
    assert lines[-1].startswith(f"  [web-1] {build_id} (example-job): SUCCESS after 3 min 2")


def test_the_usual_time_is_told_until_the_end(build, fake):
    fake.add_build(PROJECT, JOB, age=4000, script=Script.success(125))
    fake.plan(PROJECT, JOB, Script.success(130))
    build(wait=True)
    lines = rendered(build.events)
    assert any("BUILDING, 1 min so far, usually 2 min 5 s" in line for line in lines)
    assert "usually" not in lines[-1]


def test_a_wait_begins_with_a_line_that_says_for_what(wait, fake):
    ids = several(fake, 2, Script.success(60))
    wait(builds=ids[:1])
    assert rendered(wait.events)[0] == f"  [web-1] {ids[0]} (example-job): no status yet after 0 s"
    wait.events.clear()
    wait(builds=ids)
    assert rendered(wait.events)[0] == f"  [web-1] {'-' * 20} 0/2 ended after 0 s"


@pytest.mark.parametrize("follow_logs", [False, True])
def test_a_failed_build_says_why_and_shows_the_end_of_its_log_once(build, fake, follow_logs):
    log = [(0, f"line {number}") for number in range(30)] + [(1, "z" * 500)]
    fake.plan(PROJECT, JOB, Script.failure(10, message="Step 3 broke", log=log))
    result = build(wait=True, follow_logs=follow_logs)
    lines = rendered(build.events)
    [outcome] = [line for line in lines if "FAILURE after 1" in line]
    assert outcome.endswith(" s: Step 3 broke")
    shown = [line.partition(" | ")[2] for line in lines if " | " in line]
    if follow_logs:
        assert shown == [text for _time, text in log]
    else:
        assert lines.index(outcome) + len(shown) + 1 == len(lines)
        assert shown[:-1] == [f"line {number}" for number in range(11, 30)]
        assert shown[-1].endswith("zzz...") and len(lines[-1]) == 200
    assert result["logs"] == [text for _time, text in log]


def test_many_builds_share_few_lines(wait, fake):
    good = [fake.add_build(PROJECT, JOB, script=Script.success(30 + 20 * number)).id for number in range(9)]
    bad = fake.add_build(PROJECT, JOB, script=Script.failure(40, message="Broken")).id
    wait(builds=[{"id": build_id} for build_id in [*good, bad]])
    lines = rendered(wait.events)
    assert "#" * 20 + " 10/10 ended, 1 failed after 3 min" in lines[-1]
    assert next(line for line in lines if bad in line).startswith(f"  [web-1] {bad} (example-job): FAILURE after ")
    assert len([line for line in lines if "10/10" in line]) == 1
    # The failed build, a count now and then, a heartbeat a minute.
    assert len(lines) < 20
    assert not any(build_id in line for build_id in good for line in lines)


def test_a_long_message_is_cut(build, fake):
    fake.plan(PROJECT, JOB, Script.failure(100, message="x" * 300))
    build(wait=True)
    lines = rendered(build.events)
    assert len(lines[-1]) == 200 and lines[-1].endswith("x...")


def test_a_line_of_a_log_is_never_cut(build, fake):
    fake.plan(PROJECT, JOB, Script.success(10, log=[(1, "y" * 300)]))
    build(wait=True, follow_logs=True)
    assert any(line.endswith(" | " + "y" * 300) for line in rendered(build.events))


def test_controls_and_commands_do_not_reach_the_terminal(build, fake):
    fake.plan(PROJECT, JOB, Script.failure(10, message="a\x1b[31mb\u202ec\r\nd"))
    fake.fault(Fault("json", "logs", status=200, body={"data": [{"log": "x ##vso[task.complete]\x07"}]}, times=None))
    build(wait=True, follow_logs=True)
    lines = rendered(build.events)
    assert all(line.isprintable() for line in lines)
    assert any(line.endswith(" | x # #vso[task.complete]") for line in lines)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min"), (61, "1 min 1 s"), (3600, "1 h"), (3720, "1 h 2 min"), (86399, "23 h 59 min")],
)
def test_a_duration_is_written_for_people(seconds, text):
    assert format_duration(seconds) == text


def test_what_is_gone_is_said_to_be_not_found(wait, fake):
    wait(builds=["no-such-build"])
    assert rendered(wait.events)[-1].startswith("  [web-1] no-such-build (example-job): not found after 3")
