# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(fake_api): between two cases of a playbook, keep the journal of the last one and set up the embedded API for the next."""

from __future__ import annotations

import json
import os
import urllib.request
from pathlib import Path

from ansible.plugins.action import ActionBase

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ActionModule(ActionBase):
    """Arguments: C(ended), the case whose journal is kept; C(begins), that whose calls, in a file, are made.

    The calls are no arguments, because Ansible would take braces in them for templates.
    """

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        folder = Path(os.environ["EQUIVALENCE_FOLDER"])
        ended, begins = self._task.args.get("ended"), self._task.args.get("begins")
        if ended:
            (folder / f"{ended}.journal").write_text(json.dumps(admin("journal")["journal"]), encoding="utf-8")
        admin("reset", {})
        for call in json.loads((folder / "calls.json").read_text(encoding="utf-8"))[begins] if begins else []:
            for name, body in call.items():
                admin(name, body)
        return {"changed": False}


def admin(name, body=None):
    data = None if body is None else json.dumps(body).encode()
    with OPENER.open(urllib.request.Request(f"{os.environ['EQUIVALENCE_URL']}/_fake/{name}", data=data), timeout=10) as answer:
        return json.load(answer)
