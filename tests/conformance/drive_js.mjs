// Copyright (c) 2026, The community.northflank authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// One call of the official JavaScript client, as its users write it: the call as JSON on stdin, the answer's data on
// stdout. The argument is the folder that the client is installed in, which is not one that Node.js would look in.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const { ApiClient, ApiClientInMemoryContextProvider } = require('@northflank/js-client');

const call = JSON.parse(readFileSync(0, 'utf8'));
const job = { projectId: call.project_id, jobId: call.job_id, ...(call.team_id && { teamId: call.team_id }) };
const build = { ...job, buildId: call.target_id };
const run = { ...job, runId: call.target_id };

const calls = {
  start: (client) => client.start.job.build({ parameters: job, ...(call.data && { data: call.data }) }),
  get: (client) => client.get.job.build({ parameters: build }),
  list: (client) => client.get.job.builds.all({ parameters: job, options: call.options }),
  logs: (client) => client.get.job.buildLogs({ parameters: job, options: { buildId: call.target_id, ...call.options } }),
  abort: (client) => client.abort.job.build({ parameters: build }),
  run_start: (client) => client.start.job.run({ parameters: job, data: call.data }),
  run_get: (client) => client.get.job.run({ parameters: run }),
  run_list: (client) => client.get.job.runs.all({ parameters: job, options: call.options }),
  run_logs: (client) => client.get.job.logs({ parameters: job, options: { runId: call.target_id, ...call.options } }),
  run_abort: (client) => client.abort.job.run({ parameters: run }),
};

const contexts = new ApiClientInMemoryContextProvider();
await contexts.addContext({ name: 'conformance', host: call.url, token: call.token });
const client = new ApiClient(contexts, { throwErrorOnHttpErrorCode: true });
const answer = await calls[call.operation](client);
process.stdout.write(JSON.stringify(answer.data));
