// A month on one page, for who answers for the system and sees no pictures: counts, uptime, how alarms were answered.

import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as breathe } from 'node:timers/promises';
import { dayNumber } from '../catalog-tallies.ts';
import { unanswered } from './acks.ts';
import { type DaySigns, type MinuteState, minuteMs, minuteTotals } from './day.ts';
import { pointOf } from './points.ts';
import type { DeskStore } from './store.ts';

export interface NodeMonth {
  readonly node: string;
  readonly title: string;
  readonly hamlet: string;
  readonly minutes: Readonly<Record<MinuteState, number>>;
  readonly events: number;
  readonly alarms: number;
  readonly answered: number;
  readonly wrong: number;
}
export interface MonthReport {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nodes: readonly NodeMonth[];
  /** How many events were answered how. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Half of the alarms were answered sooner. Null where none was. */
  readonly medianAnswerMs: number | null;
  readonly waiting: number;
  readonly casesOpened: number;
  readonly exports: number;
}

export interface ReportParts {
  readonly db: DatabaseSync;
  readonly store: DeskStore;
  readonly signs: DaySigns;
}

/** From and to are the beginnings of days. `exports` is what the audit log says of this month. */
export async function reportMonth(
  { db, store, signs }: ReportParts,
  names: readonly string[],
  { fromMs, toMs, nowMs, exports }: { fromMs: number; toMs: number; nowMs: number; exports: number },
): Promise<MonthReport> {
  const counted = db.prepare(
    `SELECT coalesce(sum(events), 0) AS events, coalesce(sum(alarms), 0) AS alarms FROM event_day WHERE day >= ? AND day < ? AND node = ?`,
  );
  const title = db.prepare('SELECT title FROM node WHERE node = ?');
  const firstRecord = db.prepare('SELECT at_ms AS ms FROM record WHERE node = ? ORDER BY boot, seq LIMIT 1');
  /** A node is not away before it first came. */
  const minutesSince = (node: string) => {
    const contact = store.all<{ ms: number | null }>('SELECT min(from_ms) AS ms FROM contact WHERE node = ?', node)[0]
      ?.ms;
    const firstMs = Math.min(contact ?? toMs, Number(firstRecord.get(node)?.ms ?? toMs));
    const sinceMs = Math.min(toMs, Math.max(fromMs, Math.floor(firstMs / minuteMs) * minuteMs));
    const length = (toMs - sinceMs) / minuteMs;
    return minuteTotals(signs.of(node, sinceMs, toMs), sinceMs, nowMs, length);
  };
  const nodes: NodeMonth[] = [];
  for (const node of names) {
    // Other requests come in between: a month of a hundred nodes takes a while.
    await breathe();
    const row = counted.get(dayNumber(fromMs), dayNumber(toMs), node);
    const answers = store.all<{ answered: number; wrong: number }>(
      `SELECT count(*) AS answered, coalesce(sum(outcome = 'false'), 0) AS wrong FROM ack WHERE at_ms >= ? AND at_ms < ? AND node = ?`,
      ...[fromMs, toMs, node],
    )[0];
    nodes.push({
      ...{ node, title: String(title.get(node)?.title ?? node), hamlet: pointOf(store, node).hamlet },
      minutes: minutesSince(node),
      alarms: Number(row?.alarms),
      events: Number(row?.events) - Number(row?.alarms),
      ...{ answered: answers?.answered ?? 0, wrong: answers?.wrong ?? 0 },
    });
  }
  const outcomes = store.all<{ outcome: string; count: number }>(
    'SELECT outcome, count(*) AS count FROM ack WHERE at_ms >= ? AND at_ms < ? GROUP BY outcome',
    ...[fromMs, toMs],
  );
  const waits = db
    .prepare(
      `SELECT a.at_ms - e.at_ms AS ms FROM event e JOIN desk.ack a ON a.node = e.node AND a.id = e.id
       WHERE e.level = 'alarm' AND e.at_ms >= ? AND e.at_ms < ? ORDER BY ms`,
    )
    .all(fromMs, toMs);
  const waiting = db
    .prepare(
      `SELECT count(*) AS count FROM event e WHERE level = 'alarm' AND at_ms >= ? AND at_ms < ?
       AND ${unanswered}`,
    )
    .get(fromMs, toMs);
  const cases = store.all<{ count: number }>(
    'SELECT count(*) AS count FROM case_file WHERE opened_ms >= ? AND opened_ms < ?',
    ...[fromMs, toMs],
  )[0];
  return {
    ...{ fromMs, toMs, nodes, exports, waiting: Number(waiting?.count), casesOpened: cases?.count ?? 0 },
    outcomes: Object.fromEntries(outcomes.map(({ outcome, count }) => [outcome, count])),
    medianAnswerMs: waits.length === 0 ? null : Math.max(0, Number(waits[Math.floor((waits.length - 1) / 2)]?.ms)),
  };
}
