#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_run_abort
short_description: Abort a run of a Northflank job
version_added: 1.1.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Aborts a run. A run that has ended is left alone.
  - Northflank has no status of its own for a run that was aborted. One that has failed after the abort counts as aborted.
extends_documentation_fragment:
  - community.northflank._northflank
  - community.northflank._northflank.job
  - community.northflank._attributes
  - community.northflank._attributes.actiongroup_northflank
attributes:
  check_mode:
    support: full
    details:
      - The run is looked up, reading only.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  run_id:
    description:
      - The ID of the run.
      - It must be set. Only in check mode it may be empty or V(null), because a run that was not started has no ID.
    type: str
    aliases: [runId]
seealso:
  - module: community.northflank.northflank_job_run
  - module: community.northflank.northflank_job_run_info
  - module: community.northflank.northflank_job_run_wait
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, why it comes, and what to do."
"""

EXAMPLES = r"""
- name: Run a job
  community.northflank.northflank_job_run:
    project_id: default-project
    job_id: example-job
  register: started

- name: Think better of it
  community.northflank.northflank_job_run_abort:
    project_id: default-project
    job_id: example-job
    run_id: "{{ started.run.id }}"

- name: Find what is still running
  community.northflank.northflank_job_run_info:
    project_id: default-project
    job_id: example-job
    status:
      - RUNNING
  register: running

- name: Abort all of that
  community.northflank.northflank_job_run_abort:
    project_id: default-project
    job_id: example-job
    run_id: "{{ item.id }}"
  loop: "{{ running.runs }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
run:
  description:
    - The run as it was seen after the abort. It always has these keys, V(null) where Northflank said nothing.
  returned: success
  type: dict
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
      description: The status, V(RUNNING), V(SUCCESS), or V(FAILED). Northflank has none of its own for a run that was aborted.
      type: str
      sample: RUNNING
    concluded:
      description: Whether the run has ended, well or not.
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
      description: How many of its attempts have succeeded. It may be 0 for a successful run; go by RV(run.status).
      type: int
      sample: 0
    completions:
      description: How many attempts have to succeed.
      type: int
      sample: 1
    backoff_limit:
      description: How many times Northflank tries again before the run counts as failed.
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
rate_limit:
  description: The account's rate limit after the last request, V(null) where Northflank did not say.
  returned: when a request was possible
  type: dict
  contains:
    limit:
      description: Requests allowed in an hour.
      type: int
      sample: 1000
    remaining:
      description: Requests left.
      type: int
      sample: 987
    reset:
      description: Seconds until the count starts again.
      type: int
      sample: 3401
error:
  description: What went wrong, for a playbook to branch on, as with M(community.northflank.northflank_job_run).
  returned: failure
  type: dict
  contains:
    kind:
      description: The kind of failure, one of those that M(community.northflank.northflank_job_run) lists.
      type: str
      sample: not_found
    status:
      description: The HTTP status, if there was an answer.
      type: int
    message:
      description: Northflank's own words.
      type: str
    id:
      description: Northflank's ID for this kind of error, if it sends one.
      type: str
    details:
      description: More of Northflank's own words.
      type: raw
"""

from ansible_collections.community.northflank.plugins.module_utils._ansible_module import run_module
from ansible_collections.community.northflank.plugins.module_utils._modules.job_run_abort import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
