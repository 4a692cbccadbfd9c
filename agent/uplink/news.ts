// What the node says about itself: the latest status, vitals and configuration, said again on each new connection; and answers to commands, each once.
import type { Reply } from '../../protocol/command.ts';
import type { Status } from '../../protocol/receipt.ts';
import { root } from '../../protocol/topics.ts';
import { type VitalsMessage, vitalsBytesMax } from '../../protocol/vitals.ts';

export interface Note {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

const repliesMax = 32;

export interface News {
  say(what: 'status', status: Status): void;
  say(what: 'vitals', vitals: VitalsMessage): void;
  say(what: 'config', config: { sha256: string; error?: string | undefined }): void;
  /** The oldest answer is dropped where more than 32 wait for a connection. */
  reply(reply: Reply): void;
  /** The next thing to say, taken out. */
  take(): Note | undefined;
  reconnected(): void;
}

type Subject = 'status' | 'config' | 'vitals';
const order: readonly Subject[] = ['status', 'config', 'vitals'];

export function openNews(commune: string, node: string): News {
  const latest = new Map<Subject, Note>();
  const unsaid = new Set<Subject>();
  const replies: Note[] = [];
  const topic = (what: string) => `${root(commune, node)}/out/${what}`;
  return {
    say: (what, value) => {
      const qos = what === 'vitals' ? 0 : 1;
      latest.set(what, { topic: topic(what), payload: encode(value), qos, retain: true });
      unsaid.add(what);
    },
    reply: (reply) => {
      replies.push({ topic: topic('reply'), payload: encode(reply), qos: 1, retain: false });
      if (replies.length > repliesMax) replies.shift();
    },
    take: () => {
      const subject = order.find((each) => unsaid.has(each));
      if (subject === undefined) return replies.shift();
      unsaid.delete(subject);
      return latest.get(subject);
    },
    reconnected: () => {
      for (const subject of latest.keys()) unsaid.add(subject);
    },
  };
}

export const encode = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** The recorder's vitals with the queue's state beside them; where they are too long or too deep to be said, the queue's state alone. */
export function withQueue(
  vitals: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): VitalsMessage {
  const all = { ...vitals, ...own };
  try {
    if (encode(all).length <= vitalsBytesMax) return all;
  } catch (error) {
    // JSON.stringify recurses: a record nested some thousand deep ends the stack.
    if (!(error instanceof RangeError)) throw error;
  }
  return { ...own };
}
