# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""C(keep_result): write what a playbook sees of a case's result into a file."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Arguments: C(case), and C(seen), the JSON that the playbook made of its variables, after one character.

    That character keeps ansible-core 2.16 from making data of the text again.
    """

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        name = f"{self._task.args['case']}@{task_vars['inventory_hostname']}.result"
        Path(os.environ["EQUIVALENCE_FOLDER"], name).write_text(str(self._task.args["seen"])[1:], encoding="utf-8")
        return {"changed": False}
