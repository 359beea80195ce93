# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a list of cases as one playbook, and collect what each of them was.

A file of C(cases/) has C(cases), and optionally C(arguments) (of C(ansible-playbook)), C(vars), C(ssh), and
C(switch), which is C(variable) where not the environment but an extra variable says which way to go. A case has

- C(case): its name; C(task) or C(tasks): the last one's registered C(result) is what counts; C(keep): variables that count as well;
- C(api): what the embedded API is told first, as in C(tests/fake_northflank/admin.py); it is reset before each case;
- C(hosts): localhost by default; C(play): keywords of its play, which else sets the common options by C(module_defaults);
- C(path): C(in-process) by default, or why it must run as a module; null: it must not run at all. C(path_when_off): the same for the
  run with the switch off. C(times): how often it runs (items, hosts, attempts); two numbers where the two runs differ;
- C(expect): what both results must have, by dotted names;
- C(same_as): a case of the same run whose result must be equal; C(unlike): patterns of the dotted names that may differ;
- C(journal), C(printed): false where the two runs may send different requests, or print different lines;
- C(progress): whether builds are watched where that shows; false where they are, and it must not;
- C(needs): what the machine must have.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from ansible.release import __version__ as core_version
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank

HERE = Path(__file__).parent
CORE = tuple(int(part) for part in core_version.split(".")[:2])
SWITCHED_OFF = "northflank_in_process is off"

SECRETS = {
    "token": "nf-example-token-0123456789abcdef",
    "two": "hush-token-two-0001",
    "three": "hush-token-three-0001",
    "starter": "hush-token-of-a-starter",
    "unknown": "hush-token-nobody-knows",
    "argument": "hush-argument-0001",
    "file": "hush-file-content-0001",
}

IDS = {"project_id": "default-project", "job_id": "example-job"}
DEFAULTS = {"group/community.northflank.northflank": {"api_url": "{{ fake_url }}", "api_token": "{{ secret.token }}", **IDS}}
JOBS = {"local1": "example-job", "local2": "worker", "local3": "job-three", "local4": "job-four"}

Case = dict[str, t.Any]


@dataclass
class Place:
    """What of this machine a run needs: a folder, other Pythons, and perhaps how to reach it over SSH."""

    folder: Path
    other_python: Path
    bare_python: Path
    ssh: dict[str, t.Any] | None = None


@dataclass
class Seen:
    """One case of one run: what the playbook saw by host, what was printed, which way it ran, what the API was asked."""

    results: dict[str, t.Any] = field(default_factory=dict)
    progress: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    journal: list[dict[str, t.Any]] = field(default_factory=list)


@dataclass
class Run:
    """A whole run. C(raw) has what was kept, before normalising."""

    output: str
    cases: dict[str, Seen]
    returncode: int


class Tagged(t.NamedTuple):
    """A YAML value with a tag of Ansible's."""

    tag: str
    value: str


class Loader(yaml.SafeLoader):
    """Reads C(!vault) and C(!unsafe)."""


class Dumper(yaml.SafeDumper):
    """Writes them, and no aliases."""

    def ignore_aliases(self, data: t.Any) -> bool:
        return True


for _tag in ("!vault", "!unsafe"):
    Loader.add_constructor(_tag, lambda loader, node: Tagged(node.tag, node.value))
Dumper.add_representer(
    Tagged, lambda dumper, data: dumper.represent_scalar(data.tag, data.value, style="|" if data.tag == "!vault" else '"')
)


def group(name: str) -> dict[str, t.Any]:
    return yaml.load((HERE / "cases" / f"{name}.yml").read_text(encoding="utf-8"), Loader)


def groups() -> list[str]:
    return sorted(path.stem for path in (HERE / "cases").glob("*.yml"))


def lacking(case: Case) -> str:
    """Why a case cannot be run here; empty where it can."""
    need = case.get("needs")
    if need == "plain_path" and " " in sys.executable:
        return "Ansible starts no asynchronous task with an interpreter that has a space in its path"
    if need == "su" and os.geteuid() != 0:
        return "only root becomes root without a password"
    if need == "discovery" and CORE < (2, 17) and not _has_requests("/usr/bin/python3"):
        return "ansible-core 2.16 finds /usr/bin/python3, and that has no requests"
    return ""


