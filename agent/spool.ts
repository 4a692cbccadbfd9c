// The recorder's side of the spool: records are signed, chained, sealed and written here, and nowhere else.
//
// INVARIANTS
// - `append` returns ok only when the record's bytes and its name are on the card (fsync file, rename, fsync folder).
// - (boot, seq) is never given out twice: the boot counter is durable before the first record, seq advances as soon as a name may exist.
// - `prev` of each record is the hash of the manifest before it, across boots, even when the spool was drained: `head` names it.
// - A record is acknowledged only when those before it stand as well: a flush that failed is owed, and done before the next one counts.
// - What a listing shows at the start is flushed before anything is built on it: whoever wrote it may have been killed before its flush.
// - What is still a draft was never acknowledged.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from '../hal/ports.ts';
import { type Boot, bootCounter } from '../protocol/identity.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { drainClasses } from '../protocol/manifest.ts';
import { joinRecordFile, parseFileName, recordFileName, splitRecordFile } from '../protocol/record-file.ts';
import type { Sealer } from '../protocol/seal.ts';
import { type SigningKey, sha256, sign } from '../protocol/sign.ts';
import { type CardTrouble, cardTrouble } from './card-trouble.ts';
import { type Head, readHead, writeHead } from './head.ts';
import { draftOf, folders, isDraft } from './outbox.ts';

/** Who signs, and for whom it is sealed. */
export interface Maker {
  readonly commune: string;
  readonly node: string;
  /** SHA-256 of the active configuration. */
  readonly config: string;
  readonly release: string;
  readonly signingKey: SigningKey;
  readonly sealer: Sealer;
}

type Given = Pick<Manifest, 'kind' | 'class' | 'time' | 'event' | 'of' | 'segments' | 'init' | 'complete' | 'last'>;
/** A body sealed before: the age file, the hash of what is in it and its media type. */
export interface SealedBody {
  readonly sealed: Uint8Array;
  readonly plainSha256: string;
  readonly type: string;
}
/** A record before it is one. A `plain` body is sealed on the way. */
export type Draft = Given & { readonly body?: SealedBody | { readonly plain: Uint8Array; readonly type: string } };

export type Stored =
  | {
      readonly ok: true;
      readonly name: string;
      readonly bytes: number;
      readonly manifest: Manifest;
      readonly sha256: string;
    }
  | { readonly ok: false; readonly why: CardTrouble; readonly cause: unknown };

export interface Spool {
  readonly boot: Boot;
  /** Records are written one after the other, in the order of the calls. */
  append(draft: Draft): Promise<Stored>;
  /** To be called before the named file is removed: a record that ends the chain is remembered in `head` first. */
  beforeRemoving(name: string): Promise<void>;
  /** Remembers for the next start that it is later than this (Unix ms). Throws what the disk throws. */
  keepFloor(floorMs: number): Promise<void>;
  /** Does `work` between two records: none is being written meanwhile. */
  between<T>(work: () => Promise<T>): Promise<T>;
}

export const keyId = (maker: Pick<Maker, 'commune' | 'node'>): string => `node:${maker.commune}/${maker.node}`;

/** Makes what is missing, clears drafts away, finds the end of the chain and takes the next boot number. Throws what the disk throws. */
export async function openSpool(disk: Disk, dataDir: string, identityDir: string, maker: Maker): Promise<Spool> {
  const at = folders(dataDir);
  for (const folder of [...at.all(), identityDir]) await disk.makeFolder(folder);
  // What cannot be removed (a folder) is not ours and in nobody's way; where the card is at fault, writing the head says so.
  for (const folder of at.all())
    for (const name of (await disk.list(folder)).filter(isDraft))
      await disk.remove(join(folder, name)).catch(() => undefined);
  // Where drafts lay once: an update finds what a cut left there, up to a whole segment each, and nobody else would ever look.
  for (const name of await disk.list(at.formerDrafts).catch(() => []))
    await disk.remove(join(at.formerDrafts, name)).catch(() => undefined);

  for (const drainClass of drainClasses) await disk.syncFolder(at.waiting(drainClass));
  const head = await readHead(disk, identityDir);
  const found = await survey(disk, dataDir);
  const counter = Math.max(head?.boot === undefined ? 0 : bootCounter(head.boot), found.bootCounterMax) + 1;
  const boot = `${String(counter).padStart(6, '0')}.${randomBytes(4).toString('hex')}`;
  const last = newer(found.last, head?.last);
  let kept: Head = { boot, last, floorMs: head?.floorMs ?? 0 };
  await writeHead(disk, identityDir, kept);
  let writing: Promise<unknown> = Promise.resolve();
  /** One after the other: both change parts of one file. The end of the chain is named only where it may soon be gone: `last` as it was else. */
  const keepHead = (part: Partial<Head>): Promise<void> => {
    const done = writing.then(async () => {
      const next = { ...kept, ...part };
      await writeHead(disk, identityDir, next);
      kept = next;
    });
    writing = done.catch(() => undefined);
    return done;
  };

  const chain = { seq: 0, last };
  /** Folders with a name that the card may not have yet. */
  const owed = new Set<string>();
  let queue: Promise<unknown> = Promise.resolve();

  const flushOwed = async () => {
    for (const folder of owed) {
      await disk.syncFolder(folder);
      owed.delete(folder);
    }
  };
  const write = async (draft: Draft, body: SealedBody | undefined): Promise<Stored> => {
    const manifest = manifestOf(maker, boot, chain.seq, chain.last?.sha256 ?? null, draft, body);
    const jws = await sign(JSON.stringify(manifest), 'matlang-record', keyId(maker), maker.signingKey);
    const hash = sha256(jws);
    const name = recordFileName({ boot, seq: manifest.seq, kind: manifest.kind, sha256: hash });
    const bytes = joinRecordFile(jws, body?.sealed ?? new Uint8Array());
    const path = join(at.waiting(manifest.class), name);
    const draftPath = draftOf(path);
    const advance = () => {
      chain.seq += 1;
      chain.last = { boot, seq: manifest.seq, sha256: hash, name };
    };
    try {
      // Before the next name can exist: a cut may keep that one, and not the one it names.
      await flushOwed();
      await writeFile(disk, draftPath, bytes);
      await disk.rename(draftPath, path);
    } catch (cause) {
      // Nobody has seen the name; the half-written file must not use up room that is short already.
      await disk.remove(draftPath).catch(() => undefined);
      return { ok: false, why: cardTrouble(cause), cause };
    }
    advance();
    owed.add(at.waiting(manifest.class));
    try {
      await flushOwed();
    } catch (cause) {
      return { ok: false, why: cardTrouble(cause), cause };
    }
    return { ok: true, name, bytes: bytes.length, manifest, sha256: hash };
  };

  return {
    boot,
    append: (draft) => {
      const body = sealBody(maker.sealer, draft.body);
      const stored = queue.then(() => write(draft, body));
      queue = stored.catch(() => undefined);
      return stored;
    },
    between: (work) => {
      const done = queue.then(work);
      queue = done.catch(() => undefined);
      return done;
    },
    beforeRemoving: async (name) => {
      if (name === chain.last?.name) await keepHead({ last: chain.last });
    },
    keepFloor: (floorMs) => keepHead({ floorMs }),
  };
}

