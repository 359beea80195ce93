#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_build
short_description: Build a Northflank job
version_added: 1.0.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Starts one build of a L(Northflank job,https://northflank.com/docs), of the newest commit of its branch or of a given
    commit, with every override of the API.
  - The build is started exactly once. If the response is lost, the module checks whether the build exists before it retries.
  - With O(wait), the module returns when the image is ready, or fails with the end of the build's log.
  - Options are the API's names in snake case. The API's own spelling also works, so you can paste the JSON body of an API
    request as the task's arguments.
extends_documentation_fragment:
  - community.northflank._northflank
  - community.northflank._northflank.job
  - community.northflank._northflank.waiting
  - community.northflank._attributes
  - community.northflank._attributes.actiongroup_northflank
  - community.northflank._attributes.facts
attributes:
  check_mode:
    support: full
    details:
      - Checks all arguments, and looks up the job, which also tests the token. RV(request) has the request that would be
        sent.
  diff_mode:
    support: partial
    details:
      - The diff shows the request, with masked values, not a state before and after.
  facts:
    details:
      - The build is also set as the fact C(northflank_job_build), so that later plays on the same host can use it. It describes
        the build, not the host, and the next task of this module replaces it.
  idempotent:
    support: partial
    details:
      - Every task starts a build, unless O(reuse) finds one.
options:
  sha:
    description:
      - The commit to build, as 40 hexadecimal characters.
      - If not set, the newest commit of the job's branch is built.
    type: str
  overrides:
    description:
      - Settings for this one build that override those of the job.
      - Build arguments, files, and secret mounts are masked in all output. Their names stay visible.
    type: dict
    suboptions:
      build_arguments:
        description:
          - Build arguments by name. They take precedence over those of the job.
          - Values are strings, whole numbers, or booleans. All are sent as strings; booleans become V(true) or V(false).
          - Quote values that look like a number, a date, a time, or yes or no. Without quotes, YAML reads V(1.10) as 1.1 and
            V(2026-01-02) as a date; both are refused. But V(0640) is sent as 416, V(22:22) as 1342, and V(NO) as false.
          - A template that results in a floating-point number needs C(| string) at its end.
          - Docker stores build arguments in the image's history. Use O(overrides.docker_secret_mounts) for secrets.
        type: dict
        aliases: [buildArguments]
      build_files:
        description:
          - Files to add to the build, by their absolute paths.
          - Each is a dictionary with exactly one of C(content) (text), C(src) (a path on the host that runs the
            module), and C(data) (base64), and optionally C(encoding) (the text's encoding, V(utf-8) for C(content)).
          - C(src) is sent byte for byte. On the controller, a relative path is relative to the playbook's folder, not to a role's
            C(files/). A file that is encrypted with Ansible
            Vault is refused; use C(content) with the lookup C(ansible.builtin.unvault).
        type: dict
        aliases: [buildFiles]
      docker_secret_mounts:
        description:
          - Secrets for C(RUN --mount=type=secret) in the Dockerfile, by the ID of the mount.
          - Each is a dictionary as in O(overrides.build_files).
        type: dict
        aliases: [dockerSecretMounts]
      docker:
        description:
          - How Docker builds the image.
        type: dict
        suboptions:
          docker_file_path:
            description:
              - The absolute path of the Dockerfile in the repository, such as V(/docker/Dockerfile).
              - It must not contain V(.) or V(..) as a segment.
            type: str
            aliases: [dockerFilePath]
          docker_work_dir:
            description:
              - The absolute path of the build context in the repository, such as V(/). It must not contain V(.) or V(..) as a segment.
            type: str
            aliases: [dockerWorkDir]
          dockerfile_target:
            description:
              - The stage of a multi-stage Dockerfile to build.
            type: str
            aliases: [dockerfileTarget]
          dockerfile_contents:
            description:
              - The text of a Dockerfile to use instead of one in the repository.
              - Put no secrets into it; use O(overrides.docker_secret_mounts).
            type: str
            aliases: [dockerfileContents]
  reuse:
    description:
      - Whether to return an existing build of the same commit instead of starting one.
      - V(never) always starts a build. V(in_progress) reuses a build that is still running, V(successful) a successful one, and
        V(any) prefers a successful one to one that is still running. A failed build is never reused.
      - Without O(sha), the commit is the newest one of the job's branch, which is looked up first.
      - The API does not return the overrides of a build, so only the commit is compared. Do not use this option if you build
        the same commit with different O(overrides).
    type: str
    default: never
    choices: [never, in_progress, successful, any]
  wait:
    description:
      - Whether to wait until the build has ended.
      - If the build fails, the task fails, with the end of the build's log in RV(logs).
      - This also applies to a build that O(reuse) finds, but O(abort_on_timeout) never aborts such a build.
    type: bool
    default: false
seealso:
  - module: community.northflank.northflank_job_build_wait
  - module: community.northflank.northflank_job_build_info
  - module: community.northflank.northflank_job_build_abort
  - name: Build job
    description: The request in Northflank's API reference.
    link: https://northflank.com/docs/v1/api/jobs/build-job
  - ref: ansible_collections.community.northflank.docsite.pipeline
    description: "A guide: GitHub Actions, GitLab CI, Jenkins, and AWX."
  - ref: ansible_collections.community.northflank.docsite.network
    description: What happens when the network fails, case by case.
  - ref: ansible_collections.community.northflank.docsite.files
    description: "A guide: how to write build arguments and files so that YAML and templates do not change them."
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, its cause, and what to do."
"""

EXAMPLES = r"""
- name: Build the newest commit of the job's branch
  community.northflank.northflank_job_build:
    api_token: "{{ northflank_token }}"
    project_id: default-project
    job_id: example-job
  register: result

- name: Use the build
  ansible.builtin.debug:
    msg: "Build {{ result.build.id }} of commit {{ result.build.sha }} is {{ result.build.status }}"

# From here on, the token is in the environment variable NORTHFLANK_API_TOKEN.

- name: Build one commit with overrides
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: example-job
    sha: 262ed9817b3cad5142fbceabe0c9e371e390d616
    overrides:
      build_arguments:
        VERSION: "1.4.2"
        DEBUG: false
      build_files:
        /app/config.yml:
          content: "{{ {'region': 'europe'} | to_nice_yaml }}"
      docker_secret_mounts:
        npmrc:
          content: "//registry.example.com/:_authToken={{ npm_token }}"
      docker:
        docker_file_path: /Dockerfile
        dockerfile_target: release

- name: The same in the API's own spelling, for a job of a team
  community.northflank.northflank_job_build:
    teamId: example-team
    projectId: default-project
    jobId: example-job
    sha: 262ed9817b3cad5142fbceabe0c9e371e390d616
    overrides:
      buildArguments:
        VERSION: "1.4.2"
      docker:
        dockerFilePath: /Dockerfile

- name: Set the common options once for many tasks
  module_defaults:
    group/community.northflank.northflank:
      project_id: default-project
  block:
    - name: Build two jobs
      community.northflank.northflank_job_build:
        job_id: "{{ item }}"
      loop:
        - example-job
        - worker

- name: Build and wait for the image
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: example-job
    wait: true
    wait_timeout: 3600
  register: result

- name: Use the image
  ansible.builtin.debug:
    msg: "Deploy registry.northflank.com/default-project/example-job:{{ result.build.id }}"

- name: Build a commit once, in a pipeline that may run twice
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: example-job
    sha: 262ed9817b3cad5142fbceabe0c9e371e390d616
    reuse: any
    wait: true

- name: Check the job and the token, and show the request
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: example-job
    overrides:
      build_arguments:
        VERSION: "1.4.2"
  check_mode: true
  diff: true

- name: Show the end of the log of a build that fails
  block:
    - name: Build and wait
      community.northflank.northflank_job_build:
        project_id: default-project
        job_id: flaky-job
        wait: true
        log_lines: 20
  rescue:
    # After a rescue the play continues. To stop it, add ansible.builtin.fail.
    - name: Show it
      ansible.builtin.debug:
        var: ansible_failed_result.logs

- name: Handle failures by kind
  block:
    - name: Build a job
      community.northflank.northflank_job_build:
        project_id: default-project
        job_id: old-job
  rescue:
    - name: Continue if the job does not exist
      ansible.builtin.debug:
        msg: "{{ ansible_failed_result.error.message }}"
      when: ansible_failed_result.error.kind == 'not_found'

    - name: Fail for any other reason
      ansible.builtin.fail:
        msg: "{{ ansible_failed_result.msg }}"
      when: ansible_failed_result.error.kind != 'not_found'
"""

RETURN = r"""
build:
  description:
    - The build. It always has exactly these keys. Values that Northflank did not return, or that are invalid, are V(null).
    - In check mode, what is known of the build that would be started.
  returned: success, and failure once a build is known
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
reused:
  description: Whether RV(build) is an existing build, found because of O(reuse).
  returned: success, and failure once a build is known
  type: bool
  sample: false
recovered:
  description:
    - Whether the response to the start was lost, and the module found RV(build) in the job's list of builds.
  returned: success, and failure once a build is known
  type: bool
  sample: false
request:
  description: The request that would be sent, with masked values.
  returned: in check mode, unless a build is reused
  type: dict
  contains:
    method:
      description: The HTTP method.
      type: str
      sample: POST
    url:
      description: The address.
      type: str
      sample: https://api.northflank.com/v1/projects/default-project/jobs/example-job/build
    body:
      description: The JSON body.
      type: dict
      sample:
        overrides:
          buildArguments:
            VERSION: "********"
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
ansible_facts:
  description:
    - Facts for later tasks and plays.
    - To deploy, use the registered result, not the fact. After a failed task, the fact still describes an earlier build. In
      check mode, it is a build without an ID, and a fact cache keeps it.
  returned: success
  type: dict
  contains:
    northflank_job_build:
      description: The same as RV(build); after a loop, the build of its last item.
      type: dict
error:
  description: What went wrong, for conditions in a playbook. RV(ignore:msg) describes it in words.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - V(invalid_arguments) - an option has an invalid value; nothing was sent.
        - V(missing_dependency) - requests is not installed on the host that runs the module.
        - V(network) - no connection could be made, or no complete response came in time.
        - V(authentication) - Northflank does not accept the token, or gives another reason in RV(error.message) (HTTP 401).
        - V(permission) - the token's role lacks a permission, which RV(ignore:msg) names (HTTP 403).
        - V(not_found) - the project, job, or build does not exist (HTTP 404).
        - V(rejected) - Northflank refused the request (HTTP 400, 409, 422, and other 4xx).
        - V(rate_limited) - the account's rate limit is used up (HTTP 429).
        - V(server_error) - Northflank or a proxy had an internal error (HTTP 5xx).
        - V(invalid_response) - a response that is not from Northflank's API, such as a redirect or an HTML page. Check O(api_url).
        - V(unknown_outcome) - a build may or may not have been started. Check RV(candidates) before you start another one.
        - V(build_failed) - the build was not successful. RV(error.build_status) has its status.
        - V(wait_timeout) - the build had not ended after O(wait_timeout) seconds.
      type: str
      sample: not_found
    status:
      description: The HTTP status, if there was a response.
      type: int
      sample: 404
    message:
      description: Northflank's message.
      type: str
      sample: Not found
    id:
      description: Northflank's ID for this kind of error, if it returns one.
      type: str
      sample: nf-invalid-request-body
    details:
      description: More details from Northflank, of any type. Very long details are cut.
      type: raw
      sample: {}
    build_status:
      description:
        - The status of the build that failed, in upper case. Northflank documents the names of the statuses, but not their
          meaning. They suggest the following.
        - V(FAILURE) - the build itself failed, for example an instruction of its Dockerfile.
        - V(SUBMISSION_FAILURE) - the build could not be submitted to a builder. Starting another one may help.
        - V(CRASHED) - the build stopped unexpectedly. It may have run out of memory, or its builder may have failed.
        - V(ABORTED) - somebody or something canceled it, maybe because of a newer build of the job.
        - Other statuses were unknown when this was written. V(null) means that Northflank returned no status, only that the
          build has ended.
      returned: when RV(error.kind) is V(build_failed)
      type: str
      sample: FAILURE
logs:
  description: The last lines of the build's log, oldest first, without timestamps and terminal control characters.
  returned: with O(wait), when the build failed or did not end in time
  type: list
  elements: str
  sample: ["Step 5/7 : RUN npm run build", "npm ERR! code ELIFECYCLE"]
candidates:
  description: The builds that may be the one the task started, each like RV(build).
  returned: when RV(error.kind) is V(unknown_outcome)
  type: list
  elements: dict
"""

from ansible_collections.community.northflank.plugins.module_utils._ansible_module import run_module
from ansible_collections.community.northflank.plugins.module_utils._modules.job_build import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
