// Where records go while the card refuses: memory. The spool and the outbox work on a disk that is the card and, beside it, a folder on tmpfs that both processes
// know; so what happens now is still sent now, and what was not sent is written to the card when it takes again.
//
//            a step on the card fails                       settle() has copied all of it to the card
//   card ───────────────────────────────▶ refuge ──────────────────────────────────────────────────▶ card
//            (that step throws; the next                    (what does not work is tried again)
//             ones go to memory)
//
// A name in memory is acknowledged like one on the card, and a power cut takes it along: the alternative is to say nothing at all.
import { basename, dirname, join, relative } from 'node:path';
import type { Disk, DiskFile } from '../hal/ports.ts';
import { drainClasses } from '../protocol/manifest.ts';
import { parseFileName } from '../protocol/record-file.ts';
import { type CardTrouble, cardTrouble } from './card-trouble.ts';
import { unlessGone } from './gone.ts';
import { draftOf, draftSuffix, folders, isDraft } from './outbox.ts';
import { writeDurable } from './write-durable.ts';

/** An hour of a busy junction's events with their stills. Half of it is for what matters most. */
const heldBytesMax = 8 * 1024 * 1024;
/** What an officer waits for, and what the chain cannot do without. */
const dearKinds: readonly string[] = ['event', 'fault', 'tombstone', 'boot', 'clip', 'anchor'];

export interface RefugePlace {
  /** Absolute. */
  readonly dataDir: string;
  readonly identityDir: string;
  /** A folder on tmpfs; made when it is needed. */
  readonly memoryDir: string;
}

export interface Refuge {
  /** For the spool and the outbox. */
  readonly disk: Disk;
  /** Why memory is in use; undefined while the card takes what it is given. */
  trouble(): { readonly why: CardTrouble; readonly text: string } | undefined;
  /** From here on memory is used: for a card that stays full whatever is given up. */
  enter(why: CardTrouble, text: string): void;
  /** Copies what is held to the card, as far as it takes it; appending may go on. False where it still refuses: it may take its time to say so. */
  copy(): Promise<boolean>;
  /** Copies the rest and goes back to the card. Not while something is appended. */
  settle(): Promise<boolean>;
  /** How many files are held. */
  held(): Promise<number>;
}

export const refugeDir = (runDir: string): string => join(runDir, 'refuge');

/** The recorder's. `memory` is the disk on which `memoryDir` lies. */
export function openRefuge(card: Disk, memory: Disk, place: RefugePlace): Refuge {
  const inMemory = pathInMemory(place);
  const at = folders(place.dataDir);
  const keptFolders = [...drainClasses.map(at.waiting), at.delivered, at.quarantine];
  const state: { trouble: ReturnType<Refuge['trouble']> } = { trouble: undefined };

  /** Fails as the card does; from then on memory is used. */
  const onCard = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (fallsBack(cause)) state.trouble = { why: cardTrouble(cause), text: String(cause) };
      throw cause;
    }
  };
  const heldBytes = async () => {
    let bytes = 0;
    for (const folder of keptFolders)
      for (const name of await namesIn(memory, inMemory(folder)))
        bytes += (await unlessGone(memory.size(join(inMemory(folder), name)))) ?? 0;
    return bytes;
  };
  const makeRoom = async (name: string) => {
    const file = parseFileName(name);
    const isDear = file === undefined || (file.is === 'record' && dearKinds.includes(file.kind));
    const most = isDear ? heldBytesMax : heldBytesMax / 2;
    // The hub has these.
    for (const each of (await heldBytes()) > most ? await namesIn(memory, inMemory(at.delivered)) : [])
      await unlessGone(memory.remove(join(inMemory(at.delivered), each)));
    if ((await heldBytes()) > most)
      throw Object.assign(new Error('the memory for records is full'), { code: 'ENOSPC' });
  };

  const disk: Disk = {
    ...beside(card, memory, inMemory),
    makeFolder: (path) =>
      state.trouble === undefined ? onCard(() => card.makeFolder(path)) : memory.makeFolder(inMemory(path)),
    create: async (path) => {
      if (state.trouble === undefined) return watched(await onCard(() => card.create(path)), onCard);
      await makeRoom(basename(path, draftSuffix));
      await memory.makeFolder(dirname(inMemory(path)));
      return await memory.create(inMemory(path));
    },
    syncFolder: (path) => (state.trouble === undefined ? onCard(() => card.syncFolder(path)) : Promise.resolve()),
  };

  const copyOne = async (folder: string, name: string) => {
    const bytes = await unlessGone(memory.read(join(inMemory(folder), name)));
    if (bytes === undefined) return;
    if (folder === place.identityDir) return await writeDurable(card, join(folder, name), bytes);
    // Copied by an earlier try. A file is whole where it has its name.
    if ((await unlessGone(card.size(join(folder, name)))) === bytes.length) return;
    const draft = draftOf(join(folder, name));
    await unlessGone(card.remove(draft));
    const file = await card.create(draft);
    try {
      await file.write(bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await card.rename(draft, join(folder, name));
  };
  const copyAll = async () => {
    for (const folder of [...at.all(), place.identityDir]) await card.makeFolder(folder);
    const kept: { folder: string; name: string }[] = [];
    for (const folder of keptFolders)
      for (const name of await namesIn(memory, inMemory(folder))) if (!isDraft(name)) kept.push({ folder, name });
    // In the order of the chain; then the head, which may name its end.
    kept.sort((one, other) => (one.name < other.name ? -1 : 1));
    for (const name of await namesIn(memory, inMemory(place.identityDir)))
      if (name === 'head') kept.push({ folder: place.identityDir, name });
    for (const { folder, name } of kept) await copyOne(folder, name);
    return kept;
  };
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    if (state.trouble === undefined) return true;
    try {
      await work();
      return true;
    } catch (cause) {
      state.trouble = { why: cardTrouble(cause), text: String(cause) };
      return false;
    }
  };

  return {
    disk,
    trouble: () => state.trouble,
    enter: (why, text) => {
      state.trouble ??= { why, text };
    },
    held: async () => (await Promise.all(keptFolders.map((folder) => namesIn(memory, inMemory(folder))))).flat().length,
    copy: () => attempt(async () => void (await copyAll())),
    settle: () =>
      attempt(async () => {
        let kept: Awaited<ReturnType<typeof copyAll>>;
        do {
          kept = await copyAll();
          // All of them, and though nothing is held: a flush may have failed before memory was turned to.
          for (const folder of [...at.all(), place.identityDir]) await card.syncFolder(folder);
          for (const { folder, name } of kept) await unlessGone(memory.remove(join(inMemory(folder), name)));
          // Again, since what the uplink delivered meanwhile lies under another folder's name. It moves each name once.
        } while (kept.length > 0);
        state.trouble = undefined;
      }),
  };
}

