// The names that wait, by class. What is under way is taken out; the folder on the card is the truth, this is what was last seen of it.
//
// What happens now goes before what waited through an outage: names that came after the last `backlogEnds` are fresh, and go first. Within
// fresh and backlog alike the oldest is first.
//
// Bounds: 5,000 names a class in memory of each sort, the oldest (100,000 names in a folder are 100,000 strings only while they are listed); a folder that
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
/** And at a ring not more often than this. */
const largeRelistMs = 2000;
/** How many refused files are remembered; more, and the first of them are tried again early. */
const restingMax = 1000;

/** Sorted; from `next` on they are still to be taken. */
interface Run {
  readonly names: readonly string[];
  next: number;
}

interface Shelf {
  fresh: Run;
  backlog: Run;
  /** The backlog ends with this name. */
  mark: string;
  /** The mark is to be set at the next listing. */
  marking: boolean;
  /** Names in the folder that did not fit. */
  beyond: number;
  listedMs: number;
  rung: boolean;
}

export interface Queue {
  /** Something was written in this class. */
  ring(drainClass: DrainClass): void;
  /** The link or the hub is back: all that waits now is backlog, all that comes from now on is fresh. */
  backlogEnds(): void;
  /** Lists what needs it. `taken` says which names are under way. Throws what the disk throws. */
  refresh(nowMs: number, taken: (item: string) => boolean): Promise<void>;
  has(drainClass: DrainClass): boolean;
  /** The next name of the class, taken out: the oldest fresh one, else the oldest. */
  take(drainClass: DrainClass): Waiting | undefined;
  /** The oldest name of the class that is held, left where it is. */
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
    (): Shelf => ({
      ...{ fresh: { names: [], next: 0 }, backlog: { names: [], next: 0 }, mark: '', marking: true },
      ...{ beyond: 0, listedMs: Number.NEGATIVE_INFINITY, rung: true },
    }),
  );
  const resting = new Map<string, number>();
  const shelfOf = (drainClass: DrainClass): Shelf => shelves[drainClass] as Shelf;

  const isDue = (shelf: Shelf, nowMs: number): boolean => {
    const sinceMs = nowMs - shelf.listedMs;
    // A folder too large to be held is not listed at every ring, but what is fresh is found soon all the same.
    if (shelf.beyond > 0) {
      return left(shelf.fresh) + left(shelf.backlog) < heldLow || sinceMs > (shelf.rung ? largeRelistMs : recountMs);
    }
    return shelf.rung || sinceMs > relistMs;
  };

  const list = async (drainClass: DrainClass, nowMs: number, taken: (name: string) => boolean) => {
    const shelf = shelfOf(drainClass);
    // Before the listing: what is written from here on rings again.
    shelf.rung = false;
    shelf.listedMs = nowMs;
    const all = await outbox.names(drainClass);
    if (shelf.marking) shelf.mark = all.at(-1) ?? shelf.mark;
    shelf.marking = false;
    const offered = (name: string) => !taken(name) && !resting.has(name) && parseFileName(name) !== undefined;
    const freshFrom = firstAfter(all, shelf.mark);
    const fresh = hold(all, freshFrom, all.length, offered);
    const backlog = hold(all, 0, freshFrom, offered);
    shelf.fresh = { names: fresh.names, next: 0 };
    shelf.backlog = { names: backlog.names, next: 0 };
    shelf.beyond = fresh.beyond + backlog.beyond;
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
    backlogEnds: () => {
      for (const shelf of shelves) Object.assign(shelf, { marking: true, rung: true });
    },
    has: (drainClass) => left(shelfOf(drainClass).fresh) + left(shelfOf(drainClass).backlog) > 0,
    take: (drainClass) => {
      const shelf = shelfOf(drainClass);
      const run = left(shelf.fresh) > 0 ? shelf.fresh : shelf.backlog;
      const name = run.names[run.next];
      if (name !== undefined) run.next += 1;
      return waiting(drainClass, name);
    },
    peek: (drainClass) => {
      const { fresh, backlog } = shelfOf(drainClass);
      return waiting(drainClass, backlog.names[backlog.next] ?? fresh.names[fresh.next]);
    },
    rest: (name, untilMs) => {
      const [first] = resting.keys();
      if (resting.size >= restingMax && first !== undefined) resting.delete(first);
      resting.set(name, untilMs);
    },
    resting: () => resting.size,
    find: ({ boot, seq, seg, sha256 }) =>
      drainClasses.flatMap((drainClass) =>
        runsOf(shelfOf(drainClass), `${boot}-${String(seq ?? seg).padStart(10, '0')}-`).flatMap((name) => {
          const item = waiting(drainClass, name);
          const sort = seq === undefined ? 'segment' : 'record';
          return item?.file.is === sort && sha256.startsWith(item.file.hash16) ? [item] : [];
        }),
      ),
    // Events wait in the two first classes only.
    events: () =>
      shelves
        .slice(0, 2)
        .flatMap(({ fresh, backlog }) => [fresh, backlog])
        .reduce((sum, { names, next }) => sum + names.slice(next).filter(isEvent).length, 0),
    counts: () => shelves.map((shelf) => left(shelf.fresh) + left(shelf.backlog) + shelf.beyond),
  };
}

export const isEvent = (name: string): boolean => name.includes('-event-');

const left = ({ names, next }: Run): number => names.length - next;

/** Names from…to that are offered, as many as are held: to look at each of 100,000 would stop everything else for half a second. */
function hold(
  all: readonly string[],
  from: number,
  to: number,
  offered: (name: string) => boolean,
): { names: string[]; beyond: number } {
  const names: string[] = [];
  let seen = from;
  for (; seen < to && names.length < heldMax; seen += 1) {
    const name = all[seen] ?? '';
    if (offered(name)) names.push(name);
  }
  return { names, beyond: to - seen };
}

/** Where in sorted names the first stands that `isBefore` does not hold for; by halving, since there may be thousands. */
function firstWhereNot(names: readonly string[], isBefore: (name: string) => boolean): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(names[middle] ?? '')) low = middle + 1;
    else high = middle;
  }
  return low;
}

const firstAfter = (names: readonly string[], mark: string): number => firstWhereNot(names, (name) => name <= mark);

function runsOf({ fresh, backlog }: Shelf, prefix: string): string[] {
  return [...withPrefix(fresh.names, prefix), ...withPrefix(backlog.names, prefix)];
}

function withPrefix(names: readonly string[], prefix: string): string[] {
  const found: string[] = [];
  const first = firstWhereNot(names, (name) => name < prefix);
  for (let at = first; names[at]?.startsWith(prefix) === true; at += 1) found.push(names[at] ?? '');
  return found;
}
