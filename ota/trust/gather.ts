// From a repository's folder (a stick, or what was fetched) into a release's own, ready for `apply`: what this machine has already (the runtime, most libraries) gets a second
// name, the rest is unpacked. Every file is what its hash says, or is not there.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { holds, spareBytes } from '../install.ts';
import { listName, type ReleaseFile } from '../release-list.ts';
import type { MayUse } from '../room.ts';
import { gatheredIn } from '../root.ts';
import type { Shelf } from '../shelf.ts';
import { isThere, knownFiles } from './known.ts';
import { cardFailure, checkList, type MirrorFailure } from './mirror.ts';
import { unpack } from './packed.ts';
import { folderSource } from './source.ts';
import { filePath, listPath, type Offer } from './targets.ts';

export type Gathered =
  | { readonly ok: true; readonly folder: string }
  | { readonly ok: false; readonly why: MirrorFailure; readonly text: string };

export interface GatherWorld {
  readonly shelf: Shelf;
  readonly updateRoot: string;
  /** The repository. */
  readonly from: string;
  /** Left out: what the file system has is enough. */
  readonly mayUse?: MayUse | undefined;
  /** After each file: bytes of the release that are here, of all. */
  readonly told: (doneBytes: number, allBytes: number) => void;
}

/** Never throws for what repository and card do. */
export async function gather(world: GatherWorld, offer: Offer): Promise<Gathered> {
  try {
    return await gatherNow(world, offer);
  } catch (error) {
    return cardFailure(error);
  }
}

async function gatherNow({ shelf, updateRoot, from, mayUse, told }: GatherWorld, offer: Offer): Promise<Gathered> {
  const fetched = await folderSource(from).read(listPath(offer), offer.list.bytes);
  if (!fetched.ok) return fetched;
  const read = checkList(fetched.bytes, offer);
  if (!read.ok) return read;
  const { list } = read;
  const folder = join(gatheredIn(updateRoot), offer.list.sha256);
  leaveOnly(gatheredIn(updateRoot), offer.list.sha256);
  mkdirSync(folder, { recursive: true });
  if (holds(folder, list)) {
    // Anew: a power cut may have torn it.
    writeFileSync(join(folder, listName), fetched.bytes, { flush: true });
    return { ok: true, folder };
  }
  const known = knownFiles(updateRoot);
  const lacking = list.files.filter(({ sha256 }) => !known.has(sha256)).reduce((total, { bytes }) => total + bytes, 0);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < lacking + spareBytes)
    return { ok: false, why: 'no-room', text: `${lacking + spareBytes} bytes must be free, not ${bavail * bsize}` };
  const why = await mayUse?.(lacking);
  if (why !== undefined) return { ok: false, why: 'no-room', text: why };
  const all = list.files.reduce((total, { bytes }) => total + bytes, 0);
  let done = 0;
  for (const file of list.files) {
    const path = join(folder, file.path);
    mkdirSync(dirname(path), { recursive: true });
    if (!isThere(path, file) && !(await place(shelf, known, file, path, from))) {
      const isAbsent = !existsSync(join(from, filePath(file.sha256)));
      return isAbsent
        ? { ok: false, why: 'absent', text: `${filePath(file.sha256)} (${file.path}) is not in ${from}` }
        : { ok: false, why: 'damaged', text: `${file.path} is not what the signed list says` };
    }
    done += file.bytes;
    told(done, all);
  }
  writeFileSync(join(folder, listName), fetched.bytes, { flush: true });
  return { ok: true, folder };
}

/** False where it can be had nowhere. */
async function place(
  shelf: Shelf,
  known: ReadonlyMap<string, string>,
  file: ReleaseFile,
  path: string,
  from: string,
): Promise<boolean> {
  const had = known.get(file.sha256);
  rmSync(path, { force: true });
  if (had !== undefined && isThere(had, file)) return takeOver(shelf, had, path, file);
  const unpacked = `${path}.new`;
  const isGood = await unpack(join(from, filePath(file.sha256)), unpacked, file);
  if (isGood) renameSync(unpacked, path);
  else rmSync(unpacked, { force: true });
  return isGood;
}

/** A second name for the same bytes; a copy on another file system (a release of the package may lie in /usr), and where files may not have one. */
function takeOver(shelf: Shelf, had: string, path: string, { bytes, sha256, executable }: ReleaseFile): boolean {
  try {
    shelf.sameFile(had, path);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EXDEV' && code !== 'EMLINK' && code !== 'EPERM') throw error;
    return shelf.copyNew(had, path, { executable, bytesMax: bytes })?.sha256 === sha256;
  }
}

/** Room on the card is for evidence: one release is gathered at a time. */
function leaveOnly(folder: string, name: string): void {
  if (!existsSync(folder)) return;
  for (const other of readdirSync(folder)) if (other !== name) rmSync(join(folder, other), { recursive: true });
}
