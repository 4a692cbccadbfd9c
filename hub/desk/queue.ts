// The alarm queue: what nobody has taken on yet, one row for each node and burst, alarms above events.
export interface Open {
  readonly node: string;
  readonly id: string;
  readonly atMs: number;
  readonly trigger: string;
  readonly level: string;
}
export interface Burst {
  readonly node: string;
  readonly level: 'alarm' | 'event';
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly alarms: number;
  /** How many of each, most first. */
  readonly triggers: readonly { readonly trigger: string; readonly count: number }[];
  /** The one to look at first: the oldest alarm, else the newest event. */
  readonly head: string;
  /** Since when an alarm waits. */
  readonly alarmMs: number | null;
}

/** A node that is quiet for so long begins a new row. */
export const burstGapMs = 10 * 60_000;

/** `open` in any order. */
export function burstsOf(open: readonly Open[], gapMs = burstGapMs): Burst[] {
  const byNode = Map.groupBy(open, ({ node }) => node);
  const bursts = [...byNode.values()].flatMap((events) => {
    const sorted = events.toSorted((one, other) => one.atMs - other.atMs || (one.id < other.id ? -1 : 1));
    const runs: Open[][] = [];
    for (const event of sorted) {
      const run = runs.at(-1);
      const last = run?.at(-1);
      if (run === undefined || last === undefined || event.atMs - last.atMs > gapMs) runs.push([event]);
      else run.push(event);
    }
    return runs.map(burstOf);
  });
  return bursts.sort(inOrder);
}

function burstOf(run: readonly Open[]): Burst {
  const alarms = run.filter(({ level }) => level === 'alarm');
  const counts = [...Map.groupBy(run, ({ trigger }) => trigger)].map(([trigger, { length }]) => ({
    trigger,
    count: length,
  }));
  const first = run[0];
  const last = run.at(-1);
  return {
    node: first?.node ?? '',
    level: alarms.length > 0 ? 'alarm' : 'event',
    fromMs: first?.atMs ?? 0,
    toMs: last?.atMs ?? 0,
    count: run.length,
    alarms: alarms.length,
    triggers: counts.sort((one, other) => other.count - one.count || (one.trigger < other.trigger ? -1 : 1)),
    head: (alarms[0] ?? last)?.id ?? '',
    alarmMs: alarms[0]?.atMs ?? null,
  };
}

/** Alarms first, the one that waits longest on top; then events, newest on top. */
function inOrder(one: Burst, other: Burst): number {
  if (one.alarmMs !== null && other.alarmMs !== null) return one.alarmMs - other.alarmMs;
  if (one.alarmMs !== null) return -1;
  return other.alarmMs !== null ? 1 : other.toMs - one.toMs;
}
