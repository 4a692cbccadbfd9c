// The makers, their repository, and a node that runs 1.0.0: what every trial of `bench update` begins from.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { drive, type LaunchRules } from '../../../ota/launcher.ts';
import { listName, type ReleaseList } from '../../../ota/release-list.ts';
import { readState } from '../../../ota/root.ts';
import { type Shelf, shelf } from '../../../ota/shelf.ts';
import type { Launch } from '../../../ota/trial.ts';
import { makeKeyPair, readHand } from '../../../ota/trust/keys.ts';
import { type Made, publish, signStaged, stageRelease, writeRoot } from '../../../ota/trust/repository.ts';
import { folderSource } from '../../../ota/trust/source.ts';
import { plantTrust } from '../../../ota/trust/store.ts';
import { update } from '../../../ota/trust/update.ts';
import { readTree, type Tree } from './tree.ts';

/** `good` passes its self-test, `faulty` never does. */
export type Kind = 'good' | 'faulty';
export const names = { older: '0.9.0', old: '1.0.0', good: '2.0.0', faulty: '3.0.0' } as const;

export interface Workshop {
  /** In memory where the machine has it: cards are made and thrown away by the thousand. */
  readonly dir: string;
  /** The card before the update: the update root, and a spool that no update may touch. */
  readonly before: Tree;
  /** What offers the new release. */
  readonly repository: (kind: Kind) => string;
  readonly nowMs: number;
  remove(): void;
}

const nowMs = Date.UTC(2026, 10, 28);
export const optIn = (card: string): string => join(card, 'opt');
export const spoolName = 'data/spool';
export const rulesFor = (card: string): LaunchRules => ({
  root: optIn(card),
  selfTestArgs: [],
  selfTestMsMax: 20_000,
});

/** The hub has the boot record of what is on trial, if anything is. */
export const receive = (on: Shelf, rules: LaunchRules): Promise<Launch> =>
  drive(on, rules, readState(rules.root), { is: 'receipt' });

export async function openWorkshop(): Promise<Workshop> {
  const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'matlang-cuts-'));
  const maker = () => readHand(makeKeyPair(undefined).privatePem, undefined);
  const [root, targets, hub] = [maker(), maker(), maker()];
  const one = (hand: typeof root) => ({ keys: [hand.key], threshold: 1 });
  const holders = { root: one(root), targets: one(targets), snapshot: one(hub), timestamp: one(hub) };
  const bring = (repo: string, name: string, exit: number): void => {
    const folder = join(dir, `made-${name}`);
    if (!existsSync(folder)) makeRelease(folder, name, exit);
    must(stageRelease(repo, folder, { vi: '', en: '' }, nowMs));
    must(signStaged(repo, targets));
    must(publish(repo, [hub], nowMs));
  };
  const found = (repo: string): string => {
    must(writeRoot(repo, holders, [root], nowMs));
    return repo;
  };
  const card = join(dir, 'before');
  mkdirSync(join(card, spoolName), { recursive: true });
  mkdirSync(optIn(card));
  for (let at = 0; at < 3; at++) writeFileSync(join(card, spoolName, `${at}.rec`), `evidence ${at}`.repeat(200));

  const base = found(join(dir, 'base'));
  const planted = plantTrust(shelf, optIn(card), readFileSync(join(base, 'metadata/1.root.json')));
  if (!planted.ok) throw new Error(planted.text);
  for (const name of [names.older, names.old]) {
    bring(base, name, 0);
    const world = { shelf, rules: rulesFor(card), source: folderSource(base), referenceMs: nowMs };
    const updated = await update({ ...world, told: () => undefined });
    if (!updated.ok) throw new Error(updated.text);
    await receive(shelf, rulesFor(card));
  }
  bring(base, names.faulty, 7);
  const good = found(join(dir, 'good'));
  for (const name of [names.older, names.old, names.good]) bring(good, name, 0);
  return {
    dir,
    before: readTree(card),
    repository: (kind) => (kind === 'good' ? good : base),
    nowMs,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** A self-test that is one line, and two files in two folders. */
function makeRelease(folder: string, release: string, exit: number): void {
  const files: Readonly<Record<string, string>> = {
    'bin/self-test': `#!/bin/sh\nexit ${exit}\n`,
    'app/recorder.js': `// ${release} `.repeat(150),
    'app/same.js': 'the same in all of them'.repeat(40),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const list: ReleaseList = {
    ...{ v: 1, release, arch: process.arch, selfTest: ['bin/self-test'] },
    files: Object.entries(files).map(([path, text]) => ({
      ...{ path, bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex') },
      executable: path.startsWith('bin/'),
    })),
  };
  writeFileSync(join(folder, listName), JSON.stringify(list));
}

function must<T>(result: Made<T>): void {
  if (!result.ok) throw new Error(result.text);
}
