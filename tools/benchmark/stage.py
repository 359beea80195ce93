# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the benchmark plays: the embedded API over HTTPS, trusted as a public server is, and processes that are timed against it.

Clients are to pay for trust what they pay with api.northflank.com. So nobody gets an option or a variable that names a bundle
of one authority; the benchmark's own authority is added to what each client trusts by itself:

- requests (the collection): a copy of certifi, found before the installed one, with one more certificate at the end of its full bundle.
- OpenSSL's defaults (ansible.builtin.uri, the Python SDK, curl): SSL_CERT_DIR, a folder in which OpenSSL looks a certificate up by its
  name. The default bundle file is loaded where the system has one, as ever.
- Node.js (the JavaScript client, the CLI): NODE_EXTRA_CA_CERTS.
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

from ansible_collections.community.northflank.tests.conformance import clients
from ansible_collections.community.northflank.tests.simulation import JOB, PROJECT

BIN = Path(sys.executable).parent
PATIENCE = 900
"""Seconds for one process: far more than any takes."""

OPENSSL = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = benchmark of community.northflank
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost,IP:127.0.0.1
"""


class BenchmarkError(Exception):
    """What is measured does not do what it should, so its time would mean nothing."""


@dataclass(frozen=True)
class Work:
    """A process to be timed, and the number of builds that it has to start. C(length): of a build, where it is awaited."""

    command: list[str]
    builds: int
    environment: t.Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    length: float | None = None


class Stage:
    """The embedded API in a process of its own, and an environment without anything of the user's own configuration."""

    def __init__(self) -> None:
        self.url = self.token = ""
        self._clean = contextlib.ExitStack()

    def __enter__(self) -> Stage:
        if not (BIN / "ansible-playbook").exists():
            raise BenchmarkError(
                "ansible-playbook is not installed beside this Python: run this in the virtual environment that make sets up"
            )
        with contextlib.ExitStack() as clean:
            self.home = Path(clean.enter_context(tempfile.TemporaryDirectory(prefix="northflank-bench-")))
            _certify(self.home)
            shutil.copytree(_certifi(), self.home / "site" / "certifi", ignore=shutil.ignore_patterns("__pycache__"))
            with open(self.home / "site" / "certifi" / "cacert.pem", "a", encoding="ascii") as bundle:
                bundle.write("\n" + (self.home / "ca.pem").read_text(encoding="ascii"))
            (self.home / "ansible.cfg").touch()
            https = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.home / "ca.pem")))
            self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), https)
            self._start(clean)
            self._log_cli_in()
            self._clean = clean.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._clean.close()

    @property
    def builds_url(self) -> str:
        """Where builds of the job are started; with an id behind it, where one is got."""
        return f"{self.url}/v1/projects/{PROJECT}/jobs/{JOB}/build"

    @property
    def environment(self) -> dict[str, str]:
        """What every process gets."""
        node = shutil.which("node")
        found = [str(clients.NODE_PROJECT / "node_modules" / ".bin"), str(Path(node).parent)] if node else []
        return {
            "HOME": str(self.home),
            "PATH": os.pathsep.join([str(BIN), *found, os.environ.get("PATH", os.defpath)]),
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(self.home / "site"),
            "SSL_CERT_DIR": str(self.home / "authorities"),
            "NODE_EXTRA_CA_CERTS": str(self.home / "ca.pem"),
            "ANSIBLE_CONFIG": str(self.home / "ansible.cfg"),
            # A local connection's ~ is that of the account, whatever HOME says.
            "ANSIBLE_REMOTE_TEMP": str(self.home / "tmp"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
        }

    def timed(self, work: Work) -> float:
        """Seconds that a process takes, from its start to its end, in a world that no earlier one has touched.

        :raises BenchmarkError: it failed, or started another number of builds.
        """
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

    def run(self, work: Work) -> str:
        """Run a process and return what it printed."""
        done = subprocess.run(
            work.command,
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
        """Ask the embedded API itself for something: see its C(admin.py)."""
        request = urllib.request.Request(f"{self.url}/_fake/{name}", data=None if body is None else json.dumps(body).encode())
        with self._opener.open(request, timeout=30) as answer:
            return json.load(answer)

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

    def _log_cli_in(self) -> None:
        # As its `login` does. Without the time of a check for updates it would make one, on the internet.
        context = {"name": "benchmark", "host": self.url, "token": self.token}
        settings = {"current": "benchmark", "contexts": [context], "lastUpdateCheck": int(time.time() * 1000)}
        (self.home / ".northflank").mkdir()
        (self.home / ".northflank" / "config.json").write_text(json.dumps(settings), encoding="utf-8")


def _certifi() -> Path:
    """The folder of certifi, which has to bring its own bundle: a distributor's may point elsewhere."""
    import certifi

    folder = Path(certifi.__file__).parent
    if Path(certifi.where()) != folder / "cacert.pem":
        raise BenchmarkError("certifi is not the one of PyPI here: run this in the virtual environment that make sets up")
    return folder


def _certify(home: Path) -> None:
    """Make an authority (ca.pem), a server certificate of its (server.pem, server.key), and a folder for OpenSSL to find it in."""
    if shutil.which("openssl") is None:
        raise BenchmarkError("the program openssl is not installed")
    (home / "openssl.cnf").write_text(OPENSSL, encoding="ascii")
    common = ["-config", "openssl.cnf", "-newkey", "rsa:2048", "-nodes", "-sha256"]
    _openssl(home, "req", "-x509", *common, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-extensions", "authority")
    _openssl(home, "req", *common, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-sha256"]
    _openssl(home, "x509", "-req", "-in", "server.csr", *signed, "-extfile", "openssl.cnf", "-extensions", "server", "-out", "server.pem")
    (home / "authorities").mkdir()
    name = _openssl(home, "x509", "-in", "ca.pem", "-noout", "-hash").strip()
    shutil.copy(home / "ca.pem", home / "authorities" / f"{name}.0")


def _openssl(home: Path, *arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=home, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchmarkError(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout
