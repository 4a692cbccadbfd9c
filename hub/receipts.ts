// What the hub says back, gathered for a moment, signed, one message a node.
import type { Receipt } from '../protocol/receipt.ts';
import { audience } from '../protocol/receipt.ts';
import { type SigningKey, sign } from '../protocol/sign.ts';
import { root } from '../protocol/topics.ts';
import type { Entry, Refusal } from './examine.ts';
import type { Range } from './incoming.ts';
import { limits } from './limits.ts';

export interface Receipts {
  /** Call only once the entry is on the disk for good. */
  stored(entry: Entry): void;
  /** How many times this node was told that something is stored, since the start. */
  storedCount(node: string): number;
  missing(entry: Entry, ranges: readonly Range[]): void;
  refused(node: string, id: string, why: Refusal): void;
  /** A receipt for nothing: the hub is there. What a node was left without an answer for, it then asks about at once. */
  greet(node: string): void;
  /** Says what is still waiting. */
  close(): Promise<void>;
}

interface Waiting {
  readonly stored: Map<string, Receipt['stored'][number]>;
  readonly missing: Map<string, Receipt['missing'][number]>;
  readonly refused: Map<string, Receipt['refused'][number]>;
}
const rangesMax = 1000;

/** A receipt that cannot be sent is dropped: the node asks again, and nothing in it has changed. */
export function openReceipts(
  commune: string,
  key: SigningKey,
  publish: (topic: string, payload: string) => void,
  wallMs: () => number,
): Receipts {
  const waiting = new Map<string, Waiting>();
  const timers = new Map<string, NodeJS.Timeout>();
  const sending = new Set<Promise<void>>();
  const told = new Map<string, number>();

  const send = async (node: string) => {
    const { stored, missing, refused } = waiting.get(node) ?? emptyWaiting();
    waiting.delete(node);
    clearTimeout(timers.get(node));
    timers.delete(node);
    const receipt: Receipt = {
      v: 1,
      aud: audience(commune, node),
      hubMs: wallMs(),
      stored: [...stored.values()],
      missing: [...missing.values()],
      refused: [...refused.values()],
    };
    const jws = await sign(JSON.stringify(receipt), 'matlang-receipt', `hub:${commune}`, key);
    publish(`${root(commune, node)}/in/receipt`, jws);
  };
  const flush = (node: string) => {
    const sent = send(node).finally(() => sending.delete(sent));
    sending.add(sent);
  };
  const add = (node: string, put: (to: Waiting) => void) => {
    const to = waiting.get(node) ?? emptyWaiting();
    put(to);
    if (!waiting.has(node)) {
      if (waiting.size >= limits.receiptNodes) return;
      waiting.set(node, to);
      timers.set(node, setTimeout(flush, limits.receiptDelayMs, node));
    }
    const isFull =
      to.stored.size >= limits.receiptStored ||
      to.missing.size >= limits.receiptOther ||
      to.refused.size >= limits.receiptOther;
    if (isFull) flush(node);
  };

  return {
    storedCount: (node) => told.get(node) ?? 0,
    stored: ({ is, node, boot, number, id }) => {
      if (told.has(node) || told.size < limits.receiptNodes) told.set(node, (told.get(node) ?? 0) + 1);
      add(node, ({ stored }) =>
        stored.set(id, is === 'record' ? { boot, seq: number, sha256: id } : { boot, seg: number, sha256: id }),
      );
    },
    missing: ({ node, id }, ranges) =>
      add(node, ({ missing }) => missing.set(id, { id, ranges: ranges.slice(0, rangesMax) })),
    greet: (node) => add(node, () => undefined),
    refused: (node, id, why) => add(node, ({ refused }) => refused.set(id, { id, why })),
    close: async () => {
      for (const node of [...waiting.keys()]) flush(node);
      await Promise.all(sending);
    },
  };
}

const emptyWaiting = (): Waiting => ({ stored: new Map(), missing: new Map(), refused: new Map() });
