// Metadata of every shape, right or wrong, signed by whoever is named: a repository in memory for trying out what a node believes.
import { createHash } from 'node:crypto';
import { Metadata, MetadataKind } from '@tufjs/models';
import type { SigningHand } from '../../ota/trust/keys.ts';
import { refresh } from '../../ota/trust/refresh.ts';
import type { Source } from '../../ota/trust/source.ts';
import { firstRoot, noFloors, type Role, type Trusted } from '../../ota/trust/trusted-set.ts';
import { dayMs, hand, nowMs } from './makers.ts';

type Json = Parameters<typeof Metadata.fromJSON>[1];
const kinds = {
  root: MetadataKind.Root,
  timestamp: MetadataKind.Timestamp,
  snapshot: MetadataKind.Snapshot,
  targets: MetadataKind.Targets,
} as const;

export interface Words {
  readonly version?: number;
  readonly expiresMs?: number;
  /** Who signs; those whose role it is where nobody is named. */
  readonly by?: readonly SigningHand[];
  /** Over, or beside, what is usual in the signed part. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Beside `signed` and `signatures`. */
  readonly outside?: Readonly<Record<string, unknown>>;
  readonly extraSignatures?: readonly { readonly keyid: string; readonly sig: string }[];
}
interface Holder {
  hands: readonly SigningHand[];
  threshold: number;
}

export interface Forge {
  readonly files: Map<string, Uint8Array>;
  readonly asked: string[];
  readonly source: Source;
  readonly holders: Record<Role, Holder>;
  root(words?: Words): Uint8Array;
  targets(words?: Words): Uint8Array;
  /** Names the targets that were made last. */
  snapshot(words?: Words): Uint8Array;
  /** Names the snapshot that was made last. */
  timestamp(words?: Words): Uint8Array;
  /** Targets, snapshot and timestamp, each one version on. */
  publish(): void;
  /** What a node with the first root believes. */
  fresh(): Trusted;
  /** A look: what is trusted then, and why it stopped; `ok` where nothing was wrong. */
  look(trusted: Trusted, referenceMs?: number): Promise<{ readonly trusted: Trusted; readonly why: string }>;
}

export function openForge(): Forge {
  const files = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const holders: Record<Role, Holder> = {
    root: { hands: [hand(), hand(), hand()], threshold: 2 },
    targets: { hands: [hand(), hand()], threshold: 2 },
    snapshot: { hands: [hand()], threshold: 1 },
    timestamp: { hands: [hand()], threshold: 1 },
  };
  const versions: Record<Role, number> = { root: 0, timestamp: 0, snapshot: 0, targets: 0 };

  const put = (role: Role, own: Readonly<Record<string, unknown>>, words: Words): Uint8Array => {
    versions[role] = words.version ?? versions[role] + 1;
    const signed = {
      _type: role,
      spec_version: '1.0.31',
      version: versions[role],
      expires: new Date(words.expiresMs ?? nowMs + 30 * dayMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      ...own,
      ...words.more,
    };
    const metadata = Metadata.fromJSON(kinds[role] as MetadataKind.Root, { signed, signatures: [] } as unknown as Json);
    for (const one of words.by ?? holders[role].hands) metadata.sign(one.sign);
    const made = { ...(metadata.toJSON() as { signatures: unknown[] }), ...words.outside };
    made.signatures.push(...(words.extraSignatures ?? []));
    const bytes = Buffer.from(JSON.stringify(made));
    files.set(role === 'timestamp' ? 'metadata/timestamp.json' : `metadata/${versions[role]}.${role}.json`, bytes);
    return bytes;
  };
  const metaOf = (role: Role) => {
    const bytes = files.get(`metadata/${versions[role]}.${role}.json`) ?? new Uint8Array();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { version: versions[role], length: bytes.length, hashes: { sha256 } };
  };
  const self: Forge = {
    files,
    asked,
    holders,
    source: {
      read: async (path, bytesMax) => {
        asked.push(path);
        const bytes = files.get(path);
        if (bytes === undefined) return { ok: false, why: 'absent', text: path };
        return bytes.length > bytesMax ? { ok: false, why: 'too-large', text: path } : { ok: true, bytes };
      },
      pull: async (path) => ({ ok: false, why: 'absent', text: path }),
    },
    root: (words = {}) => {
      const keys = Object.values(holders).flatMap(({ hands }) => hands.map(({ key }) => [key.keyID, key.toJSON()]));
      const roles = Object.entries(holders).map(([role, { hands, threshold }]) => [
        role,
        { keyids: hands.map(({ key }) => key.keyID), threshold },
      ]);
      const own = { consistent_snapshot: true, keys: Object.fromEntries(keys), roles: Object.fromEntries(roles) };
      return put('root', own, words);
    },
    targets: (words = {}) => put('targets', { targets: {} }, words),
    snapshot: (words = {}) => put('snapshot', { meta: { 'targets.json': metaOf('targets') } }, words),
    timestamp: (words = {}) => put('timestamp', { meta: { 'snapshot.json': metaOf('snapshot') } }, words),
    publish: () => {
      self.targets();
      self.snapshot();
      self.timestamp();
    },
    fresh: () => {
      const first = firstRoot(files.get('metadata/1.root.json') ?? new Uint8Array(), noFloors);
      if (!first.ok) throw new Error(first.text);
      return first.now;
    },
    look: async (trusted, referenceMs = nowMs) => {
      const looked = await refresh(trusted, self.source, referenceMs);
      return { trusted: looked.trusted, why: looked.failure?.why ?? 'ok' };
    },
  };
  self.root();
  return self;
}
