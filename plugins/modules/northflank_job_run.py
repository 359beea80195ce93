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
  - Runs a L(Northflank job,https://northflank.com/docs) once, either as configured, or with a given build or other settings.
  - The run is started exactly once. If the response is lost, the module checks for a new run before it retries. If
    that is inconclusive, as with a new run of a scheduled job, it fails with V(unknown_outcome).
  - With O(wait), the module returns when the run has succeeded, or fails with the end of its log.
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
      - The run is also set as the fact C(northflank_job_run), so that later plays on the same host can use it. It describes the
        run, not the host, and the next task of this module replaces it.
  idempotent:
    support: none
    details:
      - Every task starts a run.
options:
  build_id:
    description:
      - The ID of the build to run, as in the result of M(community.northflank.northflank_job_build). The build must have ended.
      - This is short for O(deployment.internal.build_id), and mutually exclusive with O(deployment). To run a build with another
        command, set O(deployment.internal.build_id) and O(deployment.docker).
      - If neither is set, the job runs its deployed image which, without continuous deployment, may not be the newest one.
      - It may be empty only in check mode, where a build that was not started has no ID.
    type: str
    aliases: [buildId]
  runtime_environment:
    description:
      - Environment variables of this run. They take precedence over those of the job.
      - Values are strings, whole numbers, or booleans. All are sent as strings; booleans become V(true) or V(false).
      - Quote values that look like a number, a date, a time, or yes or no. Without quotes, YAML reads V(1.10) as 1.1 and
        V(2026-01-02) as a date; both are refused. But V(0640) is sent as 416, V(22:22) as 1342, and V(NO) as false.
      - A template that results in a floating-point number needs C(| string) at its end.
      - Values are masked in all output. Names stay visible.
    type: dict
    aliases: [runtimeEnvironment]
  runtime_files:
    description:
      - Files to add to the container, by their absolute paths.
      - Each is a dictionary with exactly one of C(content) (text), C(src) (a path on the host that runs the
        module), and C(data) (base64), and optionally C(encoding) (the text's encoding, V(utf-8) for C(content)).
      - Contents are masked in all output.
    type: dict
    aliases: [runtimeFiles]
  docker_secret_mounts:
    description:
      - Secrets by the ID of their mount. Each is a dictionary as in O(runtime_files). Contents are masked in all output.
      - The API accepts this option, but does not document its effect on a run.
    type: dict
    aliases: [dockerSecretMounts]
  billing:
    description:
      - Billing of this run.
    type: dict
    suboptions:
      deployment_plan:
        description:
          - The ID of the compute plan for this run, like V(nf-compute-20).
        type: str
        aliases: [deploymentPlan]
  deployment:
    description:
      - The image to run, and how to run it. C(internal) and C(external) are mutually exclusive.
    type: dict
    suboptions:
      internal:
        description:
          - An image that was built by Northflank.
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
          - An image from another registry.
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
          - What to run in a Docker image.
        type: dict
        suboptions:
          config_type:
            description:
              - Which parts of the image's command to replace. Each part that it names is required.
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
              - The command. It is not run in a shell.
            type: str
            aliases: [customCommand]
      buildpack:
        description:
          - What to run in a buildpack image.
        type: dict
        suboptions:
          config_type:
            description:
              - Which parts of the image's command to replace. Each custom part that it names is required.
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
              - Storage that is deleted when the run ends.
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
              - Northflank's documentation lists this option without a description.
            type: bool
            aliases: [useHdbStorage]
          use_pd_ssd_storage:
            description:
              - Northflank's documentation lists this option without a description.
            type: bool
            aliases: [usePdSsdStorage]
  wait:
    description:
      - Whether to wait until the run has ended.
      - If the run fails, the task fails, with the end of the run's log in RV(logs).
    type: bool
    default: false
notes:
  - A job with continuous deployment can run whenever its image changes (C(runOnSourceChange)). Then each successful build starts a run, and
    a task that runs the job starts a second one. The API does not return this setting.
seealso:
  - module: community.northflank.northflank_job_build
  - module: community.northflank.northflank_job_run_wait
  - module: community.northflank.northflank_job_run_info
  - module: community.northflank.northflank_job_run_abort
  - name: Run job
    description: The request in Northflank's API reference.
    link: https://northflank.com/docs/v1/api/jobs/run-job
  - ref: ansible_collections.community.northflank.docsite.run
    description: "A guide: run the job with a build, wait for it, and what is guaranteed when the network fails."
  - ref: ansible_collections.community.northflank.docsite.errors
    description: "A guide: each kind of error, its cause, and what to do."
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

- name: Run the job with that build, and wait
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

- name: Check the job and the token, and show the request
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
    - The run. It always has exactly these keys. Values that Northflank did not return, or that are invalid, are V(null).
    - Without O(wait), most values are V(null), because Northflank's response to a start only has RV(run.id) and RV(run.run_name).
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
      description: How many of its attempts have succeeded. It can be 0 even if the run succeeded; check RV(run.status).
      type: int
      sample: 0
    completions:
      description: How many attempts must succeed.
      type: int
      sample: 1
    backoff_limit:
      description: How many times Northflank retries before the run fails.
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
    - Whether the response to the start was lost, and the module found RV(run) in the job's list of runs.
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
    - Use the registered result rather than the fact. After a failed task, the fact still describes an earlier run. In
      check mode, it is a run without an ID, and a fact cache keeps it.
  returned: success
  type: dict
  contains:
    northflank_job_run:
      description: The same as RV(run); after a loop, the run of its last item.
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
        - V(not_found) - the project or job does not exist (HTTP 404).
        - V(rejected) - Northflank refused the request (HTTP 400, 409, 422, and other 4xx).
        - V(rate_limited) - the account's rate limit is used up (HTTP 429).
        - V(server_error) - Northflank or a proxy had an internal error (HTTP 5xx).
        - V(invalid_response) - a response that is not from Northflank's API, such as a redirect or an HTML page. Check O(api_url).
        - V(unknown_outcome) - a run may or may not have been started. Check RV(candidates) before you start another one.
        - V(run_failed) - the run was not successful.
        - V(wait_timeout) - the run had not ended after O(wait_timeout) seconds.
      type: str
      sample: not_found
    run_status:
      description: The status of the run that failed, in upper case. Northflank only has V(FAILED).
      returned: when RV(error.kind) is V(run_failed)
      type: str
      sample: FAILED
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
logs:
  description: The last lines of the run's log, oldest first, without timestamps and terminal control characters.
  returned: with O(wait), when the run failed or did not end in time
  type: list
  elements: str
  sample: ["Applying 0042_accounts", "duplicate key value violates unique constraint"]
candidates:
  description: The runs that may be the one the task started, each like RV(run).
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
