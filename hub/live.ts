// Live pictures: a session with a key pair of its own, asked for by a signed command, opened here piece by piece, handed to whoever looks.
import { randomBytes } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { liveSecondsMax } from '../protocol/command.ts';
import { opener } from '../protocol/open.ts';
import type { Answer, Dispatch } from './dispatch.ts';
import { limits } from './limits.ts';

export type LiveRate = 'full' | 'low';
export interface LiveSession {
  readonly session: string;
  /** An init segment (`ftyp`), then fragments (`moof`), as they come; ends when the session's time is over or it was stopped. */
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Also asks the node to stop. */
  stop(): Promise<void>;
}
export type LiveStarted = { readonly ok: true; readonly live: LiveSession } | Extract<Answer, { ok: false }>;

export interface Live {
  /** `low`: JPEGs in place of the film. */
  start(node: string, rate?: LiveRate, seconds?: number): Promise<LiveStarted>;
  /** A piece from the broker; false where no session of this node waits for it. */
  take(node: string, session: string, payload: Uint8Array): boolean;
  close(): void;
}

interface Open {
  readonly node: string;
  readonly rate: LiveRate;
  put(payload: Uint8Array): void;
  end(): void;
}

export function openLive(dispatch: Dispatch): Live {
  const sessions = new Map<string, Open>();
  return {
    start: async (node, rate = 'full', seconds = liveSecondsMax) => {
      const most = { full: limits.liveSessions, low: limits.tileSessions }[rate];
      if ([...sessions.values()].filter((each) => each.rate === rate).length >= most)
        return { ok: false, why: 'busy', text: 'too many live sessions' };
      const session = randomBytes(16).toString('hex');
      const identity = await generateX25519Identity();
      const recipient = await identityToRecipient(identity);
      const queue = openQueue(identity);
      const timer = setTimeout(() => end(), seconds * 1000);
      const end = () => {
        clearTimeout(timer);
        sessions.delete(session);
        queue.end();
      };
      sessions.set(session, { node, rate, put: queue.put, end });
      // An older node knows no rate: it is named only where it is not the usual one.
      const args = { session, recipient, seconds, ...(rate === 'low' ? { rate } : {}) };
      const answer = await dispatch.send(node, { name: 'live.start', args });
      if (!answer.ok) {
        end();
        return answer;
      }
      const stop = async () => {
        if (!sessions.has(session)) return;
        end();
        await dispatch.send(node, { name: 'live.stop', args: { session } });
      };
      return { ok: true, live: { session, pieces: queue.pieces(), stop } };
    },
    take: (node, session, payload) => {
      const open = sessions.get(session);
      if (open?.node !== node || payload.length > limits.livePieceBytesMax) return false;
      open.put(payload);
      return true;
    },
    close: () => {
      for (const { end } of sessions.values()) end();
    },
  };
}

/** Sealed pieces wait here, a few: a viewer that does not keep up misses some. What cannot be opened is left out. */
function openQueue(identity: string) {
  const { open } = opener(identity);
  const waiting: Uint8Array[] = [];
  let over = false;
  let bell = Promise.withResolvers<void>();
  const ring = () => {
    bell.resolve();
    bell = Promise.withResolvers();
  };
  return {
    put: (payload: Uint8Array) => {
      if (waiting.length >= limits.livePieces) waiting.splice(1, 1);
      waiting.push(payload);
      ring();
    },
    end: () => {
      over = true;
      ring();
    },
    pieces: async function* (): AsyncGenerator<Uint8Array> {
      while (!over || waiting.length > 0) {
        const sealed = waiting.shift();
        if (sealed === undefined) await bell.promise;
        else {
          const plain = await open(sealed).catch(() => undefined);
          if (plain !== undefined) yield plain;
        }
      }
    },
  };
}
