# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The questions of a contact. Each is answered from a transcript alone, so that one that somebody sends can be compared, too."""

from __future__ import annotations

import typing as t
from collections import Counter

from ansible_collections.community.northflank.plugins.module_utils._resources.job_builds import JobBuilds
from ansible_collections.community.northflank.tools.contact.transcript import Record

SAME_SECOND = 2  # Seconds by which a time stamp and `Date` may differ.


class Transcript:
    """The records of a transcript by label; of repeated requests the last."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records
        self._by_label = {record["label"]: record for record in records if not record["lost"]}

    def __getitem__(self, label: str) -> Record | None:
        record = self._by_label.get(label)
        return None if record is None or record["status"] == 429 else record

    def labelled(self, part: str) -> list[Record]:
        return [record for record in self.records if part in record["label"] and self[record["label"]] is record]

    @property
    def started(self) -> Record | None:
        """The request that started the build."""
        return next((record for record in self.labelled("") if record["method"] == "POST" and data(record).get("id")), None)

    @property
    def builds(self) -> list[dict[str, t.Any]]:
        """The build that was started, as the API told of it, in order."""
        told = [self.started, *self.labelled("by ID"), *self.labelled("after the abort")]
        return [data(record) for record in told if record and data(record).get("id") and "run" not in record["label"]]


class Question(t.NamedTuple):
    """What is asked, why, and what in the collection leans on it. `answer` returns None if the transcript does not tell."""

    words: str
    reason: str
    leans: str
    answer: t.Callable[[Transcript], t.Any]


def data(record: Record) -> dict[str, t.Any]:
    found = record["json"].get("data") if isinstance(record["json"], dict) else None
    return found if isinstance(found, dict) else {}


def error(record: Record | None) -> dict[str, t.Any] | None:
    """The error of a response, if it has Northflank's format."""
    found = record["json"].get("error") if record and isinstance(record["json"], dict) else None
    return found if isinstance(found, dict) else None


def _status(label: str) -> t.Callable[[Transcript], t.Any]:
    return lambda script: script[label] and script[label]["status"]


def _words(label: str, status: int) -> t.Callable[[Transcript], t.Any]:
    """Message, and presence of id and details, of the refusal if it has that status."""

    def answer(script: Transcript) -> t.Any:
        record = script[label]
        found = error(record) if record and record["status"] == status else None
        return found and {name: found.get(name) for name in ("message", "id", "details") if name in found}

    return answer


def _same_words(script: Transcript) -> t.Any:
    wrong, none = _words("wrong token", 401)(script), _words("no token", 401)(script)
    return wrong and none and ("the same" if wrong == none else none)


def _fields(label: str) -> t.Callable[[Transcript], t.Any]:
    return lambda script: sorted(data(script[label])) if script[label] and data(script[label]) else None


def _build_fields(ended: bool) -> t.Callable[[Transcript], t.Any]:
    def answer(script: Transcript) -> t.Any:
        builds = [build for build in script.builds[1:] if bool(build.get("concluded")) is ended]
        return sorted(builds[-1].keys() - {"registry"}) if builds else None

    return answer


def _order(script: Transcript) -> t.Any:
    """In which order the list comes: by `createdAt` of the builds of one page."""
    record = script["list"]
    times = [_seconds(build.get("createdAt")) for build in data(record).get("builds", [])] if record else []
    known = [moment for moment in times if moment is not None]
    if len(set(known)) < 2:
        return None
    return "newest first" if known == sorted(known, reverse=True) else "oldest first" if known == sorted(known) else "neither"


def _paging(script: Transcript) -> t.Any:
    """Whether the pages of two go on where the former ended, in the order of the whole list."""
    pages = [script["list, page 1"], script["list, page 2"]]
    whole = script["list"]
    if not all(pages) or not whole:
        return None
    ids = [build.get("id") for page in pages if page for build in data(page).get("builds", [])]
    return "as in one page" if ids == [build.get("id") for build in data(whole).get("builds", [])][: len(ids)] else "in another order"


def _last_page(script: Transcript) -> t.Any:
    pagination = (script["list"] or {}).get("json", {}) or {}
    pagination = pagination.get("pagination") if isinstance(pagination, dict) else None
    if not isinstance(pagination, dict) or pagination.get("hasNextPage") is not False:
        return None
    return "no cursor" if "cursor" not in pagination else "null" if pagination["cursor"] is None else "a cursor"


