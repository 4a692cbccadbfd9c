// The launcher's program, `matlang-launcher boot|watch|well --root DIR [--run-dir DIR --hub-key FILE] [--self-test-ms N] [-- ARGS OF THE RELEASE'S PROGRAMS]`.
//   boot   at every start of the machine, before anything of a release runs: what a cut left undone is done, a start on trial is counted
//   watch  beside what runs, for as long as a release is on trial
//   well   ends once what runs has proven itself and the hub has its boot record
// With --run-dir a release runs as services, and must prove itself in them; without, its self-test alone decides.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { boot, selfTestMsMax } from './launcher.ts';
import { systemServices } from './services.ts';
import { shelf } from './shelf.ts';
import { watch, well } from './watch.ts';

const dashes = process.argv.indexOf('--');
const own = process.argv.slice(2, dashes === -1 ? undefined : dashes);
const { values, positionals } = parseArgs({
  args: own,
  options: {
    root: { type: 'string', default: '/opt/matlang' },
    'run-dir': { type: 'string' },
    'hub-key': { type: 'string', default: '/var/lib/matlang/identity/hub.pub' },
    'self-test-ms': { type: 'string' },
  },
  allowPositionals: true,
});
const configArgs = dashes === -1 ? [] : process.argv.slice(dashes + 1);
const { root, 'run-dir': runDir, 'hub-key': hubKey } = values;
const rules = {
  root,
  selfTestArgs: configArgs,
  selfTestMsMax: Math.min(Number(values['self-test-ms'] ?? selfTestMsMax), selfTestMsMax),
};
const services = runDir === undefined ? undefined : systemServices({ root, runDir, hubKey, configArgs });
const command = positionals.join(' ');
if (command === 'boot') {
  const booted = await boot(shelf, services === undefined ? rules : { ...rules, services });
  process.stdout.write(`${JSON.stringify(booted)}\n`);
  process.exitCode = booted.ok ? 0 : 1;
} else if (services !== undefined && (command === 'watch' || command === 'well')) {
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());
  const monoMs = () => performance.now();
  const rest = (ms: number, signal: AbortSignal) => pause(ms, undefined, { signal }).catch(() => undefined);
  if (command === 'well') process.exitCode = (await well({ root, services, rest }, stopping.signal)) ? 0 : 1;
  else {
    const state = await watch(shelf, { ...rules, services, monoMs, rest }, stopping.signal);
    process.stdout.write(`${JSON.stringify({ ok: true, state })}\n`);
  }
} else throw new Error(`the commands are boot, and watch or well --run-dir DIR, not ${command}`);
