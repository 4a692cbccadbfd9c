// Fetches a release over a bad link into a folder that is then a repository like a stick: the metadata as they came, and the files that this machine lacks. Whoever installs
// from it believes nothing because of it. What has come stays, so that a break costs next to nothing: a file's part grows byte by byte; every whole MiB is on the card, and compared with
// the repository's sums where it has some, before the next begins.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { spareBytes } from '../install.ts';
import { listName, type ReleaseFile, type ReleaseList, readReleaseList } from '../release-list.ts';
import type { MayUse } from '../room.ts';
import { isThere, knownFiles } from './known.ts';
import type { Pace } from './pace.ts';
import { packedMax, unpack } from './packed.ts';
import type { Source, SourceFailure } from './source.ts';
import { filePath, listPath, type Offer } from './targets.ts';

export type MirrorFailure = SourceFailure | 'bad-list' | 'damaged' | 'no-room' | 'io';
type Failed = { readonly ok: false; readonly why: MirrorFailure; readonly text: string };
export type Mirrored = { readonly ok: true; readonly pulledBytes: number } | Failed;

export interface MirrorWorld {
  readonly source: Source;
  /** Becomes the repository. */
  readonly into: string;
  /** Where releases are installed: what is there is not fetched. */
  readonly updateRoot: string;
  readonly pace: Pace;
  /** Left out: what the file system has is enough. */
  readonly mayUse?: MayUse | undefined;
  /** After each file: bytes of the release that are here, of all. */
  readonly told: (doneBytes: number, allBytes: number) => void;
}

/** A connection that brought at least so much was worth it, and is not counted as a failure. */
const worthBytes = 4096;
const failuresMax = 3;
export const sumsChunkBytes = 1024 * 1024;
/** Files from this packed size on have sums in the repository. */
export const sumsFromBytes = 4 * 1024 * 1024;
const sumsBytesMax = 64 * 1024;
export const sumsPath = (sha256: string): string => `${filePath(sha256)}.sums`;

/** The same source; what is read of it stays in the folder, whole or not at all. */
export function keeping(source: Source, into: string): Source {
  return {
    ...source,
    read: async (path, bytesMax) => {
      const fetched = await source.read(path, bytesMax);
      if (fetched.ok) {
        const at = join(into, path);
        mkdirSync(dirname(at), { recursive: true });
        writeFileSync(`${at}.new`, fetched.bytes, { flush: true });
        renameSync(`${at}.new`, at);
      }
      return fetched;
    },
  };
}

/** What the card would not do. */
export function cardFailure(error: unknown): Failed {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const text = error instanceof Error ? error.message : String(error);
  return { ok: false, why: code === 'ENOSPC' || code === 'EDQUOT' ? 'no-room' : 'io', text };
}

/** Never throws for what source and card do. */
export async function mirror(world: MirrorWorld, offer: Offer): Promise<Mirrored> {
  try {
    return await mirrorNow(world, offer);
  } catch (error) {
    return cardFailure(error);
  }
}

async function mirrorNow(world: MirrorWorld, offer: Offer): Promise<Mirrored> {
  const { source, into, updateRoot, told } = world;
  const read = await readList(keeping(source, into), offer);
  if (!read.ok) return read;
  const { files } = read.list;
  leaveOnly(into, files);
  const known = knownFiles(updateRoot);
  const lacking = files.filter((file) => {
    const had = known.get(file.sha256);
    return had === undefined || !isThere(had, file);
  });
  const missing = lacking.filter(({ sha256 }) => !existsSync(join(into, filePath(sha256))));
  const room = roomFor(into, missing);
  if (room !== undefined) return room;
  const why = await world.mayUse?.(2 * missing.reduce((total, { bytes }) => total + bytes, 0));
  if (why !== undefined) return { ok: false, why: 'no-room', text: why };
  const all = files.reduce((total, { bytes }) => total + bytes, 0);
  let done = all - missing.reduce((total, { bytes }) => total + bytes, 0);
  let pulledBytes = 0;
  for (const file of missing) {
    const pulled = await pullFile(world, file);
    if (!pulled.ok) return pulled;
    pulledBytes += pulled.bytes;
    done += file.bytes;
    told(done, all);
  }
  return { ok: true, pulledBytes };
}

async function readList(source: Source, offer: Offer): Promise<{ ok: true; list: ReleaseList } | Failed> {
  const fetched = await source.read(listPath(offer), offer.list.bytes);
  if (!fetched.ok) return fetched;
  return checkList(fetched.bytes, offer);
}

/** The list of files that was signed, read. */
export function checkList(bytes: Uint8Array, offer: Offer): { ok: true; list: ReleaseList } | Failed {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== offer.list.sha256 || bytes.length !== offer.list.bytes)
    return { ok: false, why: 'damaged', text: `${listName} of ${offer.release} is not what was signed` };
  const read = readReleaseList(Buffer.from(bytes).toString('utf8'));
  if (!read.ok) return { ok: false, why: 'bad-list', text: read.text };
  const { list } = read;
  if (list.release !== offer.release || list.arch !== offer.arch)
    return { ok: false, why: 'bad-list', text: `${listName} is of ${list.release} for ${list.arch}` };
  return { ok: true, list };
}

/** Packed as they come, and unpacked beside: never more than twice what the files have. */
function roomFor(into: string, missing: readonly ReleaseFile[]): Failed | undefined {
  const needed = 2 * missing.reduce((total, { bytes }) => total + bytes, 0) + spareBytes;
  const { bavail, bsize } = statfsSync(into);
  const text = `${needed} bytes must be free, not ${bavail * bsize}`;
  return missing.length > 0 && bavail * bsize < needed ? { ok: false, why: 'no-room', text } : undefined;
}

