# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task comes to when a request meets a fault: faults, situations and outcomes, as data.

Nothing in here knows the code under test. The page for users is made from the same data (`page.py`), so what it promises is tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

RETRIES = 3  # The default of the option `api_retries`
SEARCHING = 20  # Seconds for which a build is searched for after the response to its start was lost
TIMEOUT = 30  # The default of the option `api_timeout`
PERSISTENTLY = 1 + RETRIES

# Every `error.kind` there is
KINDS = frozenset(
    {"invalid_arguments", "missing_dependency", "network", "authentication", "permission", "not_found", "rejected"}
    | {"rate_limited", "server_error", "invalid_response", "unknown_outcome", "build_failed", "run_failed", "wait_timeout"}
)

# Faults

FAMILIES = {
    "slow": "The response comes slowly, but within ``api_timeout``",
    "unsent": "No connection can be made: it is refused, there is no route, no such host, or it breaks during the TLS handshake",
    "lost": "The connection breaks after the request was sent, or no complete response comes within ``api_timeout``",
    "gateway": "HTTP 502, 503 or 504",
    "broken": "Any other HTTP 5xx",
    "garbled": "HTTP 2xx with something other than Northflank's response: an HTML page, no body, other JSON, or far too much data",
    "redirect": "HTTP 3xx, a redirect",
    "unsure": "HTTP 408",
    "busy": "HTTP 429, or 503 with ``Retry-After``, which ask for a pause no longer than ``api_timeout``",
    "busy for long": "HTTP 429, or 503 with ``Retry-After``, which ask for a pause longer than ``api_timeout``",
    "foreign": "Any other HTTP 4xx that is not from Northflank: an HTML page, no body, or other JSON",
    "refused": "Any other HTTP 4xx",
}
"""What sets faults apart, in words for the page. What HTTP itself says about a request is in the order of this list."""

AMBIGUOUS = ("lost", "gateway", "broken", "garbled", "redirect", "unsure")  # These do not tell what became of a request
LIES = {
    "unsent": "a request that was never sent has no effect",
    "foreign": "by HTTP's own meaning a 4xx had no effect, and a server that says otherwise lies; 408 alone is in doubt",
    "refused": "by HTTP's own meaning a 4xx had no effect, and a server that says otherwise lies; 408 alone is in doubt",
    "busy": "429, and 503 with Retry-After, say that the request was not taken and may come again",
    "busy for long": "429, and 503 with Retry-After, say that the request was not taken and may come again",
}
"""Families that cannot come after the effect of a request, with the reason. No row has them there."""


@dataclass(frozen=True)
class FaultCase:
    """One fault, as the embedded API takes it."""

    name: str
    family: str
    kind: str | None  # The `error.kind` of a task that ends with it
    fault: str  # The embedded API's name for it; `down`: it refuses connections
    detail: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None
    timeout: int = TIMEOUT  # The task's `api_timeout`; short where it is waited for in real time
    dear: str | None = None  # Whether it takes much real time: a time-out that is sat out, or a size
    ahead: float = 0.0  # Seconds by which the clock of whoever responds is ahead of the API's

    def family_in(self, situation: Situation) -> str:
        """The family, seen from a situation: a 429 that says nothing counts on what an earlier response said."""
        return "busy for long" if situation.earlier and self.name == "429" else self.family


def _statuses(family: str, kind: str, *statuses: int) -> list[FaultCase]:
    return [FaultCase(str(status), family, kind, "status", {"status": status}, status) for status in statuses]


def _page(family: str, kind: str, *statuses: int) -> list[FaultCase]:
    return [FaultCase(f"{status} HTML", family, kind, "html", {"status": status}, status) for status in statuses]


def _body(text: str, body: Any, status: int = 200, family: str = "garbled", kind: str = "invalid_response") -> FaultCase:
    return FaultCase(f"{status} {text}", family, kind, "json", {"status": status, "body": body}, status)


def _rate_limit(header: str | None, seconds: int, family: str) -> FaultCase:
    title = f"429 {header} {seconds}" if header else "429"
    return FaultCase(title, family, "rate_limited", "rate_limited", {"header": header, "seconds": seconds}, 429)


