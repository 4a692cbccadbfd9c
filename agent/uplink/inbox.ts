// Messages from the hub, one after the other. Bounded: what comes while it is full is dropped and counted; the node asks again, so nothing is lost by it.
import type { Incoming } from './link.ts';

const messagesMax = 64;
const bytesMax = 2 * 1024 * 1024;

export interface Inbox {
  put(message: Incoming): void;
  dropped(): number;
  settled(): Promise<void>;
}

/** `take` may reject: `failed` hears why, and the next message is taken. */
export function openInbox(take: (message: Incoming) => Promise<void>, failed: (error: unknown) => void): Inbox {
  const held = { messages: 0, bytes: 0, dropped: 0 };
  let last: Promise<void> = Promise.resolve();
  return {
    put: (message) => {
      const bytes = message.payload.length;
      if (held.messages >= messagesMax || held.bytes + bytes > bytesMax) {
        held.dropped += 1;
        return;
      }
      held.messages += 1;
      held.bytes += bytes;
      last = last
        .then(() => take(message))
        .catch(failed)
        .finally(() => {
          held.messages -= 1;
          held.bytes -= bytes;
        });
    },
    dropped: () => held.dropped,
    settled: () => last,
  };
}
