# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of every module shares. The argument specs are in C(plugins/module_utils/_argspec.py)."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragments C(community.northflank._northflank) and C(community.northflank._northflank.job)."""

    DOCUMENTATION = r"""
requirements:
  - python >= 3.9
  - requests >= 2.25.0 and urllib3 >= 1.26.0, on the host that runs the module (usually the controller)
options:
  api_token:
    description:
      - A Northflank API token. Create one under C(Team settings > API > Tokens) in Northflank.
      - It is sent only to the host of O(api_url), and it is masked in all output.
      - If not set, the environment variables E(NORTHFLANK_API_TOKEN) and E(NF_API_TOKEN) of the host that runs the
        module are used, in this order. If neither the option nor one of these is set, the task fails.
    type: str
  api_url:
    description:
      - The address of the API, with or without a trailing V(/) or V(/v1).
      - If not set, the environment variables E(NORTHFLANK_API_BASE_URL), E(NF_API_HOST), and E(NF_HOST) of the host
        that runs the module are used, in this order.
    type: str
    default: https://api.northflank.com
  team_id:
    description:
      - The ID of the team that the project belongs to.
      - If it is set, the module uses the API's paths below C(/v1/teams/{teamId}/). A token that was created in a team needs this
        only if it has access to several teams.
    type: str
    aliases: [teamId]
  api_timeout:
    description:
      - The maximum duration of one request in seconds, from the first byte sent to the last byte received.
      - All pauses between retries together take at most this time again, and all pages of a list together at most ten times this time.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a failed request is retried, with exponential backoff, where that is safe.
      - Requests that read or abort are safe to retry. A request that starts a build or run is sent again only if it was not sent,
        was refused, or no build or run from it is found.
    type: int
    default: 3
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the API. Disable this only for tests.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the CA certificates to trust, in PEM format, or a directory of them that was prepared with
        C(openssl rehash).
      - If not set, the environment variables E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are used.
    type: path
notes:
  - Proxies are taken from the environment variables E(HTTPS_PROXY), E(HTTP_PROXY), and E(NO_PROXY).
  - The file C(.netrc) is ignored, and redirects are not followed.
"""

    JOB = r"""
options:
  project_id:
    description:
      - The ID of the project, as in the URL of its page in Northflank.
    type: str
    required: true
    aliases: [projectId]
  job_id:
    description:
      - The ID of the job, as in the URL of its page in Northflank.
    type: str
    required: true
    aliases: [jobId]
"""

    WAITING = r"""
options:
  wait_timeout:
    description:
      - How long to wait, in seconds. After that, the task fails, and the build or run continues, unless O(abort_on_timeout) is set.
      - Aborting and reading the log afterwards take at most the time of one more request (O(api_timeout)).
    type: int
    default: 1800
  wait_interval:
    description:
      - The longest pause between two polls of a build or run, in seconds. The pause is a tenth of its age, but at least five
        seconds and at most this.
      - It is longer if the account's rate limit would otherwise be used up.
    type: int
    default: 10
    aliases: [wait_sleep]
  abort_on_timeout:
    description:
      - Whether to abort what has not ended after O(wait_timeout). The task still fails.
      - In check mode, nothing is aborted.
    type: bool
    default: false
  log_lines:
    description:
      - If a build or run fails or does not end in time, how many lines from the end of its log to return. V(0) returns none.
        Lines are cut after 2000 characters, with a note of how many are missing. If the lines together have more than 4 MB, only
        the newest are returned, after a line that says so.
      - This needs the permission C(Project > Jobs > Deployment > View Observability). Without it, the task warns and returns no log.
    type: int
    default: 50
  progress:
    description:
      - Whether to show progress in the output of the play while waiting, and the end of the log if a build or run fails.
      - This works where the task runs in Ansible's worker process, as it does on the controller without C(become), C(async),
        C(environment), or another Python interpreter. Elsewhere, and with C(no_log), nothing is shown.
      - To disable this and run tasks as modules, set the variable C(northflank_in_process), or the environment variable
        E(NORTHFLANK_IN_PROCESS) of the controller, to V(false). C(-vvv) shows how a task runs, and why.
    type: bool
    default: true
  follow_logs:
    description:
      - Whether to show logs as they grow. This needs O(progress).
      - Each poll of a build or run then takes a second request for its log, and more if the log has grown by thousands of lines. If few
        requests of the account's rate limit are left, the log is read only at the end.
      - Each line is shown once. Lines with a time more than half a minute in the past are shown at the end, when the whole log
        is read again. If it is too long to be read again, the task warns that lines may be missing.
      - Lines are cut after 2000 characters. Secrets that the task knows are masked; others are not.
      - This needs the permission C(Project > Jobs > Deployment > View Observability). Without it, the task warns and returns no log.
    type: bool
    default: false
"""