function sealBody(sealer: Sealer, body: Draft['body']): SealedBody | undefined {
  if (body === undefined || 'sealed' in body) return body;
  return { sealed: sealer.seal(body.plain), plainSha256: sha256(body.plain), type: body.type };
}

function manifestOf(
  maker: Maker,
  boot: Boot,
  seq: number,
  prev: string | null,
  draft: Draft,
  sealed: SealedBody | undefined,
): Manifest {
  const { body: _, ...given } = draft;
  const body = sealed && {
    bytes: sealed.sealed.length,
    sha256: sha256(sealed.sealed),
    plainSha256: sealed.plainSha256,
    type: sealed.type,
  };
  return {
    v: 1,
    commune: maker.commune,
    node: maker.node,
    boot,
    seq,
    prev,
    ...given,
    ...(body === undefined ? {} : { body }),
    config: maker.config,
    release: maker.release,
  };
}

async function writeFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.create(path);
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The record that ends a chain. */
export interface ChainEnd {
  readonly boot: Boot;
  readonly seq: number;
  /** Of its manifest; no more than the 16 digits in its name where the card would not read it. */
  readonly sha256: string;
  readonly name: string;
}

/**
 * Looks at names only, but for the newest record: its whole hash is read from the file itself. One whose hash does not hold is passed over. One that the card will not read is not: it may
 * be whole, and read at another time; so the next record names it by the digits of its hash that are known.
 */
async function survey(disk: Disk, dataDir: string): Promise<{ bootCounterMax: number; last: ChainEnd | undefined }> {
  const at = folders(dataDir);
  const places = [...drainClasses.map(at.waiting), at.delivered, at.quarantine];
  const found: { name: string; boot: Boot; seq: number; hash16: string }[] = [];
  let bootCounterMax = 0;
  for (const folder of [...places, at.ring]) {
    for (const name of await disk.list(folder)) {
      const file = parseFileName(name);
      if (file === undefined) continue;
      bootCounterMax = Math.max(bootCounterMax, bootCounter(file.boot));
      if (file.is === 'record') found.push({ name, boot: file.boot, seq: file.seq, hash16: file.hash16 });
    }
  }
  found.sort((one, other) => bootCounter(other.boot) - bootCounter(one.boot) || other.seq - one.seq);
  for (const { name, boot, seq, hash16 } of found) {
    const bytes = await readFirst(
      disk,
      places.map((place) => join(place, name)),
    );
    if (bytes === 'unreadable') return { bootCounterMax, last: { boot, seq, sha256: hash16, name } };
    const whole = bytes === undefined ? undefined : splitRecordFile(bytes);
    const hash = whole === undefined ? '' : sha256(whole.jws);
    if (hash.startsWith(hash16)) return { bootCounterMax, last: { boot, seq, sha256: hash, name } };
  }
  return { bootCounterMax, last: undefined };
}

/** A card that fails a read once does mostly not fail it again. */
const readTriesMax = 5;

/**
 * The uplink may move a record from place to place meanwhile, always onwards. A bad sector must not keep the node from starting, and neither must what is no file (undefined): a folder with a
 * record's name.
 */
async function readFirst(disk: Disk, paths: readonly string[]): Promise<Uint8Array | 'unreadable' | undefined> {
  let isThere = false;
  for (const path of paths) {
    const bytes = await readStubbornly(disk, path);
    if (bytes === 'unreadable') isThere = true;
    else if (bytes !== undefined) return bytes;
  }
  return isThere ? 'unreadable' : undefined;
}

async function readStubbornly(disk: Disk, path: string): Promise<Uint8Array | 'unreadable' | undefined> {
  for (let tries = 0; tries < readTriesMax; tries += 1) {
    try {
      return await disk.read(path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code !== 'EIO') return undefined;
    }
  }
  return 'unreadable';
}

/** Of the same record, `other` has the say: `head` knows its whole hash. */
function newer(one: ChainEnd | undefined, other: ChainEnd | undefined): ChainEnd | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const age = bootCounter(one.boot) - bootCounter(other.boot) || one.seq - other.seq;
  return age > 0 ? one : other;
}
