// The names that wait, by class, oldest first. What is under way is taken out; the folder on the card is the truth, this is what was last seen of it.
//
// Bounds: 5,000 names a class in memory, the oldest (100,000 names in a folder are 100,000 strings only while they are listed); a folder that
// holds more is listed again when 500 are left of them, a smaller one every 5 s and at the doorbell.
import type { DrainClass } from '../../protocol/manifest.ts';
import { drainClasses } from '../../protocol/manifest.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import type { Outbox, Waiting } from '../outbox.ts';

const heldMax = 5000;
const heldLow = 500;
export const relistMs = 5000;
/** A folder too large to be held is counted again this often. */
const recountMs = 60_000;
/** How many refused files are remembered; more, and the first of them are tried again early. */
const restingMax = 1000;

interface Shelf {
  /** Sorted; from `next` on they are still to be taken. */
  names: readonly string[];
  next: number;
  /** Names in the folder that did not fit into `names`. */
  beyond: number;
  listedMs: number;
  rung: boolean;
}

export interface Queue {
  /** Something was written in this class. */
  ring(drainClass: DrainClass): void;
  /** Lists what needs it. `taken` says which names are under way. Throws what the disk throws. */
  refresh(nowMs: number, taken: (item: string) => boolean): Promise<void>;
  has(drainClass: DrainClass): boolean;
  /** The oldest name of the class, taken out. */
  take(drainClass: DrainClass): Waiting | undefined;
  /** The oldest name of the class, left where it is. */
  peek(drainClass: DrainClass): Waiting | undefined;
  /** Refused by the hub: not offered again before this moment. */
  rest(name: string, untilMs: number): void;
  resting(): number;
  /** Every waiting name with this identity and these first digits of the manifest's hash. */
  find(identity: { boot: string; seq?: number | undefined; seg?: number | undefined; sha256: string }): Waiting[];
  /** How many wait and are not taken, by class. */
  counts(): readonly number[];
  /** How many of those in memory are event records. */
  events(): number;
}

export function openQueue(outbox: Outbox): Queue {
  const shelves = drainClasses.map(
    (): Shelf => ({ names: [], next: 0, beyond: 0, listedMs: Number.NEGATIVE_INFINITY, rung: true }),
  );
  const resting = new Map<string, number>();
  const shelfOf = (drainClass: DrainClass): Shelf => shelves[drainClass] as Shelf;

  const isDue = (shelf: Shelf, nowMs: number): boolean => {
    const left = shelf.names.length - shelf.next;
    if (shelf.beyond > 0) return left < heldLow || nowMs - shelf.listedMs > recountMs;
    return shelf.rung || nowMs - shelf.listedMs > relistMs;
  };

  const list = async (drainClass: DrainClass, nowMs: number, taken: (name: string) => boolean) => {
    const shelf = shelfOf(drainClass);
    // Before the listing: what is written from here on rings again.
    shelf.rung = false;
    shelf.listedMs = nowMs;
    const all = await outbox.names(drainClass);
    const names: string[] = [];
    let seen = 0;
    // Only as far as names are held: to look at each of 100,000 would stop everything else for half a second.
    for (; seen < all.length && names.length < heldMax; seen += 1) {
      const name = all[seen] ?? '';
      if (!taken(name) && !resting.has(name) && parseFileName(name) !== undefined) names.push(name);
    }
    shelf.names = names;
    shelf.next = 0;
    shelf.beyond = all.length - seen;
  };

  const waiting = (drainClass: DrainClass, name: string | undefined): Waiting | undefined => {
    const file = name === undefined ? undefined : parseFileName(name);
    return name === undefined || file === undefined ? undefined : { class: drainClass, name, file };
  };

  return {
    ring: (drainClass) => {
      shelfOf(drainClass).rung = true;
    },
    refresh: async (nowMs, taken) => {
      for (const [name, untilMs] of resting) if (untilMs <= nowMs) resting.delete(name);
      for (const drainClass of drainClasses)
        if (isDue(shelfOf(drainClass), nowMs)) await list(drainClass, nowMs, taken);
    },
    has: (drainClass) => shelfOf(drainClass).next < shelfOf(drainClass).names.length,
    take: (drainClass) => {
      const shelf = shelfOf(drainClass);
      const name = shelf.names[shelf.next];
      if (name !== undefined) shelf.next += 1;
      return waiting(drainClass, name);
    },
    peek: (drainClass) => waiting(drainClass, shelfOf(drainClass).names[shelfOf(drainClass).next]),
    rest: (name, untilMs) => {
      const [first] = resting.keys();
      if (resting.size >= restingMax && first !== undefined) resting.delete(first);
      resting.set(name, untilMs);
    },
    resting: () => resting.size,
    find: ({ boot, seq, seg, sha256 }) =>
      drainClasses.flatMap((drainClass) =>
        withPrefix(shelfOf(drainClass).names, `${boot}-${String(seq ?? seg).padStart(10, '0')}-`).flatMap((name) => {
          const item = waiting(drainClass, name);
          const sort = seq === undefined ? 'segment' : 'record';
          return item?.file.is === sort && sha256.startsWith(item.file.hash16) ? [item] : [];
        }),
      ),
    // Events wait in the two first classes only.
    events: () =>
      shelves.slice(0, 2).reduce((sum, { names, next }) => sum + names.slice(next).filter(isEvent).length, 0),
    counts: () => shelves.map((shelf) => shelf.names.length - shelf.next + shelf.beyond),
  };
}

export const isEvent = (name: string): boolean => name.includes('-event-');

/** From sorted names, those that begin so; by halving, since there may be thousands. */
function withPrefix(names: readonly string[], prefix: string): string[] {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((names[middle] ?? '') < prefix) low = middle + 1;
    else high = middle;
  }
  const found: string[] = [];
  for (let at = low; names[at]?.startsWith(prefix) === true; at += 1) found.push(names[at] ?? '');
  return found;
}
