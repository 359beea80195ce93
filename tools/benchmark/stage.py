# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded API over HTTPS, and the processes that are timed against it.

Each client must spend on trust what it spends with api.northflank.com. So no option and no variable names a bundle of one certificate;
the server's certificate is added to what each client trusts by default:

- requests (the collection): a copy of certifi, found before the installed one, with the certificate added to its bundle.
- OpenSSL's defaults (ansible.builtin.uri, the Python SDK, curl): `SSL_CERT_DIR`, beside the system's own bundle file.
- Node.js (the JavaScript client, the CLI): `NODE_EXTRA_CA_CERTS`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import typing as t
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import certifi
from ansible_collections.community.northflank.tests.conformance import clients
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

BIN = Path(sys.executable).parent
PATIENCE = 900  # Seconds for one process: far more than any needs
EXTENSIONS = (
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,digitalSignature,keyCertSign",
    "subjectKeyIdentifier=hash",
)


class BenchmarkError(Exception):
    """A side does not do what it should, so its time would mean nothing."""


@dataclass(frozen=True)
class Work:
    """A process to time, and how many builds it must start. `length`: of each build, if the process waits for it."""

    command: list[str]
    builds: int
    environment: t.Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    length: float | None = None


class Stage:
    """The embedded API in its own process, and an environment without the user's configuration."""

    def __enter__(self) -> Stage:
        with contextlib.ExitStack() as clean:
            self.home = Path(clean.enter_context(tempfile.TemporaryDirectory(prefix="northflank-bench-")))
            _trust(self.home)
            (self.home / "ansible.cfg").touch()
            https = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.home / "server.pem")))
            self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)
            self._start(clean)
            clients.log_cli_in(self.home, self.url, self.token)
            self._clean = clean.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._clean.close()

    @property
    def builds_url(self) -> str:
        return f"{self.url}/v1/projects/{PROJECT}/jobs/{JOB}/build"

    @property
    def environment(self) -> dict[str, str]:
        node = shutil.which("node")
        found = [str(clients.NODE_PROJECT / "node_modules" / ".bin"), str(Path(node).parent)] if node else []
        return {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(BIN), *found, os.environ.get("PATH", os.defpath)]),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(self.home / "site"),
            "SSL_CERT_DIR": str(self.home / "authorities"),
            "NODE_EXTRA_CA_CERTS": str(self.home / "server.pem"),
            "ANSIBLE_CONFIG": str(self.home / "ansible.cfg"),
            # A local connection takes ~ from the account, whatever HOME says.
            "ANSIBLE_REMOTE_TEMP": str(self.home / "tmp"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
        }

    def timed(self, work: Work) -> float:
        """Seconds from start to end of a process, against an embedded API that was just reset."""
        self.steer("reset", {})
        if work.length is not None:
            script = {"kind": "success", "duration": work.length}
            self.steer("plan", {"project_id": PROJECT, "job_id": JOB, "script": script})
        began = time.perf_counter()
        self.run(work)
        seconds = time.perf_counter() - began
        started = sum(entry["endpoint"] == "start" and entry["status"] == 200 for entry in self.steer("journal")["journal"])
        if started != work.builds:
            raise BenchmarkError(f"{started} builds were started, not {work.builds}: {' '.join(work.command)}")
        return seconds

    def run(self, work: Work, *more: str) -> str:
        """Run a process, with more arguments if given, and return its output."""
        done = subprocess.run(
            [*work.command, *more],
            input=work.stdin,
            env={**self.environment, **work.environment},
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode != 0:
            raise BenchmarkError(f"{' '.join(work.command)} ended with {done.returncode}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def steer(self, name: str, body: t.Any = None) -> t.Any:
        """Call the admin interface of the embedded API: see its `admin.py`."""
        request = urllib.request.Request(f"{self.url}/_fake/{name}", data=None if body is None else json.dumps(body).encode())
        with self._opener.open(request, timeout=30) as response:
            return json.load(response)

    def _start(self, clean: contextlib.ExitStack) -> None:
        ready = self.home / "ready.json"
        module = "ansible_collections.community.northflank.tests.fake_northflank"
        tls = ["--tls-cert", self.home / "server.pem", "--tls-key", self.home / "server.key"]
        process = subprocess.Popen([sys.executable, "-m", module, *tls, "--ready-file", ready], stdout=subprocess.DEVNULL)
        clean.callback(process.wait)
        clean.callback(process.terminate)
        until = time.monotonic() + 30
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise BenchmarkError("the embedded API did not start")
            time.sleep(0.02)
        where = json.loads(ready.read_text(encoding="utf-8"))
        self.url, self.token = where["url"], where["token"]


def _trust(home: Path) -> None:
    """Make the server's certificate, and add it to what each client trusts."""
    extensions = [word for extension in EXTENSIONS for word in ("-addext", extension)]
    files = ["-keyout", "server.key", "-out", "server.pem"]
    # The empty configuration keeps the system's defaults out.
    _openssl(home, "req", "-x509", "-config", os.devnull, "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", *extensions, *files)
    (home / "authorities").mkdir()
    # OpenSSL looks certificates up by this hash.
    name = _openssl(home, "x509", "-in", "server.pem", "-noout", "-hash").strip()
    shutil.copy(home / "server.pem", home / "authorities" / f"{name}.0")
    copy = home / "site" / "certifi"
    shutil.copytree(Path(certifi.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with open(copy / "cacert.pem", "a", encoding="ascii") as bundle:
        bundle.write("\n" + (home / "server.pem").read_text(encoding="ascii"))


def _openssl(home: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["openssl", *arguments], cwd=home, capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise BenchmarkError("the benchmark needs the program openssl") from missing
    if done.returncode != 0:
        raise BenchmarkError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout
