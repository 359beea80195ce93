# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible has loaded when it forks."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import sys
from pathlib import Path
from ansible_collections.community.northflank.plugins.action import northflank_job_build, northflank_job_build_wait
from ansible_collections.community.northflank.plugins.module_utils import _wire
loaded = {name.rpartition(".")[2] for name in sys.modules}
print(*sorted({path.stem for path in Path(_wire.__file__).parent.glob("_*.py")} - loaded))
"""


def test_a_worker_has_all_that_an_operation_may_need():
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["_job_build_abort", "_job_build_info", "_module"]
