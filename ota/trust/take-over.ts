// A delivery of the makers (a stick, an address) becomes part of the hub's repository: new roots in their order, the signed list of targets, and the bytes of what it
// lists. Nothing is kept that was not signed by enough, and nothing is published by this: that takes the hub's own keys (`publish`).
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Metadata, MetadataKind } from '@tufjs/models';
import { type ReleaseFile, readReleaseList } from '../release-list.ts';
import { packedMax, unpack } from './packed.ts';
import { latest, type Made, stagedIn, writePacked, writeWhole } from './repository.ts';
import type { Source } from './source.ts';
import { allOffers, filePath, listPath, type Offer } from './targets.ts';
import { firstRoot, metadataBytesMax, nextRoot, noFloors, type Trusted } from './trusted-set.ts';

/** More new roots than this in one delivery is an endless chain. */
const rootsMax = 64;

/** `told`: bytes that are here, of all. What it returns waits to be published; an empty list: nothing is new. */
export async function takeOver(
  repo: string,
  from: Source,
  told: (doneBytes: number, allBytes: number) => void,
): Promise<Made<readonly Offer[]>> {
  const rooted = await takeRoots(repo, from);
  if (!rooted.ok) return rooted;
  const delivered = await newestTargets(from, latest(repo, 'targets') + 1);
  if (delivered === undefined) return { ok: true, made: [] };
  const targets = readTargets(delivered);
  if (targets === undefined) return { ok: false, text: 'the list of targets cannot be read' };
  try {
    rooted.made.root.verifyDelegate('targets', targets);
  } catch (error) {
    return { ok: false, text: error instanceof Error ? error.message : String(error) };
  }
  if (targets.signed.version <= latest(repo, 'targets')) return { ok: true, made: [] };
  const offers = allOffers({ targets });
  for (const offer of offers) {
    const taken = await takeRelease(repo, from, offer, told);
    if (!taken.ok) return taken;
  }
  writeWhole(stagedIn(repo), delivered);
  return { ok: true, made: offers };
}

const readTargets = (bytes: Uint8Array) => {
  try {
    return Metadata.fromJSON(MetadataKind.Targets, JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return undefined;
  }
};

async function takeRoots(repo: string, from: Source): Promise<Made<Trusted>> {
  const rootPath = (version: number) => join(repo, `metadata/${version}.root.json`);
  const newest = latest(repo, 'root');
  const held = newest === 0 ? undefined : readFileSync(rootPath(newest));
  const begun = held ?? (await readOr(from, 'metadata/1.root.json', metadataBytesMax.root));
  if (begun === undefined) return { ok: false, text: 'neither here nor there is a root' };
  const first = firstRoot(begun, noFloors);
  if (!first.ok) return first;
  let trusted = first.now;
  if (held === undefined) writeWhole(rootPath(trusted.root.signed.version), begun);
  for (let taken = 0; taken < rootsMax; taken++) {
    const version = trusted.root.signed.version + 1;
    const bytes = await readOr(from, `metadata/${version}.root.json`, metadataBytesMax.root);
    if (bytes === undefined) break;
    const next = nextRoot(trusted, bytes);
    if (!next.ok) return next;
    trusted = next.now;
    writeWhole(rootPath(version), bytes);
  }
  return { ok: true, made: trusted };
}

/** What waits there for the hub, else the newest that was published there. */
async function newestTargets(from: Source, wanted: number): Promise<Uint8Array | undefined> {
  const staged = await readOr(from, 'staged/targets.json', metadataBytesMax.targets);
  if (staged !== undefined) return staged;
  let newest: Uint8Array | undefined;
  // Versions follow one another, but the hub may have missed some.
  for (let version = wanted, missed = 0; missed < rootsMax; version++) {
    const bytes = await readOr(from, `metadata/${version}.targets.json`, metadataBytesMax.targets);
    if (bytes === undefined) missed += 1;
    else [newest, missed] = [bytes, 0];
  }
  return newest;
}

async function takeRelease(
  repo: string,
  from: Source,
  offer: Offer,
  told: (doneBytes: number, allBytes: number) => void,
): Promise<Made<undefined>> {
  const list = await readOr(from, listPath(offer), offer.list.bytes);
  const sha256 = list === undefined ? '' : createHash('sha256').update(list).digest('hex');
  if (list === undefined || sha256 !== offer.list.sha256)
    return { ok: false, text: `the list of ${offer.release} for ${offer.arch} is not what was signed` };
  const read = readReleaseList(Buffer.from(list).toString('utf8'));
  if (!read.ok) return { ok: false, text: read.text };
  const { files } = read.list;
  const all = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let done = 0;
  for (const file of files) {
    if (!existsSync(join(repo, filePath(file.sha256)))) {
      const taken = await takeFile(repo, from, file);
      if (!taken.ok) return taken;
    }
    done += file.bytes;
    told(done, all);
  }
  writeWhole(join(repo, listPath(offer)), list);
  return { ok: true, made: undefined };
}

async function takeFile(repo: string, from: Source, file: ReleaseFile): Promise<Made<undefined>> {
  const at = join(repo, filePath(file.sha256));
  const incoming = `${at}.new`;
  mkdirSync(dirname(at), { recursive: true });
  try {
    const pulled = await from.pull(filePath(file.sha256), 0);
    if (!pulled.ok) return { ok: false, text: pulled.text };
    await pipeline(atMost(pulled.chunks, packedMax(file.bytes)), createWriteStream(incoming, { flush: true }));
    if (!(await unpack(incoming, undefined, file))) return { ok: false, text: `${file.path} is not what was signed` };
    writePacked(repo, file.sha256, readFileSync(incoming));
    return { ok: true, made: undefined };
  } catch (error) {
    return { ok: false, text: `${file.path}: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    rmSync(incoming, { force: true });
  }
}

async function* atMost(chunks: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let seen = 0;
  for await (const chunk of chunks) {
    seen += chunk.length;
    if (seen > bytesMax) throw new Error(`more than ${bytesMax} bytes`);
    yield chunk;
  }
}

async function readOr(from: Source, path: string, bytesMax: number): Promise<Uint8Array | undefined> {
  const fetched = await from.read(path, bytesMax);
  return fetched.ok ? fetched.bytes : undefined;
}
