// A node that begins with 100,000 records waiting: how long until the first of them is at the hub, and how much memory the uplink takes.
import type { Author } from './author.ts';
import { type Post, until } from './post.ts';

export const queuedRecords = 100_000;
const startMsMax = 60_000;
/** After the first record: the largest folder has been listed, sending is under way. */
const watchedMs = 5000;

export interface StartUpFigures {
  readonly startUpS: number;
  readonly startUpRssMb: number;
}

export async function fill(author: Author, say: (line: string) => void): Promise<void> {
  for (let n = 1; n <= queuedRecords; n += 1) {
    await author.bare();
    if (n % 25_000 === 0) say(`${n} of ${queuedRecords} records queued …`);
  }
}

export async function measureStartUp(post: Post, author: Author): Promise<StartUpFigures> {
  const fromMs = performance.now();
  const uplink = post.startUplink(author.node);
  const [first] = author.written;
  if (first === undefined) throw new Error('nothing is queued');
  await until('the first record', startMsMax, () => post.has(author, first));
  const startUpS = (performance.now() - fromMs) / 1000;
  const untilMs = performance.now() + watchedMs;
  await until('the memory to settle', watchedMs + 1000, () => performance.now() > untilMs);
  const startUpRssMb = uplink.peakRssMb();
  await uplink.kill();
  return { startUpS, startUpRssMb };
}
