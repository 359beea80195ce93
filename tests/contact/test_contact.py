# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A contact finds what an API does otherwise than the embedded one, starts one build, aborts it, and tells nothing about its user."""

from __future__ import annotations

import functools
import json
import re
import typing as t

import pytest
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Fault, SimulatedClock
from ansible_collections.community.northflank.tools.contact import report, run, transcript
from ansible_collections.community.northflank.tools.contact.contact import MAX_REQUESTS, Contact, ContactEnded, Target

BUILDS = "/jobs/example-job/build"


class Seen(t.NamedTuple):
    """A request to the embedded API, and its response, which may be changed."""

    method: str
    path: str
    token: str
    sent: bytes
    reply: t.Any

    @property
    def json(self) -> t.Any:
        return json.loads(self.reply.body) if self.reply.body.startswith(b"{") else {}

    def becomes(self, value: t.Any) -> None:
        self.reply.body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.reply.headers.pop("Content-Length", None)

    def each_build(self, change: t.Callable[[dict[str, t.Any]], t.Any]) -> None:
        body = self.json
        data = body.get("data")
        if BUILDS in self.path and isinstance(data, dict):
            for build in [*data.get("builds", []), *([data] if "id" in data else [])]:
                change(build)
            self.becomes(body)


def voice(change: t.Callable[[Seen], t.Any]) -> type[FakeNorthflank]:
    """The embedded API with a change to each of its responses."""

    class Changed(FakeNorthflank):
        def _handle(self, request):
            reply = super()._handle(request)
            change(Seen(request.method, request.target.partition("?")[0], request.headers.get("authorization", ""), request.body, reply))
            return reply

    return Changed


def faulty(*faults: Fault, **settings: t.Any) -> type[FakeNorthflank]:
    """The embedded API with faults or other settings."""

    class Faulty(FakeNorthflank):
        def start(self):
            super().start()
            for fault in faults:
                self.fault(fault)
            for name, value in settings.items():
                setattr(self, name, value)

    return Faulty


def error(status: int, change: t.Callable[[dict[str, t.Any]], t.Any], part: str = "") -> type[FakeNorthflank]:
    """The embedded API with a change to its errors of one status, where the path ends in `part`."""

    def apply(seen: Seen) -> None:
        if seen.reply.status == status and seen.path.endswith(part):
            body = seen.json
            change(body["error"])
            seen.becomes(body)

    return voice(apply)


def answers(method: str, part: str, status: int, sent: bytes = b"") -> type[FakeNorthflank]:
    """The embedded API with another status for one request."""

    def apply(seen: Seen) -> None:
        if seen.method == method and seen.path.endswith(part) and (not sent or seen.sent == sent) and "wrong" not in seen.token:
            seen.reply.status = status

    return voice(apply)


def html_errors(seen: Seen) -> None:
    if seen.reply.status >= 400 and seen.reply.status != 405:
        seen.becomes(b"<html><h1>No</h1></html>")


def quota(change: t.Callable[[dict[str, str]], t.Any]) -> type[FakeNorthflank]:
    return voice(lambda seen: change(seen.reply.headers))


def rename(headers: dict[str, str]) -> None:
    for name in [name for name in headers if name.startswith("x-ratelimit-")]:
        headers[name.replace("x-", "")] = headers.pop(name)


def job_field(seen: Seen) -> None:
    if seen.path.endswith("/example-job") and seen.reply.status == 200:
        seen.becomes({"data": {**seen.json["data"], "paused": False}})


def turn_registry(build: dict[str, t.Any]) -> None:
    if build.pop("registry", None) is None:
        build["registry"] = {"uri": "registry.example.com/x"}


def log_format(seen: Seen) -> None:
    if seen.path.endswith("/build-logs"):
        seen.becomes({"data": [{"log": "plain", "ts": "2026-11-26T00:00:00.000Z", "containerId": "c-1"}]})


def late_in_the_list(seen: Seen) -> None:
    """A new build is not in the list at once."""
    if seen.path.endswith("/build") and seen.method == "GET" and b'"PENDING"' in seen.reply.body:
        body = seen.json
        body["data"]["builds"] = [build for build in body["data"]["builds"] if build["status"] != "PENDING"]
        seen.becomes(body)


VOICES: dict[str, type[FakeNorthflank]] = {
    "Order of the list": faulty(page_order="oldest"),
    "Order over pages": faulty(Fault("json", "list", call=4, status=200, body={"data": {"builds": [{"id": "x-1"}]}})),
    "The last page": faulty(last_page_cursor="null"),
    "Unit of buildConcludedAt": faulty(concluded_unit="milliseconds"),
    "Lines of a log": voice(log_format),
    "Words for a wrong token": error(401, lambda told: told.update(id="nf-unauthorized")),
    "Words for an unknown job": error(404, lambda told: told.update(message="No such thing"), "no-such-job-1"),
    "Words for an unknown build": error(404, lambda told: told.update(message="No such thing"), "no-such-build-1"),
    "Words for a bad body": error(400, lambda told: told.update(details={"sha": ["Too short"]}), "/build"),
    "Status for a bad body": answers("POST", "/build", 422, b'{"sha": "ab1"}'),
    "Formats of refusals": voice(html_errors),
    "A wrong method": voice(lambda seen: setattr(seen.reply, "status", 501) if seen.method == "PUT" else None),
    "Fields of a job": voice(job_field),
    "Status of branches": faulty(Fault("status", "branches", status=403)),
    "Fields of an ended build": voice(lambda seen: seen.each_build(lambda build: build.get("concluded") and build.update(extra=1))),
    "registry": voice(lambda seen: seen.each_build(turn_registry)),
    "Unknown statuses": voice(lambda seen: seen.each_build(lambda build: build.update(status=build["status"].lower()))),
    "createdAt and Date": voice(lambda seen: seen.each_build(lambda build: build.update(createdAt="2030-01-01T00:00:00.000Z"))),
    "When a new build is in the list": voice(late_in_the_list),
    "Abort of an ended build": faulty(abort_of_ended="conflict"),
    "Headers of the rate limit": quota(rename),
    "Responses 429": faulty(Fault("rate_limited", "get", call=1, header="retry-after", seconds=1)),
    "GET /v1/auth": answers("GET", "/auth", 503),
}