FAULTS = (
    FaultCase("slow", "slow", None, "trickle", {"gap": 0.0}),
    FaultCase("refused connection", "unsent", "network", "down"),
    FaultCase("reset", "lost", "network", "reset"),
    FaultCase("close", "lost", "network", "close"),
    FaultCase("cut", "lost", "network", "cut"),
    FaultCase("bad length", "lost", "network", "bad_length"),
    FaultCase("not HTTP", "lost", "network", "not_http"),
    FaultCase("early hints", "lost", "network", "early_hints"),
    FaultCase("stall", "lost", "network", "stall", timeout=2, dear="time"),
    FaultCase("trickle", "lost", "network", "trickle", {"gap": 0.5}, timeout=2, dear="time"),
    FaultCase("trickled headers", "lost", "network", "trickle", {"gap": 0.5, "headers": True}, timeout=2, dear="time"),
    *_statuses("gateway", "server_error", 502, 504),
    *_page("gateway", "server_error", 502, 503, 504),
    FaultCase("502 empty", "gateway", "server_error", "empty", {"status": 502}, 502),
    FaultCase("503", "gateway", "server_error", "unavailable", {}, 503),
    FaultCase("502, clock fast", "gateway", "server_error", "html", {"status": 502}, 502, ahead=600.0),
    FaultCase("502, clock slow", "gateway", "server_error", "html", {"status": 502}, 502, ahead=-600.0),
    *_statuses("broken", "server_error", 500, 520),
    *_statuses("broken", "server_error", 501, 511, 530, 599),
    *_page("broken", "server_error", 500),
    FaultCase("500 empty", "broken", "server_error", "empty", {"status": 500}, 500),
    *_page("garbled", "invalid_response", 200, 201),
    FaultCase("200, clock fast", "garbled", "invalid_response", "html", {"status": 200}, 200, ahead=600.0),
    FaultCase("200 empty", "garbled", "invalid_response", "empty", {"status": 200}, 200),
    FaultCase("202 empty", "garbled", "invalid_response", "empty", {"status": 202}, 202),
    FaultCase("204", "garbled", "invalid_response", "no_content", {}, 204),
    _body("null", None),
    _body("list", []),
    _body("object", {}),
    _body("text", '"data"'),
    _body("half", '{"data": {"id": "bra'),
    _body("error", {"error": {"message": "No.", "status": 500}}),
    FaultCase("200 huge", "garbled", "invalid_response", "huge", {"size": 34_000_000}, 200, dear="size"),
    FaultCase("200 huge, declared", "garbled", "invalid_response", "huge", {"size": 34_000_000, "declared": True}, 200, dear="size"),
    *[
        FaultCase(str(status), "redirect", "invalid_response", "redirect", {"status": status}, status)
        for status in (301, 302, 303, 307, 308)
    ],
    FaultCase(
        "302 elsewhere", "redirect", "invalid_response", "redirect", {"status": 302, "location": "http://login.invalid/?next=1"}, 302
    ),
    FaultCase("302 to no URL", "redirect", "invalid_response", "redirect", {"status": 302, "location": "http://["}, 302),
    *_statuses("unsure", "rejected", 408),
    *_page("unsure", "rejected", 408),
    _rate_limit(None, 0, "busy"),
    _rate_limit("retry-after", 0, "busy"),
    *[_rate_limit(header, 3, "busy") for header in ("retry-after", "retry-after-date", "reset")],
    FaultCase("503 retry-after 3", "busy", "server_error", "unavailable", {"seconds": 3}, 503),
    *[_rate_limit(header, 3000, "busy for long") for header in ("retry-after", "retry-after-date", "reset")],
    FaultCase("503 retry-after 3000", "busy for long", "server_error", "unavailable", {"seconds": 3000}, 503),
    *_statuses("refused", "rejected", 400, 409, 422),
    *_statuses("refused", "rejected", 402, 410, 425, 451, 499),
    *_statuses("refused", "authentication", 401),
    *_statuses("refused", "permission", 403),
    *_statuses("refused", "not_found", 404),
    *_page("foreign", "invalid_response", 400, 401, 403, 404),
    _body("error a text", {"error": "Bad request"}, 400, "foreign"),
    _body("error a list", {"error": [1]}, 422, "foreign"),
    _body("message", {"message": "no such route"}, 404, "foreign"),
    FaultCase("400 empty", "foreign", "invalid_response", "empty", {"status": 400}, 400),
)

FIRST = tuple({(case.family, case.kind): case for case in reversed(FAULTS) if not case.dear}.values())
"""One fault of each family and kind."""

RUNS = "run_"
"""How the embedded API names the endpoints of runs begins with it."""

ODD_DATA: dict[str, tuple[Any, ...]] = {
    "start": (None, [], {}, {"id": 7}, {"id": ""}, {"id": None}, "text"),
    "get": (None, [], {}, {"id": 7}, {"id": ""}, "text"),
    "list": (None, [], {}, {"builds": None}, {"builds": {}}, {"builds": [None]}, {"builds": [{}]}, {"builds": [{"id": 7}]}),
    "logs": (None, {}, "text"),
}
"""A 200 whose `data` is not of the endpoint's shape is a garbled response too. The other endpoints may leave out all they have."""


def faults_for(endpoint: str) -> Iterator[FaultCase]:
    yield from FAULTS
    for number, data in enumerate(ODD_DATA.get(endpoint.removeprefix(RUNS), ()), start=1):
        if endpoint.startswith(RUNS) and isinstance(data, dict):
            data = {key.replace("builds", "runs"): value for key, value in data.items()}
        yield _body(f"data {number}", {"data": data})


# Outcomes

OWN = "its own"  # Stands for the `kind` of the fault itself


@dataclass(frozen=True)
class Outcome:
    """What the task comes to, and what the server has seen of it."""

    says: str  # For people; `{kind}` is filled in
    kind: str | None = None  # The `error.kind`; null is a success
    sent: int | None = None  # Requests to the endpoint that reach the server; null where that does not matter
    started: int = 0  # Builds that the task started, by the server's own count
    recovered: bool = False
    named: bool = True  # Whether the result names the build that it is about
    changed: bool = False
    aborted: bool = False
    warned: bool = False


Outcomes = Mapping[str, Outcome]


@dataclass(frozen=True)
class Situation:
    """A request of a task that can meet a fault, and what comes of it by the fault's family: met once, or every time."""

    name: str
    endpoint: str
    once: Outcomes
    always: Outcomes
    after: bool = False  # Whether the fault comes after the effect of the request. Reading has no effect, so there it is always false
    exceptions: Mapping[tuple[str, int] | str, tuple[Outcome, Outcome]] = field(default_factory=dict)
    """By family and HTTP status, or by the name of a fault: other outcomes, once and every time."""
    down_at: float | None = None
    """The simulated second of the task at which the server goes down, for faults that refuse connections; null: cannot be aimed."""
    call: int | None = None  # Which request to the endpoint meets the fault
    thorough: bool = False  # Whether all faults are tried, not just one of each family: in one situation at least for each endpoint
    earlier: bool = False  # Whether an earlier response has told when the rate limit resets, which is in an hour


def _each(outcome: Outcome, *families: str) -> dict[str, Outcome]:
    return dict.fromkeys(families, outcome)


RECOVERABLE = ("lost", "gateway", "busy")  # Reading is tried again after these, within one task and within seconds
PASSING = ("lost", "gateway", "broken", "garbled", "foreign", "unsure", "busy", "busy for long")
"""Where there is time for later polls, these are sat out."""
HOPELESS = ("broken", "garbled", "redirect", "unsure", "foreign", "refused", "busy for long")

STARTED = Outcome("The build is started.", sent=1, started=1, changed=True)
SENT_AGAIN = Outcome(
    f"The module searches for the build for {SEARCHING} seconds, finds none, and starts it: one build.", sent=2, started=1, changed=True
)
CAME_BACK = Outcome("The module waits as long as Northflank asks, then starts the build: one build.", sent=2, started=1, changed=True)
CONNECTED = replace(STARTED, says="The module retries after a moment: one build.")
FOUND = Outcome(
    f"The module searches for the build for {SEARCHING} seconds, finds it, and continues with it: ``recovered: true`` and a warning.",
    sent=1,
    started=1,
    recovered=True,
    changed=True,
    warned=True,
)
NOT_STARTED = Outcome("The task fails with ``{kind}``. No build was started.", OWN, sent=1, named=False)
GAVE_UP = Outcome(
    "After ``api_retries`` more attempts the task fails with ``{kind}``. No build was started.", OWN, sent=PERSISTENTLY, named=False
)
UNKNOWN = Outcome(
    "The task fails with ``unknown_outcome``, says what it found, and starts nothing.", "unknown_outcome", started=1, named=False
)
UNKNOWN_NONE = replace(UNKNOWN, started=0)