def _appears(where: str) -> t.Callable[[Transcript], t.Any]:
    """In which look after its start the build was seen."""

    def answer(script: Transcript) -> t.Any:
        build_id = data(script.started).get("id") if script.started else None
        for number, record in enumerate(script.labelled(where), 1):
            items = data(record).get("builds", [data(record)])
            if build_id and build_id in [item.get("id") for item in items]:
                return f"in look {number}"
        return "never" if build_id and script.labelled(where) else None

    return answer


def _registry(script: Transcript) -> t.Any:
    return sorted({"registry" in build for build in script.builds}) if script.builds else None


def _statuses(script: Transcript) -> t.Any:
    return sorted({str(build["status"]) for build in script.builds if build.get("status") not in (None, *JobBuilds.statuses)})


def _seconds(text: t.Any) -> float | None:
    """The seconds in `<ISO time +3 s>`."""
    parts = text.rstrip(">").split(" ") if isinstance(text, str) and text.startswith("<") and "time" in text else []
    return float(parts[-2]) if len(parts) > 2 else None


def _clock(script: Transcript) -> t.Any:
    """Whether `createdAt` of the new build is the time in `Date` of the response, and how it is written."""
    record = script.started
    told = data(record).get("createdAt") if record else None
    seconds = _seconds(told)
    if record is None or seconds is None or record["date"] is None:
        return None
    ahead = seconds - record["date"]
    return [told.rpartition(" ")[0].rpartition(" ")[0], "as Date" if abs(ahead) <= SAME_SECOND else f"{ahead:+.0f} s from Date"]


def _concluded_at(script: Transcript) -> t.Any:
    told = [build["buildConcludedAt"] for build in script.builds if build.get("buildConcludedAt")]
    return told[-1].rpartition(" ")[0].rpartition(" ")[0] if told and isinstance(told[-1], str) else None


def _after_abort(script: Transcript) -> t.Any:
    builds = [data(record) for record in script.labelled("after the abort") if "run" not in record["label"] and data(record).get("id")]
    return (builds and [str(builds[-1].get("status")).upper(), builds[-1].get("concluded"), builds[-1].get("success")]) or None


def _run_after_abort(script: Transcript) -> t.Any:
    runs = [data(record) for record in script.labelled("after the abort of the run") if data(record).get("id")]
    return [runs[-1].get(name) for name in ("status", "concluded", "failed", "succeeded")] if runs else None


def _quota_headers(script: Transcript) -> t.Any:
    answered = [record for record in script.labelled("") if 200 <= record["status"] < 300]
    return sorted({name for record in answered for name in record["headers"] if "ratelimit" in name}) if answered else None


def _quota_counts(script: Transcript) -> t.Any:
    """By how much `x-ratelimit-remaining` falls from one successful response to the next: mostly."""
    left = [record["headers"].get("x-ratelimit-remaining") for record in script.records if record["status"] == 200]
    numbers = [int(text) for text in left if text and text.isdigit()]
    steps = Counter(before - after for before, after in zip(numbers, numbers[1:]))
    return f"mostly {steps.most_common(1)[0][0]} a request" if steps else None


def _log(script: Transcript) -> t.Any:
    record = script["log"]
    lines = record["json"].get("data") if record and isinstance(record["json"], dict) else None
    if not isinstance(lines, list) or not lines:
        return None
    return sorted(
        {str({name: line[name] if name == "log" else "..." for name in sorted(line)}) for line in lines if isinstance(line, dict)}
    )


def _formats(script: Transcript) -> t.Any:
    """The formats of refusals, but for a wrong method."""
    refusals = [record for record in script.labelled("") if record["status"] >= 400 and record["label"] != "wrong method"]
    return sorted({"Northflank's" if error(record) else record["body"] for record in refusals}) if refusals else None


def _wrong_method(script: Transcript) -> t.Any:
    record = script["wrong method"]
    return record and [record["status"], record["body"], "Allow" if "allow" in record["headers"] else "no Allow"]


def _lost(script: Transcript) -> t.Any:
    return [record["label"] for record in script.records if record["lost"]]


def _throttled(script: Transcript) -> t.Any:
    return [record["label"] for record in script.records if record["status"] == 429]