def _has_requests(python: str) -> bool:
    return subprocess.run([python, "-c", "import requests"], capture_output=True, check=False).returncode == 0


def playbook(cases: list[Case]) -> str:
    """The playbook of some cases: for each a play that prepares the embedded API, and its own."""
    plays: list[dict[str, t.Any]] = []
    ended = None
    for case in cases:
        plays += [_prepare(case["case"], ended), _play(case)]
        ended = case["case"]
    return yaml.dump([*plays, _prepare(None, ended)], Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)


def _prepare(name: str | None, ended: str | None) -> dict[str, t.Any]:
    return {"hosts": "localhost", "gather_facts": False, "name": "prepare", "tasks": [{"fake_api": {"begins": name, "ended": ended}}]}


def _play(case: Case) -> dict[str, t.Any]:
    tasks = [dict(task) for task in case.get("tasks") or [case["task"]]]
    for task in tasks:
        if "block" not in task:
            task.setdefault("ignore_errors", True)
    if "block" not in tasks[-1]:
        tasks[-1].setdefault("register", "result")
    kept = ", ".join(f"'{name}': {name} | default(none)" for name in ["result", "northflank_job_build", *case.get("keep", [])])
    keep = {"case": case["case"], "seen": f"={{{{ {{{kept}}} | to_json }}}}"}
    return {
        "name": case["case"],
        "hosts": case.get("hosts", "localhost"),
        "gather_facts": False,
        "module_defaults": DEFAULTS,
        **case.get("play", {}),
        "tasks": [
            {"ansible.builtin.meta": "clear_facts"},
            *tasks,
            # Whatever the play is made to try, this is to be here, and to work.
            {"keep_result": keep, "environment": {}, "become": False, "connection": "local", "check_mode": False, "diff": False},
        ],
    }


def run(name: str, cases: list[Case], place: Place, in_process: bool) -> Run:
    """Run cases one way, with an embedded API of their own."""
    details = group(name)
    place.folder.mkdir(parents=True)
    (place.folder / "tmp").mkdir()
    _write(place, "play.yml", playbook(cases))
    _write(place, "secret.txt", SECRETS["file"])
    _write(place, "vault.txt", "equivalence")
    _write(place, "calls.json", json.dumps({case["case"]: _calls(case) for case in cases}))
    with FakeNorthflank(speed=0.05) as fake:
        _write(place, "inventory.yml", yaml.safe_dump(_inventory(place)))
        _write(place, "vars.yml", yaml.safe_dump({**variables(place, fake), **details.get("vars", {})}))
        ran = ansible_playbook(
            place,
            fake,
            in_process,
            *("-vvvvv", "--inventory", "../inventory.yml", "--extra-vars", "@../vars.yml", "--vault-password-file", "../vault.txt"),
            *details.get("arguments", []),
            *(("--extra-vars", f"northflank_in_process={str(in_process).lower()}") if details.get("switch") == "variable" else ()),
            "../play.yml",
        )
        places = {fake.url.partition("//")[2]: "API", str(place.folder): "FOLDER"}
    _write(place, "output.txt", ran.stdout)
    pythons = {place.other_python: "OTHER_PYTHON", place.bare_python: "BARE_PYTHON", sys.executable: "THIS_PYTHON"}
    places.update({str(python): name for python, name in pythons.items()})
    return Run(ran.stdout, _collected(cases, ran.stdout, place.folder, places), ran.returncode)


def ansible_playbook(place: Place, fake: FakeNorthflank, in_process: bool, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run C(ansible-playbook) in the folder of a run, without anything of the user's own. C(stdout) has all that it prints."""
    _write(place, "ansible.cfg", "")
    # Not where the playbook is: what is relative must not depend on where somebody happens to be.
    elsewhere = place.folder / "elsewhere"
    elsewhere.mkdir()
    return subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), *arguments],
        cwd=elsewhere,
        env=_environment(place, fake, in_process),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="backslashreplace",
        check=False,
        timeout=600,
    )


