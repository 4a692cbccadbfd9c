// 72 hours without a link, compressed: 2,880 events with a clip of 4 MB each wait; then the link is back.
//
// The scale: every event and every clip is there, bytes of video are divided by 128 (32 KiB in place of 4 MiB, 128 MiB of spool in place of
// 16 GiB), and the link carries 128 times 256 kbit/s, so that the drain has the shape of the 100 hours that it would take.
import { setTimeout as pause } from 'node:timers/promises';
import { planRoom } from '../../../agent/core/eviction.ts';
import { parseFileName } from '../../../protocol/record-file.ts';
import type { Author } from './author.ts';
import { type Post, percentile, until } from './post.ts';
import { alarmLatency, slowLink } from './slow-link.ts';

export const outageScale = 128;
const events = 2880;
const clipBytes = (4 * 1024 * 1024) / outageScale;
const spoolBytes = (16 * 1024 ** 3) / outageScale;
const alarmEveryMs = 1000;
const drainMsMax = 240_000;

export interface OutageFigures {
  readonly outageRecords: number;
  readonly outageLost: number;
  readonly outageGivenUp: number;
  readonly outageDrainS: number;
  readonly outageAlarmP99Ms: number;
}

export async function measureOutage(post: Post, author: Author): Promise<OutageFigures> {
  post.link.rules = { bytesPerS: slowLink.bytesPerS * outageScale, delayMs: slowLink.delayMs };
  for (let n = 0; n < events; n += 1) {
    await author.event('event');
    await author.clip([await author.segment(4, clipBytes)]);
  }
  // What the recorder would have had to give up on a spool of this size.
  const held = author.written.flatMap(({ name, class: place, bodyBytes }) => {
    const file = parseFileName(name);
    return file === undefined ? [] : [{ place, name, file, bytes: bodyBytes + 1024 }];
  });
  const rules = { ringBytesMax: 0, spoolBytesMax: spoolBytes, keepFreeBytes: 0, hardFreeBytes: 0 };
  const { lost } = planRoom(held, spoolBytes, rules, () => false);

  const fromMs = performance.now();
  const uplink = post.startUplink(author.node);
  const latencies: Promise<number>[] = [];
  while (performance.now() - fromMs < drainMsMax) {
    if (latencies.length > 3 && (await post.waits(author)) === 0) break;
    latencies.push(alarmLatency(post, author));
    await pause(alarmEveryMs);
  }
  const took = await Promise.all(latencies);
  // What has not come by now is counted as lost.
  await until('the last receipts', 20_000, async () => (await post.waits(author)) === 0).catch(() => undefined);
  const drainS = (performance.now() - fromMs) / 1000;
  const equal = await post.hasEqual(author);
  await uplink.kill();
  post.link.rules = {};
  return {
    outageRecords: author.written.length,
    outageLost: author.written.length - equal,
    outageGivenUp: lost.length,
    outageDrainS: drainS,
    outageAlarmP99Ms: percentile(took, 0.99),
  };
}
