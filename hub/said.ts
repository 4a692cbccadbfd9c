// What a node says beside its records: how it is, its answers, live pictures. Nothing of it is evidence, and of pictures nothing is kept.
import type { Log } from '../agent/log.ts';
import { replySchema } from '../protocol/command.ts';
import { parseJson } from '../protocol/parse-json.ts';
import { statusSchema } from '../protocol/receipt.ts';
import { vitalsBytesMax, vitalsSchema } from '../protocol/vitals.ts';
import type { Catalog } from './catalog.ts';
import type { Changes } from './changes.ts';
import type { Counts } from './counts.ts';
import type { Contact } from './desk/contact.ts';
import type { Dispatch } from './dispatch.ts';
import type { Refusal } from './examine.ts';
import { limits } from './limits.ts';
import type { Live } from './live.ts';
import type { NodeKeys } from './node-keys.ts';
import type { Receipts } from './receipts.ts';

export interface SaidParts {
  readonly keys: NodeKeys;
  readonly catalog: Catalog;
  readonly receipts: Receipts;
  readonly counts: Counts;
  readonly changes: Changes;
  readonly contact: Pick<Contact, 'here' | 'gone'>;
  readonly dispatch: Pick<Dispatch, 'replied' | 'nonce'>;
  readonly live: Pick<Live, 'take'>;
  readonly wallMs: () => number;
  readonly log: Log;
}

export interface Said {
  /** `retained`: the broker had kept it. */
  state(node: string, what: 'status' | 'vitals', payload: Uint8Array, retained: boolean): Promise<void>;
  reply(node: string, payload: Uint8Array): Promise<void>;
  live(node: string, session: string, payload: Uint8Array): Promise<void>;
}

export function openSaid(parts: SaidParts, reject: (node: string, why: Refusal) => void): Said {
  const { keys, catalog, receipts, counts, changes, wallMs, log } = parts;

  const state = async (node: string, what: 'status' | 'vitals', payload: Uint8Array, retained: boolean) => {
    if ((await keys.of(node)) === undefined) return reject(node, 'unknown-node');
    const value = payload.length <= vitalsBytesMax ? parseJson(Buffer.from(payload).toString('utf8')) : undefined;
    const status = what === 'status' ? statusSchema.safeParse(value) : undefined;
    const vitals = what === 'vitals' ? vitalsSchema.safeParse(value) : undefined;
    if (status?.success === true) {
      catalog.status(node, status.data);
      parts.dispatch.nonce(node, status.data.nonce);
      // New on the line, or there already when this hub came back (retained): either may have waited for the other.
      if (status.data.state === 'online') receipts.greet(node);
    } else if (vitals?.success === true) {
      catalog.vitals(node, vitals.data);
      // What the broker had kept is of whatever age.
      if (!retained) catalog.history(node, vitals.data, wallMs());
    } else return reject(node, what);
    // Kept by the broker or not: it would have put the last will in its place.
    if (status?.success === true && status.data.state !== 'online') parts.contact.gone(node);
    else if (status?.success === true || !retained) parts.contact.here(node);
    // The last will is the broker's word, not the node's.
    if (!retained && status?.data?.state !== 'offline') catalog.heard(node, wallMs());
    changes.tell({ is: 'nodes' });
  };

  /** An answer that comes late, or of a node without a key, is nobody's. */
  const reply = async (node: string, payload: Uint8Array) => {
    if ((await keys.of(node)) === undefined) return reject(node, 'unknown-node');
    const answer =
      payload.length <= limits.replyBytesMax
        ? replySchema.safeParse(parseJson(Buffer.from(payload).toString('utf8'))).data
        : undefined;
    if (answer === undefined) return reject(node, 'reply');
    if (!parts.dispatch.replied(node, answer)) log('debug', 'nobody waits for this answer', { node, id: answer.id });
  };

  const live = async (node: string, session: string, payload: Uint8Array) => {
    if ((await keys.of(node)) === undefined) return reject(node, 'unknown-node');
    if (!parts.live.take(node, session, payload)) counts.stray();
  };

  return { state, reply, live };
}
