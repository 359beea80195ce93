#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_build_info
short_description: Look up builds of a Northflank job
version_added: 1.0.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Returns one build of a L(Northflank job,https://northflank.com/docs), or a filtered list of them, newest first.
  - The API has no filters, so the module reads the list, with one request for each hundred builds. The API does not document its
    order. If it is sorted newest first, reading stops at O(limit).
extends_documentation_fragment:
  - community.northflank._northflank
  - community.northflank._northflank.job
  - community.northflank._attributes
  - community.northflank._attributes.actiongroup_northflank
  - community.northflank._attributes.info_module
options:
  build_id:
    description:
      - The ID of the build to return.
      - If the build does not exist, RV(builds) is empty. If the job does not exist, the task fails.
      - This needs the permission C(Project > Jobs > General > Update); a list needs C(Project > Jobs > General > Read).
    type: str
    aliases: [buildId]
  sha:
    description:
      - Only builds of this commit.
    type: str
  branch:
    description:
      - Only builds of this branch.
    type: str
  status:
    description:
      - Only builds with one of these statuses, in upper or lower case.
      - Known statuses are V(SUCCESS), V(FAILURE), V(ABORTED), V(CRASHED), V(SUBMISSION_FAILURE),
        V(QUEUED), V(PENDING), V(UNSCHEDULABLE), V(STARTING), V(CLONING), V(BUILDING), V(UPLOADING), and V(IN_PROGRESS).
    type: list
    elements: str
  limit:
    description:
      - The maximum number of builds to return; V(0) returns all.
      - A task that has to read more than 10,000 builds fails. RV(truncated) says whether there are more.
    type: int
    default: 50
  log_lines:
    description:
      - How many lines from the end of its log to return with each build. Each log takes one more request.
      - This needs the permission C(Project > Jobs > Deployment > View Observability). Without it, the task warns and returns no log.
    type: int
    default: 0
seealso:
  - module: community.northflank.northflank_job_build
  - module: community.northflank.northflank_job_build_wait
  - module: community.northflank.northflank_job_build_abort
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, its cause, and what to do."
"""

EXAMPLES = r"""
- name: Look up the five newest builds
  community.northflank.northflank_job_build_info:
    project_id: default-project
    job_id: example-job
    limit: 5
  register: newest

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.id }} of {{ item.branch }}: {{ item.status }}"
  loop: "{{ newest.builds }}"
  loop_control:
    label: "{{ item.id }}"

- name: Start a build
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: example-job
  register: started

- name: Look it up, with the end of its log
  community.northflank.northflank_job_build_info:
    project_id: default-project
    job_id: example-job
    build_id: "{{ started.build.id }}"
    log_lines: 20
  register: looked_up

- name: Find failed builds of a commit
  community.northflank.northflank_job_build_info:
    project_id: default-project
    job_id: example-job
    sha: 262ed9817b3cad5142fbceabe0c9e371e390d616
    status:
      - FAILURE
      - SUBMISSION_FAILURE
      - CRASHED
"""

RETURN = r"""
builds:
  description:
    - The builds, newest first. Each always has exactly these keys. Values that Northflank did not return are V(null).
  returned: success
  type: list
  elements: dict
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
    logs:
      description: The last lines of its log, oldest first, without timestamps and terminal control characters.
      returned: if O(log_lines) is not V(0)
      type: list
      elements: str
truncated:
  description:
    - Whether builds are missing from RV(builds) because of O(limit).
    - Also V(true) if that is unknown, because pages with older builds were not read.
  returned: success
  type: bool
  sample: false
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
from ansible_collections.community.northflank.plugins.module_utils._modules.job_build_info import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
