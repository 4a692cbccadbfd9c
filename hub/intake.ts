// What comes in: checked, stored for good, counter-signed, indexed, receipted; in this order.
// INVARIANTS
//   a receipt says `stored` only after archive.put has returned 'stored' for these bytes, in this run or an earlier one
//   nothing stored is ever replaced: another manifest under a stored identity is refused, kept as evidence and told as an alarm
//   memory is bounded: `receive` does not return while too much is on its way to the disk, and then the broker's connection is not read

import { sha256 } from '../protocol/sign.ts';
import { type OutTopic, parseOutTopic } from '../protocol/topics.ts';
import type { HubFault } from './catalog.ts';
import type { CounterSigner } from './counter-sign.ts';
import { type Entry, examine, type Refusal } from './examine.ts';
import type { Incoming } from './incoming.ts';
import { type IndexParts, index } from './index-entry.ts';
import { limits } from './limits.ts';
import type { Room } from './room.ts';
import { openSaid, type SaidParts } from './said.ts';
import { keepHistory } from './vitals-record.ts';

export interface IntakeParts extends IndexParts, SaidParts {
  readonly commune: string;
  readonly incoming: Incoming;
  readonly counterSigner: CounterSigner;
  readonly room: Room;
}

export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Kept by the broker from before: it says nothing about now. */
  readonly retained: boolean;
}

export interface Intake {
  /** One message from the broker; one call at a time. Never rejects. Resolves when there is room for the next. */
  receive(message: Message): Promise<void>;
  /** One whole record or segment that came by another way (a stick). Never rejects; resolves when it is on the disk for good, or will not be. */
  carry(node: string, bytes: Uint8Array): Promise<Carried>;
  /** Waits for what is on its way to the disk. */
  close(): Promise<void>;
}

export type Carried =
  | { readonly is: 'stored' | 'known'; readonly id: string }
  | { readonly is: 'refused'; readonly why: Refusal }
  /** The hub's disk is nearly full, or does not take it. */
  | { readonly is: 'not-now'; readonly text: string };

interface Store {
  readonly id: string;
  readonly bytes: number;
  readonly done: Promise<boolean>;
}

