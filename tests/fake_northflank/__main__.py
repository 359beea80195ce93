# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The embedded API from a shell: `python -m tests.fake_northflank`."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import admin
from .fake import FakeNorthflank

DESCRIPTION = """\
A stand-in for api.northflank.com, for trying the community.northflank collection without an account.
It listens on 127.0.0.1 only, starts no real builds, and nothing leaves this machine.
"""
EPILOG = f"""\
Point the modules at it with api_url and api_token, or with the environment variables
NORTHFLANK_API_BASE_URL and NORTHFLANK_API_TOKEN.

{admin.__doc__}"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.tls_cert) != bool(options.tls_key):
        parser.error("--tls-cert and --tls-key go together")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    tls = (options.tls_cert, options.tls_key) if options.tls_cert else None
    try:
        fake = FakeNorthflank(tls=tls, port=options.port, quota=options.quota, speed=options.speed)
        fake.start()
    except (OSError, OverflowError) as error:
        parser.exit(1, f"Cannot serve on port {options.port}: {error}\n")
    with contextlib.ExitStack() as stack:
        stack.callback(fake.stop)
        stack.enter_context(_ready_file(options.ready_file, fake))
        print(_greeting(fake), flush=True)
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fake_northflank", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0, the default, takes a free one")
    parser.add_argument("--speed", type=float, default=1.0, help="multiplies the time that builds take: 0.5 is half of it (default 1)")
    parser.add_argument("--tls-cert", metavar="FILE", help="serve HTTPS with this certificate (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="the certificate's key (PEM)")
    parser.add_argument("--ready-file", metavar="FILE", type=Path, help="once listening, write {url, token, pid} there as JSON")
    parser.add_argument("--quota", type=int, default=1000, help="requests allowed in an hour (default 1000)")
    return parser


@contextlib.contextmanager
def _ready_file(path: Path | None, fake: FakeNorthflank) -> Iterator[None]:
    """The ready file, there for as long as the server listens."""
    if path is None:
        yield
        return
    # Whoever waits for the file must never read half of it.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(json.dumps({"url": fake.url, "token": fake.token, "pid": os.getpid()}), encoding="utf-8")
    draft.replace(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def _greeting(fake: FakeNorthflank) -> str:
    lines = [
        "An embedded stand-in for api.northflank.com, for trying this collection; nothing leaves this machine.",
        f"  address  {fake.url}",
        f"  token    {fake.token}  (an example, worth nothing elsewhere)",
    ]
    for job in fake.jobs():
        team = f"team {job.team_id}, " if job.team_id else ""
        lines.append(f"  job      {job.id}  ({team}project {job.project_id}{_NOTES.get(job.id, '')})")
    exports = [f"  export NORTHFLANK_API_BASE_URL={fake.url}", f"  export NORTHFLANK_API_TOKEN={fake.token}"]
    steering = f"To make builds fail or responses get lost: curl -d BODY {fake.url}{admin.PREFIX}NAME; make fake-help lists them."
    run = f"Then run a playbook with the IDs above: {Path(sys.executable).with_name('ansible-playbook')} build.yml"
    return "\n".join([*lines, "Paste this in another shell:", *exports, run, steering, "Stop it with Ctrl-C."])


_NOTES = {"flaky-job": "; its builds fail", "image-only": "; runs a ready-made image"}


if __name__ == "__main__":
    sys.exit(main())
