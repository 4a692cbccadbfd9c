// From a folder (a stick, a download) into `releases/`: every byte is checked as it is copied, and the release appears whole or not at all.
import { existsSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type ListRead,
  listBytesMax,
  listName,
  type ReleaseList,
  readReleaseList,
  totalBytes,
} from './release-list.ts';
import { gatheredIn, releaseIn, releasesIn } from './root.ts';
import { type Copied, measureFile, type Shelf } from './shelf.ts';

export type InstallFailure =
  | 'no-list'
  | 'bad-list'
  | 'bad-path'
  | 'wrong-arch'
  | 'missing'
  | 'not-a-file'
  | 'damaged'
  | 'name-taken'
  | 'no-room'
  | 'io';
export type Installed =
  | { readonly ok: true; readonly list: ReleaseList }
  | { readonly ok: false; readonly why: InstallFailure; readonly text: string };

/** Left free beside a new release, so that an update never pushes out what waits to be sent. */
export const spareBytes = 64 * 1024 * 1024;

/** `kept` are the releases in use, which nothing may replace. */
export function install(shelf: Shelf, from: string, root: string, kept: readonly string[]): Installed {
  try {
    return copyIn(shelf, from, root, kept);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return { ok: false, why: 'missing', text };
    return { ok: false, why: code === 'ENOSPC' ? 'no-room' : 'io', text };
  }
}

function copyIn(shelf: Shelf, from: string, root: string, kept: readonly string[]): Installed {
  const read = readListIn(from);
  if (!read.ok) return read;
  const { list } = read;
  if (list.arch !== process.arch) {
    return { ok: false, why: 'wrong-arch', text: `the release is for ${list.arch}, this machine is ${process.arch}` };
  }
  const target = releaseIn(root, list.release);
  if (existsSync(target)) {
    if (holds(target, list)) return { ok: true, list };
    if (kept.includes(list.release)) {
      return { ok: false, why: 'name-taken', text: `another release named ${list.release} is in use` };
    }
  }
  const isOwn = dirname(resolve(from)) === gatheredIn(resolve(root));
  const needed = (isOwn ? 0 : totalBytes(list.files)) + spareBytes;
  const free = statfsSync(root);
  if (free.bavail * free.bsize < needed) {
    return { ok: false, why: 'no-room', text: `${needed} bytes must be free, not ${free.bavail * free.bsize}` };
  }
  const incoming = join(releasesIn(root), `.incoming-${list.release}`);
  shelf.remove(incoming);
  let failure: Installed | undefined;
  try {
    failure = copyFiles(shelf, realpathSync(from), incoming, list, isOwn);
  } catch (error) {
    shelf.remove(incoming);
    throw error;
  }
  if (failure !== undefined) {
    shelf.remove(incoming);
    return failure;
  }
  // A damaged folder of that name, or one a cut left unnamed in state.json.
  shelf.remove(target);
  shelf.rename(incoming, target);
  shelf.syncFolder(releasesIn(root));
  return { ok: true, list };
}

/** Of the root's own, gathered files the bytes are measured again, and get a second name in place of a copy: an ordinary update writes what has changed, not the runtime. */
function take(
  shelf: Shelf,
  from: string,
  to: string,
  rules: { readonly executable: boolean; readonly bytesMax: number },
  isOwn: boolean,
): Copied | undefined {
  const mode = rules.executable ? 0o755 : 0o644;
  const isSame = isOwn && (statSync(from).mode & 0o777) === mode;
  if (!isSame) return shelf.copyNew(from, to, rules);
  const measured = measureFile(from, rules.bytesMax);
  if (measured === undefined) return undefined;
  shelf.sameFile(from, to);
  shelf.syncFile(to);
  return measured;
}

function copyFiles(
  shelf: Shelf,
  from: string,
  incoming: string,
  list: ReleaseList,
  isOwn: boolean,
): Installed | undefined {
  const folders = foldersOf(list);
  for (const folder of folders) shelf.makeFolder(join(incoming, folder));
  for (const { path, bytes, sha256, executable } of list.files) {
    const source = join(from, path);
    // A link among the parents would lead out of the folder.
    const plain = realpathSync(dirname(source)) === dirname(source);
    const rules = { executable, bytesMax: bytes };
    const copied = plain ? take(shelf, source, join(incoming, path), rules, isOwn) : undefined;
    if (copied === undefined) return { ok: false, why: 'not-a-file', text: `${path} is not a plain file` };
    if (copied.bytes !== bytes || copied.sha256 !== sha256) {
      return { ok: false, why: 'damaged', text: `${path} is not what ${listName} says` };
    }
  }
  shelf.writeNew(join(incoming, listName), JSON.stringify(list));
  for (const folder of folders.toReversed()) shelf.syncFolder(join(incoming, folder));
  return undefined;
}

/** Whether every file of the list lies there, unchanged. */
export function holds(folder: string, list: ReleaseList): boolean {
  return list.files.every(({ path, bytes, sha256 }) => {
    if (!existsSync(join(folder, path))) return false;
    const found = measureFile(join(folder, path), bytes);
    return found?.bytes === bytes && found.sha256 === sha256;
  });
}

/** The list in a folder; a file longer than any list is not read. */
export function readListIn(folder: string): ListRead | { ok: false; why: 'no-list'; text: string } {
  const path = join(folder, listName);
  if (!existsSync(path)) return { ok: false, why: 'no-list', text: `there is no ${listName} in ${folder}` };
  const size = measureFile(path, listBytesMax);
  if (size === undefined || size.bytes > listBytesMax) {
    return { ok: false, why: 'bad-list', text: `${listName} must be a plain file of at most ${listBytesMax} bytes` };
  }
  return readReleaseList(readFileSync(path, 'utf8'));
}

/** Parents before children; '' is the release's own folder. */
function foldersOf(list: ReleaseList): string[] {
  const all = new Set<string>(['']);
  for (const { path } of list.files) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth++) all.add(parts.slice(0, depth).join('/'));
  }
  return [...all].sort();
}
