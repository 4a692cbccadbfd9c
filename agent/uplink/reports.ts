// What waits and how long, told to the hub with the recorder's vitals, and to the recorder for its caption and lamp.

import { drainClasses } from '../../protocol/manifest.ts';
import type { LocalClient } from '../local.ts';
import type { Waiting } from '../outbox.ts';
import type { Desk } from './desk.ts';
import type { Meter } from './meter.ts';
import { withQueue } from './news.ts';
import { wallMsOf } from './parcel.ts';
import { isEvent } from './queue.ts';
import type { HubTime } from './time.ts';

const recorderEveryMs = 5000;
/** Without vitals from the recorder, the hub hears of the queue this often, and whenever it fills or empties. */
const aloneEveryMs = 60_000;

export interface LinkNow {
  readonly state: 'online' | 'offline';
  readonly sessions: number;
  readonly dropped: number;
}

export interface Reports {
  /** The recorder's vitals, to be published with ours. */
  vitals(record: Readonly<Record<string, unknown>>): void;
  /** Something changed that should not wait for its turn. */
  now(): void;
  /** Resolves when what is so now is ready to be said, the recorder's last vitals with it. */
  last(): Promise<void>;
  /** Resolves when nothing is under way any more. */
  settle(): Promise<void>;
}

export function startReports(
  desk: Desk,
  recorder: LocalClient,
  time: HubTime,
  link: () => LinkNow,
  meter: Pick<Meter, 'told'>,
  signal: AbortSignal,
): Reports {
  const oldest = openOldest(desk, time);
  const at = { vitals: {} as Readonly<Record<string, unknown>>, publishedMs: Number.NEGATIVE_INFINITY, waits: false };
  let busy: Promise<void> | undefined;
  let wanted: { publish: boolean } | undefined;

  const report = async (publish: boolean) => {
    // A session lists the folders itself.
    if (link().state === 'offline') await desk.refresh();
    const counts = desk.queue.counts();
    const files = counts.reduce((sum, count) => sum + count, 0) + desk.ledger.entries.length + desk.queue.resting();
    const oldestAgeMs = files === 0 ? null : await oldest();
    const { state, sessions, dropped } = link();
    const { sentBytes } = desk.counts;
    recorder.tell({ is: 'link', state, queued: files, oldestAgeMs, sentBytes });
    const turned = files > 0 !== at.waits;
    if (!publish && !turned && performance.now() - at.publishedMs < aloneEveryMs) return;
    at.publishedMs = performance.now();
    at.waits = files > 0;
    const underWay = desk.ledger.entries.filter(({ parcel }) => isEvent(parcel.item.name)).length;
    const queue = { events: desk.queue.events() + underWay, files, oldestAgeMs, byClass: counts };
    desk.news.say(
      'vitals',
      withQueue(at.vitals, {
        queue,
        link: meter.told(),
        uplink: { sessions, dropped, ...desk.counts, commands: desk.commands.counts, ...desk.live.counts() },
      }),
    );
    desk.bell.ring();
  };
  const reportAll = async () => {
    for (let next = wanted; next !== undefined; next = wanted) {
      wanted = undefined;
      await report(next.publish).catch(desk.unreadable);
    }
    busy = undefined;
  };
  const soon = (publish: boolean) => {
    wanted = { publish: publish || wanted?.publish === true };
    busy ??= reportAll();
  };
  const timer = setInterval(soon, recorderEveryMs, false);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });

  return {
    vitals: (record) => {
      at.vitals = record;
      soon(true);
    },
    now: () => soon(false),
    last: async () => {
      soon(true);
      await busy;
    },
    settle: async () => await busy,
  };
}

/** The age of the oldest thing that waits, or null where none of them knows when it was made. Each class's first file is read once. */
function openOldest(desk: Desk, time: HubTime): () => Promise<number | null> {
  const known = new Map<number, { name: string; wallMs: number | undefined }>();
  const madeAt = async (item: Waiting) => {
    const before = known.get(item.class);
    if (before?.name === item.name) return before.wallMs;
    const wallMs = await wallMsOf(desk.outbox, item);
    known.set(item.class, { name: item.name, wallMs });
    return wallMs;
  };
  return async () => {
    const made = desk.ledger.entries.map(({ parcel }) => parcel.wallMs);
    for (const drainClass of drainClasses) {
      const item = desk.queue.peek(drainClass);
      if (item !== undefined) made.push((await madeAt(item)) ?? null);
    }
    const first = Math.min(...made.filter((wallMs) => wallMs !== null));
    return Number.isFinite(first) ? Math.max(0, time.wallMs() - first) : null;
  };
}
