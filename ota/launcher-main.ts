// The launcher's program: `matlang-launcher boot --root DIR [--self-test-ms N] [-- ARGS OF THE SELF-TEST]`, once at every start of the machine.
import { parseArgs } from 'node:util';
import { boot, selfTestMsMax } from './launcher.ts';
import { shelf } from './shelf.ts';

const dashes = process.argv.indexOf('--');
const own = process.argv.slice(2, dashes === -1 ? undefined : dashes);
const { values, positionals } = parseArgs({
  args: own,
  options: { root: { type: 'string', default: '/opt/matlang' }, 'self-test-ms': { type: 'string' } },
  allowPositionals: true,
});
if (positionals.join(' ') !== 'boot') throw new Error(`the one command is boot, not ${positionals.join(' ')}`);
const booted = await boot(shelf, {
  root: values.root,
  selfTestArgs: dashes === -1 ? [] : process.argv.slice(dashes + 1),
  selfTestMsMax: Math.min(Number(values['self-test-ms'] ?? selfTestMsMax), selfTestMsMax),
});
process.stdout.write(`${JSON.stringify(booted)}\n`);
process.exitCode = booted.ok ? 0 : 1;
