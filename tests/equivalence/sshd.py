# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second host: an SSH server of our own on loopback, with its own keys, configuration and port."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
import typing as t
from pathlib import Path

CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PidFile {folder}/sshd.pid
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
UseDNS no
Subsystem sftp internal-sftp
"""


@contextlib.contextmanager
def server() -> t.Iterator[dict[str, t.Any]]:
    """Run the server; what an inventory has to say to reach it."""
    sshd = _program()
    # Short, because the path of a control socket may have no more than some hundred characters.
    with tempfile.TemporaryDirectory(prefix="nf-ssh-") as name:
        folder = Path(name)
        for key in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / key], check=True)
        port = _free_port()
        (folder / "sshd_config").write_text(CONFIG.format(port=port, folder=folder), encoding="utf-8")
        host_key = (folder / "host_key.pub").read_text(encoding="utf-8")
        (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}", encoding="utf-8")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "sshd_config"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _await(process, port, folder / "log")
            yield {
                "ansible_connection": "ssh",
                "ansible_host": "127.0.0.1",
                "ansible_port": port,
                "ansible_user": getpass.getuser(),
                "ansible_ssh_private_key_file": str(folder / "user_key"),
                "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={folder}/known_hosts -o IdentitiesOnly=yes",
                # Ansible's default but for the time, so that no process is left over for long.
                "ansible_ssh_args": "-C -o ControlMaster=auto -o ControlPersist=3s",
                "ansible_control_path_dir": str(folder / "control"),
            }
        finally:
            process.terminate()
            process.wait(10)


def _program() -> str:
    """The server's path, which it wants to be called by."""
    search = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which("sshd", path=search)
    if found is None:
        raise RuntimeError("The tests of a second host need an SSH server, and there is no sshd. Install OpenSSH's server.")
    if os.geteuid() == 0:
        # Debian's start script makes it; the server does not start without.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    return found


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"The SSH server did not start: {log.read_text(encoding='utf-8', errors='replace')}")