READ = Outcome("The task succeeds.")
READ_AGAIN = Outcome("The module retries the request, up to ``api_retries`` times.", sent=2)
UNREADABLE = Outcome("The task fails with ``{kind}`` immediately.", OWN, sent=1, named=False)
UNREACHABLE = Outcome("After ``api_retries`` more attempts the task fails with ``{kind}``.", OWN, sent=PERSISTENTLY, named=False)
NO_SUCH_BUILD = Outcome("There is no such build: ``builds`` is empty.", named=False)

WAITED = Outcome("The wait continues until the build ends.", started=1, changed=True)
TIMED_OUT = Outcome(
    "The wait continues until ``wait_timeout``, then the task fails with ``wait_timeout`` and gives the build's ID.",
    "wait_timeout",
    started=1,
    changed=True,
)
TIMED_OUT_ALONE = replace(TIMED_OUT, warned=True)  # Nor can the log be read that goes with the failure
STOPPED = Outcome("The task fails with ``{kind}`` immediately and gives the build's ID.", OWN, started=1, changed=True)

STOPPED_BEFORE = replace(
    STOPPED, says="As soon as the next reset is after ``wait_timeout``, the task fails with ``{kind}`` and gives the build's ID."
)

LOG_READ = Outcome("The log is in the result.", "build_failed", started=1, changed=True)
LOG_MISSING = replace(LOG_READ, says="The log is left out, with a warning; the result is otherwise the same.", warned=True)

ABORTED = Outcome("The build is aborted.", changed=True, aborted=True, sent=1)
ABORTED_AGAIN = replace(ABORTED, says="The module retries the request, up to ``api_retries`` times, and the build is aborted.", sent=2)
ABORT_SEEN = replace(ABORTED, says="The module looks up the build and finds that it is aborted.", sent=None)
ABORT_FAILED = Outcome("The task fails with ``{kind}`` and gives the ID of the build, which continues.", OWN, sent=None)
ABORTED_UNCOUNTED = replace(ABORTED, sent=None)
ABORT_UNSEEN = replace(ABORTED_UNCOUNTED, says="The build is aborted; a warning says that it could not be seen.", warned=True)

PREVIEWED = Outcome("The request is shown, with a warning that the job could not be read.", named=False, changed=True, warned=True)

FOUND_LATE = replace(FOUND, sent=None)
SEARCH_ONCE = {**_each(FOUND_LATE, "slow", "unsent", *PASSING), **_each(UNKNOWN, "redirect", "refused")}
SEARCH_ALWAYS = {"slow": FOUND_LATE, **_each(UNKNOWN, "unsent", *RECOVERABLE, *HOPELESS)}
START = {
    "once": {
        "unsent": CONNECTED,
        **_each(SENT_AGAIN, *AMBIGUOUS),
        "busy": CAME_BACK,
        **_each(NOT_STARTED, "busy for long", "foreign", "refused"),
    },
    "always": {
        "unsent": replace(GAVE_UP, sent=0),
        **_each(GAVE_UP, *AMBIGUOUS, "busy"),
        **_each(NOT_STARTED, "busy for long", "foreign", "refused"),
    },
}
STARTED_ANYWAY = {"slow": STARTED, **_each(FOUND, *AMBIGUOUS)}
READ_ONCE = {"slow": READ, "unsent": replace(READ_AGAIN, sent=1), **_each(READ_AGAIN, *RECOVERABLE), **_each(UNREADABLE, *HOPELESS)}
READ_ALWAYS = {"slow": READ, "unsent": replace(UNREACHABLE, sent=0), **_each(UNREACHABLE, *RECOVERABLE), **_each(UNREADABLE, *HOPELESS)}


def _then(outcomes: Outcomes, **more: Any) -> dict[str, Outcome]:
    """The outcomes of reading for a task that goes on to change something when reading succeeds."""
    return {family: replace(o, changed=True, sent=None, **more) if o.kind is None else o for family, o in outcomes.items()}


