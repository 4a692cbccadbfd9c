// Receipts: the only thing that moves a file out of the queue. One counts when the hub's signature, the audience and the hash of a manifest
// that really lies here all agree; anything else is counted and changes nothing.
import { type Receipt, receiptSchema } from '../../protocol/receipt.ts';
import { sha256, type VerifyingKey, verify } from '../../protocol/sign.ts';
import type { Outbox, Waiting } from '../outbox.ts';
import { askedFor, type Entry, type Ledger } from './ledger.ts';
import { openParcel, readLine } from './parcel.ts';
import type { Queue } from './queue.ts';
import type { HubTime } from './time.ts';
import type { Troubles } from './troubles.ts';

const receiptBytesMax = 512 * 1024;
/** Refused though it is sound: a newer hub may take it, or a person must look. Or stored, and the card does not let it be put away. */
const restMs = 600_000;
/** A silence longer than this was one: what went unanswered is asked about again as soon as the hub speaks. */
const silenceMs = 10_000;
/** A round trip longer than this tells nothing about the clock. */
const roundTripMsMax = 10_000;

export interface ReceiptCounts {
  delivered: number;
  /** Bad signature, wrong audience, not a receipt at all. */
  rejected: number;
  /** A file that is not waiting here (a repetition, mostly). */
  unknown: number;
  refused: number;
  damaged: number;
}

export interface ReceiptWorld {
  readonly outbox: Outbox;
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly hubKey: VerifyingKey;
  readonly audience: string;
  readonly troubles: Troubles;
  readonly time: HubTime;
  readonly counts: ReceiptCounts;
  readonly monoMs: () => number;
  /** The hub's clock, measured by a round trip. */
  readonly onHubTime: (time: { hubMs: number; errorMs: number }) => void;
  /** Somebody who is not the hub tries; the text says what came. */
  readonly alarm: (text: string) => void;
  /** Called when files have left the queue, or the disk would not let them. */
  readonly putAway: (failed: { readonly error: unknown } | undefined) => void;
}

export interface Receipts {
  /** What is missing is noted at once, what is stored put away in its own time, all that has come meanwhile together. Throws only what the disk throws. */
  take(payloads: readonly Uint8Array[]): Promise<void>;
  /** When a valid one came last, in `monoMs`. */
  lastMs(): number;
}

export function openReceipts(world: ReceiptWorld): Receipts {
  let lastMs = world.monoMs();
  let greetedHubMs = 0;
  /** Bounded: the hub says it of files that wait here, and at most `messagesMax` times before it is asked again. */
  const stored: Receipt['stored'][number][] = [];
  const state = { putting: false };
  const read = async (payload: Uint8Array): Promise<Receipt | undefined> => {
    const receipt = await readReceipt(payload, world.hubKey, world.audience);
    if (typeof receipt !== 'string') return receipt;
    world.counts.rejected += 1;
    world.alarm(`a receipt was refused: ${receipt}`);
    return undefined;
  };
  const hear = (receipt: Receipt, nowMs: number) => {
    if (nowMs - lastMs > silenceMs) {
      world.ledger.hubIsBack();
      world.queue.backlogEnds();
    }
    lastMs = nowMs;
    // An old greeting said again by somebody is none.
    if (isGreeting(receipt) && receipt.hubMs > greetedHubMs) {
      greetedHubMs = receipt.hubMs;
      world.ledger.greeted(nowMs);
    }
    measureTime(receipt, nowMs, world);
    for (const { id, ranges } of receipt.missing) {
      const entry = world.ledger.byId(id);
      if (entry === undefined || !askedFor(entry, ranges, receipt.hubMs)) world.counts.unknown += 1;
    }
  };
  const putAway = async () => {
    state.putting = true;
    while (stored.length > 0)
      await store(stored.splice(0), world.monoMs(), world).then(
        () => world.putAway(undefined),
        (error: unknown) => world.putAway({ error }),
      );
    state.putting = false;
  };
  return {
    lastMs: () => lastMs,
    take: async (payloads) => {
      for (const payload of payloads) {
        const receipt = await read(payload);
        if (receipt === undefined) continue;
        hear(receipt, world.monoMs());
        for (const { id, why } of receipt.refused) await refuse(id, why, world.monoMs(), world);
        stored.push(...receipt.stored);
      }
      if (!state.putting) void putAway();
    },
  };
}

