#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_run_wait
short_description: Wait for runs of Northflank jobs
version_added: 1.1.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Waits for any number of runs, of any number of jobs. The task fails if any run fails.
  - Each poll takes one request for each job. The module polls less often if it would otherwise use up the account's rate
    limit.
extends_documentation_fragment:
  - community.northflank._northflank
  - community.northflank._northflank.waiting
  - community.northflank._attributes
  - community.northflank._attributes.actiongroup_northflank
attributes:
  check_mode:
    support: full
    details:
      - Waits for the runs, and aborts nothing.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Once the runs have ended, the task returns the same result immediately.
options:
  runs:
    description:
      - The runs to wait for, as a list. Each is an ID, or a dictionary with C(id) or C(run_id), and optionally with
        C(project_id), C(job_id), and C(team_id), which default to the task's own options. A string is split at commas.
      - The API's own spelling of these keys works as well. Other keys are ignored, so you can pass the C(run) of a
        result, whole results, a registered loop, and the result of this module or of
        M(community.northflank.northflank_job_run_info) as they are.
      - Results of skipped items are ignored. If items of a loop failed without starting a run, the task fails and names
        them, after the other runs have ended or, with O(fail_fast), immediately.
      - In check mode, runs without an ID are accepted and ignored.
    type: raw
    required: true
  project_id:
    description:
      - The project ID for runs that do not specify one.
    type: str
    aliases: [projectId]
  job_id:
    description:
      - The job ID for runs that do not specify one.
    type: str
    aliases: [jobId]
  fail_fast:
    description:
      - Whether to fail as soon as one run has failed, instead of after all have ended. The other runs continue in Northflank.
    type: bool
    default: false
seealso:
  - module: community.northflank.northflank_job_run
  - module: community.northflank.northflank_job_run_abort
  - ref: ansible_collections.community.northflank.docsite.waiting
    description: "A guide: polling and the rate limit, timeouts, progress."
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, its cause, and what to do."
"""

EXAMPLES = r"""
- name: Run two jobs
  community.northflank.northflank_job_run:
    project_id: default-project
    job_id: "{{ item }}"
  loop:
    - example-job
    - worker
  register: started

- name: Wait for both together
  community.northflank.northflank_job_run_wait:
    runs: "{{ started }}"
    wait_timeout: 3600
  register: ended

- name: Show how long they took
  ansible.builtin.debug:
    msg: "{{ item.job_id }}: from {{ item.started_at }} to {{ item.concluded_at }}"
  loop: "{{ ended.runs }}"
  loop_control:
    label: "{{ item.id }}"

- name: Wait for a run by its ID, and abort it if it takes too long
  community.northflank.northflank_job_run_wait:
    project_id: default-project
    job_id: example-job
    runs:
      - id: "{{ started.results[0].run.id }}"
    wait_timeout: 600
    abort_on_timeout: true
"""

RETURN = r"""
runs:
  description:
    - The runs, in the order they were given. Each always has exactly these keys. Values that Northflank did not return are V(null).
    - If the task fails, as they were at the last poll.
    - Items that were skipped, or failed without a run, are not among them.
  returned: success, and failure once waiting has begun
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
      returned: always; filled for the first five that failed or did not end
      type: list
      elements: str
logs:
  description: The RV(runs[].logs) of the first run that has any.
  returned: when a run failed or did not end in time
  type: list
  elements: str
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
      sample: run_failed
    run_status:
      description:
        - The status of the first run that failed, in upper case. V(null) if no run did, because what failed are items that
          have started none.
      returned: when RV(error.kind) is V(run_failed)
      type: str
      sample: FAILED
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
from ansible_collections.community.northflank.plugins.module_utils._modules.job_run_wait import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