OF_BUILDS = (
    Situation("start", "start", **START, thorough=True, down_at=0.0),
    Situation("start of the newest commit", "start", **START, down_at=0.0),
    Situation("start", "start", STARTED_ANYWAY, STARTED_ANYWAY, thorough=True, after=True),
    Situation("start of the newest commit", "start", STARTED_ANYWAY, STARTED_ANYWAY, after=True),
    Situation("search for a build that was started", "list", SEARCH_ONCE, SEARCH_ALWAYS, thorough=True, down_at=0.5),
    Situation(
        "search for a build that was not started",
        "list",
        {family: replace(SENT_AGAIN, sent=None) if o == FOUND_LATE else UNKNOWN_NONE for family, o in SEARCH_ONCE.items()},
        {family: replace(SENT_AGAIN, sent=None) if o == FOUND_LATE else UNKNOWN_NONE for family, o in SEARCH_ALWAYS.items()},
        down_at=0.5,
    ),
    Situation("search for a build of the newest commit", "job", SEARCH_ONCE, SEARCH_ALWAYS, down_at=0.5),
    Situation(
        "read a build",
        "get",
        READ_ONCE,
        READ_ALWAYS,
        thorough=True,
        down_at=0.0,
        exceptions={("refused", 404): (NO_SUCH_BUILD, NO_SUCH_BUILD)},
    ),
    Situation("read the list", "list", READ_ONCE, READ_ALWAYS, down_at=0.0),
    Situation(
        "read a log",
        "logs",
        {"slow": READ, **_each(READ_AGAIN, *RECOVERABLE), **_each(replace(READ, warned=True), *HOPELESS)},
        {"slow": READ, **_each(replace(READ, warned=True), *RECOVERABLE, *HOPELESS)},
        earlier=True,
        thorough=True,
    ),
    Situation(
        "wait",
        "get",
        {**_each(WAITED, "slow", "unsent", *PASSING), **_each(STOPPED, "redirect", "refused")},
        {"slow": WAITED, "unsent": TIMED_OUT_ALONE, **_each(TIMED_OUT, *PASSING), **_each(STOPPED, "redirect", "refused")},
        down_at=2.5,
        exceptions={
            # The list shows the build as well.
            ("refused", 403): (WAITED, WAITED),
            ("refused", 404): (WAITED, WAITED),
            ("busy", 429): (WAITED, STOPPED_BEFORE),
            "429 retry-after 0": (WAITED, TIMED_OUT),
            ("busy for long", 429): (STOPPED, STOPPED),
        },
        earlier=True,
        thorough=True,
    ),
    Situation(
        "first poll of a wait",
        "list",
        {**_each(WAITED, "slow", "unsent", *PASSING), **_each(STOPPED, "redirect", "refused")},
        # Later polls look up the build itself.
        {**_each(WAITED, "slow", *PASSING), "unsent": TIMED_OUT_ALONE, **_each(STOPPED, "redirect", "refused")},
        down_at=0.5,
        exceptions={("refused", 403): (WAITED, WAITED), ("busy for long", 429): (STOPPED, STOPPED)},
        earlier=True,
    ),
    Situation(
        "log of a failed build",
        "logs",
        {"slow": LOG_READ, **_each(LOG_READ, *RECOVERABLE), **_each(LOG_MISSING, *HOPELESS)},
        {"slow": LOG_READ, **_each(LOG_MISSING, *RECOVERABLE, *HOPELESS)},
        earlier=True,
    ),
    Situation(
        "abort",
        "abort",
        {**_each(ABORTED_AGAIN, *RECOVERABLE), **_each(ABORT_FAILED, *HOPELESS)},
        {**_each(ABORT_FAILED, *RECOVERABLE, *HOPELESS)},
        earlier=True,
        thorough=True,
    ),
    Situation(
        "abort",
        "abort",
        {"slow": ABORTED, **_each(ABORTED_AGAIN, "lost", "gateway"), **_each(ABORT_SEEN, "broken", "garbled", "redirect", "unsure")},
        {"slow": ABORTED, **_each(ABORT_SEEN, *AMBIGUOUS)},
        after=True,
        thorough=True,
    ),
    Situation("look-up before an abort", "get", _then(READ_ONCE, aborted=True), _then(READ_ALWAYS, aborted=True), down_at=0.0),
    Situation(
        "look-up after an abort",
        "get",
        _each(ABORTED_UNCOUNTED, "slow", *RECOVERABLE) | _each(ABORT_UNSEEN, *HOPELESS),
        {"slow": ABORTED_UNCOUNTED} | _each(ABORT_UNSEEN, *RECOVERABLE, *HOPELESS),
        call=2,
        earlier=True,
    ),
    Situation("list of builds to reuse", "list", _then(READ_ONCE, started=1), _then(READ_ALWAYS, started=1), down_at=0.0),
    Situation("branch of a build to reuse", "job", _then(READ_ONCE, started=1), _then(READ_ALWAYS, started=1), down_at=0.0),
    Situation(
        "commit of a build to reuse", "branches", _then(READ_ONCE, started=1), _then(READ_ALWAYS, started=1), thorough=True, earlier=True
    ),
    Situation(
        "check mode",
        "job",
        _then(READ_ONCE, named=False),
        _then(READ_ALWAYS, named=False),
        down_at=0.0,
        exceptions={("refused", 403): (PREVIEWED, PREVIEWED)},
        thorough=True,
    ),
)