/** The uplink's: it makes nothing, it looks, reads and moves in both places. */
export function besideRefuge(card: Disk, memory: Disk, dataDir: string, memoryDir: string): Disk {
  return beside(card, memory, pathInMemory({ dataDir, identityDir: dataDir, memoryDir }));
}

/** What is in memory is used there. The card's own failures count where there is nothing in memory at all. */
function beside(card: Disk, memory: Disk, inMemory: (path: string) => string): Disk {
  const inEither = async <T>(path: string, work: (disk: Disk, path: string) => Promise<T>): Promise<T> => {
    const there = await unlessGone(work(memory, inMemory(path)).then((value) => ({ value })));
    if (there !== undefined) return there.value;
    try {
      return await work(card, path);
    } catch (cause) {
      // What a dying card does not give now is not there now; it is listed again when it can be.
      const isUsed = fallsBack(cause) && (await unlessGone(memory.list(inMemory(dirname(path))))) !== undefined;
      throw isUsed ? Object.assign(new Error(`${path} cannot be had`, { cause }), { code: 'ENOENT' }) : cause;
    }
  };
  return {
    ...card,
    rename: async (from, to) => {
      if ((await unlessGone(memory.size(inMemory(from)))) === undefined)
        return await card.rename(from, to).catch(async (cause: unknown) => {
          // A card that cannot be changed says so first, also of what is not there.
          await card.size(from);
          throw cause;
        });
      await memory.makeFolder(dirname(inMemory(to)));
      await memory.rename(inMemory(from), inMemory(to));
    },
    remove: (path) => inEither(path, (on, where) => on.remove(where)),
    list: async (path) => {
      const held = await unlessGone(memory.list(inMemory(path)));
      if (held === undefined) return await card.list(path);
      const onCard = await card.list(path).catch(() => []);
      return [...new Set([...onCard, ...held])].sort();
    },
    read: (path) => inEither(path, (on, where) => on.read(where)),
    readRange: (path, start, length) => inEither(path, (on, where) => on.readRange(where, start, length)),
    size: (path) => inEither(path, (on, where) => on.size(where)),
    // What was moved in memory needs no flush of a card that has none to give.
    syncFolder: async (path) => {
      const held = await unlessGone(memory.list(inMemory(path)));
      await card.syncFolder(path).catch((cause: unknown) => {
        if (held === undefined) throw cause;
      });
    },
  };
}

const namesIn = async (disk: Disk, folder: string): Promise<string[]> => (await unlessGone(disk.list(folder))) ?? [];

function pathInMemory({ dataDir, identityDir, memoryDir }: RefugePlace): (path: string) => string {
  return (path) => {
    const below = relative(dataDir, path);
    if (!below.startsWith('..')) return join(memoryDir, 'data', below);
    return join(memoryDir, 'identity', relative(identityDir, path));
  };
}

function watched(file: DiskFile, onCard: <T>(work: () => Promise<T>) => Promise<T>): DiskFile {
  return {
    write: (bytes, position) => onCard(() => file.write(bytes, position)),
    sync: () => onCard(() => file.sync()),
    close: () => file.close(),
  };
}

/** A file that is missing, or there already, says nothing about the card; on a full one room is made first. */
function fallsBack(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const others = ['ENOENT', 'EEXIST', 'EISDIR', 'ENOTDIR'];
  return typeof code === 'string' && !others.includes(code) && cardTrouble(cause) !== 'card-full';
}
