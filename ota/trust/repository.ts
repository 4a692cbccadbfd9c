// The makers' side: a repository folder that nodes and sticks read.
//   metadata/  1.root.json … timestamp.json, N.snapshot.json, N.targets.json     targets/  lists of releases     files/  their bytes, by hash, packed once
//   staged/    targets.json, root.json: what waits for another holder's signature; nodes never look there
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  type Key,
  Metadata,
  MetadataKind,
  MetaFile,
  Root,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from '@tufjs/models';
import { readListIn } from '../install.ts';
import { listName } from '../release-list.ts';
import type { SigningHand } from './keys.ts';
import { sumsChunkBytes, sumsFromBytes, sumsPath } from './mirror.ts';
import { filePath, type Offer, offersFor, targetPath } from './targets.ts';
import type { Role } from './trusted-set.ts';

export type Made<T> = { readonly ok: true; readonly made: T } | { readonly ok: false; readonly text: string };

const specVersion = '1.0.31';
const dayMs = 86_400_000;
/** Days until each expires. A stick may lie in a drawer for a season; a root lasts as long as the ceremony's people can be found again. */
export const lastsDays = { root: 5 * 365, targets: 365, snapshot: 180, timestamp: 90 } as const;
const expiry = (nowMs: number, days: number): string =>
  new Date(Math.ceil((nowMs + days * dayMs) / 1000) * 1000).toISOString().replace(/\.\d+Z$/, 'Z');

export type Holders = Readonly<Record<Role, { readonly keys: readonly Key[]; readonly threshold: number }>>;

export interface RootStanding {
  readonly version: number;
  /** What it still lacks, in words: it is staged. Undefined: it is written, and nodes will follow. */
  readonly lacks: string | undefined;
}

/** The first root, or the next one, signed by who is given; written once these are enough by its own rule and by that of the root before, staged for the other holders until then. */
export function writeRoot(
  repo: string,
  holders: Holders,
  hands: readonly SigningHand[],
  nowMs: number,
): Made<RootStanding> {
  const keys = Object.values(holders).flatMap((holder) => holder.keys);
  const root = Root.fromJSON({
    _type: 'root',
    version: latest(repo, 'root') + 1,
    spec_version: specVersion,
    expires: expiry(nowMs, lastsDays.root),
    consistent_snapshot: true,
    keys: Object.fromEntries(keys.map((key) => [key.keyID, key.toJSON()])),
    roles: Object.fromEntries(
      Object.entries(holders).map(([role, { keys: own, threshold }]) => [
        role,
        { keyids: own.map(({ keyID }) => keyID), threshold },
      ]),
    ),
  });
  return signRoot(repo, new Metadata(root), hands);
}

/** A holder elsewhere, at another time. Undefined where no root is staged, or this key signs none. */
export function signStagedRoot(repo: string, hand: SigningHand): Made<RootStanding> | undefined {
  if (!existsSync(stagedRootIn(repo))) return undefined;
  const staged = readRoot(stagedRootIn(repo));
  return maySign(repo, staged, hand) ? signRoot(repo, staged, [hand]) : undefined;
}

const maySign = (repo: string, root: Metadata<Root>, hand: SigningHand): boolean =>
  [root, latestRoot(repo)].some((by) => by !== undefined && mayFor(by, 'root')(hand));

function signRoot(repo: string, metadata: Metadata<Root>, hands: readonly SigningHand[]): Made<RootStanding> {
  const before = latestRoot(repo);
  const { version } = metadata.signed;
  if (version !== (before?.signed.version ?? 0) + 1)
    return {
      ok: false,
      text: `the root that is staged is number ${version}, and ${before?.signed.version} is written`,
    };
  for (const hand of hands) {
    if (!maySign(repo, metadata, hand)) return { ok: false, text: `the key ${hand.key.keyID} signs no root here` };
    metadata.sign(hand.sign);
  }
  const lacks =
    check(metadata, 'root', metadata) ?? (before === undefined ? undefined : check(before, 'root', metadata));
  if (lacks !== undefined) {
    write(stagedRootIn(repo), metadata);
    return { ok: true, made: { version, lacks } };
  }
  write(join(repo, 'metadata', `${version}.root.json`), metadata);
  rmSync(stagedRootIn(repo), { force: true });
  return { ok: true, made: { version, lacks } };
}

