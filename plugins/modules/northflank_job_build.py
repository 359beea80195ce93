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
  - Starts one build of a L(Northflank job,https://northflank.com/docs), of the newest commit of its branch or of a
    commit of your choice, with any of the API's overrides.
  - The build is started exactly once. If the response is lost, the module checks whether the build exists before it retries.
  - With O(wait), the module returns when the image is ready, or fails with the end of the build's log.
  - The options are the API's, in snake case; the API's own spelling works as well. The JSON body of an API request
    can be pasted as the task's arguments.
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
      - The arguments are checked in full, and the API is asked, reading only, whether the job exists and the token is
        valid. RV(request) is what would be sent.
  diff_mode:
    support: partial
    details:
      - The difference is the request, with masked values, and not a state before and after it.
  facts:
    details:
      - The build is the fact C(northflank_job_build) as well, so that later plays on the same host have it without a registered
        variable. It is not about the host, and a later task of this module replaces it.
  idempotent:
    support: partial
    details:
      - Each run starts a build, unless O(reuse) finds one.
options:
  sha:
    description:
      - The commit to build, as 40 hexadecimal characters.
      - If not set, the newest commit of the job's branch is built.
    type: str
  overrides:
    description:
      - What this one build does differently from the job's settings.
      - Build arguments, files, and secret mounts are masked in all output. Their names stay visible.
    type: dict
    suboptions:
      build_arguments:
        description:
          - Build arguments by name. They take precedence over the job's own.
          - Values are strings, whole numbers, or booleans, and are sent as strings; booleans as V(true) and V(false).
          - Quote what looks like a number, a time, or a word for yes or no. Without quotes, YAML reads V(1.10) as 1.1 and
            V(2026-01-02) as a date, which are refused, but also V(0640) as 416, V(22:22) as 1342, and V(NO) as false.
          - A template that computes a number with a fraction needs C(| string) at its end.
          - Docker stores build arguments in the image's history. Use O(overrides.docker_secret_mounts) for secrets.
        type: dict
        aliases: [buildArguments]
      build_files:
        description:
          - Files to place in the build, by the absolute path they get.
          - Each is a dictionary with exactly one of C(content) (text), C(src) (a path on the host that runs the
            module), and C(data) (base64), and optionally C(encoding) (the text's encoding, V(utf-8) for C(content)).
          - C(src) is sent byte for byte. A relative path does not start at a role's C(files/), and a file that is encrypted
            by Ansible Vault is refused; the lookup C(ansible.builtin.unvault) reads it for C(content).
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
              - The absolute path of the Dockerfile in the repository, like V(/docker/Dockerfile); without V(.) and V(..).
            type: str
            aliases: [dockerFilePath]
          docker_work_dir:
            description:
              - The absolute path of the build context in the repository, like V(/); without V(.) and V(..).
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
              - Northflank takes it literally, and wants secrets in O(overrides.docker_secret_mounts) instead.
            type: str
            aliases: [dockerfileContents]
  reuse:
    description:
      - Whether to return a build of the same commit that is there already, instead of starting one.
      - V(never) always starts a build. V(in_progress) reuses a build that has not ended, V(successful) one that has ended
        well, and V(any) one that has ended well, or else one that has not ended. A failed build is never reused.
      - Without O(sha), the commit is the newest one of the job's branch, which is looked up first.
      - Northflank does not say which overrides a build was started with, so only the commit is compared. Do not use this
        where the same commit is built with different O(overrides).
    type: str
    default: never
    choices: [never, in_progress, successful, any]
  wait:
    description:
      - Whether to wait until the build has ended.
      - If the build fails, the task fails, with the end of the build's log in RV(logs).
      - A build that O(reuse) finds is waited for as well, but never aborted by O(abort_on_timeout).
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
    description: What the module does then, case by case.
  - ref: ansible_collections.community.northflank.docsite.files
    description: "A guide: what YAML and templates change on the way, and how files arrive as they are."
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, why it comes, and what to do."
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

- name: See what would be sent, and whether the job is there
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
    - name: Show it
      ansible.builtin.debug:
        var: ansible_failed_result.logs

- name: Tell kinds of failure apart
  block:
    - name: Build a job
      community.northflank.northflank_job_build:
        project_id: default-project
        job_id: old-job
  rescue:
    - name: Go on without the job where it is not there
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
    - The build. It always has these keys and no others, V(null) where Northflank said nothing or nothing that makes sense.
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
      description: The pull request of the commit. A number or a string, as Northflank sends it.
      type: raw
      sample: null
    sha:
      description: The commit.
      type: str
      sample: 262ed9817b3cad5142fbceabe0c9e371e390d616
    registry:
      description: Where the image will be.
      type: dict
      contains:
        uri:
          description:
            - The address to pull the image from, V(null) where Northflank names none.
            - By its documentation, an image is C(registry.northflank.com/PROJECT/JOB:BUILD), with the IDs of the three.
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
      description: Whether the build has ended, well or not.
      type: bool
      sample: false
    success:
      description: Whether it ended well.
      type: bool
      sample: null
    message:
      description: Northflank's words on the status.
      type: str
      sample: null
    build_concluded_at:
      description: When the build ended, as Northflank sends it.
      type: raw
      sample: null
reused:
  description: Whether RV(build) was there before.
  returned: success, and failure once a build is known
  type: bool
  sample: false
recovered:
  description:
    - Whether the answer to the start was lost, and RV(build) was then found in the job's list of builds.
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
ansible_facts:
  description:
    - Facts for the plays that follow.
    - Deploy by the registered result, not by the fact. A task that fails leaves the fact of an earlier build in place,
      and one in check mode, or with a fact cache a whole run in check mode, replaces it by a build without an ID.
  returned: success
  type: dict
  contains:
    northflank_job_build:
      description: The same as RV(build). After a loop, that of its last item.
      type: dict
error:
  description: What went wrong, for a playbook to branch on. The sentence for people is in RV(ignore:msg).
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - V(invalid_arguments) - the task's own arguments; nothing was sent.
        - V(missing_dependency) - requests is not installed on the host that runs the module.
        - V(network) - no connection, or no complete answer in time.
        - V(authentication) - the token is not accepted, or Northflank gives another reason in RV(error.message) (HTTP 401).
        - V(permission) - the token's role lacks a permission, which RV(ignore:msg) names (HTTP 403).
        - V(not_found) - no such project, job, or build (HTTP 404).
        - V(rejected) - Northflank refused the request (HTTP 400, 409, 422, and other 4xx).
        - V(rate_limited) - the account's rate limit is used up (HTTP 429).
        - V(server_error) - a fault of Northflank's or of a proxy (HTTP 5xx).
        - V(invalid_response) - an answer that is not Northflank's, such as a redirect or an HTML page. Check O(api_url).
        - V(unknown_outcome) - a build may or may not have been started. Look at RV(candidates) before you start another.
        - V(build_failed) - the build that was waited for ended badly.
        - V(wait_timeout) - the build had not ended when O(wait_timeout) was over.
      type: str
      sample: not_found
    status:
      description: The HTTP status, if there was an answer.
      type: int
      sample: 404
    message:
      description: Northflank's own words.
      type: str
      sample: Not found
    id:
      description: Northflank's ID for this kind of error, if it sends one.
      type: str
      sample: nf-invalid-request-body
    details:
      description: More of Northflank's own words, in any shape; cut where they are very long.
      type: raw
      sample: {}
logs:
  description: The last lines of the build's log, oldest first, without times and terminal controls.
  returned: when an awaited build has failed or has not ended in time
  type: list
  elements: str
  sample: ["Step 5/7 : RUN npm run build", "npm ERR! code ELIFECYCLE"]
candidates:
  description: Builds, each like RV(build), that may be the one that was asked for.
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
