// Commands from here to a node: signed, sent, and its answer awaited.
import { randomUUID } from 'node:crypto';
import { type Command, commandAheadMsMax, type Order, type Reply } from '../protocol/command.ts';
import { audience } from '../protocol/receipt.ts';
import { type SigningKey, sign } from '../protocol/sign.ts';
import { root } from '../protocol/topics.ts';
import { limits } from './limits.ts';

export type Answer =
  | { readonly ok: true; readonly text: string; readonly files?: number }
  | {
      readonly ok: false;
      /** `no-link`: the hub has no broker · `silent`: no answer in time, and it may run all the same until it expires · `busy`: too many wait. */
      readonly why: NonNullable<Reply['why']> | 'no-link' | 'silent' | 'busy';
      readonly text: string;
    };

export interface Dispatch {
  /** Always resolves, after `waitMs` at the latest. The node may obey until then, not later. */
  send(node: string, order: Order, waitMs?: number): Promise<Answer>;
  /** The same as a signed text, good for a day, for another way than the broker's. */
  signed(node: string, order: Order): Promise<string>;
  /** A node's answer; false for one that nobody waits for. */
  replied(node: string, reply: Reply): boolean;
  /** What a node's status said: it needs this nonce while it does not know the time. */
  nonce(node: string, nonce: string | undefined): void;
  close(): void;
}

export interface DispatchWorld {
  readonly commune: string;
  readonly key: SigningKey;
  readonly publish: (topic: string, payload: string) => void;
  readonly isConnected: () => boolean;
  readonly wallMs: () => number;
}

/** Over a slow link behind a chunk on its way: some seconds. */
const waitMsUsual = 15_000;
/** The node's clock may be off by as much; a command lives so much longer than it is waited for. */
const clockSlackMs = 30_000;

export function openDispatch(world: DispatchWorld): Dispatch {
  const waiting = new Map<string, { readonly node: string; readonly done: (answer: Answer) => void }>();
  const nonces = new Map<string, string>();

  const signed = (node: string, words: Omit<Command, 'v' | 'aud'>): Promise<string> => {
    const command = { v: 1, aud: audience(world.commune, node), ...words };
    return sign(JSON.stringify(command), 'matlang-command', `hub:${world.commune}`, world.key);
  };
  const sendOnce = async (node: string, order: Order, waitMs: number): Promise<Answer> => {
    if (!world.isConnected()) return { ok: false, why: 'no-link', text: 'the hub has no broker' };
    if (waiting.size >= limits.commandsOpen) return { ok: false, why: 'busy', text: 'too many commands wait' };
    const id = randomUUID();
    const nonce = nonces.get(node);
    const timing =
      nonce === undefined
        ? { expiresAtMs: world.wallMs() + waitMs + clockSlackMs }
        : // From when the nonce was given out; the node gives out another after five minutes.
          { ttlMs: 600_000, nonce };
    const jws = await signed(node, { id, ...order, ...timing });
    const answered = Promise.withResolvers<Answer>();
    const timer = setTimeout(answered.resolve, waitMs, { ok: false, why: 'silent', text: 'no answer' });
    waiting.set(id, { node, done: answered.resolve });
    world.publish(`${root(world.commune, node)}/in/command`, jws);
    const answer = await answered.promise;
    clearTimeout(timer);
    waiting.delete(id);
    return answer;
  };

  return {
    send: async (node, order, waitMs = waitMsUsual) => {
      const before = nonces.get(node);
      const answer = await sendOnce(node, order, waitMs);
      const retry = !answer.ok && (answer.why === 'clock' || answer.why === 'expired') && nonces.get(node) !== before;
      return retry ? await sendOnce(node, order, waitMs) : answer;
    },
    signed: (node, order) =>
      signed(node, { id: randomUUID(), ...order, expiresAtMs: world.wallMs() + commandAheadMsMax }),
    replied: (node, { id, ok, why, text, files }) => {
      const open = waiting.get(id);
      if (open?.node !== node) return false;
      open.done(ok ? { ok, text, ...(files === undefined ? {} : { files }) } : { ok, why: why ?? 'failed', text });
      return true;
    },
    nonce: (node, nonce) => {
      if (nonce === undefined) nonces.delete(node);
      else if (nonces.has(node) || nonces.size < limits.strangers) nonces.set(node, nonce);
    },
    close: () => {
      for (const { done } of waiting.values()) done({ ok: false, why: 'no-link', text: 'the hub stops' });
    },
  };
}
