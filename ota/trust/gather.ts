// Brings a release that was found good into a folder, ready for `apply`: what this machine has already (the runtime, most libraries) gets a second name, the rest is
// pulled, and goes on where it broke off. Every file is what its hash says, or is not there.
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { holds, readListIn, spareBytes } from '../install.ts';
import { listName, type ReleaseFile, type ReleaseList, readReleaseList } from '../release-list.ts';
import { releaseIn, releasesIn } from '../root.ts';
import { measureFile, type Shelf } from '../shelf.ts';
import type { Source, SourceFailure } from './source.ts';
import { filePath, listPath, type Offer } from './targets.ts';

export type GatherFailure = SourceFailure | 'bad-list' | 'damaged' | 'no-room';
export type Gathered =
  | { readonly ok: true; readonly folder: string; readonly pulledBytes: number; readonly keptBytes: number }
  | { readonly ok: false; readonly why: GatherFailure; readonly text: string };

export interface GatherWorld {
  readonly shelf: Shelf;
  readonly updateRoot: string;
  readonly source: Source;
  /** After each file: bytes of the release that are here, of all. */
  readonly told: (doneBytes: number, allBytes: number) => void;
}

/** gzip makes what cannot be packed a little larger (RFC 1952: 18 bytes; RFC 1951: 5 for each 16 KiB block). */
const packedMax = (bytes: number): number => bytes + Math.ceil(bytes / 1024) + 1024;
/** A pull that breaks is tried again at once; the next look at the repository goes on where this one ended. */
const triesMax = 3;

export async function gather({ shelf, updateRoot, source, told }: GatherWorld, offer: Offer): Promise<Gathered> {
  const fetched = await source.read(listPath(offer), offer.list.bytes);
  if (!fetched.ok) return fetched;
  const sha256 = createHash('sha256').update(fetched.bytes).digest('hex');
  if (sha256 !== offer.list.sha256 || fetched.bytes.length !== offer.list.bytes)
    return { ok: false, why: 'damaged', text: `${listName} of ${offer.release} is not what was signed` };
  const text = Buffer.from(fetched.bytes).toString('utf8');
  const read = readReleaseList(text);
  if (!read.ok) return { ok: false, why: 'bad-list', text: read.text };
  const { list } = read;
  if (list.release !== offer.release || list.arch !== offer.arch)
    return { ok: false, why: 'bad-list', text: `${listName} is of ${list.release} for ${list.arch}` };

  const folder = join(updateRoot, 'gathered', sha256);
  leaveOnly(join(updateRoot, 'gathered'), sha256);
  mkdirSync(folder, { recursive: true });
  if (holds(folder, list)) {
    // Anew: it was not flushed, and a power cut may have torn it.
    writeFileSync(join(folder, listName), text);
    return { ok: true, folder, pulledBytes: 0, keptBytes: 0 };
  }
  const sum = { pulled: 0, kept: 0, done: 0 };
  const all = list.files.reduce((total, { bytes }) => total + bytes, 0);
  const known = knownFiles(updateRoot);
  const lacking = list.files
    .filter(({ sha256: hash }) => !known.has(hash))
    .reduce((total, { bytes }) => total + bytes, 0);
  const free = statfsSync(folder);
  if (free.bavail * free.bsize < lacking + spareBytes)
    return {
      ok: false,
      why: 'no-room',
      text: `${lacking + spareBytes} bytes must be free, not ${free.bavail * free.bsize}`,
    };
  for (const file of list.files) {
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    if (!isThere(path, file)) {
      const had = known.get(file.sha256);
      if (had !== undefined && isThere(had, file)) {
        rmSync(path, { force: true });
        shelf.sameFile(had, path);
        sum.kept += file.bytes;
      } else {
        const pulled = await pullFile(source, folder, file);
        if (!pulled.ok) return pulled;
        sum.pulled += pulled.bytes;
      }
    }
    sum.done += file.bytes;
    told(sum.done, all);
  }
  writeFileSync(join(folder, listName), text);
  return { ok: true, folder, pulledBytes: sum.pulled, keptBytes: sum.kept };
}

