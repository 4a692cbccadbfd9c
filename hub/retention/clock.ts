// May the hub's own clock be believed? Days are counted by it: one that leaps ahead a year would have everything deleted within the hour. Weighed without I/O; the belief itself lies in the desk's book.
//
//              further ahead than it ran, by more than `leapMs`
//   believed ─────────────────────────────────────────────────▶ doubted
//      ▲                                                           │
//      └── set back, or told to by a person, or steady `provenMs` ─┘
//
// A hub that was off for long looks the same: then deleting waits three days for nothing, and no more is lost by it.
import type { DeskStore } from '../desk/store.ts';

export interface ClockBelief {
  /** The highest time that was believed. */
  readonly trustedMs: number;
  /** The clock at the last look, and how long it has run steadily since it leapt. Undefined while it is believed. */
  readonly doubt: { readonly atMs: number; readonly ranMs: number } | undefined;
}

const dayMs = 86_400_000;
/** A hub that was off over a weekend is not doubted. */
const leapMs = 2 * dayMs;
/** Time for somebody to see the notice and set the clock right. */
const provenMs = 3 * dayMs;

/** `ranMs` is how long the hub ran since the last look, by its steady clock; 0 at a start. */
export function weighClock(known: ClockBelief | undefined, wallMs: number, ranMs: number): ClockBelief {
  if (known === undefined) return { trustedMs: wallMs, doubt: undefined };
  const { trustedMs, doubt } = known;
  const isAhead = (fromMs: number, byMs: number) => wallMs - fromMs > byMs + leapMs;
  const steadyMs = (doubt?.ranMs ?? 0) + ranMs;
  if (!isAhead(trustedMs, steadyMs)) return { trustedMs: Math.max(trustedMs, wallMs), doubt: undefined };
  if (doubt === undefined || isAhead(doubt.atMs, ranMs)) return { trustedMs, doubt: { atMs: wallMs, ranMs: 0 } };
  if (steadyMs >= provenMs) return { trustedMs: wallMs, doubt: undefined };
  return { trustedMs, doubt: { atMs: wallMs, ranMs: steadyMs } };
}

/** As it stands in the book; undefined before the first look. */
export function readBelief(store: DeskStore): ClockBelief | undefined {
  const [row] = store.all<{ trustedMs: number; doubtedMs: number | null; ranMs: number }>(
    'SELECT trusted_ms AS trustedMs, doubted_ms AS doubtedMs, ran_ms AS ranMs FROM clock',
  );
  if (row === undefined) return undefined;
  const { trustedMs, doubtedMs, ranMs } = row;
  return { trustedMs, doubt: doubtedMs === null ? undefined : { atMs: doubtedMs, ranMs } };
}

export function writeBelief(store: DeskStore, { trustedMs, doubt }: ClockBelief): void {
  const row = [trustedMs, doubt?.atMs ?? null, doubt?.ranMs ?? 0];
  store.run('INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?)', ...row);
}
