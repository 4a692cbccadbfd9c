// Which release metadata may be believed. The client's workflow of The Update Framework (TUF specification 1.0.33, section 5), each step as a function: bytes and
// what was trusted before go in, what is trusted now comes out. No I/O and no clock: the reference time is a parameter, since a node may not know the time.
import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models';

export type TrustFailure = 'malformed' | 'unsigned' | 'replayed' | 'not-next' | 'mismatch' | 'expired';
export type Took<T> =
  | { readonly ok: true; readonly now: T }
  | { readonly ok: false; readonly why: TrustFailure; readonly text: string };

export type Role = 'root' | 'timestamp' | 'snapshot' | 'targets';

/** The highest version of each role ever trusted: kept apart from the metadata, so that losing those lets no old ones back in. */
export type Floors = Readonly<Record<Role, number>>;
export const noFloors: Floors = { root: 0, timestamp: 0, snapshot: 0, targets: 0 };

export interface Trusted {
  readonly root: Metadata<Root>;
  readonly timestamp?: Metadata<Timestamp> | undefined;
  readonly snapshot?: Metadata<Snapshot> | undefined;
  readonly targets?: Metadata<Targets> | undefined;
  /** As they came: one names the hash of the other's bytes. */
  readonly raw: Readonly<Partial<Record<Role, Uint8Array>>>;
  readonly floors: Floors;
}

/** Most that is read of each, in bytes. */
export const metadataBytesMax = { root: 64 * 1024, timestamp: 16 * 1024, snapshot: 64 * 1024, targets: 1024 * 1024 };
const targetsName = 'targets.json';

/** The root that came with the node, or one kept before: where trust begins. It must at least be signed by its own keys. */
export function firstRoot(bytes: Uint8Array, floors: Floors): Took<Trusted> {
  const read = parse(bytes, (json) => Metadata.fromJSON(MetadataKind.Root, json));
  if (!read.ok) return read;
  const root = read.now;
  const unsigned = signedBy(root, 'root', root);
  if (unsigned !== undefined) return unsigned;
  if (!root.signed.consistentSnapshot) return no('malformed', 'root: consistent_snapshot must be true');
  if (!Number.isSafeInteger(root.signed.version) || root.signed.version < 1)
    return no('malformed', `root: version must be 1 or more, not ${root.signed.version}`);
  // Thresholds count names of keys: one key under two names would count for two holders.
  const keys = Object.values(root.signed.keys).map(({ keyVal }) => keyVal.public);
  if (new Set(keys).size < keys.length) return no('malformed', 'root: a key stands under two names');
  const floor = Math.max(floors.root, root.signed.version);
  return { ok: true, now: { root, raw: { root: bytes }, floors: { ...floors, root: floor } } };
}

/** 5.3: the next root is signed by the keys of the one before and by its own, and is exactly one version on. */
export function nextRoot(trusted: Trusted, bytes: Uint8Array): Took<Trusted> {
  const read = firstRoot(bytes, trusted.floors);
  if (!read.ok) return read;
  const { root } = read.now;
  const unsigned = signedBy(trusted.root, 'root', root);
  if (unsigned !== undefined) return unsigned;
  const wanted = trusted.root.signed.version + 1;
  if (root.signed.version !== wanted)
    return no('not-next', `root: must be version ${wanted}, not ${root.signed.version}`);
  // 5.3.11: new keys mean that the old ones may have signed absurdly high versions; the old ones sign nothing more, so nothing old comes back by this.
  const isRenewed = (role: Role) => keysOf(trusted.root, role) !== keysOf(root, role);
  const online = isRenewed('timestamp') || isRenewed('snapshot');
  const targets = isRenewed('targets');
  const floors = {
    ...read.now.floors,
    ...(online ? { timestamp: 0, snapshot: 0 } : {}),
    ...(targets ? { targets: 0 } : {}),
  };
  const kept: Pick<Trusted, 'timestamp' | 'snapshot' | 'targets'> = {
    ...(online ? {} : { timestamp: trusted.timestamp, snapshot: trusted.snapshot }),
    ...(targets ? {} : { targets: trusted.targets }),
  };
  const { timestamp, snapshot, targets: listed } = trusted.raw;
  const raw = {
    root: bytes,
    ...(online || timestamp === undefined ? {} : { timestamp }),
    ...(online || snapshot === undefined ? {} : { snapshot }),
    ...(targets || listed === undefined ? {} : { targets: listed }),
  };
  return { ok: true, now: { root, ...kept, raw, floors } };
}

/** 5.3.10: asked once the last root has been taken. */
export function rootIsCurrent({ root, floors }: Trusted, referenceMs: number): Took<undefined> {
  if (root.signed.version < floors.root) return older('root', floors.root, root.signed.version);
  return expired(root, 'root', referenceMs) ?? { ok: true, now: undefined };
}