_FAKE, _MESSAGES, _KIND = "tests/fake_northflank/", "_http/error_messages.py", "_resources/job_builds.py"

QUESTIONS = [
    Question(
        "Unknown route, wrong token", "Routes before the token?", f"{_FAKE}fake.py; advice of a 404", _status("wrong token, unknown route")
    ),
    Question("Bad body, wrong token", "The body before the token?", f"{_FAKE}fake.py; advice of a 400", _status("wrong token, bad body")),
    Question("Words for a wrong token", "A 401 with other words is not a bad token.", _MESSAGES, _words("wrong token", 401)),
    Question("Words for no token", "The same as for a wrong one?", _MESSAGES, _same_words),
    Question("Words for an unknown route", "Is the address wrong, or the job?", _MESSAGES, _words("unknown route", 404)),
    Question("Words for an unknown job", "Which ID is wrong?", _MESSAGES, _words("unknown job", 404)),
    Question("Words for an unknown build", "Which ID is wrong?", _MESSAGES, _words("unknown build", 404)),
    Question("Words for a bad body", "Details may repeat what was sent.", _MESSAGES, _words("bad body", 400)),
    Question("Status for a bad body", "Is input checked as documented?", "_resources/overrides.py", _status("bad body")),
    Question("Start without a body", "Ours always sends one.", "_lifecycle/start.py", _status("start without a body")),
    Question("A wrong method", "What a wrong api_url may meet.", _MESSAGES, _wrong_method),
    Question("Formats of refusals", "What is not Northflank's blames the address.", _MESSAGES, _formats),
    Question("GET /v1/auth", "Could tell permissions beforehand.", "_modules/job_build.py", _status("token")),
    Question("Fields of a job", "The branch is looked up there.", "_resources/jobs.py", _fields("job")),
    Question("Status of branches", "The newest commit is looked up there.", "_resources/jobs.py", _status("branches")),
    Question("Order of the list", "How many pages a search reads.", "_resources/resource.py", _order),
    Question("Order over pages", "Paging must miss nothing.", "_http/client.py, pages", _paging),
    Question("The last page", "When paging ends.", "_http/client.py, pages", _last_page),
    Question("An unknown query parameter", "Is it refused?", f"{_FAKE}intake.py", _status("unknown parameter")),
    Question("A page of no builds", "Is per_page checked?", f"{_FAKE}schema.py", _status("page of none")),
    Question("Fields of a running build", "Results have them.", _KIND, _build_fields(False)),
    Question("Fields of an ended build", "Results have them.", _KIND, _build_fields(True)),
    Question("registry", "Is it there?", _KIND, _registry),
    Question("Unknown statuses", "They count as running.", _KIND, _statuses),
    Question("When a new build is known by its ID", "A wait allows for it.", "_lifecycle/lookup.py", _appears("by ID")),
    Question("When a new build is in the list", "A lost start is looked for there.", "_lifecycle/start.py", _appears("in the list")),
    Question("createdAt and Date", "A lost start is told by them.", "_http/server_clock.py", _clock),
    Question("Unit of buildConcludedAt", "The usual duration.", "_timestamps.py", _concluded_at),
    Question("Status of an abort", "Is it accepted?", "_lifecycle/tracked.py", _status("abort")),
    Question("A build after its abort", "How its end is told.", _KIND, _after_abort),
    Question("Abort of an ended build", "May be repeated?", "_lifecycle/tracked.py", _status("abort again")),
    Question("Headers of the rate limit", "The pace of waiting.", "_lifecycle/polling.py", _quota_headers),
    Question("How the rate limit counts", "The pace of waiting.", "_lifecycle/polling.py", _quota_counts),
    Question("Fields of a started run", "Results have them.", "_resources/job_runs.py", _fields("start a run")),
    Question("Fields of a run", "Results have them.", "_resources/job_runs.py", _fields("run")),
    Question("A run after its abort", "How its end is told.", "_resources/job_runs.py", _run_after_abort),
    Question("Abort of an ended run", "May be repeated?", "_lifecycle/tracked.py", _status("abort of the run again")),
    Question("Lines of a log", "They are shown without prefix.", "_resources/logs.py", _log),
    Question("Responses 429", "The pace of waiting.", "_http/client.py", _throttled),
    Question("Lost responses", "Was the network whole?", "nothing", _lost),
]
