// The archive: `archive/<node>/<boot>/<file>`, each file exactly the bytes that lay on the node, still sealed.
// INVARIANT: what `put` calls stored is on the disk under its final name, whole, and so is the name.
import { createHash, randomUUID } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk, DiskFile } from '../hal/ports.ts';
import { bootSchema, nameSchema } from '../protocol/identity.ts';
import { manifestBytesMax, parseFileName, splitRecordFile } from '../protocol/record-file.ts';
import type { Entry } from './examine.ts';

/** A file's place: which node, which boot, which name. */
export interface Place {
  readonly node: string;
  readonly boot: string;
  readonly name: string;
}
export interface Shelf {
  readonly node: string;
  readonly boot: string;
  /** Changes whenever a name comes to or leaves the folder. */
  readonly mtimeMs: number;
}
/** What can be asked without changing anything, also beside a running hub. */
export interface ArchiveReader {
  conflicts(node: string): Promise<string[]>;
  path(place: Place): string;
  /** When the file was written, Unix ms. */
  storedMs(place: Place): Promise<number>;
  /** The manifest line, or undefined where the file is not a record file. */
  manifest(place: Place): Promise<string | undefined>;
  body(place: Place): Promise<Uint8Array>;
  /** A segment's manifest line and at least this many bytes of its body, where it has them. */
  start(place: Place, bodyBytes: number): Promise<Uint8Array>;
  shelves(): Promise<Shelf[]>;
  /** Names of records and segments only, sorted. */
  names(shelf: { node: string; boot: string }): Promise<string[]>;
}
export interface Archive extends ArchiveReader {
  /** Stores manifest and body; `hash` when the body is not what the manifest names (nothing is stored then). Throws what the disk throws. */
  put(entry: Entry, body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<'stored' | 'hash'>;
  /** Keeps a refused manifest as evidence, beside the archive: two signatures of one node under one identity. */
  putConflict(entry: Entry): Promise<void>;
}

/** A segment's manifest line is about 800 bytes. */
const segmentLineBytesMax = 4096;

export async function openArchive(disk: Disk, dataDir: string): Promise<Archive> {
  const at = { archive: join(dataDir, 'archive'), tmp: join(dataDir, 'tmp'), conflicts: join(dataDir, 'conflicts') };
  for (const folder of Object.values(at)) await disk.makeFolder(folder);
  for (const left of await disk.list(at.tmp)) await disk.remove(join(at.tmp, left));

  const syncFolder = sharedSync((path) => disk.syncFolder(path));
  const folders = onceEach((path) => disk.makeFolder(path));

  const publish = async (draft: string, folder: string, name: string) => {
    await folders(folder);
    await disk.rename(draft, join(folder, name));
    await syncFolder(folder);
  };
  /** True when the bytes were as named and the draft is on the disk. */
  const writeDraft = async (draft: string, entry: Entry, body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
    const file = await disk.create(draft);
    try {
      const whole = await writeChecked(file, entry, body);
      if (whole) await file.sync();
      return whole;
    } finally {
      await file.close();
    }
  };

  return {
    ...readArchive(disk, dataDir),
    put: async (entry, body) => {
      const draft = join(at.tmp, randomUUID());
      try {
        if (!(await writeDraft(draft, entry, body))) {
          await disk.remove(draft);
          return 'hash';
        }
        await publish(draft, join(at.archive, entry.node, entry.boot), entry.name);
        return 'stored';
      } catch (error) {
        // The draft may not exist, or the disk may be gone altogether; what went wrong first is what matters.
        await disk.remove(draft).catch(() => undefined);
        throw error;
      }
    },
    putConflict: async (entry) => {
      const draft = join(at.tmp, randomUUID());
      await writeDraft(draft, { ...entry, body: undefined }, []);
      await publish(draft, join(at.conflicts, entry.node), entry.name);
    },
  };
}

export function readArchive(disk: Disk, dataDir: string): ArchiveReader {
  const at = { archive: join(dataDir, 'archive'), conflicts: join(dataDir, 'conflicts') };
  const path = (place: Place) => join(at.archive, place.node, place.boot, place.name);
  return {
    conflicts: async (node) =>
      (await list(join(at.conflicts, node))).filter((name) => parseFileName(name) !== undefined),
    path,
    storedMs: async (place) => Math.round((await stat(path(place))).mtimeMs),
    manifest: async (place) => {
      // Most manifests are short; a clip's may be long.
      for (const length of [4096, manifestBytesMax + 1]) {
        const file = splitRecordFile(await disk.readRange(path(place), 0, length));
        if (file !== undefined) return file.jws;
      }
      return undefined;
    },
    body: async (place) => splitRecordFile(await disk.read(path(place)))?.body ?? new Uint8Array(),
    start: (place, bodyBytes) => disk.readRange(path(place), 0, segmentLineBytesMax + bodyBytes),
    shelves: async () => {
      const nodes = (await list(at.archive)).filter((name) => nameSchema.safeParse(name).success);
      const shelves = nodes.map(async (node) => {
        const boots = (await list(join(at.archive, node))).filter((boot) => bootSchema.safeParse(boot).success);
        return await Promise.all(
          boots.map(async (boot) => ({ node, boot, mtimeMs: (await stat(join(at.archive, node, boot))).mtimeMs })),
        );
      });
      return (await Promise.all(shelves)).flat();
    },
    names: async ({ node, boot }) =>
      (await list(join(at.archive, node, boot))).filter((name) => parseFileName(name)?.boot === boot),
  };
}

async function writeChecked(
  file: DiskFile,
  entry: Entry,
  body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const line = Buffer.from(`${entry.jws}\n`, 'latin1');
  await file.write(line, 0);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of body) {
    hash.update(piece);
    await file.write(piece, line.length + bytes);
    bytes += piece.length;
  }
  if (entry.body === undefined) return bytes === 0;
  return bytes === entry.body.bytes && hash.digest('hex') === entry.body.sha256;
}

/** Folder syncs asked for while one runs share the next: one flush for many names. */
function sharedSync(sync: (path: string) => Promise<void>): (path: string) => Promise<void> {
  const running = new Map<string, { now: Promise<void>; next: Promise<void> | undefined }>();
  const run = (path: string): Promise<void> => {
    const turn = running.get(path);
    if (turn === undefined) {
      const now = sync(path).finally(() => {
        if (running.get(path)?.next === undefined) running.delete(path);
      });
      running.set(path, { now, next: undefined });
      return now;
    }
    // A sync that has begun may have missed our name: only one that begins from now on counts.
    turn.next ??= turn.now.then(
      () => begin(path),
      () => begin(path),
    );
    return turn.next;
  };
  const begin = (path: string): Promise<void> => {
    running.delete(path);
    return run(path);
  };
  return run;
}

/** Runs `make` once for each path, until it succeeds. */
function onceEach(make: (path: string) => Promise<void>): (path: string) => Promise<void> {
  const made = new Map<string, Promise<void>>();
  return (path) => {
    const before = made.get(path);
    if (before !== undefined) return before;
    const now = make(path).catch((error: unknown) => {
      made.delete(path);
      throw error;
    });
    made.set(path, now);
    return now;
  };
}

async function list(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