@functools.cache
def ours() -> str:
    return transcript.write(run.embedded(), "embedded")


def differences(contact: Contact) -> list[str]:
    theirs = transcript.write(contact, "real", ours())
    found = report.compare(transcript.read(ours()), transcript.read(theirs))
    assert len(contact.exchanges) <= MAX_REQUESTS
    assert contact.started == {}
    return [comparison.question.words for comparison in report.differences(found)]


def test_the_embedded_api_has_no_difference():
    assert differences(run.embedded()) == []
    with_run = run.embedded(with_run=True)
    assert differences(with_run) == []
    assert [exchange.label for exchange in with_run.exchanges if exchange.method == "POST"][-1] == "start a run"


@pytest.mark.parametrize("name", VOICES)
def test_a_changed_voice_is_named_and_nothing_else(name):
    assert differences(run.embedded(api=VOICES[name])) == [name]


@pytest.mark.parametrize("step", range(1, 25))
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_lost_at_any_step_leaves_no_build_behind(step, when):
    class Watched(faulty(Fault("reset", "any", call=step, when=when))):
        def stop(self):
            [*_history, build] = self.builds("default-project", "example-job")
            left.extend([build.status(), len(self.calls("start")), len(self.builds("default-project", "example-job"))])
            super().stop()

    left: list[t.Any] = []
    assert differences(run.embedded(api=Watched)) == ["Lost responses"]
    assert left[0] in ("ABORTED", "SUCCESS")
    assert left[2] <= 4


def test_an_interrupt_aborts_the_build():
    clock = SimulatedClock()

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with voice(late_in_the_list)(clock=clock) as fake:
        with pytest.raises(KeyboardInterrupt):
            Contact(Target(fake.url, fake.token, "default-project", "example-job"), pause=interrupt).make()
        assert [build.status() for build in fake.builds("default-project", "example-job")] == ["ABORTED"]


def test_a_server_that_is_not_northflanks_is_told_apart_and_left_alone():
    def other(seen: Seen) -> None:
        seen.becomes(b"<html>Welcome</html>")

    with voice(other)() as fake:
        with pytest.raises(ContactEnded, match="not Northflank's API"):
            Contact(Target(fake.url, fake.token, "default-project", "example-job")).make()
        assert {entry.method for entry in fake.journal} == {"GET"}
        assert len(fake.journal) < 6


def test_nothing_of_the_users_is_in_the_files(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(run, "FOLDER", tmp_path / "contact")
    with FakeNorthflank() as fake:
        own = ["hidden-project", "hidden-job", "hidden-team", "hidden-branch", "hidden-token-0123456789"]
        fake.add_token(own[4])
        fake.add_job(own[0], own[1], team_id=own[2], branch=own[3])
        fake.add_build(own[0], own[1], team_id=own[2], age=90, status="FAILURE", message="hidden words")
        names = ("PROJECT_ID", "JOB_ID", "TEAM_ID")
        for name, value in [*zip(names, own), ("API_TOKEN", own[4]), ("API_BASE_URL", fake.url)]:
            monkeypatch.setenv(f"NORTHFLANK_{name}", value)
        monkeypatch.setattr(run.sys, "argv", ["run.py"])
        assert run.main() == 0
        assert fake.journal == []
        assert "Nothing has been sent" in capsys.readouterr().out
        monkeypatch.setenv("CONTACT", "yes")
        assert run.main() == 0
        told = "".join(path.read_text() for path in (tmp_path / "contact").iterdir())
        secrets = [*own, "hidden words", fake.url.partition("://")[2], *(build.id for build in fake.builds(own[0], own[1], own[2]))]
    assert [secret for secret in secrets if secret in told] == []
    assert [build.status() for build in fake.builds(own[0], own[1], own[2])] == ["FAILURE", "ABORTED"]
    monkeypatch.setattr(run.sys, "argv", ["run.py", str(tmp_path / "contact" / "transcript.json")])
    assert run.main() == 0
    assert "# Contact with Northflank's API" in capsys.readouterr().out


def test_a_transcript_with_something_of_the_users_is_not_written():
    with pytest.raises(ValueError, match="11 characters that belongs to you"):
        transcript.scan('{"a": "my-own-name"}', ["my-own-name"])


@pytest.mark.parametrize("content", [None, "", "[]", '{"format": 2}'])
def test_what_is_no_transcript_is_refused_with_its_name(content, tmp_path):
    file = tmp_path / "sent.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SystemExit, match=re.escape(f"No transcript of a contact can be read from FILE={file}")):
        run.compare(file)