/** Packs a release's files into the repository and puts it on the list that waits for signatures. Signatures given before no longer hold. */
export function stageRelease(repo: string, folder: string, note: Offer['note'], nowMs: number): Made<Offer> {
  const read = readListIn(folder);
  if (!read.ok) return { ok: false, text: read.text };
  const { release, arch, files, madeS = 0 } = read.list;
  // Nodes would take it for the present, and all that is signed until then for expired.
  if (madeS * 1000 > nowMs + dayMs)
    return { ok: false, text: `${release} was made at ${madeS}, which is still to come` };
  for (const { path, sha256 } of files) {
    const bytes = readFileSync(join(folder, path));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      return { ok: false, text: `${path} is not what ${listName} says` };
    const packed = join(repo, filePath(sha256));
    mkdirSync(dirname(packed), { recursive: true });
    // Level and header fixed: the same release is the same bytes wherever it is made.
    if (!existsSync(packed)) writePacked(repo, sha256, gzipSync(bytes, { level: 9 }));
  }
  const list = readFileSync(join(folder, listName));
  const sha256 = createHash('sha256').update(list).digest('hex');
  const { targets, known } = nextTargets(repo, nowMs);
  const serial = 1 + Math.max(0, ...known.map((offer) => offer.serial));
  const path = targetPath(release, arch);
  if (known.some((offer) => offer.release === release && offer.arch === arch && offer.list.sha256 !== sha256))
    return { ok: false, text: `another release named ${release} for ${arch} was made before` };
  targets.signed.addTarget(
    new TargetFile({
      path,
      length: list.length,
      hashes: { sha256 },
      unrecognizedFields: { custom: { release, arch, serial, note: { ...note } } },
    }),
  );
  writeWhole(join(repo, `targets/${release}/${arch}/${sha256}.release.json`), list);
  targets.signatures = {};
  write(stagedIn(repo), targets);
  return { ok: true, made: { release, arch, serial, note, list: { sha256, bytes: list.length } } };
}

/** Large ones have sums of each MiB beside them (mirror.ts). */
export function writePacked(repo: string, sha256: string, packed: Uint8Array): void {
  if (packed.length >= sumsFromBytes) {
    const chunks = Array.from({ length: Math.ceil(packed.length / sumsChunkBytes) }, (_, chunk) =>
      createHash('sha256')
        .update(packed.subarray(chunk * sumsChunkBytes, (chunk + 1) * sumsChunkBytes))
        .digest('hex'),
    );
    writeWhole(
      join(repo, sumsPath(sha256)),
      Buffer.from(JSON.stringify({ v: 1, bytes: packed.length, sha256: chunks })),
    );
  }
  writeWhole(join(repo, filePath(sha256)), packed);
}

/** One more signature on what is staged. Says how many there are and are needed. */
export function signStaged(
  repo: string,
  hand: SigningHand,
): Made<{ readonly signed: number; readonly needed: number }> {
  const root = latestRoot(repo);
  if (root === undefined) return { ok: false, text: `${repo} has no root yet` };
  if (!existsSync(stagedIn(repo))) return { ok: false, text: 'nothing is staged' };
  const role = root.signed.roles.targets;
  if (role === undefined || !role.keyIDs.includes(hand.key.keyID))
    return { ok: false, text: 'this key does not sign releases' };
  const targets = read(stagedIn(repo), (json) => Metadata.fromJSON(MetadataKind.Targets, json));
  targets.sign(hand.sign);
  write(stagedIn(repo), targets);
  return { ok: true, made: { signed: Object.keys(targets.signatures).length, needed: role.threshold } };
}

/** Makes what is staged (if anything) the newest, and renews snapshot and timestamp. The timestamp is written last: until then nodes see the old state, whole. */
export function publish(repo: string, hands: readonly SigningHand[], nowMs: number): Made<number> {
  const root = latestRoot(repo);
  if (root === undefined) return { ok: false, text: `${repo} has no root yet` };
  const at = (name: string) => join(repo, 'metadata', name);
  let version = latest(repo, 'targets');
  if (existsSync(stagedIn(repo))) {
    const targets = read(stagedIn(repo), (json) => Metadata.fromJSON(MetadataKind.Targets, json));
    const lacking = check(root, 'targets', targets);
    if (lacking !== undefined) return { ok: false, text: lacking };
    version = targets.signed.version;
    write(at(`${version}.targets.json`), targets);
  }
  if (version === 0) return { ok: false, text: 'nothing was ever staged' };

  const snapshot = new Metadata(
    new Snapshot({
      version: latest(repo, 'snapshot') + 1,
      specVersion,
      expires: expiry(nowMs, lastsDays.snapshot),
      meta: { 'targets.json': metaOf(at(`${version}.targets.json`), version) },
    }),
  );
  for (const hand of hands.filter(mayFor(root, 'snapshot'))) snapshot.sign(hand.sign);
  const path = at(`${snapshot.signed.version}.snapshot.json`);
  const lacking = check(root, 'snapshot', snapshot);
  if (lacking !== undefined) return { ok: false, text: lacking };

  const before = existsSync(at('timestamp.json'))
    ? read(at('timestamp.json'), (json) => Metadata.fromJSON(MetadataKind.Timestamp, json)).signed.version
    : 0;
  write(path, snapshot);
  const timestamp = new Metadata(
    new Timestamp({
      version: before + 1,
      specVersion,
      expires: expiry(nowMs, lastsDays.timestamp),
      snapshotMeta: metaOf(path, snapshot.signed.version),
    }),
  );
  for (const hand of hands.filter(mayFor(root, 'timestamp'))) timestamp.sign(hand.sign);
  const late = check(root, 'timestamp', timestamp);
  if (late !== undefined) {
    rmSync(path);
    return { ok: false, text: late };
  }
  write(at('timestamp.json'), timestamp);
  rmSync(stagedIn(repo), { force: true });
  return { ok: true, made: version };
}