# Of runs, which share all but a file with builds: one fault of each family


def _of_runs(situation: Situation) -> Situation:
    def of_runs(outcome: Outcome) -> Outcome:
        return replace(outcome, says=outcome.says.replace("build", "run"), kind=outcome.kind and outcome.kind.replace("build", "run"))

    return replace(
        situation,
        name=situation.name.replace("build", "run") if "build" in situation.name else f"{situation.name} of a run",
        endpoint=situation.endpoint if situation.endpoint == "job" else RUNS + situation.endpoint,
        once={family: of_runs(outcome) for family, outcome in situation.once.items()},
        always={family: of_runs(outcome) for family, outcome in situation.always.items()},
        exceptions={key: (of_runs(once), of_runs(always)) for key, (once, always) in situation.exceptions.items()},
        thorough=False,
    )


_BUILDS_ALONE = ("newest commit", "reuse")

SITUATIONS = (
    *OF_BUILDS,
    *(_of_runs(situation) for situation in OF_BUILDS if not any(words in situation.name for words in _BUILDS_ALONE)),
    Situation(
        "job of a run that was started",
        "job",
        {**_each(FOUND_LATE, "slow", *RECOVERABLE), **_each(replace(UNKNOWN, named=True), *HOPELESS)},
        {"slow": FOUND_LATE, **_each(replace(UNKNOWN, named=True), *RECOVERABLE, *HOPELESS)},
        earlier=True,
    ),
)

# Rows

DEAR = {
    "time": frozenset({"start", "search for a build that was started", "read a build", "wait", "abort"}),
    "size": frozenset({"start", "read a build"}),
}
"""Situations in which faults that take real time are tried, once each."""


@dataclass(frozen=True)
class Row:
    """A fault in a situation, and the outcome."""

    situation: Situation
    case: FaultCase
    always: bool
    outcome: Outcome

    def __str__(self) -> str:
        when, often = "after" if self.situation.after else "before", "always" if self.always else "once"
        return f"{self.situation.name}, {self.case.name}, {when}, {often}"

    @property
    def kind(self) -> str | None:
        """The `error.kind` of the result; null is a success."""
        return self.case.kind if self.outcome.kind == OWN else self.outcome.kind


def rows() -> Iterator[Row]:
    """The whole table. A family that a situation leaves out cannot be had there: see `LIES` and `down_at`."""
    for situation in SITUATIONS:
        for case in faults_for(situation.endpoint):
            for always, outcomes in enumerate((situation.once, situation.always)):
                family = case.family_in(situation)
                if family in outcomes and _tried(situation, case, bool(always)):
                    exception = situation.exceptions.get(case.name) or situation.exceptions.get((family, case.status or 0))
                    yield Row(situation, case, bool(always), exception[always] if exception else outcomes[family])


def _tried(situation: Situation, case: FaultCase, always: bool) -> bool:
    if case.dear:
        return not always and situation.name in DEAR[case.dear]
    if always or not situation.thorough:
        return case in FIRST or case.name in situation.exceptions
    return True
