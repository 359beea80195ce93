#!/usr/bin/python

# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: northflank_job_run
short_description: Run a Northflank job
version_added: 1.1.0
author:
  - The community.northflank authors (!UNKNOWN)
description:
  - Runs a L(Northflank job,https://northflank.com/docs) once, as it is configured or with a build and settings of your choice.
  - The run is started exactly once. If the response is lost, the module checks whether there is a new run before it retries.
    A run has no commit to be known by, so of a job with a schedule the module does not guess; it fails with V(unknown_outcome).
  - With O(wait), the module returns when the run has succeeded, or fails with the end of its log.
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
      - The run is the fact C(northflank_job_run) as well, so that later plays on the same host have it without a registered
        variable. It is not about the host, and a later task of this module replaces it.
  idempotent:
    support: none
    details:
      - Each task starts a run.
options:
  build_id:
    description:
      - The ID of the build to run, as in the result of M(community.northflank.northflank_job_build). The build must have ended.
      - Short for O(deployment.internal.build_id).
      - If neither is set, the job runs the image that it has deployed, which is not the newest if continuous deployment is off.
      - It must not be empty. Only in check mode it may be, because a build that was not started has no ID.
    type: str
    aliases: [buildId]
  runtime_environment:
    description:
      - Variables for this run. They take precedence over the job's own.
      - Values are strings, whole numbers, or booleans, and are sent as strings; booleans as V(true) and V(false).
      - Quote what looks like a number, a time, or a word for yes or no. Without quotes, YAML reads V(1.10) as 1.1 and
        V(2026-01-02) as a date, which are refused, but also V(0640) as 416, V(22:22) as 1342, and V(NO) as false.
      - A template that computes a number with a fraction needs C(| string) at its end.
      - Values are masked in all output. Names stay visible.
    type: dict
    aliases: [runtimeEnvironment]
  runtime_files:
    description:
      - Files to place in the container, by the absolute path they get.
      - Each is a dictionary with exactly one of C(content) (text), C(src) (a path on the host that runs the
        module), and C(data) (base64), and optionally C(encoding) (the text's encoding, V(utf-8) for C(content)).
      - Contents are masked in all output.
    type: dict
    aliases: [runtimeFiles]
  docker_secret_mounts:
    description:
      - Secrets by the ID of their mount. Each is a dictionary as in O(runtime_files), and masked likewise.
      - The API's request has it, and its documentation does not say what a run does with it.
    type: dict
    aliases: [dockerSecretMounts]
  billing:
    description:
      - What the run is billed by.
    type: dict
    suboptions:
      deployment_plan:
        description:
          - The ID of the compute plan for this run, like V(nf-compute-20).
        type: str
        aliases: [deploymentPlan]
  deployment:
    description:
      - The image to run, and how. Either C(internal) or C(external), not both.
    type: dict
    suboptions:
      internal:
        description:
          - An image that Northflank has built.
        type: dict
        suboptions:
          id:
            description:
              - The ID of a build service, or V(project-id/build-service-id) for one of another project.
              - Leave it out for a job that is built from its own repository.
            type: str
          branch:
            description:
              - The branch of the build.
            type: str
          build_sha:
            description:
              - The commit of the build, as 40 hexadecimal characters, or V(latest).
            type: str
            aliases: [buildSHA]
          build_id:
            description:
              - The ID of the build.
            type: str
            aliases: [buildId]
      external:
        description:
          - An image of another registry.
        type: dict
        suboptions:
          image_path:
            description:
              - The image, with a tag or digest, like V(registry.example.com/app:1.4.2).
            type: str
            required: true
            aliases: [imagePath]
          credentials:
            description:
              - The ID of the credentials that Northflank has saved for the registry. Masked in all output.
            type: str
      docker:
        description:
          - What a Docker image runs.
        type: dict
        suboptions:
          config_type:
            description:
              - Which parts of the image's own command to replace. Each part that it names must be given.
            type: str
            required: true
            choices: [default, customEntrypoint, customCommand, customEntrypointCustomCommand]
            aliases: [configType]
          custom_entrypoint:
            description:
              - The entrypoint.
            type: str
            aliases: [customEntrypoint]
          custom_command:
            description:
              - The command. No shell is put around it.
            type: str
            aliases: [customCommand]
      buildpack:
        description:
          - What a buildpack image runs.
        type: dict
        suboptions:
          config_type:
            description:
              - Which parts of the image's own command to replace. Each custom part that it names must be given.
            type: str
            required: true
            choices: [default, customProcess, customCommand, customEntrypointCustomCommand, originalEntrypointCustomCommand]
            aliases: [configType]
          custom_process:
            description:
              - The process.
            type: str
            aliases: [customProcess]
          custom_entrypoint:
            description:
              - The entrypoint.
            type: str
            aliases: [customEntrypoint]
          custom_command:
            description:
              - The command.
            type: str
            aliases: [customCommand]
      storage:
        description:
          - The storage of the container.
        type: dict
        suboptions:
          ephemeral_storage:
            description:
              - Storage that is gone when the run has ended.
            type: dict
            aliases: [ephemeralStorage]
            suboptions:
              storage_size:
                description:
                  - Its size in megabytes.
                type: int
                aliases: [storageSize]
          shm_size:
            description:
              - The size of C(/dev/shm) in megabytes.
            type: int
            aliases: [shmSize]
          use_hdb_storage:
            description:
              - Northflank lists it without a description.
            type: bool
            aliases: [useHdbStorage]
          use_pd_ssd_storage:
            description:
              - Northflank lists it without a description.
            type: bool
            aliases: [usePdSsdStorage]
  wait:
    description:
      - Whether to wait until the run has ended.
      - If the run fails, the task fails, with the end of the run's log in RV(logs).
    type: bool
    default: false
notes:
  - A job with continuous deployment may be set to run when its image changes (C(runOnSourceChange)). Then a build that ends starts a run
    by itself, and a task that runs the job as well makes two. The API does not tell whether a job is set so.
seealso:
  - module: community.northflank.northflank_job_build
  - module: community.northflank.northflank_job_run_wait
  - module: community.northflank.northflank_job_run_info
  - module: community.northflank.northflank_job_run_abort
  - name: Run job
    description: The request in Northflank's API reference.
    link: https://northflank.com/docs/v1/api/jobs/run-job
  - ref: ansible_collections.community.northflank.docsite.run
    description: "A guide: run a build, wait for it, and what is promised when the network fails."
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, why it comes, and what to do."
"""

EXAMPLES = r"""
- name: Run a job as it is configured
  community.northflank.northflank_job_run:
    api_token: "{{ northflank_token }}"
    project_id: default-project
    job_id: example-job
  register: result

- name: Use the run, which is both registered and a fact
  ansible.builtin.debug:
    msg: "{{ result.run.run_name }} is {{ ansible_facts.northflank_job_run.id }}"

# From here on, the token is in the environment variable NORTHFLANK_API_TOKEN.

- name: Build a commit
  community.northflank.northflank_job_build:
    project_id: default-project
    job_id: example-job
    sha: 262ed9817b3cad5142fbceabe0c9e371e390d616
    wait: true
  register: built

- name: Run that very build, and wait for its end
  community.northflank.northflank_job_run:
    project_id: default-project
    job_id: example-job
    build_id: "{{ built.build.id }}"
    wait: true

- name: Run another command of the image, with other variables and a file
  community.northflank.northflank_job_run:
    project_id: default-project
    job_id: example-job
    runtime_environment:
      LOG_LEVEL: debug
      DRY_RUN: true
    runtime_files:
      /app/config.yml:
        content: "{{ {'region': 'europe'} | to_nice_yaml }}"
    billing:
      deployment_plan: nf-compute-20
    deployment:
      docker:
        config_type: customCommand
        custom_command: npm run migrate

- name: The same in the API's own spelling, for a job of a team
  community.northflank.northflank_job_run:
    teamId: example-team
    projectId: default-project
    jobId: example-job
    runtimeEnvironment:
      LOG_LEVEL: debug
    deployment:
      docker:
        configType: customCommand
        customCommand: npm run migrate

- name: See what would be sent, and whether the job is there
  community.northflank.northflank_job_run:
    project_id: default-project
    job_id: example-job
    runtime_environment:
      LOG_LEVEL: debug
  check_mode: true
  diff: true
"""

RETURN = r"""
run:
  description:
    - The run. It always has these keys and no others, V(null) where Northflank said nothing or nothing that makes sense.
    - The answer to a start has no more than RV(run.id) and RV(run.run_name). With O(wait), all is known.
    - In check mode, what is known of the run that would be started.
  returned: success, and failure once a run is known
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
recovered:
  description:
    - Whether the answer to the start was lost, and RV(run) was then found in the job's list of runs.
  returned: success, and failure once a run is known
  type: bool
  sample: false
request:
  description: The request that would be sent, with masked values.
  returned: in check mode
  type: dict
  contains:
    method:
      description: The HTTP method.
      type: str
      sample: POST
    url:
      description: The address.
      type: str
      sample: https://api.northflank.com/v1/projects/default-project/jobs/example-job/runs
    body:
      description: The JSON body.
      type: dict
      sample:
        runtimeEnvironment:
          LOG_LEVEL: "********"
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
    - Go by the registered result, not by the fact. A task that fails leaves the fact of an earlier run in place,
      and one in check mode, or with a fact cache a whole play in check mode, replaces it by a run without an ID.
  returned: success
  type: dict
  contains:
    northflank_job_run:
      description: The same as RV(run). After a loop, that of its last item.
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
        - V(not_found) - no such project or job (HTTP 404).
        - V(rejected) - Northflank refused the request (HTTP 400, 409, 422, and other 4xx).
        - V(rate_limited) - the account's rate limit is used up (HTTP 429).
        - V(server_error) - a fault of Northflank's or of a proxy (HTTP 5xx).
        - V(invalid_response) - an answer that is not Northflank's, such as a redirect or an HTML page. Check O(api_url).
        - V(unknown_outcome) - a run may or may not have been started. Look at RV(candidates) before you start another.
        - V(run_failed) - the run that was waited for ended badly.
        - V(wait_timeout) - the run had not ended when O(wait_timeout) was over.
      type: str
      sample: not_found
    run_status:
      description: The status of the run that failed, in upper case. Northflank knows V(FAILED) alone.
      returned: when RV(error.kind) is V(run_failed)
      type: str
      sample: FAILED
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
  description: The last lines of the run's log, oldest first, without times and terminal controls.
  returned: when an awaited run has failed or has not ended in time
  type: list
  elements: str
  sample: ["Applying 0042_accounts", "duplicate key value violates unique constraint"]
candidates:
  description: Runs, each like RV(run), that may be the one that was asked for.
  returned: when RV(error.kind) is V(unknown_outcome)
  type: list
  elements: dict
"""

from ansible_collections.community.northflank.plugins.module_utils._ansible_module import run_module
from ansible_collections.community.northflank.plugins.module_utils._modules.job_run import OPERATION


def main() -> None:
    run_module(OPERATION)


if __name__ == "__main__":
    main()