def _write(place: Place, name: str, text: str) -> None:
    (place.folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")


def _calls(case: Case) -> list[t.Any]:
    jobs = [{"jobs": {"project_id": "default-project", "job_id": job}} for job in ("job-three", "job-four")]
    return [*jobs, *case.get("api", [])]


def variables(place: Place, fake: FakeNorthflank) -> dict[str, t.Any]:
    return {
        "ansible_async_dir": str(place.folder / "tmp"),
        "secret": SECRETS,
        "secret_path": str(place.folder / "secret.txt"),
        "fake_url": fake.url,
        "this_python": sys.executable,
        "other_python": str(place.other_python),
        "bare_python": str(place.bare_python),
    }


def _inventory(place: Place) -> dict[str, t.Any]:
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    many = {host: {**local, "own_job": job, "own_token": "two" if host in ("local1", "local2") else "three"} for host, job in JOBS.items()}
    others = {
        "other": {**local, "ansible_python_interpreter": str(place.other_python)},
        "any_python": {"ansible_connection": "local", "ansible_interpreter_python_fallback": [str(place.other_python)]},
        "nowhere": {"ansible_host": "192.0.2.1", "ansible_python_interpreter": sys.executable},
    }
    if place.ssh is not None:
        others["remote"] = {"ansible_python_interpreter": sys.executable, **place.ssh}
    return {"all": {"children": {"many": {"hosts": many}}, "hosts": others}}


def _environment(place: Place, fake: FakeNorthflank, in_process: bool) -> dict[str, str]:
    foreign = ("ANSIBLE_", "NORTHFLANK_", "NF_")
    mine = {k: v for k, v in os.environ.items() if not k.startswith(foreign) and not k.lower().endswith("_proxy")}
    return {
        **mine,
        "HOME": str(place.folder),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_ACTION_PLUGINS": str(HERE / "plugins" / "action"),
        "ANSIBLE_CONFIG": str(place.folder / "ansible.cfg"),
        "ANSIBLE_FORKS": "4",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_LOCAL_TEMP": str(place.folder / "local"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_REMOTE_TMP": str(place.folder / "tmp"),
        "EQUIVALENCE_FOLDER": str(place.folder),
        "EQUIVALENCE_URL": fake.url,
        "NORTHFLANK_API_BASE_URL": fake.url,
        "NORTHFLANK_API_TOKEN": fake.token,
        "NORTHFLANK_IN_PROCESS": str(in_process).lower(),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Ansible lists sets in some of its messages.
        "PYTHONHASHSEED": "0",
    }


# What a run left behind

HEADING = re.compile(r"^PLAY (?:\[(?P<name>.*?)\]|RECAP) \*+$")
PROGRESS = re.compile(r"^  \[\S+\] ")
PATH = re.compile(r"^\S+: run (?:(in-process), in the worker|as a module, because (.*))$")
RESULT = re.compile(r"^(ok|changed|failed|fatal|skipping): \[")
CHATTER = re.compile(r"^(<|Using module file |Pipelining |redirecting |TASK \[)")
NOTICE = re.compile(r"^\[(WARNING|DEPRECATION WARNING|ERROR)\]: ")


def _collected(cases: list[Case], output: str, folder: Path, places: dict[str, str]) -> dict[str, Seen]:
    found = {case["case"]: Seen() for case in cases}
    for name, lines in _sections(output):
        if name in found:
            _read_section(found[name], lines, places)
    for name, seen in found.items():
        for path in sorted(folder.glob(f"{name}@*.result")):
            host = path.stem.partition("@")[2]
            seen.results[host] = normal(json.loads(path.read_text(encoding="utf-8", errors="surrogatepass")), places)
        journal = folder / f"{name}.journal"
        if journal.exists():
            seen.journal = [_request(entry, places) for entry in json.loads(journal.read_text(encoding="utf-8"))]
    for case in cases:
        if case.get("hosts", "localhost") != "localhost":
            _unordered(found[case["case"]])
    return found


def _unordered(seen: Seen) -> None:
    """Hosts take turns as they please, so what says whose turn it was says nothing."""
    seen.journal.sort(key=json.dumps)
    seen.printed = sorted(re.sub(r'("remaining": )\d+', r"\1<n>", block) for block in seen.printed)
    for name, result in seen.results.items():
        seen.results[name] = json.loads(re.sub(r'("remaining": )\d+', r'\1"<n>"', json.dumps(result)))


def _sections(output: str) -> t.Iterator[tuple[str | None, list[str]]]:
    name: str | None = None
    lines: list[str] = []
    for line in output.splitlines():
        heading = HEADING.match(line)
        if heading:
            yield name, lines
            name, lines = heading["name"], []
        else:
            lines.append(line)
    yield name, lines


def _read_section(seen: Seen, lines: list[str], places: dict[str, str]) -> None:
    block: list[str] = []
    for line in [*lines, ""]:
        path = PATH.match(line)
        if path:
            seen.paths.append(normal(path[1] or path[2], places))
            continue
        if PROGRESS.match(line):
            seen.progress.append(line)
            continue
        if block and (line in ("}", "") or CHATTER.match(line) or NOTICE.match(line) or RESULT.match(line)):
            seen.printed.append(normal("\n".join([*block, "}"] if line == "}" else block), places))
            block = []
        if not line or line == "}" or CHATTER.match(line):
            continue
        if block or NOTICE.match(line) or RESULT.match(line):
            block.append(line)
            if RESULT.match(line) and not line.endswith("{"):
                seen.printed.append(normal(line, places))
                block = []


def _request(entry: dict[str, t.Any], places: dict[str, str]) -> dict[str, t.Any]:
    headers = {name: value for name, value in entry["headers"].items() if name != "host"}
    kept = {name: entry[name] for name in ("method", "target", "json", "status", "fault", "schema_errors")}
    return normal({**kept, "headers": headers}, places)


# Normalising: only what differs from run to run whichever way it goes

VARYING = [
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z"), "<time>"),
    (re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "<time>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"), "<time>"),
    (re.compile(r"\bj?\d{6,}\.\d{2,}\b"), "<job>"),
    # Since ansible-core 2.19; it tells by the way a task went, which is just what differs.
    (re.compile(r"\bTask failed: (Action|Module) failed: "), "Task failed: "),
    (re.compile(r"_payload_\w+"), "_payload_<n>"),
    (re.compile(r"resets in \d+ s"), "resets in <n> s"),
    (re.compile(r'("(?:reset|build_concluded_at)": )\d+'), r"\1<n>"),
]
NUMBERS = ("reset", "build_concluded_at")
# What Ansible itself adds: which Python it chose, and since 2.22 that a module's output was JSON.
ADDED = ("discovered_interpreter_python", "ansible_parsed")


