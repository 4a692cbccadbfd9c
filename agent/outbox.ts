// The uplink's side of the spool: what waits, in drain order; what was delivered; what turned out damaged.
// It only lists, reads and renames. Records are written by the recorder alone (spool.ts).
import { join } from 'node:path';
import type { Disk } from '../hal/ports.ts';
import type { DrainClass } from '../protocol/manifest.ts';
import { drainClasses } from '../protocol/manifest.ts';
import { type FileName, parseFileName } from '../protocol/record-file.ts';
import { unlessGone } from './gone.ts';

export interface Waiting {
  readonly class: DrainClass;
  readonly name: string;
  readonly file: FileName;
}

/**
 * How long what has left the queue may go unflushed. The recorder flushes its own files all the time, and on ext4 each flush takes along what was renamed
 * before: by then there is mostly nothing left to write. What a cut brings back costs a word with the hub.
 */
export const settleEveryMs = 30_000;

export interface Outbox {
  /** Names waiting in one class, oldest first. */
  list(drainClass: DrainClass): Promise<Waiting[]>;
  /** The same as bare names: what a folder of 100,000 costs least. Others' names may be among them. */
  names(drainClass: DrainClass): Promise<string[]>;
  /** Undefined when the file has gone meanwhile (evicted by the recorder). */
  size(item: Waiting): Promise<number | undefined>;
  /** Undefined when the file has gone meanwhile. */
  readRange(item: Waiting, start: number, length: number): Promise<Uint8Array | undefined>;
  /** The hub has signed for them: they leave the queue, and stay on the card until the room is needed. Durable with the next `settle`: what a power cut brings back is offered again, and known. */
  delivered(items: readonly Waiting[]): Promise<void>;
  /** Flushes what has left the queue. */
  settle(): Promise<void>;
  /** Its hash does not hold: it leaves the queue for `quarantine/`. Durable on return. */
  quarantine(item: Waiting): Promise<void>;
}

/** Folders below a node's `dataDir`. */
export const folders = (dataDir: string) => ({
  ring: join(dataDir, 'ring'),
  waiting: (drainClass: DrainClass) => join(dataDir, 'spool', String(drainClass)),
  delivered: join(dataDir, 'delivered'),
  quarantine: join(dataDir, 'quarantine'),
  /** Further names of what must not be given up (recorder/holds.ts). */
  held: join(dataDir, 'held'),
  /** Of the first releases; only ever emptied. */
  formerDrafts: join(dataDir, 'tmp'),
  all: () => [
    join(dataDir, 'ring'),
    join(dataDir, 'delivered'),
    join(dataDir, 'quarantine'),
    join(dataDir, 'held'),
    ...drainClasses.map((drainClass) => join(dataDir, 'spool', String(drainClass))),
  ],
});

/**
 * What a file is called until it is whole and flushed. It lies where it will lie: a rename from folder to folder would put one more block of a folder
 * into each commit of the journal.
 */
export const draftSuffix = '.draft';
export const draftOf = (path: string): string => path + draftSuffix;
export const isDraft = (name: string): boolean => name.endsWith(draftSuffix);

/** A name in `held/` is these digits, a dot, and the record's or segment's own name. */
export const keyDigits = 16;
export const nameHeld = (heldName: string): string => heldName.slice(keyDigits + 1);

/** Opening a file costs more than reading so much of it. */
const aheadBytes = 512 * 1024;

export function openOutbox(disk: Disk, dataDir: string): Outbox {
  const at = folders(dataDir);
  const path = (item: Waiting) => join(at.waiting(item.class), item.name);
  /** Files never change, and are read from front to back a chunk at a time: what was read last is mostly what is asked for next. */
  const ahead = { name: '', start: 0, bytes: new Uint8Array() };
  const readRange = async (item: Waiting, start: number, length: number): Promise<Uint8Array | undefined> => {
    const offset = start - ahead.start;
    if (item.name === ahead.name && offset >= 0 && offset + length <= ahead.bytes.length) {
      return ahead.bytes.subarray(offset, offset + length);
    }
    // The head of a file is often all that is wanted of it.
    if (start === 0) return await unlessGone(disk.readRange(path(item), start, length));
    const bytes = await unlessGone(disk.readRange(path(item), start, Math.max(length, aheadBytes)));
    if (bytes === undefined) return undefined;
    Object.assign(ahead, { name: item.name, start, bytes });
    return bytes.subarray(0, length);
  };
  /** The newest name of each class that is known to be on the card for good. */
  const settled = new Map<DrainClass, string>();
  /**
   * A name is to be seen before it is flushed. A record the hub has and the node has lost again would part their chains, so what is listed is
   * flushed before it is sent. A card that cannot flush any more keeps nobody from sending: that is worth more than a whole chain.
   */
  const listFlushed = async (drainClass: DrainClass): Promise<string[]> => {
    const names = (await disk.list(at.waiting(drainClass))).filter((name) => !isDraft(name));
    const newest = names.at(-1);
    if (newest !== undefined && newest !== settled.get(drainClass)) {
      const flushed = await disk.syncFolder(at.waiting(drainClass)).then(
        () => true,
        () => false,
      );
      if (flushed) settled.set(drainClass, newest);
    }
    return names;
  };
  const move = async (items: readonly Waiting[], folder: string) => {
    for (const item of items) {
      await unlessGone(disk.rename(path(item), join(folder, item.name)));
      // rename(2) between two names of one file does nothing: a segment that waits in two classes, a record whose old name came back with a
      // power cut. The name in `folder` stays, so no byte goes.
      const stays = (await unlessGone(disk.size(path(item)))) !== undefined;
      if (stays) await unlessGone(disk.remove(path(item)));
      left.add(item.class);
    }
  };
  /** Classes out of which something was moved since they were last flushed. */
  const left = new Set<DrainClass>();
  // A rename is one entry of the journal: flushed where the old name was, it is flushed as a whole. All at once: the journal is committed once.
  const settle = async () => {
    const classes = [...left];
    left.clear();
    await Promise.all(
      classes.map(async (drainClass) => {
        try {
          await disk.syncFolder(at.waiting(drainClass));
        } catch (error) {
          left.add(drainClass);
          throw error;
        }
      }),
    );
  };
  return {
    list: async (drainClass) =>
      (await listFlushed(drainClass)).flatMap((name) => {
        const file = parseFileName(name);
        return file === undefined ? [] : [{ class: drainClass, name, file }];
      }),
    // A folder the recorder has not made yet holds nothing.
    names: async (drainClass) => (await unlessGone(listFlushed(drainClass))) ?? [],
    size: (item) => unlessGone(disk.size(path(item))),
    readRange,
    delivered: (items) => move(items, at.delivered),
    settle,
    quarantine: async (item) => {
      await move([item], at.quarantine);
      await settle();
    },
  };
}
