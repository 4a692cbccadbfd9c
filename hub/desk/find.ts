// Finding events: by node, time, trigger, level, zone, words and length. Newest first; every question has a bound.
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { levels, triggers } from '../../protocol/manifest.ts';
import type { Cursor } from '../catalog-read.ts';
import { fold } from '../fold.ts';
import { limits } from '../limits.ts';
import { unanswered } from './acks.ts';

export const soughtSchema = z.object({
  node: nameSchema.optional(),
  fromMs: z.coerce.number().default(0),
  toMs: z.coerce.number().default(Number.MAX_SAFE_INTEGER),
  trigger: z.enum(triggers).optional(),
  level: z.enum(levels).optional(),
  zone: z.string().trim().max(64).optional(),
  text: z.string().trim().max(100).optional(),
  minMs: z.coerce.number().min(0).default(0),
  /** Only what nobody has answered for. */
  waiting: z.literal('1').optional(),
  limit: z.coerce.number().int().min(1).max(limits.eventsPerAnswer).default(50),
});
export type Sought = z.output<typeof soughtSchema>;

export interface Found {
  readonly keys: readonly { readonly node: string; readonly id: string }[];
  /** Where to go on; also when so much was looked through without a find. */
  readonly next: Cursor | undefined;
}

export function findEvents(db: DatabaseSync, sought: Sought, before: Cursor | undefined): Found {
  const where = ['(e.at_ms, e.node, e.id) < (?, ?, ?)', 'e.at_ms >= ?'];
  const values: (string | number)[] = [
    before?.atMs ?? sought.toMs,
    before?.node ?? '',
    before?.id ?? '',
    sought.fromMs,
  ];
  const also = (condition: string, value: string | undefined) => {
    if (value === undefined) return;
    where.push(condition);
    values.push(value);
  };
  also('e.node = ?', sought.node);
  also('e.cause = ?', sought.trigger);
  also('e.level = ?', sought.level);
  if (sought.waiting !== undefined) where.push(unanswered);
  const fits = fitting(db, sought);
  const rows = db
    .prepare(
      `SELECT e.at_ms AS atMs, e.node, e.id, ${fits.sql} AS fits FROM event e WHERE ${where.join(' AND ')}
       ORDER BY e.at_ms DESC, e.node DESC, e.id DESC LIMIT ?`,
    )
    .iterate(...fits.values, ...values, limits.lookedThrough + 1);
  const keys: Cursor[] = [];
  let looked = 0;
  let last: Cursor | undefined;
  for (const row of rows) {
    if (keys.length === sought.limit || looked === limits.lookedThrough) return { keys, next: last };
    last = { atMs: Number(row.atMs), node: String(row.node), id: String(row.id) };
    looked += 1;
    if (row.fits === 1) keys.push(last);
  }
  return { keys, next: undefined };
}

/** Each word stands in the reason, in a zone, or in the name of the node. */
function fitting(db: DatabaseSync, { zone, text, minMs }: Sought): { sql: string; values: (string | number)[] } {
  const words = fold(text ?? '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const titles = words.length === 0 ? [] : db.prepare('SELECT node, coalesce(title, node) AS title FROM node').all();
  const called = (word: string) =>
    JSON.stringify(titles.filter(({ title }) => fold(String(title)).includes(word)).map(({ node }) => node));
  const sql = [
    'coalesce(e.duration_ms, 0) >= ?',
    'instr(e.zone_words, ?) > 0',
    ...words.map(() => '(instr(e.words, ?) > 0 OR e.node IN (SELECT value FROM json_each(?)))'),
  ];
  return {
    sql: sql.join(' AND '),
    values: [minMs, fold(zone ?? ''), ...words.flatMap((word) => [word, called(word)])],
  };
}
