// What an update root trusts, on its card. node: imports and the pure set only.
//   trust/factory.json   the root that came with the node; never written again, and where trust begins anew when the rest is torn
//   trust/<n>/           one generation of metadata: root.json, timestamp.json, snapshot.json, targets.json
//   trust-floors.json    the highest versions ever trusted, outside the folder above: torn metadata lets no old ones back in
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureFile, replaceFile, type Shelf } from '../shelf.ts';
import {
  type Floors,
  firstRoot,
  metadataBytesMax,
  noFloors,
  type Took,
  type Trusted,
  takeSnapshot,
  takeTargets,
  takeTimestamp,
} from './trusted-set.ts';

const roles = ['root', 'timestamp', 'snapshot', 'targets'] as const;
const generationsKept = 2;

const trustIn = (updateRoot: string) => join(updateRoot, 'trust');
const factoryIn = (updateRoot: string) => join(trustIn(updateRoot), 'factory.json');
const floorsIn = (updateRoot: string) => join(updateRoot, 'trust-floors.json');

export const hasTrust = (updateRoot: string): boolean => existsSync(factoryIn(updateRoot));

/** Once, when the node is set up: the root that all later ones must follow from. An existing one stays, unless the card has spoilt it. */
export function plantTrust(shelf: Shelf, updateRoot: string, root: Uint8Array): Took<Trusted> {
  const took = firstRoot(root, noFloors);
  if (!took.ok) return took;
  if (hasTrust(updateRoot)) {
    // What was seen since, in its generations, stays.
    if (!readFactory(updateRoot, noFloors).ok)
      replaceFile(shelf, factoryIn(updateRoot), Buffer.from(root).toString('utf8'));
    return took;
  }
  const incoming = `${trustIn(updateRoot)}.new`;
  shelf.remove(incoming);
  shelf.makeFolder(incoming);
  shelf.writeNew(join(incoming, 'factory.json'), Buffer.from(root).toString('utf8'));
  shelf.syncFolder(incoming);
  // A folder without a factory root is what a cut left of an older attempt.
  shelf.remove(trustIn(updateRoot));
  shelf.rename(incoming, trustIn(updateRoot));
  shelf.syncFolder(updateRoot);
  return took;
}

const readFactory = (updateRoot: string, floors: Floors) => firstRoot(readFileSync(factoryIn(updateRoot)), floors);

/**
 * The newest whole generation, else the one before, else the factory's root; never below the floors. A factory root that the card has spoilt is not missed while a
 * generation is whole: both are this card's own word.
 */
export function readTrust(updateRoot: string): Took<Trusted> {
  const floors = readFloors(updateRoot);
  const factory = readFactory(updateRoot, floors);
  const versionMin = factory.ok ? factory.now.root.signed.version : 0;
  const whole = generations(updateRoot)
    .map((number) => readGeneration(join(trustIn(updateRoot), `${number}`), floors))
    .find((trusted) => trusted !== undefined && trusted.root.signed.version >= versionMin);
  return whole === undefined ? factory : { ok: true, now: whole };
}

/** Floors first: a cut in between costs the new metadata, which can be fetched again, and never the memory of them. */
export function keepTrust(shelf: Shelf, updateRoot: string, trusted: Trusted): void {
  replaceFile(shelf, floorsIn(updateRoot), `${JSON.stringify({ v: 1, ...trusted.floors })}\n`);

  const folder = trustIn(updateRoot);
  const [newest = 0, ...older] = generations(updateRoot);
  const incoming = join(folder, '.new');
  shelf.remove(incoming);
  shelf.makeFolder(incoming);
  for (const role of roles) {
    const bytes = trusted.raw[role];
    if (bytes !== undefined) shelf.writeNew(join(incoming, `${role}.json`), Buffer.from(bytes).toString('utf8'));
  }
  shelf.syncFolder(incoming);
  shelf.rename(incoming, join(folder, `${newest + 1}`));
  shelf.syncFolder(folder);
  for (const number of older.slice(generationsKept - 2)) shelf.remove(join(folder, `${number}`));
}

/** Newest first. */
function generations(updateRoot: string): number[] {
  if (!existsSync(trustIn(updateRoot))) return [];
  return readdirSync(trustIn(updateRoot))
    .filter((name) => /^[1-9]\d{0,9}$/.test(name))
    .map(Number)
    .sort((a, b) => b - a);
}

/**
 * Undefined when anything in it is torn or not signed as it should be. Expiry is for those who use it: what has expired since is still what was seen. What is of
 * older versions than the floors (a folder somebody put back) is not taken either.
 */
function readGeneration(folder: string, floors: Floors): Trusted | undefined {
  const root = readMetadata(folder, 'root');
  const took = root === undefined ? undefined : firstRoot(root, floors);
  if (took === undefined || !took.ok || took.now.root.signed.version < floors.root) return undefined;
  let trusted = took.now;
  for (const [role, take] of [
    ['timestamp', takeTimestamp],
    ['snapshot', takeSnapshot],
    ['targets', takeTargets],
  ] as const) {
    const bytes = readMetadata(folder, role);
    // A look that stopped half-way kept only what it had.
    if (bytes === undefined) break;
    const next = take(trusted, bytes, 0);
    if (!next.ok) return undefined;
    trusted = next.now;
  }
  return trusted;
}

function readMetadata(folder: string, role: (typeof roles)[number]): Uint8Array | undefined {
  const path = join(folder, `${role}.json`);
  if (!existsSync(path)) return undefined;
  const measured = measureFile(path, metadataBytesMax[role]);
  return measured === undefined || measured.bytes > metadataBytesMax[role] ? undefined : readFileSync(path);
}

function readFloors(updateRoot: string): Floors {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(floorsIn(updateRoot), 'utf8'));
  } catch {
    // Absent or torn: the metadata themselves say how far we were.
    return noFloors;
  }
  if (typeof found !== 'object' || found === null) return noFloors;
  const all = new Map(Object.entries(found));
  const version = (role: string): number => {
    const told: unknown = all.get(role);
    return typeof told === 'number' && Number.isSafeInteger(told) && told >= 0 ? told : 0;
  };
  return {
    root: version('root'),
    timestamp: version('timestamp'),
    snapshot: version('snapshot'),
    targets: version('targets'),
  };
}
