// Live pictures on their way: read from the run folder as the recorder tells of them, one sent at a time, the newest of what waits; the rest is left out.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import { root } from '../../protocol/topics.ts';
import { unlessGone } from '../gone.ts';
import type { Note } from './news.ts';

export interface LiveOut {
  /** The recorder has laid a piece into the run folder. */
  laid(session: string, file: string): void;
  take(): Note | undefined;
  counts(): { readonly liveSent: number; readonly liveLeftOut: number };
}

/** An init segment and a fragment wait together at the beginning; more is a link that cannot carry the picture. */
const waitingMax = 3;

export function openLiveOut(
  { disk, runDir, commune, node }: { disk: Disk; runDir: string; commune: string; node: string },
  online: () => boolean,
  ring: () => void,
): LiveOut {
  const waiting: Note[] = [];
  const tally = { liveSent: 0, liveLeftOut: 0 };
  let queue: Promise<void> = Promise.resolve();

  const fetch = async (session: string, file: string) => {
    const path = join(runDir, file);
    const bytes = await unlessGone(disk.read(path));
    await unlessGone(disk.remove(path));
    if (bytes === undefined) return;
    if (!online() || waiting.length >= waitingMax) {
      tally.liveLeftOut += 1;
      return;
    }
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    waiting.push({ topic: `${root(commune, node)}/out/live/${session}`, payload, qos: 0, retain: false });
    ring();
  };

  return {
    laid: (session, file) => {
      queue = queue
        .then(() => fetch(session, file))
        .catch(() => {
          tally.liveLeftOut += 1;
        });
    },
    take: () => {
      const note = waiting.shift();
      if (note !== undefined) tally.liveSent += 1;
      return note;
    },
    counts: () => tally,
  };
}