export function openIntake(parts: IntakeParts): Intake {
  const { commune, keys, archive, incoming, catalog, receipts, counts, changes, room, wallMs, log } = parts;
  const stores = new Map<string, Store>();
  const state = {
    closing: false,
    retiming: undefined as NodeJS.Timeout | undefined,
    retimePauseMs: limits.retimeEveryMs as number,
  };
  /** Broker and stick may bring the same at once: from the look at what is stored to the entry in `stores` only one goes on. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  const hubFault = (node: string, code: HubFault['code'], text: string) => {
    log('error', `hub ${code}`, { node, text });
    catalog.hubFault({ atMs: wallMs(), node, code, text });
    changes.tell({ is: 'nodes' });
  };
  const reject = (node: string, why: Refusal, id?: string) => {
    counts.rejected(why);
    log('debug', 'refused', { node, why, id });
    if (id !== undefined) receipts.refused(node, id, why);
  };

  const said = openSaid(parts, reject);

  const takeRecord = async (node: string, payload: Uint8Array) => {
    if (payload.length > limits.recordPayloadBytesMax) return reject(node, 'too-large');
    const key = await keys.of(node);
    if (key === undefined) return reject(node, 'unknown-node', idOf(payload));
    const examined = await examine(payload, { commune, node, key });
    if (!examined.ok) return reject(node, examined.why, examined.id);
    const { entry, body } = examined;
    if (await isKnown(entry)) return;
    const wanted = entry.body?.bytes ?? 0;
    if (wanted > limits.bodyBytesMax) return reject(node, 'too-large', entry.id);
    if (wanted > 0 && body.length === 0) return await takeOffer(entry, wanted);
    const holds = entry.body === undefined ? body.length === 0 : sha256(body) === entry.body.sha256;
    if (!holds || body.length !== wanted) return reject(node, 'body', entry.id);
    void store(entry, [body], false);
  };

  /** Waits for a store of the same identity that is under way, then says whether there is nothing left to do. */
  const isKnown = async (entry: Entry): Promise<boolean> => {
    await stores.get(identity(entry))?.done;
    const stored = catalog.find(entry);
    if (stored === undefined) return false;
    if (stored === entry.id) {
      counts.duplicate();
      receipts.stored(entry);
    } else await refuseConflict(entry, stored);
    return true;
  };

  const refuseConflict = async (entry: Entry, stored: string) => {
    reject(entry.node, 'conflict', entry.id);
    const text = `${entry.is} ${entry.boot}/${entry.number}: ${entry.id.slice(0, 16)} came, ${stored.slice(0, 16)} is stored`;
    hubFault(entry.node, 'conflict', text);
    const kept = await archive.conflicts(entry.node);
    if (kept.length >= limits.conflictsPerNode || kept.includes(entry.name)) return;
    await archive.putConflict(entry);
  };

  const takeOffer = async (entry: Entry, bytes: number) => {
    if (!(await room.isEnough())) return;
    const { missing, resumed } = await incoming.offer({ entry, bytes });
    if (missing.length > 0) receipts.missing(entry, missing);
    else void store(entry, incoming.pieces(entry), resumed);
  };

  const takeChunk = async ({ node, id, index }: OutTopic & { what: 'chunk' }, payload: Uint8Array) => {
    if ((await keys.of(node)) === undefined) return reject(node, 'unknown-node');
    const taken = await incoming.chunk(node, id, index, payload);
    if (taken.is === 'bad') reject(node, 'chunk');
    else if (taken.is === 'stray') counts.stray();
    else if (taken.is === 'whole' && !(await isKnown(taken.entry)))
      void store(taken.entry, incoming.pieces(taken.entry), taken.resumed);
  };

  const store = (
    entry: Entry,
    body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    resumed: boolean,
  ): Promise<boolean> => {
    const done = storeNow(entry, body, resumed)
      .catch((error: unknown) => {
        hubFault(entry.node, 'disk', `${entry.name}: ${String(error)}`);
        return false;
      })
      .finally(() => stores.delete(identity(entry)));
    stores.set(identity(entry), {
      id: entry.id,
      bytes: Math.min(entry.body?.bytes ?? 0, limits.recordPayloadBytesMax),
      done,
    });
    return done;
  };

  /** True when it is on the disk for good. */
  const storeNow = async (
    entry: Entry,
    body: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    resumed: boolean,
  ): Promise<boolean> => {
    if (!(await room.isEnough())) return false;
    const outcome = await archive.put(entry, body);
    await incoming.drop(entry.node, entry.id);
    if (outcome === 'hash') {
      await askAgain(entry, resumed);
      return false;
    }
    const isNew = catalog.find(entry) === undefined;
    if (isNew) await parts.counterSigner.sign(entry);
    const storedAtMs = wallMs();
    catalog.heard(entry.node, storedAtMs);
    const details = await index(parts, entry);
    receipts.stored(entry);
    retimeSoon();
    if (details.is === 'unreadable') hubFault(entry.node, 'unreadable', `${entry.name}: ${details.why}`);
    if (isNew) {
      told(entry, storedAtMs);
      await keepHistory(parts, entry);
    }
    return true;
  };

  /** Gathered: a node that contradicts itself with every record must not cost more than a tenth of our time. */
  const retimeSoon = () => {
    if (state.retiming !== undefined || state.closing || !catalog.isRetimeDue()) return;
    state.retiming = setTimeout(() => {
      state.retiming = undefined;
      const begunMs = performance.now();
      for (const { node, id } of catalog.retime()) changes.tell({ is: 'event', node, id });
      state.retimePauseMs = Math.max(limits.retimeEveryMs, 10 * (performance.now() - begunMs));
    }, state.retimePauseMs).unref();
  };

  /** A part that outlived a restart may lie about its blocks: the bytes are asked for once more before they are called wrong. */
  const askAgain = async (entry: Entry, resumed: boolean) => {
    if (!resumed) return reject(entry.node, 'body', entry.id);
    const { missing } = await incoming.offer({ entry, bytes: entry.body?.bytes ?? 0 });
    receipts.missing(entry, missing);
  };

  const told = (entry: Entry, storedAtMs: number) => {
    if (entry.is === 'segment') {
      for (const id of parts.reader.eventsOfSegment(entry.node, entry.boot, entry.number))
        changes.tell({ is: 'event', node: entry.node, id });
      return;
    }
    const { event, of, kind, time } = entry.manifest;
    if (event?.phase === 'new') counts.event(time.wallMs === null ? null : storedAtMs - time.wallMs);
    const id = event?.id ?? of?.event;
    if (id !== undefined) changes.tell({ is: 'event', node: entry.node, id });
    if (kind === 'still' || kind === 'fault') changes.tell({ is: 'nodes' });
  };

  const take = async (topic: OutTopic, payload: Uint8Array, retained: boolean) => {
    switch (topic.what) {
      case 'record':
        return await takeRecord(topic.node, payload);
      case 'chunk':
        return await takeChunk(topic, payload);
      case 'status':
      case 'vitals':
        return await said.state(topic.node, topic.what, payload, retained);
      case 'reply':
        return await said.reply(topic.node, payload);
      case 'live':
        return await said.live(topic.node, topic.session, payload);
      case 'config':
        // Not kept: the manifest of each record names the configuration.
        return;
    }
  };

  const carry = async (node: string, bytes: Uint8Array): Promise<Carried> => {
    const refuse = (why: Refusal): Carried => {
      counts.rejected(why);
      log('warn', 'refused from a stick', { node, why });
      return { is: 'refused', why };
    };
    if (state.closing) return { is: 'not-now', text: 'the hub stops' };
    const key = await keys.of(node);
    if (key === undefined) return refuse('unknown-node');
    const examined = await examine(bytes, { commune, node, key });
    if (!examined.ok) return refuse(examined.why);
    const { entry, body } = examined;
    if (body.length !== (entry.body?.bytes ?? 0) || (entry.body !== undefined && sha256(body) !== entry.body.sha256))
      return refuse('body');
    const begun = await inTurn(async () => {
      const known = await isKnown(entry);
      return known ? undefined : { done: store(entry, [body], false) };
    });
    if (begun !== undefined)
      return (await begun.done)
        ? { is: 'stored', id: entry.id }
        : { is: 'not-now', text: 'the disk of the hub is nearly full or does not take it' };
    return catalog.find(entry) === entry.id ? { is: 'known', id: entry.id } : { is: 'refused', why: 'conflict' };
  };

  const hasRoom = () => {
    const bytes = [...stores.values()].reduce((sum, each) => sum + each.bytes, 0);
    return stores.size < limits.storesInFlight && bytes < limits.storeBytesInFlight;
  };

  return {
    receive: async ({ topic: name, payload, retained }) => {
      if (state.closing) return;
      const topic = parseOutTopic(name, commune);
      if (topic === undefined) return reject('', 'topic');
      try {
        await inTurn(() => take(topic, payload, retained));
      } catch (error) {
        hubFault(topic.node, 'disk', String(error));
      }
      while (!hasRoom()) await Promise.race([...stores.values()].map(({ done }) => done));
    },
    carry,
    close: async () => {
      state.closing = true;
      clearTimeout(state.retiming);
      await Promise.all([...stores.values()].map(({ done }) => done));
    },
  };
}

const identity = ({ is, node, boot, number }: Entry): string => `${is} ${node} ${boot} ${number}`;

/** The manifest's hash, where there is something like a manifest. */
function idOf(payload: Uint8Array): string | undefined {
  const end = payload.indexOf(0x0a);
  return end > 0 ? sha256(payload.subarray(0, end)) : undefined;
}