def normal(value: t.Any, places: dict[str, str]) -> t.Any:
    """The same value with times, places of this run, and ids of asynchronous jobs replaced."""
    if isinstance(value, dict):
        return {
            key: f"<{type(item).__name__}>" if key in NUMBERS and item is not None else normal(item, places)
            for key, item in value.items()
            if key not in ADDED
        }
    if isinstance(value, list):
        return [normal(item, places) for item in value]
    if isinstance(value, str):
        for place, name in places.items():
            value = value.replace(place, name)
        for pattern, name in VARYING:
            value = pattern.sub(name, value)
    return value


def flat(value: t.Any, name: str = "") -> dict[str, t.Any]:
    """A value as dotted names and leaves; an empty dict or list is a leaf."""
    if isinstance(value, dict) and value:
        return {k: v for key, item in value.items() for k, v in flat(item, f"{name}.{key}" if name else str(key)).items()}
    if isinstance(value, list) and value:
        return {k: v for i, item in enumerate(value) for k, v in flat(item, f"{name}.{i}").items()}
    return {name: value}


def differences(one: t.Any, other: t.Any, allowed: t.Sequence[str] = ()) -> list[str]:
    """What is not the same in two values, types included: C(1), C(1.0), C(true) and C("1") are four."""
    ours, theirs = flat(one), flat(other)
    found = []
    for name in sorted({*ours, *theirs}):
        if any(re.search(pattern, name) for pattern in allowed):
            continue
        pair = ["nothing" if name not in side else json.dumps(side[name]) for side in (ours, theirs)]
        if pair[0] != pair[1]:
            found.append(f"{name}: {pair[0]} and {pair[1]}")
    return found


def different_lines(one: list[str], other: list[str]) -> list[str]:
    """What is not the same in what was printed."""
    lines = ["\n".join(blocks).splitlines() for blocks in (one, other)]
    return [line for line in difflib.unified_diff(*lines, "in-process", "as a module", n=0, lineterm="") if not line.startswith("@@")]
