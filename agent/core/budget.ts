// Data of the month on a metered link: counted from the kernel's counters, and what video may use of it.
//
// Alarms, events, stills and the node's own words always go. Video of events waits while more has been used than the month's share of the budget so far;
// video of alarms goes on until the whole budget is spent. Whatever waits lies in the spool, as in an outage.
import type { NetLink } from '../../hal/ports.ts';
import type { DrainClass } from '../../protocol/manifest.ts';
import { localTime } from './local-time.ts';

export interface BudgetRules {
  readonly link: 'metered' | 'unmetered';
  /** Bytes of a calendar month. */
  readonly monthlyBytes: number;
}

export interface MonthUse {
  /** `2026-11`; empty while no time is known. */
  readonly month: string;
  readonly bytes: number;
  /** The kernel's counter when it was last read; undefined after a start, when the counter may have begun anew. */
  readonly counter: number | undefined;
}
export const unusedMonth: MonthUse = { month: '', bytes: 0, counter: undefined };

/** So much may go before the first day is over: a node that joins must not wait for its share. */
const firstShare = 1 / 31;

/** The counter falls when the interface comes anew: then all it shows is new. Without a counter before, nothing is known to be new. */
export function countTraffic(use: MonthUse, counter: number, wallMs: number | null): MonthUse {
  const month = wallMs === null ? use.month : monthOf(wallMs);
  const fresh = use.counter === undefined ? 0 : counter >= use.counter ? counter - use.counter : counter;
  // What was counted before any time was known belongs to the month that it turns out to be.
  const kept = use.month === '' || month === use.month ? use.bytes : 0;
  return { month, bytes: kept + fresh, counter };
}

/** Bytes that count on a metered link: those of the default route, else of all. */
export function countedBytes(links: readonly NetLink[]): number {
  const ways = links.filter(({ isDefault }) => isDefault);
  return (ways.length > 0 ? ways : links).reduce((sum, { rxBytes, txBytes }) => sum + rxBytes + txBytes, 0);
}

/** May a class begin to send now? */
export function mayGo(drainClass: DrainClass, use: MonthUse, rules: BudgetRules, wallMs: number): boolean {
  if (rules.link === 'unmetered' || (drainClass !== 3 && drainClass !== 4)) return true;
  if (drainClass === 3) return use.bytes < rules.monthlyBytes;
  return use.bytes < rules.monthlyBytes * Math.min(1, monthShare(wallMs) + firstShare);
}

/** How much of the month has passed, 0 to 1. */
function monthShare(wallMs: number): number {
  const { year, month, day, hour } = localTime(wallMs);
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return (day - 1 + hour / 24) / days;
}

function monthOf(wallMs: number): string {
  const { year, month } = localTime(wallMs);
  return `${year}-${String(month).padStart(2, '0')}`;
}
