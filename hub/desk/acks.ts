// Taking on: which events somebody has answered for, how, and what that says of a node.
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { limits } from '../limits.ts';
import type { Open } from './queue.ts';
import type { DeskStore } from './store.ts';

/** `seen`: looked at, nothing to do; for events only, an alarm is answered for. */
export const outcomes = ['sent', 'fire-114', 'superior', 'false', 'seen'] as const;
export const falseReasons = ['animal', 'weather', 'light', 'vehicle', 'daily-life', 'device', 'test', 'other'] as const;
export const ackSchema = z
  .strictObject({
    node: nameSchema,
    fromMs: z.number(),
    toMs: z.number(),
    outcome: z.enum(outcomes),
    reason: z.enum(falseReasons).optional(),
    note: z
      .string()
      .trim()
      .max(300)
      .regex(/^[^\n\r]*$/, 'must be one line')
      .default(''),
  })
  .refine(({ outcome, reason }) => (outcome === 'false') === (reason !== undefined), {
    path: ['reason'],
    error: 'must be given with outcome false, and with no other',
  });
export type Ack = z.output<typeof ackSchema>;

/** Events that are older are found by searching; alarms wait until somebody takes them on. */
export const queueAgeMs = 12 * 3_600_000;

export interface Acks {
  /** What waits, newest first. */
  open(nowMs: number): Open[];
  /** Of one node between two moments, as they stood on the officer's row: what came since waits for its own answer. */
  openOf(node: string, fromMs: number, toMs: number): Open[];
  take(events: readonly Open[], ack: Ack, actor: string, atMs: number): void;
  of(node: string, id: string): AckRow | undefined;
  /** How often each node's alarms and events were false, of those answered for since. */
  falseShares(sinceMs: number): FalseShare[];
}
export interface AckRow {
  readonly atMs: number;
  readonly actor: string;
  readonly outcome: string;
  readonly reason: string;
  readonly note: string;
}
export interface FalseShare {
  readonly node: string;
  readonly answered: number;
  readonly wrong: number;
}

/** Of an event `e`, where the book is attached. */
export const unanswered = 'NOT EXISTS (SELECT 1 FROM desk.ack a WHERE a.node = e.node AND a.id = e.id)';

/** The book is attached to the catalogue's connection, to be read beside it. */
export function openAcks(catalog: DatabaseSync, store: DeskStore): Acks {
  catalog.prepare('ATTACH DATABASE ? AS desk').run(store.path);
  const columns = 'e.node, e.id, e.at_ms AS atMs, e.cause AS trigger, e.level';
  const waiting = catalog.prepare(
    // Each by its own index: left to itself SQLite walks all events for the one order of both.
    `SELECT * FROM (SELECT ${columns} FROM event e INDEXED BY event_by_time WHERE e.at_ms > ? AND e.level <> 'alarm' AND ${unanswered}
     UNION ALL SELECT ${columns} FROM event e INDEXED BY alarm_by_time WHERE e.level = 'alarm' AND ${unanswered}) ORDER BY atMs DESC LIMIT ?`,
  );
  const ofNode = catalog.prepare(
    `SELECT ${columns} FROM event e WHERE e.at_ms BETWEEN ? AND ? AND e.node = ? AND ${unanswered} LIMIT ?`,
  );
  return {
    open: (nowMs) => waiting.all(nowMs - queueAgeMs, limits.queueEvents) as unknown as Open[],
    openOf: (node, fromMs, toMs) => ofNode.all(fromMs, toMs, node, limits.queueEvents) as unknown as Open[],
    take: (events, { outcome, reason = '', note }, actor, atMs) =>
      store.together(() => {
        for (const { node, id } of events)
          store.run(
            'INSERT INTO ack VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
            ...[node, id, atMs, actor, outcome, reason, note],
          );
      }),
    of: (node, id) =>
      store.all<AckRow>(
        'SELECT at_ms AS atMs, actor, outcome, reason, note FROM ack WHERE node = ? AND id = ?',
        node,
        id,
      )[0],
    falseShares: (sinceMs) =>
      store.all<FalseShare>(
        `SELECT node, count(*) AS answered, sum(outcome = 'false') AS wrong FROM ack WHERE at_ms > ? GROUP BY node ORDER BY node`,
        sinceMs,
      ),
  };
}