/** A third of the time is left of what the hub renews by itself, or less; false where nothing was ever published. */
export function isDue(repo: string, nowMs: number): boolean {
  const path = join(repo, 'metadata/timestamp.json');
  if (!existsSync(path)) return false;
  const timestamp = read(path, (json) => Metadata.fromJSON(MetadataKind.Timestamp, json)).signed;
  const snapshotPath = join(repo, 'metadata', `${timestamp.snapshotMeta.version}.snapshot.json`);
  const snapshot = read(snapshotPath, (json) => Metadata.fromJSON(MetadataKind.Snapshot, json)).signed;
  const leftMs = (expires: string) => Date.parse(expires) - nowMs;
  return (
    leftMs(timestamp.expires) < (lastsDays.timestamp / 3) * dayMs ||
    leftMs(snapshot.expires) < (lastsDays.snapshot / 3) * dayMs
  );
}

/** Who may sign what now; undefined where there is no root yet. */
export function holdersOf(repo: string): Holders | undefined {
  const root = latestRoot(repo);
  if (root === undefined) return undefined;
  const { roles, keys } = root.signed;
  const of = (role: Role) => ({
    keys: (roles[role]?.keyIDs ?? []).map((id) => keys[id]).filter((key) => key !== undefined),
    threshold: roles[role]?.threshold ?? 1,
  });
  return { root: of('root'), timestamp: of('timestamp'), snapshot: of('snapshot'), targets: of('targets') };
}

export const stagedIn = (repo: string): string => join(repo, 'staged/targets.json');
const stagedRootIn = (repo: string): string => join(repo, 'staged/root.json');

/** The list to go on with: what waits for signatures, else a new version of what is published, or of what both have signed: that may be on its way to a hub. */
function nextTargets(repo: string, nowMs: number): { targets: Metadata<Targets>; known: readonly Offer[] } {
  const root = latestRoot(repo);
  const path = existsSync(stagedIn(repo))
    ? stagedIn(repo)
    : join(repo, 'metadata', `${latest(repo, 'targets')}.targets.json`);
  const before = existsSync(path) ? read(path, (json) => Metadata.fromJSON(MetadataKind.Targets, json)) : undefined;
  const isSigned = before !== undefined && root !== undefined && check(root, 'targets', before) === undefined;
  const version = before === undefined ? 1 : before.signed.version + (isSigned ? 1 : 0);
  const targets = new Metadata(
    new Targets({
      version,
      specVersion,
      expires: expiry(nowMs, lastsDays.targets),
      targets: { ...before?.signed.targets },
    }),
  );
  const arches = new Set(Object.keys(targets.signed.targets).map((name) => name.split('/')[1] ?? ''));
  return { targets, known: [...arches].flatMap((arch) => offersFor({ targets }, arch)) };
}

const mayFor = (root: Metadata<Root>, role: Role) => (hand: SigningHand) =>
  root.signed.roles[role]?.keyIDs.includes(hand.key.keyID) === true;

function check(by: Metadata<Root>, role: Role, metadata: Parameters<Metadata<Root>['verifyDelegate']>[1]) {
  try {
    by.verifyDelegate(role, metadata);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function latestRoot(repo: string): Metadata<Root> | undefined {
  const version = latest(repo, 'root');
  if (version === 0) return undefined;
  return readRoot(join(repo, 'metadata', `${version}.root.json`));
}

const readRoot = (path: string): Metadata<Root> => read(path, (json) => Metadata.fromJSON(MetadataKind.Root, json));

/** The highest version there is; 0 where there is none. */
export function latest(repo: string, role: 'root' | 'snapshot' | 'targets'): number {
  const folder = join(repo, 'metadata');
  const versions = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(`.${role}.json`))
    .map((name) => Number.parseInt(name, 10));
  return Math.max(0, ...versions);
}

function metaOf(path: string, version: number): MetaFile {
  const bytes = readFileSync(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return new MetaFile({ version, length: bytes.length, hashes: { sha256 } });
}

type Json = Parameters<typeof Metadata.fromJSON>[1];
const read = <T>(path: string, as: (json: Json) => T): T => as(JSON.parse(readFileSync(path, 'utf8')));

function write(path: string, metadata: { toJSON(): unknown }): void {
  writeWhole(path, Buffer.from(`${JSON.stringify(metadata.toJSON(), undefined, 1)}\n`));
}

export function writeWhole(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}
