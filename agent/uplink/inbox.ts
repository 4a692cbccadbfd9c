// Messages from the hub, in their order; what comes while some are being taken is taken together. Bounded: what comes while it is full is dropped and counted; the node asks again, so nothing is lost by it.
import type { Incoming } from './link.ts';

const messagesMax = 64;
const bytesMax = 2 * 1024 * 1024;

export interface Inbox {
  put(message: Incoming): void;
  dropped(): number;
}

/** `take` may reject: `failed` hears why, and the next messages are taken. */
export function openInbox(
  take: (messages: readonly Incoming[]) => Promise<void>,
  failed: (error: unknown) => void,
): Inbox {
  const held = { bytes: 0, dropped: 0, busy: false };
  let waiting: Incoming[] = [];
  const run = async () => {
    held.busy = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      held.bytes = 0;
      await take(batch).catch(failed);
    }
    held.busy = false;
  };
  return {
    put: (message) => {
      const bytes = message.payload.length;
      if (waiting.length >= messagesMax || held.bytes + bytes > bytesMax) {
        held.dropped += 1;
        return;
      }
      waiting.push(message);
      held.bytes += bytes;
      if (!held.busy) void run();
    },
    dropped: () => held.dropped,
  };
}
