// Pins through the gpiod tools: for kernels without sysfs GPIO, and where onoff's native part does not load. Watching costs one child a wiring, none an edge.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Pins, PinsOpened } from '../ports.ts';
import { runShort } from '../short-child.ts';
import { collectEdges } from './edges.ts';
import {
  biasOf,
  headerChip,
  holdArgs,
  monitorArgs,
  readArgs,
  readEdge,
  readLevels,
  type ToolsVersion,
  toolsVersion,
} from './gpiod-tools.ts';

export interface GpiodPlace {
  readonly monoMs: () => number;
  readonly env?: NodeJS.ProcessEnv;
}

const timeoutMs = 5000;
/** What a tool's complaint may be long. */
const saidMax = 500;

export async function openGpiod(place: GpiodPlace): Promise<PinsOpened> {
  const env = place.env ?? process.env;
  const asked = await runShort('gpiodetect', ['--version'], { timeoutMs, env });
  const version = asked.ok ? toolsVersion(Buffer.from(asked.out).toString('utf8')) : undefined;
  if (version === undefined) {
    return { ok: false, why: 'no-tools', text: 'the gpiod tools are absent, or are neither version 1 nor 2' };
  }
  const listed = await runShort('gpiodetect', [], { timeoutMs, env });
  const { chip, seen } = headerChip(listed.ok ? Buffer.from(listed.out).toString('utf8') : '');
  if (chip === undefined) {
    const found = seen.length === 0 ? listed.text || 'no chip at all' : seen.join(', ');
    return { ok: false, why: 'no-chip', text: `gpiod sees no chip of a Raspberry Pi header, only: ${found}` };
  }
  return { ok: true, pins: gpiodPins(version, chip, place.monoMs, env) };
}

function gpiodPins(version: ToolsVersion, chip: string, monoMs: () => number, env: NodeJS.ProcessEnv): Pins {
  const holders = new Map<number, ChildProcess>();
  const release = async (pin: number) => {
    const holder = holders.get(pin);
    holders.delete(pin);
    if (holder === undefined || holder.exitCode !== null || holder.signalCode !== null) return;
    const closed = once(holder, 'close');
    holder.kill('SIGKILL');
    await closed;
  };
  return {
    driver: `gpiod tools v${version}, ${chip}`,
    blinks: false,
    async *watch(pins, signal) {
      const stop = new AbortController();
      const stopAll = () => stop.abort();
      signal.addEventListener('abort', stopAll, { once: true });
      if (signal.aborted) stopAll();
      const edges = collectEdges(new Map(pins.map((one) => [one.pin, one.debounceMs])), monoMs, stop.signal);
      const failures: string[] = [];
      const running: Promise<void>[] = [];
      try {
        for (const bias of ['pull-up', 'pull-down'] as const) {
          const group = pins.filter((one) => biasOf(one) === bias);
          if (group.length === 0) continue;
          const numbers = group.map(({ pin }) => pin);
          const lowOf = (pin: number) => group.find((one) => one.pin === pin)?.activeLow;
          // Before the monitor: a line has one user at a time. A press in the milliseconds between shows with its release.
          const levels = await levelsOf(readArgs(version, chip, bias, numbers), numbers.length, env, stop.signal);
          numbers.forEach((pin, at) => void edges.level(pin, levels[at] !== lowOf(pin)));
          const watched = monitor(monitorArgs(version, chip, bias, numbers), env, stop.signal, (line) => {
            const edge = readEdge(version, line);
            const activeLow = edge === undefined ? undefined : lowOf(edge.pin);
            if (edge !== undefined && activeLow !== undefined)
              edges.level(edge.pin, edge.high !== activeLow, edge.atMs);
          });
          running.push(
            watched.then((text) => {
              if (!stop.signal.aborted) failures.push(text);
              stopAll();
            }),
          );
        }
        yield* edges;
        const [failure] = failures;
        if (failure !== undefined) throw new Error(`gpiomon ended: ${failure}`);
      } finally {
        signal.removeEventListener('abort', stopAll);
        stopAll();
        await Promise.all(running);
      }
    },
    set: async (pin, on) => {
      await release(pin);
      const [program = '', ...args] = holdArgs(version, chip, pin, on);
      holders.set(pin, await hold(program, args, env));
    },
    close: async () => {
      // Low first: a line given back while high may stay high.
      for (const pin of [...holders.keys()]) {
        await release(pin);
        const [program = '', ...args] = holdArgs(version, chip, pin, false);
        holders.set(pin, await hold(program, args, env));
        await release(pin);
      }
    },
  };
}

async function levelsOf(
  words: readonly string[],
  count: number,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  const [program = '', ...args] = words;
  const run = await runShort(program, args, { timeoutMs, env, signal });
  const levels = run.ok ? readLevels(Buffer.from(run.out).toString('utf8'), count) : undefined;
  if (levels === undefined && !signal.aborted) throw new Error(`gpioget: ${run.text || 'gave no levels'}`);
  return levels ?? [];
}

/** Runs until the signal aborts or it ends by itself; then its last words. */
async function monitor(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  line: (text: string) => void,
): Promise<string> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...words], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('utf8')).slice(0, saidMax);
  });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', line);
  try {
    await once(child, 'close');
    return said.trim() === '' ? 'without a word' : said.trim();
  } catch (error) {
    return String(error);
  } finally {
    signal.removeEventListener('abort', kill);
    lines.close();
  }
}

/** How soon a tool complains when it cannot have the line. */
const settleMs = 100;

/** Resolves when the tool holds the line; throws its complaint when it ends instead. */
async function hold(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said = (said + bytes.toString('utf8')).slice(0, saidMax);
  });
  const failed = await Promise.race([
    once(child, 'close').then(
      () => true,
      () => true,
    ),
    new Promise<false>((resolve) => setTimeout(resolve, settleMs, false)),
  ]);
  if (failed) throw new Error(`${program}: ${said.trim() === '' ? 'ended at once' : said.trim()}`);
  return child;
}
