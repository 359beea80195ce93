#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_build_wait
short_description: Wait for builds of Northflank jobs
version_added: 1.0.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Waits for any number of builds, of any number of jobs. The task fails if any build fails.
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
      - Waits for the builds, and aborts nothing.
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - Once the builds have ended, the task returns the same result immediately.
options:
  builds:
    description:
      - The builds to wait for, as a list. Each is an ID, or a dictionary with C(id) or C(build_id), and optionally with
        C(project_id), C(job_id), and C(team_id), which default to the task's own options. A string is split at commas.
      - The API's own spelling of these keys works as well. Other keys are ignored, so you can pass the C(build) of a
        result, whole results, a registered loop, and the result of this module or of
        M(community.northflank.northflank_job_build_info) as they are.
      - Results of skipped items are ignored. If items of a loop failed without starting a build, the task fails and names
        them, after the other builds have ended or, with O(fail_fast), immediately.
      - In check mode, builds without an ID are accepted and ignored.
    type: raw
    required: true
  project_id:
    description:
      - The project ID for builds that do not specify one.
    type: str
    aliases: [projectId]
  job_id:
    description:
      - The job ID for builds that do not specify one.
    type: str
    aliases: [jobId]
  fail_fast:
    description:
      - Whether to fail as soon as one build has failed, instead of after all have ended. The other builds continue in Northflank.
    type: bool
    default: false
seealso:
  - module: community.northflank.northflank_job_build
  - module: community.northflank.northflank_job_build_abort
  - ref: ansible_collections.community.northflank.docsite.waiting
    description: "A guide: polling and the rate limit, timeouts, progress."
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, its cause, and what to do."
"""

EXAMPLES = r"""
- name: Start a build of each job
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: "{{ item }}"
  loop:
    - example-job
    - worker
  register: started

- name: Wait for all of them together
  community.northflank.northflank_job_build_wait:
    builds: "{{ started }}"
    wait_timeout: 3600
  register: ended

- name: Use the images
  ansible.builtin.debug:
    msg: "{{ ended.builds | map(attribute='id') }}"

- name: Wait for a build by its ID, and abort it if it takes too long
  community.northflank.northflank_job_build_wait:
    project_id: default-project
    job_id: example-job
    builds:
      - id: "{{ started.results[0].build.id }}"
    wait_timeout: 600
    abort_on_timeout: true

- name: Stop at the first build that fails, and show why
  block:
    - name: Start a build that fails
      community.northflank.northflank_job_build:
        project_id: default-project
        job_id: flaky-job
      register: doomed

    - name: Wait
      community.northflank.northflank_job_build_wait:
        builds:
          - "{{ doomed }}"
          - "{{ ended.builds[0] }}"
        fail_fast: true
        log_lines: 20
  rescue:
    # After a rescue the play continues. To stop it, add ansible.builtin.fail.
    - name: Show the end of its log
      ansible.builtin.debug:
        var: ansible_failed_result.logs
"""

RETURN = r"""
builds:
  description:
    - The builds, in the order they were given. Each always has exactly these keys. Values that Northflank did not return are V(null).
    - Items that were skipped, or failed without a build, are not among them.
    - If the task fails, as they were at the last poll.
  returned: success, and failure once waiting has begun
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
      returned: always; filled for the first five that failed or did not end
      type: list
      elements: str
logs:
  description: The RV(builds[].logs) of the first build that has any.
  returned: when a build failed or did not end in time
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
  description: What went wrong, for conditions in a playbook, as in M(community.northflank.northflank_job_build).
  returned: failure
  type: dict
  contains:
    kind:
      description: The kind of failure, one of those that M(community.northflank.northflank_job_build) lists.
      type: str
      sample: build_failed
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
    build_status:
      description:
        - The status of the first build that failed, with the meanings that M(community.northflank.northflank_job_build)
          lists. V(null) if no build did, because what failed are items that have started none.
        - RV(builds[].status) has those of all.
      returned: when RV(error.kind) is V(build_failed)
      type: str
      sample: FAILURE
"""

from ansible_collections.community.northflank.plugins.module_utils._ansible_module import run_module
from ansible_collections.community.northflank.plugins.module_utils._modules.job_build_wait import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
