# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which files are changed, and which tests have to notice."""

from __future__ import annotations

UTILS = "plugins/module_utils"

TESTS = {
    "_http/client": "_http/test_client _modules/test_info _lifecycle/test_start _modules/test_abort",
    "_http/error_messages": "_http/test_error_messages _http/test_client _modules/test_job_build",
    "_http/network_errors": "_http/test_network_errors _http/test_error_messages",
    "_lifecycle/start": "_lifecycle/test_start _modules/test_job_build",
    "_lifecycle/lookup": "_lifecycle/test_lookup _lifecycle/test_wait",
    "_lifecycle/watcher": "_lifecycle/test_watcher _lifecycle/test_wait _lifecycle/test_polling",
}
"""The files and their tests. The tests that are most likely to fail come first: the first failure ends a run."""
