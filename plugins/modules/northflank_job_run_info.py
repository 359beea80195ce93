#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_run_info
short_description: Look up runs of a Northflank job
version_added: 1.1.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Returns one run of a L(Northflank job,https://northflank.com/docs), or a filtered list of them, newest first.
  - The API has no filters, so the module reads the list, with one request for each hundred runs. The API does not document its order.
    If it is sorted newest first, reading stops at O(limit).
extends_documentation_fragment:
  - community.northflank._northflank
  - community.northflank._northflank.job
  - community.northflank._attributes
  - community.northflank._attributes.actiongroup_northflank
  - community.northflank._attributes.info_module
options:
  run_id:
    description:
      - The ID of the run to return.
      - If the run does not exist, RV(runs) is empty. If the job does not exist, the task fails.
    type: str
    aliases: [runId]
  status:
    description:
      - Only runs with one of these statuses, in upper or lower case.
      - Known are V(RUNNING), V(SUCCESS), and V(FAILED).
    type: list
    elements: str
  limit:
    description:
      - The maximum number of runs to return; V(0) returns all.
      - A task that has to read more than 10,000 runs fails. RV(truncated) says whether there are more.
    type: int
    default: 50
  log_lines:
    description:
      - How many lines from the end of its log to return with each run. Each log takes one more request.
      - This needs the permission C(Project > Jobs > Deployment > View Observability). Without it, the task warns and returns no log.
    type: int
    default: 0
seealso:
  - module: community.northflank.northflank_job_run
  - module: community.northflank.northflank_job_run_wait
  - module: community.northflank.northflank_job_run_abort
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, its cause, and what to do."
"""

EXAMPLES = r"""
- name: Look up the five newest runs
  community.northflank.northflank_job_run_info:
    project_id: default-project
    job_id: example-job
    limit: 5
  register: newest

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.run_name }}: {{ item.status }}"
  loop: "{{ newest.runs }}"
  loop_control:
    label: "{{ item.id }}"

- name: Run a job
  community.northflank.northflank_job_run:
    project_id: default-project
    job_id: example-job
  register: started

- name: Look the run up, with the end of its log
  community.northflank.northflank_job_run_info:
    project_id: default-project
    job_id: example-job
    run_id: "{{ started.run.id }}"
    log_lines: 20
  register: looked_up

- name: Find failed runs
  community.northflank.northflank_job_run_info:
    project_id: default-project
    job_id: example-job
    status:
      - FAILED
"""

RETURN = r"""
runs:
  description:
    - The runs, newest first. Each always has exactly these keys. Values that Northflank did not return are V(null).
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The run's ID.
      type: str
      sample: d34582a4-35bd-4c71-8e7c-e36999b88723
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
    run_name:
      description: The run's name.
      type: str
      sample: example-job-5fcf67bc56e1913e21d49504
    status:
      description: The status, V(RUNNING), V(SUCCESS), or V(FAILED). Northflank documents no status for a run that was aborted.
      type: str
      sample: RUNNING
    concluded:
      description: Whether the run has ended, successfully or not.
      type: bool
      sample: false
    active:
      description: How many of its attempts are running.
      type: int
      sample: 1
    failed:
      description: How many of its attempts have failed.
      type: int
      sample: 0
    succeeded:
      description: How many of its attempts have succeeded. It can be 0 for a successful run; use RV(runs[].status).
      type: int
      sample: 0
    completions:
      description: How many attempts must succeed.
      type: int
      sample: 1
    backoff_limit:
      description: How often Northflank retries the run before it fails.
      type: int
      sample: 0
    started_at:
      description: When the run was started, in ISO 8601.
      type: str
      sample: "2026-06-25T15:55:38Z"
    concluded_at:
      description: When the run ended, in ISO 8601.
      type: str
      sample: null
    logs:
      description: The last lines of its log, oldest first, without timestamps and terminal control characters.
      returned: if O(log_lines) is not V(0)
      type: list
      elements: str
truncated:
  description:
    - Whether runs are missing from RV(runs) because of O(limit).
    - Also V(true) if that is unknown, because pages with older runs were not read.
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
  description: What went wrong, for conditions in a playbook, as in M(community.northflank.northflank_job_run).
  returned: failure
  type: dict
  contains:
    kind:
      description: The kind of failure, one of those that M(community.northflank.northflank_job_run) lists.
      type: str
      sample: not_found
    status:
      description: The HTTP status, if there was a response.
      type: int
    message:
      description: Northflank's message.
      type: str
    id:
      description: Northflank's ID for this kind of error, if it returns one.
      type: str
    details:
      description: More details from Northflank.
      type: raw
"""

from ansible_collections.community.northflank.plugins.module_utils._ansible_module import run_module
from ansible_collections.community.northflank.plugins.module_utils._modules.job_run_info import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