type PulledFile = { ok: true; bytes: number } | { ok: false; why: GatherFailure; text: string };

async function pullFile(source: Source, folder: string, file: ReleaseFile): Promise<PulledFile> {
  const part = join(folder, `.part-${file.sha256}`);
  let bytes = 0;
  let last: PulledFile = { ok: false, why: 'unreachable', text: file.path };
  for (let tries = 0; tries < triesMax; tries++) {
    const got = await appendTo(part, source, file);
    bytes += got.bytes;
    if (!got.ok) {
      last = got;
      if (got.why === 'absent' || got.why === 'too-large') return got;
      continue;
    }
    const unpacked = join(folder, `.plain-${file.sha256}`);
    if (await unpack(part, unpacked, file)) {
      await rename(unpacked, join(folder, file.path));
      rmSync(part, { force: true });
      return { ok: true, bytes };
    }
    // What came is not the file: nothing of it is worth going on from.
    rmSync(part, { force: true });
    rmSync(unpacked, { force: true });
    last = { ok: false, why: 'damaged', text: `${file.path} is not what the signed list says` };
  }
  return last;
}

type Appended =
  | { readonly ok: true; readonly bytes: number }
  | { readonly ok: false; readonly why: SourceFailure; readonly text: string; readonly bytes: number };

async function appendTo(part: string, source: Source, file: ReleaseFile): Promise<Appended> {
  const held = existsSync(part) ? statSync(part).size : 0;
  const pulled = await source.pull(filePath(file.sha256), held);
  if (!pulled.ok) return { ...pulled, bytes: 0 };
  await using to = await open(part, pulled.from === 0 ? 'w' : 'a');
  let at = pulled.from;
  try {
    for await (const chunk of pulled.chunks) {
      at += chunk.length;
      if (at > packedMax(file.bytes)) {
        await to.truncate(0);
        return { ok: false, why: 'too-large', text: `${file.path} is larger than signed`, bytes: at - pulled.from };
      }
      await to.appendFile(chunk);
    }
  } catch (error) {
    return { ok: false, why: 'unreachable', text: `${file.path} broke off: ${String(error)}`, bytes: at - pulled.from };
  }
  return { ok: true, bytes: at - pulled.from };
}

/** False for anything that is not exactly the file; never writes more than the file has. */
async function unpack(packed: string, plain: string, { bytes, sha256 }: ReleaseFile): Promise<boolean> {
  const hash = createHash('sha256');
  let seen = 0;
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      seen += chunk.length;
      hash.update(chunk);
      done(seen > bytes ? new Error('longer than signed') : null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(packed), createGunzip(), count, createWriteStream(plain));
  } catch {
    return false;
  }
  return seen === bytes && hash.digest('hex') === sha256;
}

function isThere(path: string, { bytes, sha256 }: ReleaseFile): boolean {
  if (!existsSync(path)) return false;
  const found = measureFile(path, bytes);
  return found?.bytes === bytes && found.sha256 === sha256;
}

/** What the releases on this machine have, by hash; believed only after it has been read again. */
function knownFiles(updateRoot: string): Map<string, string> {
  const known = new Map<string, string>();
  for (const release of existsSync(releasesIn(updateRoot)) ? readdirSync(releasesIn(updateRoot)) : []) {
    for (const { path, sha256 } of filesOf(releaseIn(updateRoot, release)))
      known.set(sha256, join(releaseIn(updateRoot, release), path));
  }
  return known;
}

function filesOf(folder: string): ReleaseList['files'] {
  const read = readListIn(folder);
  return read.ok ? read.list.files : [];
}

/** Room on the card is for evidence: one release is gathered at a time. */
function leaveOnly(folder: string, name: string): void {
  if (!existsSync(folder)) return;
  for (const other of readdirSync(folder)) if (other !== name) rmSync(join(folder, other), { recursive: true });
}