/** 5.4. */
export function takeTimestamp(trusted: Trusted, bytes: Uint8Array, referenceMs: number): Took<Trusted> {
  const read = parse(bytes, (json) => Metadata.fromJSON(MetadataKind.Timestamp, json));
  if (!read.ok) return read;
  const timestamp = read.now;
  const unsigned = signedBy(trusted.root, 'timestamp', timestamp);
  if (unsigned !== undefined) return unsigned;
  const { version, snapshotMeta } = timestamp.signed;
  if (version < trusted.floors.timestamp) return older('timestamp', trusted.floors.timestamp, version);
  const snapshotFloor = Math.max(trusted.floors.snapshot, trusted.timestamp?.signed.snapshotMeta.version ?? 0);
  if (snapshotMeta.version < snapshotFloor) return older('snapshot in timestamp', snapshotFloor, snapshotMeta.version);
  // 5.4.3.1: the same version again is the one we have.
  if (trusted.timestamp?.signed.version === version)
    return expired(trusted.timestamp, 'timestamp', referenceMs) ?? { ok: true, now: trusted };
  return (
    expired(timestamp, 'timestamp', referenceMs) ?? {
      ok: true,
      now: {
        ...trusted,
        timestamp,
        raw: { ...trusted.raw, timestamp: bytes },
        floors: { ...trusted.floors, timestamp: version },
      },
    }
  );
}

/** 5.5. */
export function takeSnapshot(trusted: Trusted, bytes: Uint8Array, referenceMs: number): Took<Trusted> {
  const meta = trusted.timestamp?.signed.snapshotMeta;
  if (meta === undefined) return no('mismatch', 'snapshot: there is no timestamp yet');
  const wrong = differs(meta, bytes, 'snapshot');
  if (wrong !== undefined) return wrong;
  const read = parse(bytes, (json) => Metadata.fromJSON(MetadataKind.Snapshot, json));
  if (!read.ok) return read;
  const snapshot = read.now;
  const unsigned = signedBy(trusted.root, 'snapshot', snapshot);
  if (unsigned !== undefined) return unsigned;
  const { version } = snapshot.signed;
  if (version !== meta.version) return no('mismatch', `snapshot: must be version ${meta.version}, not ${version}`);
  const listed = snapshot.signed.meta[targetsName];
  if (listed === undefined) return no('mismatch', `snapshot: ${targetsName} is not listed`);
  if (listed.version < trusted.floors.targets)
    return older('targets in snapshot', trusted.floors.targets, listed.version);
  return (
    expired(snapshot, 'snapshot', referenceMs) ?? {
      ok: true,
      now: {
        ...trusted,
        snapshot,
        raw: { ...trusted.raw, snapshot: bytes },
        floors: { ...trusted.floors, snapshot: version },
      },
    }
  );
}

/** 5.6. */
export function takeTargets(trusted: Trusted, bytes: Uint8Array, referenceMs: number): Took<Trusted> {
  const meta = trusted.snapshot?.signed.meta[targetsName];
  if (meta === undefined) return no('mismatch', 'targets: there is no snapshot yet');
  const wrong = differs(meta, bytes, 'targets');
  if (wrong !== undefined) return wrong;
  const read = parse(bytes, (json) => Metadata.fromJSON(MetadataKind.Targets, json));
  if (!read.ok) return read;
  const targets = read.now;
  const unsigned = signedBy(trusted.root, 'targets', targets);
  if (unsigned !== undefined) return unsigned;
  const { version } = targets.signed;
  if (version !== meta.version) return no('mismatch', `targets: must be version ${meta.version}, not ${version}`);
  return (
    expired(targets, 'targets', referenceMs) ?? {
      ok: true,
      now: {
        ...trusted,
        targets,
        raw: { ...trusted.raw, targets: bytes },
        floors: { ...trusted.floors, targets: version },
      },
    }
  );
}

/** What the timestamp says the snapshot is, and the snapshot the targets: their versions are part of their file names. */
export const snapshotVersion = ({ timestamp }: Trusted): number => timestamp?.signed.snapshotMeta.version ?? 0;
export const targetsVersion = ({ snapshot }: Trusted): number => snapshot?.signed.meta[targetsName]?.version ?? 0;

type Json = Parameters<typeof Metadata.fromJSON>[1];

function parse<T>(bytes: Uint8Array, read: (json: Json) => T): Took<T> {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (!isRecord(json)) return no('malformed', 'metadata must be a JSON object');
    return { ok: true, now: read(json) };
  } catch (error) {
    return no('malformed', messageOf(error));
  }
}

function signedBy(root: Metadata<Root>, role: string, metadata: Parameters<Metadata<Root>['verifyDelegate']>[1]) {
  try {
    root.verifyDelegate(role, metadata);
    return undefined;
  } catch (error) {
    return no('unsigned', messageOf(error));
  }
}

function differs(meta: { verify(data: Buffer): void }, bytes: Uint8Array, role: string) {
  try {
    meta.verify(Buffer.from(bytes));
    return undefined;
  } catch (error) {
    return no('mismatch', `${role}: ${messageOf(error)}`);
  }
}

function expired(
  { signed }: { readonly signed: { readonly expires: string; isExpired(reference: Date): boolean } },
  role: string,
  referenceMs: number,
) {
  return signed.isExpired(new Date(referenceMs)) ? no('expired', `${role}: expired at ${signed.expires}`) : undefined;
}

const keysOf = ({ signed }: Metadata<Root>, role: string): string =>
  [...(signed.roles[role]?.keyIDs ?? [])].sort().join();
const no = (why: TrustFailure, text: string) => ({ ok: false, why, text }) as const;
const older = (what: string, floor: number, version: number) =>
  no('replayed', `${what}: version ${version} is older than ${floor}, which was seen before`);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isRecord = (found: unknown): found is Json =>
  typeof found === 'object' && found !== null && !Array.isArray(found);
