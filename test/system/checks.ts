// What must hold after whatever was done to a rig.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ownRunDir } from '../../agent/run-dir.ts';
import { until } from '../support/until.ts';
import { makeFilm } from './film.ts';
import { allGone, livingWith } from './marked.ts';
import { type Found, findAll } from './outsider.ts';
import { type Rig, type RigRules, setRig } from './rig.ts';

export interface SegmentRef {
  readonly boot: string;
  readonly seg: number;
}

/** Somebody is in the picture most of the time. */
export function makeBusyFilm(path: string): void {
  const passes = Array.from({ length: 7 }, (_, n) => ({ fromS: 3 + 4 * n, toS: 6.9 + 4 * n }));
  makeFilm(path, { seconds: 60, passes });
}

/** Afterwards every process ends when it is asked to, and nothing stays in shared memory. */
export async function withRig(rules: RigRules, body: (rig: Rig) => Promise<void>): Promise<void> {
  const rig = await setRig(rules);
  try {
    await body(rig);
    for (const { pid } of livingWith(rig.dir)) process.kill(pid, 'SIGTERM');
    await allGone(rig.dir, 10_000);
    assert.not(existsSync(ownRunDir(rig.node.dir)), 'something stays in shared memory');
  } finally {
    await rig.remove();
  }
}

export const ofKind = (all: readonly Found[], kind: string) => all.filter(({ manifest }) => manifest.kind === kind);
export const sums = (all: readonly Found[]) => all.map(({ name, sha256 }) => `${sha256} ${name}`).sort();
const delivered = (rig: Rig) => findAll(join(rig.node.dir, 'delivered'));

/** Everything the node made is at the hub, once, and nothing else. */
export async function sameSets(rig: Rig): Promise<void> {
  await until('all to be delivered', async () => (await rig.waiting()).length === 0, 40_000);
  assert.equal(sums(rig.atHub()), sums(delivered(rig)));
  const { rejected, signatureFailures, chainGaps } = await rig.summary();
  assert.equal({ rejected, signatureFailures, chainGaps }, { rejected: 0, signatureFailures: 0, chainGaps: 0 });
}

/** What the node was given a receipt for and the hub has not. */
export function lostAtHub(rig: Rig): string[] {
  const mine = sums(delivered(rig));
  const theirs = new Set(sums(rig.atHub()));
  return mine.filter((sum) => !theirs.has(sum));
}

/** Where one segment does not begin when the one before it ends. */
export function holesMs(segments: readonly Found[]): number[] {
  const ordered = segments.map(({ manifest }) => manifest).sort((one, other) => Number(one.seg) - Number(other.seg));
  return ordered
    .slice(1)
    .map((each, n) => Number(each.firstMonoMs) - Number(ordered[n]?.firstMonoMs) - Number(ordered[n]?.durationMs))
    .filter((ms) => Math.abs(ms) > 250);
}

/** Nothing runs but the commands or rooms named here. */
export async function onlyLeft(rig: Rig, names: readonly string[], ms = 3000): Promise<void> {
  const isNamed = (command: string) =>
    names.some((name) => command.includes(` ${name} `) || command.includes(`/${name}/main.ts`));
  const others = () => livingWith(rig.dir).filter(({ command }) => !isNamed(command));
  await until('its processes to go', () => others().length === 0, ms).catch((error: unknown) => {
    const left = others().map(({ pid, command }) => `${pid} ${command}`);
    throw new Error(`left: ${left.join(', ')}`, { cause: error });
  });
}
