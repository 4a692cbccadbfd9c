// When was it, and how sure is that? A node without a clock counts milliseconds from its start; any record of the same start that knows the
// time, before or after, says what those milliseconds were. The bound grows with the distance, by what a cheap crystal drifts.

import type { HeldSince } from './held.ts';
import type { Item } from './records.ts';

export interface Moment {
  /** Of which event. */
  readonly node: string;
  readonly event: string;
  /** Unix ms, null where nothing tells. */
  readonly wallMs: number | null;
  /** The true moment lies no farther from `wallMs` than this. */
  readonly errorMs: number | null;
  /** `own`: the record says so itself; `re-timed`: another record of the same start does. */
  readonly by: 'own' | 're-timed' | 'unknown';
  /** No later than this, by the hub's signature. */
  readonly heldMs: number | null;
}

/** 100 parts in a million: twice what Raspberry Pi's crystals are specified for. */
const drift = 1e-4;

interface Known {
  readonly monoMs: number;
  readonly wallMs: number;
  readonly errorMs: number;
}

export function momentsOf(items: readonly Item[], since: HeldSince): Moment[] {
  const known = new Map<string, Known[]>();
  for (const { entry } of items) {
    if (entry.is !== 'record') continue;
    const { monoMs, wallMs, clock, errorMs } = entry.manifest.time;
    if (wallMs === null || clock === 'none' || clock === 'floor') continue;
    const key = `${entry.node} ${entry.boot}`;
    known.set(key, [...(known.get(key) ?? []), { monoMs, wallMs, errorMs }]);
  }
  return items.flatMap(({ entry }): Moment[] => {
    if (entry.is !== 'record' || entry.manifest.event?.phase !== 'new') return [];
    const { time, event } = entry.manifest;
    const heldMs = since.get(entry.id) ?? null;
    const is = { node: entry.node, event: event.id, heldMs };
    if (time.wallMs !== null && time.clock !== 'none' && time.clock !== 'floor')
      return [{ ...is, wallMs: time.wallMs, errorMs: time.errorMs, by: 'own' }];
    const best = nearest(known.get(`${entry.node} ${entry.boot}`) ?? [], time.monoMs);
    return [
      best === undefined ? { ...is, wallMs: null, errorMs: null, by: 'unknown' } : { ...is, ...best, by: 're-timed' },
    ];
  });
}

/** From the record that leaves the smallest error. */
function nearest(known: readonly Known[], monoMs: number): { wallMs: number; errorMs: number } | undefined {
  const told = known.map((each) => ({
    wallMs: each.wallMs - each.monoMs + monoMs,
    errorMs: Math.ceil(each.errorMs + Math.abs(each.monoMs - monoMs) * drift),
  }));
  return told.sort((one, other) => one.errorMs - other.errorMs)[0];
}
