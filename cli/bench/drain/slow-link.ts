// 256 kbit/s, 50 ms each way, cut with a reset every 30 s, far more video waiting than it can carry: how much of the link carries it, and how
// long a new alarm takes to the hub meanwhile.
import { setTimeout as pause } from 'node:timers/promises';
import type { Author, Written } from './author.ts';
import { type Post, percentile, until } from './post.ts';

export const slowLink = { bytesPerS: 32_000, delayMs: 50 } as const;
const cutEveryMs = 30_000;
const alarmEveryMs = 2500;
const segmentBytes = 512 * 1024;
/** 4 MB clips. */
const segmentsPerClip = 8;
const clips = 10;
const eventsBefore = 40;

export interface SlowFigures {
  readonly linkShare: number;
  readonly sentPerBody: number;
  readonly alarmP99Ms: number;
  readonly alarms: number;
  readonly cuts: number;
  /** Segments that were whole at the hub before the last event of the backlog was. */
  readonly videoBeforeEvents: number;
}

export async function measureSlowLink(post: Post, author: Author, seconds: number): Promise<SlowFigures> {
  for (let n = 0; n < clips; n += 1) {
    const segments = [];
    for (let of = 0; of < segmentsPerClip; of += 1) segments.push(await author.segment(4, segmentBytes));
    await author.clip(segments);
  }
  for (let n = 0; n < eventsBefore; n += 1) await author.event('event');
  const isSegment = ({ name }: Written) => name.endsWith('.seg');
  const events = author.written.filter((each) => !isSegment(each));
  const segments = author.written.filter(isSegment);
  post.startUplink(author.node);
  await until('the events to arrive', 90_000, () => events.every((each) => post.has(author, each)));
  const videoBeforeEvents = segments.filter((each) => post.has(author, each)).length;
  // Until video flows: what is measured is the steady state of a long drain.
  await until('video to flow', 30_000, async () => (await videoBytes(post, author)) > 0);

  const before = { body: await post.bodyBytes(author), sent: post.link.upBytes(), atMs: performance.now() };
  const latencies: Promise<number>[] = [];
  let cuts = 0;
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - before.atMs) {
    if (elapsedMs > (cuts + 1) * cutEveryMs) {
      post.link.reset();
      cuts += 1;
    }
    latencies.push(alarmLatency(post, author));
    await pause(alarmEveryMs);
  }
  const upS = (performance.now() - before.atMs) / 1000;
  const body = (await post.bodyBytes(author)) - before.body;
  const sent = post.link.upBytes() - before.sent;
  const took = await Promise.all(latencies);
  return {
    linkShare: body / (slowLink.bytesPerS * upS),
    sentPerBody: sent / body,
    alarmP99Ms: percentile(took, 0.99),
    alarms: took.length,
    cuts,
    videoBeforeEvents,
  };
}

const alarmMsMax = 60_000;

/** From the moment it is on the node's card to the moment it is on the hub's disk. */
export async function alarmLatency(post: Post, author: Author): Promise<number> {
  const alarm = await author.event('alarm');
  const fromMs = performance.now();
  author.ring(0);
  await until('an alarm', alarmMsMax, () => post.has(author, alarm));
  return performance.now() - fromMs;
}

async function videoBytes(post: Post, author: Author): Promise<number> {
  const records = author.written.filter(({ name }) => name.endsWith('.rec'));
  const recordBytes = records.reduce((sum, each) => sum + (post.has(author, each) ? each.bodyBytes : 0), 0);
  return (await post.bodyBytes(author)) - recordBytes;
}
