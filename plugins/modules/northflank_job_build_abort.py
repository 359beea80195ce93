#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_build_abort
short_description: Abort a build of a Northflank job
version_added: 1.0.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Aborts, that is cancels, a build. A build that has ended is left alone.
extends_documentation_fragment:
  - community.northflank._northflank
  - community.northflank._northflank.job
  - community.northflank._attributes
  - community.northflank._attributes.actiongroup_northflank
attributes:
  check_mode:
    support: full
    details:
      - Looks up the build, and aborts nothing.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  build_id:
    description:
      - The ID of the build.
      - It is required. Only in check mode it may be empty or V(null), because a build that was not started has no ID.
    type: str
    aliases: [buildId]
seealso:
  - module: community.northflank.northflank_job_build
  - module: community.northflank.northflank_job_build_info
  - module: community.northflank.northflank_job_build_wait
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, its cause, and what to do."
"""

EXAMPLES = r"""
- name: Start a build
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: example-job
  register: started

- name: Abort it
  community.northflank.northflank_job_build_abort:
    project_id: default-project
    job_id: example-job
    build_id: "{{ started.build.id }}"

- name: Abort it again, which changes nothing
  community.northflank.northflank_job_build_abort:
    project_id: default-project
    job_id: example-job
    build_id: "{{ started.build.id }}"

- name: Find what is still running
  community.northflank.northflank_job_build_info:
    project_id: default-project
    job_id: example-job
    limit: 0
  register: all

- name: Abort all of them
  community.northflank.northflank_job_build_abort:
    project_id: default-project
    job_id: example-job
    build_id: "{{ item.id }}"
  loop: "{{ all.builds | rejectattr('concluded', 'equalto', true) }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
build:
  description:
    - The build after the abort. It always has exactly these keys. Values that Northflank did not return are V(null).
  returned: success
  type: dict
  contains:
    id:
      description: The build's ID.
      type: str
      sample: joyous-view-6290
    project_id:
      description: The project, as given.
      type: str
      sample: default-project
    job_id:
      description: The job, as given.
      type: str
      sample: example-job
    team_id:
      description: The team, as given.
      type: str
      sample: null
    branch:
      description: The branch the commit is on.
      type: str
      sample: main
    pull_request_id:
      description: The pull request of the commit. A number or a string, as Northflank returns it.
      type: raw
      sample: null
    sha:
      description: The commit.
      type: str
      sample: 262ed9817b3cad5142fbceabe0c9e371e390d616
    registry:
      description: The registry of the image.
      type: dict
      contains:
        uri:
          description:
            - The address of the image. V(null) if Northflank does not return it.
            - According to Northflank's documentation, it is C(registry.northflank.com/PROJECT/JOB:BUILD), with the IDs of the three.
          type: str
          sample: registry.northflank.com/default-project/example-job:joyous-view-6290
    created_at:
      description: When the build was created, in ISO 8601.
      type: str
      sample: "2026-06-25T15:55:38.296Z"
    status:
      description: The status, like V(PENDING), V(BUILDING), V(SUCCESS), or V(FAILURE).
      type: str
      sample: PENDING
    concluded:
      description: Whether the build has ended, successfully or not.
      type: bool
      sample: false
    success:
      description: Whether it was successful.
      type: bool
      sample: null
    message:
      description: Northflank's message about the status.
      type: str
      sample: null
    build_concluded_at:
      description: When the build ended, in the format in which Northflank returns it.
      type: raw
      sample: null
rate_limit:
  description: The account's rate limit after the last response. Values that Northflank did not return are V(null).
  returned: unless the task fails before its first request
  type: dict
  contains:
    limit:
      description: Requests allowed per hour.
      type: int
      sample: 1000
    remaining:
      description: Requests left.
      type: int
      sample: 987
    reset:
      description: Seconds until the rate limit resets.
      type: int
      sample: 3401
error:
  description: What went wrong, for conditions in a playbook, as in M(community.northflank.northflank_job_build).
  returned: failure
  type: dict
  contains:
    kind:
      description: The kind of failure, one of those that M(community.northflank.northflank_job_build) lists.
      type: str
      sample: not_found
    status:
      description: The HTTP status, if there was a response.
      type: int
    message:
      description: Northflank's message.
      type: str
    id:
      description: Northflank's ID of the error, for its support.
      type: str
    details:
      description: More details from Northflank.
      type: raw
"""

from ansible_collections.community.northflank.plugins.module_utils._ansible_module import run_module
from ansible_collections.community.northflank.plugins.module_utils._modules.job_build_abort import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
