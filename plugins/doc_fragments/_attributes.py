# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions of the attributes of modules."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(community.northflank._attributes) and its parts."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
    details:
      - On the controller, the task normally runs in Ansible's worker, without a process for the module. Otherwise the action
        plugin runs the module. Results are the same.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - The task then runs as a module, and shows no progress.
  become:
    description: Is usable alongside C(become) keywords.
    support: full
    details:
      - The task then runs as a module, and shows no progress. The modules need no elevated privileges.
  connection:
    description: Uses the target's configured connection information to execute code on it.
    support: full
    details:
      - With a local connection, the task normally runs in Ansible's worker. With other connections, the module runs on the
        target, which needs the requirements and access to the API.
  delegation:
    description: Can be used in conjunction with C(delegate_to) and related keywords.
    support: full
    details:
      - With C(delegate_to=localhost), the task can run in Ansible's worker, whatever hosts the play targets.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: posix
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
      - This assumes that the system controlled or queried by the module has not changed in a relevant way.
"""

    FACTS = r"""
options: {}
attributes:
  facts:
    description: Action returns an C(ansible_facts) dictionary that will update existing host facts.
    support: full
"""

    ACTIONGROUP_NORTHFLANK = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/community.northflank.northflank) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - community.northflank.northflank
"""

    INFO_MODULE = r"""
options: {}
attributes:
  check_mode:
    support: full
    details:
      - This action does not modify state.
  diff_mode:
    support: N/A
    details:
      - This action does not modify state.
  idempotent:
    support: full
    details:
      - This action does not modify state.
"""
