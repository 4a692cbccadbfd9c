// The launcher: carries out what trial.ts decides. It owns the links and the counting, and lives outside every release.
// Nothing but node: and its neighbours here, so that it starts whatever a release has broken.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { readListIn } from './install.ts';
import { point, readState, releaseIn, releasesIn, saveState } from './root.ts';
import type { Shelf } from './shelf.ts';
import { type Launch, type LaunchSeen, type LaunchStep, step } from './trial.ts';

export interface LaunchRules {
  readonly root: string;
  /** Given to the release's self-test after its own arguments (`--config …`). */
  readonly selfTestArgs: readonly string[];
  /** At most 120 s: a technician waits beside the pole. */
  readonly selfTestMsMax: number;
  /** What a release runs as. Undefined where nothing runs (a machine that is being set up, most tests): then the self-test alone decides on a start. */
  readonly services?: Services;
}
export const selfTestMsMax = 120_000;

export type Proven = { readonly ok: true } | { readonly ok: false; readonly why: string; readonly log: string };
export interface Services {
  /** Has recorder and uplink run from this release, and waits until the recorder has proven itself. */
  prove(release: string, afresh: boolean, msMax: number): Promise<Proven>;
  /** What runs, runs from what `current` names now. What does not run is left alone. */
  restart(): Promise<void>;
  /** Whether the hub has the boot record of the release on trial; undefined where the hub itself cannot be asked, or takes nothing now. */
  ask(release: string, before: string | null): Promise<'stored' | 'not-stored' | undefined>;
  /** The last lines that its programs wrote. */
  lastLines(): Promise<string>;
}

/** Runs the machine until it rests; the state it rests in. Without `tries` it also rests before a start, which is `watch`'s to make. */
export async function drive(
  shelf: Shelf,
  rules: LaunchRules,
  from: Launch,
  first: LaunchSeen,
  tries = true,
): Promise<Launch> {
  let state = from;
  let seen: LaunchSeen | undefined = first;
  while (seen !== undefined) {
    const next = step(state, seen);
    if (next.state !== state) saveState(shelf, rules.root, next.state);
    state = next.state;
    seen = undefined;
    for (const one of next.steps) if (tries || one.do !== 'try') seen = (await act(shelf, rules, one)) ?? seen;
  }
  return state;
}

export type Booted =
  | { readonly ok: true; readonly state: Launch }
  | { readonly ok: false; readonly why: 'busy'; readonly text: string };

/** Finishes what a cut left unfinished, and counts a start of a release on trial: the first thing after every start of the machine. */
export async function boot(shelf: Shelf, rules: LaunchRules): Promise<Booted> {
  return await alone(rules.root, async () => {
    const tries = rules.services === undefined;
    return { ok: true, state: await drive(shelf, rules, readState(rules.root), { is: 'boot' }, tries) };
  });
}

async function act(shelf: Shelf, rules: LaunchRules, one: LaunchStep): Promise<LaunchSeen | undefined> {
  switch (one.do) {
    case 'point':
      // `previous` first: a cut in between leaves the old release running, with a way back that is itself.
      point(shelf, rules.root, 'previous', one.previous);
      point(shelf, rules.root, 'current', one.current);
      return { is: 'pointed' };
    case 'try':
      return await tryOut(rules, one);
    case 'restart':
      await rules.services?.restart();
      return undefined;
    case 'keep':
      discardOthers(shelf, rules.root, one.releases);
      return undefined;
  }
}

/** The release's own self-test first, while what ran before may run on: most of what is wrong shows there, and costs no second of recording. */
async function tryOut(rules: LaunchRules, one: LaunchStep & { do: 'try' }): Promise<LaunchSeen> {
  const begunMs = performance.now();
  const tested = await selfTest(rules, one.release);
  if (tested.is !== 'passed' || rules.services === undefined) return tested;
  const leftMs = Math.max(1000, rules.selfTestMsMax - (performance.now() - begunMs));
  const proven = await rules.services.prove(one.release, one.afresh, leftMs);
  return proven.ok ? tested : { is: 'failed', why: proven.why, log: proven.log };
}

/** A folder first loses its name, then its files: no release is ever there in part. */
function discardOthers(shelf: Shelf, root: string, kept: readonly string[]): void {
  if (!existsSync(releasesIn(root))) return;
  for (const name of readdirSync(releasesIn(root))) {
    if (kept.includes(name)) continue;
    if (name.startsWith('.')) shelf.remove(join(releasesIn(root), name));
    else {
      const gone = join(releasesIn(root), `.gone-${name}`);
      shelf.remove(gone);
      shelf.rename(join(releasesIn(root), name), gone);
      shelf.remove(gone);
    }
  }
}

async function selfTest(rules: LaunchRules, release: string): Promise<LaunchSeen> {
  const folder = releaseIn(rules.root, release);
  const read = readListIn(folder);
  if (!read.ok) return { is: 'failed', why: read.text };
  const [program = '', ...args] = read.list.selfTest;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', join(folder, program), ...args, ...rules.selfTestArgs], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let told = '';
  child.stderr.on('data', (bytes: Buffer) => {
    told = (told + bytes.toString('utf8')).slice(-2000);
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(child.pid);
  }, rules.selfTestMsMax);
  const ended = await once(child, 'close').catch((error: unknown) => String(error));
  clearTimeout(timer);
  // What the self-test started and left behind must not outlive it.
  endGroup(child.pid);
  if (typeof ended === 'string') return { is: 'failed', why: `cannot start: ${ended}` };
  if (late) return { is: 'failed', why: `no answer in ${rules.selfTestMsMax} ms ${told.trim()}`.trim() };
  const [code, signal] = ended;
  if (code === 0) return { is: 'passed' };
  return { is: 'failed', why: `self-test ended with ${signal ?? code}: ${told.trim()}` };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** One at a time on a root, or on a `part` of the work there: the name in the kernel's socket table is free again the moment its holder dies, so no lock is ever left over. */
export async function alone<T>(
  root: string,
  work: () => Promise<T>,
  part = '',
): Promise<T | { ok: false; why: 'busy'; text: string }> {
  const name = createHash('sha256')
    .update(`${realpathSync(root)}${part}`)
    .digest('hex')
    .slice(0, 32);
  const lock = createServer();
  lock.listen(`\0matlang-update-${name}`);
  try {
    await once(lock, 'listening');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    return { ok: false, why: 'busy', text: `another update is at work on ${root}` };
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}