type PulledFile = { readonly ok: true; readonly bytes: number } | Failed;

async function pullFile(world: MirrorWorld, file: ReleaseFile): Promise<PulledFile> {
  const whole = join(world.into, filePath(file.sha256));
  const part = `${whole}.part`;
  mkdirSync(dirname(whole), { recursive: true });
  const sums = file.bytes >= sumsFromBytes ? await readSums(world.source, file) : undefined;
  let bytes = 0;
  let last: Failed = { ok: false, why: 'unreachable', text: file.path };
  for (let failures = 0; failures < failuresMax; ) {
    const got = await appendTo(part, world, file, sums);
    bytes += got.bytes;
    if (!got.ok) {
      last = got;
      if (got.why !== 'unreachable' && got.why !== 'damaged') return got;
      if (got.why === 'damaged' || got.bytes < worthBytes) failures += 1;
      continue;
    }
    if (await unpack(part, undefined, file)) {
      renameSync(part, whole);
      return { ok: true, bytes };
    }
    // What came is not the file: nothing of it is worth going on from.
    rmSync(part, { force: true });
    failures += 1;
    last = { ok: false, why: 'damaged', text: `${file.path} is not what the signed list says` };
  }
  return last;
}

interface Sums {
  readonly bytes: number;
  readonly sha256: readonly string[];
}

/** Not signed, and not believed: they only say early which MiB is worth keeping. Undefined where the repository has none that make sense. */
async function readSums(source: Source, file: ReleaseFile): Promise<Sums | undefined> {
  const fetched = await source.read(sumsPath(file.sha256), sumsBytesMax);
  if (!fetched.ok) return undefined;
  try {
    const found: unknown = JSON.parse(Buffer.from(fetched.bytes).toString('utf8'));
    if (typeof found !== 'object' || found === null || !('bytes' in found) || !('sha256' in found)) return undefined;
    const { bytes, sha256 } = found;
    if (!Array.isArray(sha256) || !sha256.every((one): one is string => typeof one === 'string')) return undefined;
    const isSized = typeof bytes === 'number' && Math.ceil(bytes / sumsChunkBytes) === sha256.length;
    return isSized && bytes <= packedMax(file.bytes) ? { bytes, sha256 } : undefined;
  } catch {
    return undefined;
  }
}

type Appended =
  | { readonly ok: true; readonly bytes: number }
  | (Failed & { /** That came over the link. */ readonly bytes: number });

async function appendTo(part: string, world: MirrorWorld, file: ReleaseFile, sums?: Sums): Promise<Appended> {
  const held = existsSync(part) ? statSync(part).size : 0;
  const pulled = await world.source.pull(filePath(file.sha256), held);
  if (!pulled.ok) return { ...pulled, bytes: 0 };
  await using to = await open(part, 'a+');
  if (pulled.from !== held) await to.truncate(pulled.from);
  const most = sums?.bytes ?? packedMax(file.bytes);
  let at = pulled.from;
  const bytes = () => at - pulled.from;
  try {
    for await (const piece of pulled.chunks) {
      const before = at;
      at += piece.length;
      if (at > most) {
        await to.truncate(0);
        return { ok: false, why: 'too-large', text: `${file.path} is larger than signed`, bytes: bytes() };
      }
      await to.appendFile(piece);
      const bad = await firstBad(to, before, at, sums);
      if (bad !== undefined) {
        await to.truncate(bad);
        return { ok: false, why: 'damaged', text: `${file.path} is damaged at ${bad}`, bytes: bytes() };
      }
      await world.pace(piece.length);
    }
  } catch (error) {
    // A system call's error is the card's: a connection that breaks ends the stream with an error of its own.
    if (error instanceof Error && 'syscall' in error && (error.syscall === 'write' || error.syscall === 'fdatasync'))
      return { ...cardFailure(error), bytes: bytes() };
    return { ok: false, why: 'unreachable', text: `${file.path} broke off: ${String(error)}`, bytes: bytes() };
  }
  await to.sync();
  return { ok: true, bytes: bytes() };
}

/** Flushes whole MiBs that have come; where the first begins that is not what it should be. */
async function firstBad(file: FileHandle, before: number, at: number, sums?: Sums): Promise<number | undefined> {
  const chunks = { from: Math.floor(before / sumsChunkBytes), to: Math.floor(at / sumsChunkBytes) };
  const isLast = sums !== undefined && at === sums.bytes;
  if (chunks.from === chunks.to && !isLast) return undefined;
  await file.datasync();
  if (sums === undefined) return undefined;
  for (let chunk = chunks.from; chunk < (isLast ? sums.sha256.length : chunks.to); chunk++) {
    const start = chunk * sumsChunkBytes;
    const block = Buffer.alloc(Math.min(sumsChunkBytes, at - start));
    await file.read(block, 0, block.length, start);
    if (createHash('sha256').update(block).digest('hex') !== sums.sha256[chunk]) return start;
  }
  return undefined;
}

/** Room on the card is for evidence: one release is fetched at a time. */
function leaveOnly(into: string, files: readonly ReleaseFile[]): void {
  const folder = join(into, 'files');
  if (!existsSync(folder)) return;
  const kept = new Set(files.map(({ sha256 }) => sha256));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const hash = /([0-9a-f]{64})\.gz/.exec(name)?.[1];
    if (hash !== undefined && !kept.has(hash)) rmSync(join(folder, name), { force: true });
  }
}