const isGreeting = ({ stored, missing, refused }: Receipt): boolean =>
  stored.length + missing.length + refused.length === 0;

/** The receipt, or what is wrong with it. */
export async function readReceipt(
  payload: Uint8Array,
  hubKey: VerifyingKey,
  audience: string,
): Promise<Receipt | string> {
  if (payload.length > receiptBytesMax) return `${payload.length} bytes long, not at most ${receiptBytesMax}`;
  const verified = await verify(Buffer.from(payload).toString('latin1'), 'matlang-receipt', hubKey);
  if (!verified.ok) return `not signed by the hub (${verified.why})`;
  const receipt = receiptSchema.safeParse(verified.payload).data;
  if (receipt === undefined) return 'malformed';
  return receipt.aud === audience ? receipt : `for ${receipt.aud}, not for ${audience}`;
}

/** The hub signed between our last message about the file and now; only a first try tells which message it answers. */
function measureTime(receipt: Receipt, nowMs: number, world: ReceiptWorld): void {
  const ids = [...receipt.stored.map((each) => each.sha256), ...receipt.missing.map((each) => each.id)];
  const sent = ids
    .map((id) => world.ledger.byId(id))
    .filter((entry): entry is Entry => entry?.stage === 'waiting' && entry.tries === 1)
    .map((entry) => entry.sentMs);
  const latest = Math.max(...sent, Number.NEGATIVE_INFINITY);
  if (nowMs - latest > roundTripMsMax) return;
  world.onHubTime(world.time.heard(receipt.hubMs, latest, nowMs));
}

async function store(stored: Receipt['stored'], nowMs: number, world: ReceiptWorld): Promise<void> {
  const items: Waiting[] = [];
  for (const each of stored) {
    const entry = world.ledger.byId(each.sha256);
    const own = entry !== undefined && isSame(entry.parcel.item, each) ? [entry.parcel.item] : [];
    if (entry !== undefined && own.length > 0) world.ledger.remove(entry);
    // Besides: the same segment in another class, or a file sent by an earlier run of this process.
    const others = await sameManifest(world, world.queue.find(each), each.sha256);
    if (own.length + others.length === 0) world.counts.unknown += 1;
    items.push(...own, ...others);
  }
  try {
    await world.outbox.delivered(items);
  } catch (error) {
    // The hub has them; a card that cannot put them away must not have them sent again at every look.
    for (const { name } of items) world.queue.rest(name, nowMs + restMs);
    throw error;
  }
  world.counts.delivered += items.length;
}

function isSame(item: Waiting, identity: Receipt['stored'][number]): boolean {
  const { file } = item;
  const number = file.is === 'record' ? identity.seq : identity.seg;
  return file.boot === identity.boot && number === (file.is === 'record' ? file.seq : file.seg);
}

async function sameManifest(world: ReceiptWorld, items: readonly Waiting[], id: string): Promise<Waiting[]> {
  const same: Waiting[] = [];
  for (const item of items) {
    const line = await readLine(world.outbox, item);
    if (line !== undefined && sha256(line) === id) same.push(item);
  }
  return same;
}

async function refuse(id: string, why: string, nowMs: number, world: ReceiptWorld): Promise<void> {
  const entry = world.ledger.byId(id);
  if (entry === undefined) {
    world.counts.unknown += 1;
    return;
  }
  world.counts.refused += 1;
  world.ledger.remove(entry);
  const { item } = entry.parcel;
  const again = await openParcel(world.outbox, item);
  if (again.ok) {
    world.queue.rest(item.name, nowMs + restMs);
    world.troubles.raise('hub-refused', `the hub refuses ${item.name}: ${why}`);
  } else if (again.why === 'damaged') {
    await setAside(item, again.text, world);
  }
}

/** A damaged file leaves the queue, and the recorder hears of it. */
export async function setAside(
  item: Waiting,
  text: string,
  world: Pick<ReceiptWorld, 'outbox' | 'troubles' | 'counts'>,
): Promise<void> {
  world.counts.damaged += 1;
  await world.outbox.quarantine(item);
  world.troubles.raise('spool-damaged', `${item.name} is damaged and was set aside: ${text}`);
}
