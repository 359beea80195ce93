# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the demo playbook: against the embedded API, or with --real against the real one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import sysconfig
import typing as t
from pathlib import Path

from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank

HERE = Path(__file__).parent
REAL = ("NORTHFLANK_API_TOKEN", "NORTHFLANK_PROJECT_ID", "NORTHFLANK_JOB_ID")

READABLE = {
    "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_NOCOWS": "true",
}


@contextlib.contextmanager
def target(real: bool) -> t.Iterator[dict[str, str]]:
    """Give the environment of the play. The real API only where it was asked for, whatever is in the user's environment."""
    if real:
        missing = [name for name in REAL if not os.environ.get(name)]
        if missing:
            sys.exit(f"To build on the real API, set {', '.join(missing)}.")
        print(f"Against the real API: this starts eight builds and a run of job {os.environ['NORTHFLANK_JOB_ID']!r}.\n", flush=True)
        yield {}
        return
    with FakeNorthflank(speed=2) as fake:
        print(f"Against the embedded API at {fake.url}: nothing leaves this machine.\n", flush=True)
        yield {
            "NORTHFLANK_API_BASE_URL": fake.url,
            "NORTHFLANK_API_TOKEN": fake.token,
            "NORTHFLANK_PROJECT_ID": "default-project",
            "NORTHFLANK_JOB_ID": "example-job",
            "NORTHFLANK_TEAM_ID": "",
            "NORTHFLANK_DEMO_FLAKY_JOB": "flaky-job",
            "no_proxy": "127.0.0.1",
        }


def main() -> int:
    playbook = Path(sys.executable).with_name("ansible-playbook")
    # Color where a person looks on, even though make is in between.
    color = {"ANSIBLE_FORCE_COLOR": "true"} if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else {}
    # This checkout, not a collection that is installed elsewhere.
    here = {"ANSIBLE_COLLECTIONS_PATH": sysconfig.get_paths()["purelib"]}
    real = sys.argv[1:] == ["--real"]
    with target(real) as where:
        ended = subprocess.run(
            [playbook, HERE / "demo.yml"], env={**READABLE, **color, **os.environ, **here, **where}, check=False
        ).returncode
    if ended == 0 and not real:
        print("\nNext: write build.yml as the README shows, run make fake, and do what it prints. On your own account: make demo-real.")
    return ended


if __name__ == "__main__":
    sys.exit(main())
