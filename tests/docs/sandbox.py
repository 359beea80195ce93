# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tries the blocks of one page, in order, as a reader would: in an empty folder, with an empty home, against the embedded API.

The embedded API takes the place of Northflank by the environment, a small server that of Galaxy, and Git that of GitHub,
so that the commands are run as they stand on the page.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import typing as t
import urllib.request
from pathlib import Path

import yaml
from ansible_collections.community.northflank.tests.clock.fast_clock import FastClock
from ansible_collections.community.northflank.tests.conformance import clients
from ansible_collections.community.northflank.tests.docs.blocks import OUTPUT, ROOT, Block, blocks
from ansible_collections.community.northflank.tests.docs.galaxy import galaxy
from ansible_collections.community.northflank.tests.docs.pipelines import injected, steps
from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank
from ansible_collections.community.northflank.tests.scanner import scan

BIN = Path(sys.executable).parent
CLOCK = FastClock(50)  # Builds of a minute take a second
REPOSITORY = "https://github.com/ansible-collections/community.northflank"
API = "https://api.northflank.com"
HOME = "/home/you"
PATIENCE = 180


class Sandbox:
    """A reader of a page.

    :ivar outputs: what the page's blocks of output should say, by their line.
    :ivar skipped: blocks that were not tried, with the reason.
    """

    def __init__(self, page: Path, folder: Path, fake: FakeNorthflank, stack: contextlib.ExitStack) -> None:
        self.page = page
        self.fake = fake
        self.outputs: dict[int, str] = {}
        self.skipped: list[tuple[Block, str]] = []
        self._stack = stack
        self._home = folder / "home"
        self._work = self._home
        self._tools = folder / "tools"
        for made in (self._home, self._tools):
            made.mkdir()
        self._output = ""
        self._inputs: dict[str, str] = {}
        self._files: dict[str, Block] = {}
        self._used = ""
        self._environment = self._first_environment(folder)

    def _first_environment(self, folder: Path) -> dict[str, str]:
        (folder / "ansible.cfg").touch()
        (folder / "vault-password").write_text("correct horse battery staple\n", encoding="utf-8")
        return {
            "HOME": str(self._home),
            "PATH": f"{self._tools}:{BIN}:{os.defpath}",
            "LC_ALL": "C.UTF-8",
            "NORTHFLANK_API_BASE_URL": self.fake.url,
            "NORTHFLANK_API_TOKEN": self.fake.token,
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "ANSIBLE_VAULT_PASSWORD_FILE": str(folder / "vault-password"),
            "PYTHONDONTWRITEBYTECODE": "1",
            **CLOCK.environment,
            "PIP_NO_INDEX": "1",  # What the tests need is installed already; the command is run all the same.
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **self._galaxy(folder),
            **self._github(folder),
        }

    def _galaxy(self, folder: Path) -> dict[str, str]:
        if "ansible-galaxy collection install" not in self.page.read_text(encoding="utf-8"):
            return {}
        return {"ANSIBLE_GALAXY_SERVER": self._stack.enter_context(galaxy(ROOT, BIN / "ansible-galaxy", folder))}

    def _github(self, folder: Path) -> dict[str, str]:
        """This checkout as it is now, changes included, where Git looks for GitHub's."""
        text = self.page.read_text(encoding="utf-8")
        if "git clone" not in text:
            return {}
        repository = folder / "repository.git"
        git = ["git", "-c", "user.name=docs", "-c", "user.email=docs@example.com", "--git-dir", str(repository), "--work-tree", str(ROOT)]
        for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "As it is now"]):
            subprocess.run([*git, *arguments], check=True, cwd=ROOT, capture_output=True)
        # The environment that runs this test is set up already. It belongs to this checkout, and must go on to do so.
        # make cannot take a path with a space in it, hence the link.
        venv = self._tools / "venv"
        venv.symlink_to(BIN.parent)
        make = f'#!/bin/sh\nmkdir -p .venv/bin\n: > .venv/bin/activate\nexec {shutil.which("make")} -o {venv}/.ready VENV={venv} "$@"\n'
        (self._tools / "make").write_text(make, encoding="utf-8")
        (self._tools / "make").chmod(0o755)
        return {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{repository}.insteadOf",
            "GIT_CONFIG_VALUE_0": REPOSITORY,
            **(self._clone() if "activate" in text else {}),
        }

    def _clone(self) -> dict[str, str]:
        """Have Python and Ansible use the reader's clone, as an environment of its own does."""
        clone = self._tools / "ansible_collections" / "community" / "northflank"
        clone.parent.mkdir(parents=True)
        clone.symlink_to(self._home / REPOSITORY.rpartition("/")[2])
        return {"ANSIBLE_COLLECTIONS_PATH": str(self._tools), "PYTHONPATH": f"{CLOCK.environment['PYTHONPATH']}:{self._tools}"}

    def read(self) -> None:
        """Try the whole page.

        :raises AssertionError: something on it does not work.
        """
        for block in blocks(self.page):
            self._try(block)
        for name, block in self._files.items():
            assert name in self._used, f"{block.place}: nothing on the page uses the file {name}"

    def _try(self, block: Block) -> None:
        reason = block.note("skip")
        if block.note("needs") == "clients":
            missing = clients.complaints()
            if missing:
                reason = "make conformance installs them"
            else:
                self._log_clients_in()
        if reason:
            self.skipped.append((block, reason))
            self._used += block.body
            return
        for note in block.notes:
            if note.verb == "fake":
                self._steer(*note.rest.split(" ", 1))
            elif note.verb == "run":
                self._output = self._run(note.rest, block)
        if block.language in OUTPUT:
            self.outputs[block.line] = self._shown(block)
        elif block.language == "shell":
            self._output = self._run(block.body, block)
        elif block.language == "yaml":
            self._try_yaml(block)
        elif block.caption:
            self._write(block)
        elif block.language == "python":
            self._output = self._run(f"{shlex.quote(str(clients.SDK_PYTHON))} - <<'END'\n{self._here(block.body)}END\n", block)
        elif block.language == "javascript":
            self._output = self._run(f"node - <<'END'\n{self._here(block.body)}END\n", block)
        else:
            raise AssertionError(f"{block.place}: nobody knows how to try a block of {block.language}")

    def _here(self, text: str) -> str:
        """A text with the embedded API's address in the place of Northflank's."""
        return text.replace(API, self.fake.url)

    def _steer(self, name: str, body: str) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.fake.url}/_fake/{name}", data=body.encode(), method="POST")).close()

    def _log_clients_in(self) -> None:
        node = clients.NODE_PROJECT / "node_modules"
        self._environment["NODE_PATH"] = str(node)
        self._environment["PATH"] = f"{self._tools}:{BIN}:{node / '.bin'}:{clients._node().parent}:{os.defpath}"
        clients.log_cli_in(self._home, self.fake.url, self.fake.token)

    def _write(self, block: Block) -> None:
        name = block.caption or ""
        path = self._work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(block.body), encoding="utf-8")
        values = {"github.sha": self.fake.jobs()[0].head(), "CI_COMMIT_SHA": self.fake.jobs()[0].head()}
        values["GIT_COMMIT"] = values["CI_COMMIT_SHA"]
        found = steps(name, block.body, {"NORTHFLANK_API_TOKEN": self.fake.token}, values)
        if found is None:
            if block.language == "yaml":
                self._files[name] = block
            return
        assert found, f"{block.place}: the pipeline does nothing"
        for command, environment in found:
            self._output = self._run(command, block, environment)

    def _try_yaml(self, block: Block) -> None:
        content = yaml.safe_load(block.body)
        kept = ROOT / (block.caption or "") if (block.caption or "").startswith("docs/") else None
        if kept and kept.exists():
            assert yaml.safe_load(kept.read_text(encoding="utf-8")) == content, f"{block.place}: {block.caption} has something else"
            if kept.is_relative_to(ROOT / "docs" / "examples"):
                return  # Another test runs these.
        if isinstance(content, dict) and "fields" in content:
            self._inputs = {field["id"]: self.fake.token if field.get("secret") else self.fake.url for field in content["fields"]}
        elif isinstance(content, dict) and "env" in content:
            del self._environment["NORTHFLANK_API_TOKEN"], self._environment["NORTHFLANK_API_BASE_URL"]
            self._environment.update(injected(content, self._inputs))
        elif block.caption:
            self._write(block)
        else:
            assert isinstance(content, list), f"{block.place}: YAML that is no list of plays or tasks needs a file's name"
            self._play(content, block)

    def _play(self, content: list[dict[str, t.Any]], block: Block) -> None:
        plays = content if "hosts" in content[0] else [{"name": "Try", "hosts": "localhost", "gather_facts": False, "tasks": content}]
        (self._work / "block.yml").write_text(self._here(yaml.safe_dump(plays, sort_keys=False)), encoding="utf-8")
        self._output = self._run("ansible-playbook block.yml", block)

    def _run(self, script: str, block: Block, environment: dict[str, str] | None = None) -> str:
        """Run a script, as the reader's shell does; what it exports, and where it goes, stays."""
        state = self._tools / "state"
        # A pipeline has its token from its own settings, or not at all.
        mine = {name: value for name, value in self._environment.items() if environment is None or name != "NORTHFLANK_API_TOKEN"}
        ran = subprocess.run(
            ["bash", "-c", f'set -euo pipefail\n{script}\n{{ pwd; env -0; }} > "{state}"\n'],
            cwd=self._work,
            env={**mine, **(environment or {})},
            input=f"{self.fake.token}\n" * 3,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        expected = int(block.note("exit") or 0)
        assert ran.returncode == expected, f"{block.place}: ended with {ran.returncode}\n{script}\n{ran.stdout}"
        scan(f"{block.place}: what was printed", ran.stdout)
        self._used += script
        if expected == 0 and environment is None:
            folder, _newline, exported = state.read_text(encoding="utf-8").partition("\n")
            self._work = Path(folder)
            self._environment = dict(entry.split("=", 1) for entry in exported.split("\0") if "=" in entry)
        return ran.stdout

    def _shown(self, block: Block) -> str:
        output = self._output.replace(self.fake.url, API).replace(str(self._home), HOME).replace(f"{platform.node()}'s", "localhost's")
        lines = [line.rstrip() for line in output.strip("\n").split("\n")]
        first, last = block.note("from"), block.note("until")
        begin = next(i for i, line in enumerate(lines) if line.startswith(first)) if first else 0
        end = next(i for i, line in enumerate(lines) if i > begin and line.startswith(last)) if last else len(lines)
        return "\n".join(lines[begin:end]).strip("\n") + "\n"


VOLATILE = (
    (re.compile(r"\b(\d+ h )?(\d+ min )?\d+(\.\d+)? s\b|\b\d+ (h|min)\b"), "TIME"),
    (re.compile(r"\b\d+ seconds\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z"), "MOMENT"),
    (re.compile(r"\w{3},\s+\d\d\s+\w{3}\s+\d{4}\s+[\d:]+\s+GMT"), "MOMENT"),
    (re.compile(r"(build_concluded_at|reset|remaining): \d+"), r"\1: NUMBER"),
    (re.compile(r"err-[0-9a-f]+"), "ERROR"),
)
"""What two runs of the same commands differ in."""


def lasting(output: str) -> str:
    """An output without what differs from run to run: times, and how often a wait says that it goes on."""
    for pattern, name in VOLATILE:
        output = pattern.sub(name, output)
    lines = [line for line in output.splitlines() if " TIME so far" not in line]
    # Not the places where lines are broken either: those depend on the length of addresses and paths.
    return " ".join(" ".join(line for line, _same in itertools.groupby(lines)).split())


@contextlib.contextmanager
def sandbox(page: Path, folder: Path) -> t.Iterator[Sandbox]:
    """A sandbox for a page, with an embedded API of its own."""
    with contextlib.ExitStack() as stack:
        fake = stack.enter_context(FakeNorthflank(clock=CLOCK, speed=20))
        yield Sandbox(page, folder, fake, stack)
