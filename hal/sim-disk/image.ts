// What a disk holds at one moment, and what may be left of it when the power goes.
//
// Two things are kept apart, as a journalling file system keeps them: the bytes of files, and the entries of folders.
// - Bytes that were not flushed since they were written: each sector of 512 bytes is, independently, the new one, the old one or zeros, and the
//   file has any length between the flushed and the written one (delayed allocation; ext4 in `data=writeback`; a card that writes out of order).
// - Entries whose folder was not flushed since: each is, independently, there or not. A journal would keep them in order, all up to one moment
//   (one of the moods below does just that), but POSIX promises no order between folders, and other file systems give none.
// What is never allowed, since every journal forbids it: a renamed file without any name (its new name comes before its old one goes), half a
// replacement (the name means the old file or the new one), an entry for a file that never was, and a name in a folder that is gone.
import { below, type Random } from './random.ts';

export const sectorBytes = 512;
/** Stands in `names` for a folder. */
export const folderMark = 0;

export interface FileBytes {
  readonly now: Uint8Array;
  /** As of the last flush; the same object as `now` when nothing was written since. */
  readonly safe: Uint8Array;
}

/** One entry of one folder, set or taken away, not yet flushed. */
export interface Change {
  readonly folder: string;
  readonly path: string;
  /** Undefined: the name goes. */
  readonly file: number | undefined;
  /** The new name that must be there before this one may go. */
  readonly after: Change | undefined;
}

/** Buffers in an image are never written to. */
export interface Image {
  readonly files: ReadonlyMap<number, FileBytes>;
  /** As programs see them. */
  readonly names: ReadonlyMap<string, number>;
  /** As the card has them. */
  readonly safe: ReadonlyMap<string, number>;
  /** In the order in which they were made. */
  readonly pending: readonly Change[];
  readonly nextFile: number;
}

export const emptyImage: Image = {
  files: new Map(),
  names: new Map([['/', folderMark]]),
  safe: new Map([['/', folderMark]]),
  pending: [],
  nextFile: 1,
};

/** The same disk after a power cut: nothing is pending any more, what was may be there or not. */
export function afterPowerCut(image: Image, random: Random): Image {
  const names = new Map(image.safe);
  for (const change of keptChanges(image.pending, random)) {
    if (change.file === undefined) names.delete(change.path);
    else names.set(change.path, change.file);
  }
  const rooted = new Map<string, boolean>([['/', true]]);
  for (const path of [...names.keys()]) if (!isRooted(path, names, rooted)) names.delete(path);
  const files = new Map<number, FileBytes>();
  for (const file of names.values()) {
    const bytes = image.files.get(file);
    if (bytes === undefined || files.has(file)) continue;
    const left = bytes.now === bytes.safe ? bytes.safe : torn(bytes, random);
    files.set(file, { now: left, safe: left });
  }
  return { files, names, safe: new Map(names), pending: [], nextFile: image.nextFile };
}

/** Which of the changes that were not flushed are there after the power went; `after` is what must be there as well. */
export function keptChanges<C extends { readonly after: C | undefined }>(pending: readonly C[], random: Random): C[] {
  const mood = random();
  // A journal's order, everything or nothing at the ends of it; else each for itself.
  if (mood < 0.4) return pending.slice(0, below(pending.length + 1, random));
  const kept = new Set(pending.filter(() => random() < 0.5));
  for (const change of [...kept]) if (change.after !== undefined) kept.add(change.after);
  return pending.filter((change) => kept.has(change));
}

/** True when every folder on the way is there; `known` remembers what was asked before. */
function isRooted(path: string, names: ReadonlyMap<string, number>, known: Map<string, boolean>): boolean {
  const above = path.slice(0, path.lastIndexOf('/')) || '/';
  const before = known.get(above);
  if (before !== undefined) return before;
  const rooted = names.get(above) === folderMark && isRooted(above, names, known);
  known.set(above, rooted);
  return rooted;
}

/** What is left of a file's bytes: each sector the new one, the old one or zeros. */
export function torn({ now, safe }: FileBytes, random: Random): Uint8Array {
  const mood = random();
  if (mood < 0.2) return safe;
  if (mood < 0.35) return now;
  const least = Math.min(now.length, safe.length);
  const grown = Math.max(now.length, safe.length) - least;
  const length = mood < 0.6 ? now.length : least + below(grown + 1, random);
  const left = new Uint8Array(length);
  for (let at = 0; at < length; at += sectorBytes) {
    const from = random() < 0.45 ? now : random() < 0.5 ? safe : undefined;
    if (from !== undefined) left.set(from.subarray(at, Math.min(at + sectorBytes, length)), at);
  }
  return left;
}

/** The same image with one byte changed that nobody wrote: at rest, in this file. */
export function withRot(image: Image, path: string, random: Random): Image {
  const file = image.names.get(path);
  const bytes = file === undefined ? undefined : image.files.get(file);
  if (file === undefined || bytes === undefined || bytes.now.length === 0) return image;
  const rotten = bytes.now.slice();
  const at = below(rotten.length, random);
  rotten[at] = (rotten[at] ?? 0) ^ (1 << below(8, random));
  return { ...image, files: new Map(image.files).set(file, { now: rotten, safe: rotten }) };
}

/** The bytes under this name, not copied. */
export function bytesAt(image: Pick<Image, 'files' | 'names'>, path: string): Uint8Array | undefined {
  const file = image.names.get(path);
  return file === undefined ? undefined : image.files.get(file)?.now;
}

/** Names in this folder, sorted. */
export function namesIn(image: Pick<Image, 'names'>, folder: string): string[] {
  const prefix = folder === '/' ? '/' : `${folder}/`;
  const found: string[] = [];
  for (const path of image.names.keys()) {
    if (path.length > prefix.length && path.startsWith(prefix) && !path.includes('/', prefix.length))
      found.push(path.slice(prefix.length));
  }
  return found.sort();
}
