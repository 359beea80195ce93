# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""First contact: finds out what Northflank's API does otherwise than the embedded one that the tests run against.

    make contact                        says what it would do
    make contact CONTACT=yes            makes at most 40 requests, among them the start of one build, which is aborted
    make contact-compare FILE=...       compares a transcript that somebody sent

It needs NORTHFLANK_API_TOKEN, NORTHFLANK_PROJECT_ID, and NORTHFLANK_JOB_ID, and takes NORTHFLANK_API_BASE_URL and NORTHFLANK_TEAM_ID.
With CONTACT_RUN=yes it also starts a run of the job, and aborts it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from urllib.parse import quote

from ansible_collections.community.northflank.tests.fake_northflank import FakeNorthflank, Script, SimulatedClock
from ansible_collections.community.northflank.tools.contact import report, transcript
from ansible_collections.community.northflank.tools.contact.contact import MAX_REQUESTS, Contact, ContactEnded, Target

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "contact"


def main() -> int:
    if len(sys.argv) > 1:
        return compare(Path(sys.argv[1]))
    target = _target()
    ours = embedded(with_run=os.environ.get("CONTACT_RUN") == "yes")
    if os.environ.get("CONTACT") != "yes":
        return _say_what_would_be_done(ours)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    contact = Contact(target, ours.with_run)
    print(f"Asking {target.url}, at most {MAX_REQUESTS} requests. An interrupt aborts the build.")
    try:
        contact.make()
    except ContactEnded as ended:
        print(f"Ended: {ended}")
    except KeyboardInterrupt:
        print("Interrupted.")
    ended_early = bool(contact.started)
    if ended_early:
        print(f"Not aborted: {', '.join(contact.started)}. Abort it in Northflank.")
    ours_text = transcript.write(ours, "embedded")
    try:
        text = transcript.write(contact, "real", ours_text)
        comparisons = report.compare(transcript.read(ours_text), transcript.read(text))
        shown = report.render(comparisons, len(contact.exchanges))
    except ValueError as error:
        print(f"Nothing is written, because {error}.")
        return 1
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "transcript.json").write_text(text, encoding="utf-8")
    (FOLDER / "report.md").write_text(shown, encoding="utf-8")
    print(f"{len(report.differences(comparisons))} differences. See contact/report.md; contact/transcript.json is what you may send us.")
    return int(ended_early)


def compare(file: Path) -> int:
    """Print the report on a transcript that somebody sent."""
    ours = embedded()
    try:
        theirs = transcript.read(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"No transcript of a contact can be read from FILE={file}: {error}")
    print(report.render(report.compare(transcript.read(transcript.write(ours, "embedded")), theirs), len(theirs)))
    return 0


def embedded(with_run: bool = False, api: type[FakeNorthflank] = FakeNorthflank) -> Contact:
    """Make the same requests to the embedded API, on a simulated clock."""
    clock = SimulatedClock()
    with api(clock=clock) as fake:
        for age in (4000, 3000, 2000):
            fake.add_build("default-project", "example-job", age=age, status="SUCCESS")
        fake.plan("default-project", "example-job", Script.success(60, log=[(0, "Cloning")]))
        contact = Contact(Target(fake.url, fake.token, "default-project", "example-job"), with_run, clock.sleep)
        contact.make()
    return contact


def _target() -> Target:
    names = ("NORTHFLANK_API_TOKEN", "NORTHFLANK_PROJECT_ID", "NORTHFLANK_JOB_ID")
    missing = [name for name in names if not os.environ.get(name)]
    if missing and os.environ.get("CONTACT") == "yes":
        sys.exit(f"Set {', '.join(missing)}.")
    token, project, job = (os.environ.get(name, "") for name in names)
    url = os.environ.get("NORTHFLANK_API_BASE_URL", "https://api.northflank.com").rstrip("/")
    team = quote(os.environ.get("NORTHFLANK_TEAM_ID", ""), safe="")
    return Target(url[:-3] if url.endswith("/v1") else url, token, quote(project, safe=""), quote(job, safe=""), team)


def _say_what_would_be_done(ours: Contact) -> int:
    print(__doc__)
    print("Nothing has been sent. With CONTACT=yes these requests would be made, as to the embedded API just now:\n")
    for number, exchange in enumerate(ours.exchanges, 1):
        print(f"{number:3}  {exchange.method:6} {exchange.path}  ({exchange.label})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
