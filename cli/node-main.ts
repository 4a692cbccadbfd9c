// `matlang` as it lies on a node, in the release: what a technician needs at the pole.

import { nodeCommands } from './node-table.ts';
import { run } from './run.ts';

process.exitCode = (await run(process.argv.slice(2), process.env, nodeCommands)) ?? process.exitCode;
