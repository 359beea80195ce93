# Copyright (c) 2026, The community.northflank authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.community.northflank.plugins.module_utils._modules.job_run_info import OPERATION
from ansible_collections.community.northflank.plugins.plugin_utils._action import NorthflankAction


class ActionModule(NorthflankAction):
    operation = OPERATION


main = ActionModule.check_arguments  # For ansible-lint.
