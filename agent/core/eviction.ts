// Which files leave the card when room is short: what the hub has already, then old footage nobody asked for, then what was never sent, least
// important first. Un-sent alarms, their footage and tombstones are never given up, nor is what is held by order.
import type { DrainClass } from '../../protocol/manifest.ts';
import type { FileName } from '../../protocol/record-file.ts';

export type Place = 'ring' | 'delivered' | 'held' | DrainClass;

/** One name on the card. A pinned segment has two, in the ring and in a waiting class, and one that is held a further one; its bytes are free when the last one goes. */
export interface Held {
  readonly place: Place;
  readonly name: string;
  readonly bytes: number;
  readonly file: FileName;
}

export interface RoomRules {
  /** `auto`: what the card has beside the spool's share and the room that is kept free. */
  readonly ringBytesMax: number | 'auto';
  readonly spoolBytesMax: number;
  /** The high mark: below it what the hub has goes, and old footage. */
  readonly keepFreeBytes: number;
  /** The hard mark: only below it what was never sent is given up. */
  readonly hardFreeBytes: number;
}

export interface RoomPlan {
  readonly remove: readonly Held[];
  /** Those of `remove` that the hub never had: a tombstone names them. */
  readonly lost: readonly Held[];
}

/** Un-sent classes in the order in which they are given up. 0 and 3, alarms and their footage, are not among them. */
const giveUpOrder: readonly DrainClass[] = [5, 4, 2, 1];

/** `spared` names delivered records that may still be needed here (an event that goes on): they go after the other delivered ones, and before anything that the hub never had. */
export function planRoom(
  held: readonly Held[],
  freeBytes: number,
  rules: RoomRules,
  spared: (name: string) => boolean,
): RoomPlan {
  const names = new Map<string, number>();
  for (const each of held) names.set(each.name, (names.get(each.name) ?? 0) + 1);
  const remove: Held[] = [];
  let free = freeBytes;
  const drop = (each: Held) => {
    remove.push(each);
    const left = (names.get(each.name) ?? 1) - 1;
    names.set(each.name, left);
    if (left === 0) free += each.bytes;
  };
  const inPlace = (place: Place) => held.filter((each) => each.place === place).sort(byAge);

  const ring = inPlace('ring');
  const allDelivered = inPlace('delivered');
  const delivered = allDelivered.filter((each) => !spared(each.name));
  const needed = allDelivered.filter((each) => spared(each.name));
  const byOrder = new Set(held.filter(({ place }) => place === 'held').map(({ name }) => name));
  const waiting = giveUpOrder
    .flatMap((drainClass) => inPlace(drainClass))
    .filter((each) => !isTombstone(each) && !byOrder.has(each.name));

  // Free for certain: a mark below the size of a segment would let each new one fail, for ever, beside old footage that could go.
  const keepFreeBytes = Math.max(rules.keepFreeBytes, 2 * Math.max(0, ...ring.map(({ bytes }) => bytes)));
  let ringBytes = total(ring);
  const ringBytesMax = rules.ringBytesMax === 'auto' ? ringRoom(held, freeBytes, rules) : rules.ringBytesMax;
  while (ring.length > 0 && ringBytes > ringBytesMax) ringBytes -= shift(ring, drop);
  let spoolBytes = total(held.filter(({ place }) => place !== 'ring' && place !== 'held'));
  while (delivered.length > 0 && (spoolBytes > rules.spoolBytesMax || free < keepFreeBytes))
    spoolBytes -= shift(delivered, drop);
  while (ring.length > 0 && free < keepFreeBytes) shift(ring, drop);
  // A start that lasts for weeks delivers more than the spool may hold: that must not cost what waits.
  while (needed.length > 0 && (spoolBytes > rules.spoolBytesMax || free < rules.hardFreeBytes))
    spoolBytes -= shift(needed, drop);
  const kept = remove.length;
  // A segment pinned again after its delivery: the hub has it.
  const had = new Set(held.filter(({ place }) => place === 'delivered').map(({ name }) => name));
  while (waiting.length > 0 && (spoolBytes > rules.spoolBytesMax || free < rules.hardFreeBytes))
    spoolBytes -= shift(waiting, drop);
  return { remove, lost: remove.slice(kept).filter(({ name }) => !had.has(name)) };
}

/** A ring must not shrink to nothing where others' files fill the card: some minutes are held as long as there is any room. */
const ringBytesMin = 64 * 1024 * 1024;

/** All that is ours and all that is free, less what the spool may become: else a growing ring would push out what was delivered. */
function ringRoom(held: readonly Held[], freeBytes: number, rules: RoomRules): number {
  const ours = total([...new Map(held.map((each) => [each.name, each])).values()]);
  return Math.max(ringBytesMin, ours + freeBytes - rules.spoolBytesMax - rules.keepFreeBytes);
}

/** The only word about what went before: given up itself, nobody would ever know. 150 bytes for each record lost. */
const isTombstone = ({ file }: Held): boolean => file.is === 'record' && file.kind === 'tombstone';

function total(held: readonly Held[]): number {
  return held.reduce((sum, each) => sum + each.bytes, 0);
}

function shift(queue: Held[], drop: (each: Held) => void): number {
  const oldest = queue.shift();
  if (oldest === undefined) return 0;
  drop(oldest);
  return oldest.bytes;
}

/** Boot names begin with a counter of fixed width, numbers are padded: names sort by age. */
function byAge(one: Held, other: Held): number {
  return one.name < other.name ? -1 : one.name > other.name ? 1 : 0;
}
