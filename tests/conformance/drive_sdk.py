# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of the official Python SDK, as its users write it: the call as JSON on stdin, the answer's data on stdout."""

from __future__ import annotations

import json
import sys

from northflank import ApiClient

CALLS = {
    "start": lambda client, ids, call: client.start.job.build(**ids, data=call["data"]),
    "get": lambda client, ids, call: client.get.job.build(**ids, build_id=call["target_id"]),
    "list": lambda client, ids, call: client.get.job.builds.all(**ids, **call["options"]),
    "logs": lambda client, ids, call: client.logs.fetch_job_logs(**ids, build_id=call["target_id"], **call["options"]),
    "abort": lambda client, ids, call: client.abort.job.build(**ids, build_id=call["target_id"]),
    "run_start": lambda client, ids, call: client.start.job.run(**ids, data=call["data"]),
    "run_get": lambda client, ids, call: client.get.job.run(**ids, run_id=call["target_id"]),
    "run_list": lambda client, ids, call: client.get.job.runs.all(**ids, **call["options"]),
    "run_logs": lambda client, ids, call: client.logs.fetch_job_logs(**ids, run_id=call["target_id"], **call["options"]),
    "run_abort": lambda client, ids, call: client.abort.job.run(**ids, run_id=call["target_id"]),
}


def main() -> None:
    """Make the call; whatever the SDK raises ends the process with its traceback."""
    call = json.load(sys.stdin)
    client = ApiClient(api_token=call["token"], base_url=call["url"])
    ids = {name: call[name] for name in ("team_id", "project_id", "job_id") if call[name] is not None}
    answer = CALLS[call["operation"]](client, ids, call)
    json.dump(answer.data, sys.stdout)


if __name__ == "__main__":
    main()
