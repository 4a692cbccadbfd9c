// Handing a shift over: who gives, who takes, and what the shift was, on one page.
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { unanswered } from './acks.ts';
import type { DeskStore } from './store.ts';

const person = z.string().trim().min(1).max(80);
export const handoverSchema = z.strictObject({
  giver: person,
  taker: person,
  note: z.string().trim().max(1000).default(''),
});

export interface ShiftSummary {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly alarms: number;
  readonly events: number;
  /** How many were answered how. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly waiting: number;
  readonly nodes: number;
  readonly offline: readonly string[];
}
export interface Handover extends z.output<typeof handoverSchema> {
  readonly id: number;
  readonly atMs: number;
  readonly summary: ShiftSummary;
}

/** A first shift, or one whose end nobody wrote down, is looked at for so long. */
const longestMs = 24 * 3_600_000;

/** Since the last hand-over; what waits for an answer, since whenever it waits: it is the next shift's. */
export function summarise(db: DatabaseSync, store: DeskStore, nowMs: number): Omit<ShiftSummary, 'nodes' | 'offline'> {
  const last = store.all<{ atMs: number | null }>('SELECT max(at_ms) AS atMs FROM handover')[0]?.atMs ?? 0;
  const sinceMs = Math.max(last, nowMs - longestMs);
  const counted = db
    .prepare(
      // By when the hub had them: what a node could only send later is of the shift that saw it come.
      `SELECT count(*) AS events, coalesce(sum(e.level = 'alarm'), 0) AS alarms FROM record r INDEXED BY event_by_coming
       JOIN event e ON e.node = r.node AND e.id = r.event_id AND e.first_boot = r.boot AND e.first_seq = r.seq WHERE r.kind = 'event' AND r.stored_ms > ?`,
    )
    .get(sinceMs);
  const waiting = db
    .prepare(
      `SELECT count(*) AS count FROM event e INDEXED BY alarm_by_time WHERE level = 'alarm'
       AND ${unanswered}`,
    )
    .get();
  const outcomes = store.all<{ outcome: string; count: number }>(
    'SELECT outcome, count(*) AS count FROM ack WHERE at_ms > ? GROUP BY outcome',
    sinceMs,
  );
  return {
    sinceMs,
    untilMs: nowMs,
    alarms: Number(counted?.alarms),
    events: Number(counted?.events) - Number(counted?.alarms),
    waiting: Number(waiting?.count),
    outcomes: Object.fromEntries(outcomes.map(({ outcome, count }) => [outcome, count])),
  };
}

export function handOver(store: DeskStore, asked: z.output<typeof handoverSchema>, summary: ShiftSummary): void {
  const { giver, taker, note } = asked;
  const sql = 'INSERT INTO handover (at_ms, since_ms, giver, taker, note, summary) VALUES (?, ?, ?, ?, ?, ?)';
  store.run(sql, summary.untilMs, summary.sinceMs, giver, taker, note, JSON.stringify(summary));
}

export const lastHandovers = (store: DeskStore): Handover[] =>
  store
    .all<Omit<Handover, 'summary'> & { summary: string }>(
      'SELECT id, at_ms AS atMs, giver, taker, note, summary FROM handover ORDER BY id DESC LIMIT 20',
    )
    .map((row) => ({ ...row, summary: JSON.parse(row.summary) }));
