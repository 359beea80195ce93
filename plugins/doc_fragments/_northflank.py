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
      - It is sent to the host of O(api_url) and to no other, and it appears in no output.
      - If not set, the environment variables E(NORTHFLANK_API_TOKEN) and E(NF_API_TOKEN) of the host that runs the
        module are used, in this order. The task fails if there is no token in any of the three.
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
      - If it is set, the API's paths below C(/v1/teams/{teamId}/) are used. A token that was made in a team needs it
        only when it can see several teams.
    type: str
    aliases: [teamId]
  api_timeout:
    description:
      - The most seconds that one request may take, from the first byte sent to the last byte received.
      - The pauses between retries add up to at most this time again. All pages of a list together may take ten times as long.
    type: int
    default: 30
  api_retries:
    description:
      - How many times a failed request is retried, with exponential backoff, where that is safe.
      - Requests that read or abort are safe to retry. One that starts a build or run is retried only if it surely was not
        processed.
    type: int
    default: 3
  validate_certs:
    description:
      - Whether to check the TLS certificate of the API. Switch it off only for tests.
    type: bool
    default: true
  ca_path:
    description:
      - A file with the certificates of the authorities to trust, in PEM format, or a directory of them as OpenSSL
        prepares it.
      - If not set, the environment variables E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE) are honored.
    type: path
notes:
  - Proxies are taken from the environment variables E(HTTPS_PROXY), E(HTTP_PROXY), and E(NO_PROXY).
  - An entry in the file C(.netrc) is ignored, and redirects are not followed.
"""

    JOB = r"""
options:
  project_id:
    description:
      - The ID of the project, as in the address of its page in Northflank.
    type: str
    required: true
    aliases: [projectId]
  job_id:
    description:
      - The ID of the job, as in the address of its page in Northflank.
    type: str
    required: true
    aliases: [jobId]
"""

    WAITING = r"""
options:
  wait_timeout:
    description:
      - The most seconds to wait. What is waited for goes on after that, unless O(abort_on_timeout) is set.
      - What is left to do then, such as the abort and the log, takes at most the time of one request (O(api_timeout)).
    type: int
    default: 1800
  wait_interval:
    description:
      - The longest pause between two polls of a build or run, in seconds. The pause is a tenth of its age, but at least five
        seconds.
      - It is longer if the account's rate limit would otherwise be used up.
    type: int
    default: 10
    aliases: [wait_sleep]
  abort_on_timeout:
    description:
      - Whether to abort what has not ended when O(wait_timeout) is over. The task fails all the same.
      - In check mode nothing is aborted.
    type: bool
    default: false
  log_lines:
    description:
      - How many lines from the end of its log to return when a build or run that was waited for fails. V(0) is for none.
        Lines are cut after 2000 characters, with a mark that says how many are missing. If these lines together have more than 4 MB,
        the newest of them are returned, after a line that says that earlier ones are missing.
      - Needs the permission C(Project > Jobs > Deployment > View Observability). Without it there is a warning and no log.
    type: int
    default: 50
  progress:
    description:
      - Whether to show the progress while waiting, in the output of the play, and the end of the log of what fails.
      - This is possible where the task runs in Ansible's worker process, as it does on the controller without C(become),
        C(async), C(environment), or another interpreter. Elsewhere, and with C(no_log), nothing is shown.
      - The variable C(northflank_in_process) set to V(false), or the environment variable E(NORTHFLANK_IN_PROCESS) on
        the controller, makes tasks run as modules. The verbosity option C(-vvv) says how a task runs, and why.
    type: bool
    default: true
  follow_logs:
    description:
      - Whether to show the lines of the logs as they come. Needs O(progress).
      - Reading a log costs one request for each poll of a build or run, and more where it prints thousands of lines. While the
        account's rate limit is short, the log is read only at the end.
      - Each line is shown once. Lines whose time is more than half a minute behind are shown at the end;
        the log is then read once more as a whole. If it is too long for that, a warning says that lines may be missing.
      - Lines are cut after 2000 characters. Secrets that the task knows are masked in the lines; others are not.
      - Needs the permission C(Project > Jobs > Deployment > View Observability). Without it there is a warning and no log.
    type: bool
    default: false
"""
