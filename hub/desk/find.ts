// Finding events: by node, time, trigger, level, zone, words and length. Newest first; every question has a bound.
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { levels, triggers } from '../../protocol/manifest.ts';
import { type Cursor, type EventView, eventColumns, readHead } from '../catalog-read.ts';
import { limits } from '../limits.ts';

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

/** Without signs and in small letters: "bao ve" finds "Bảo vệ". */
export const fold = (text: string): string =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[đĐ]/g, 'd').toLowerCase();

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
  if (sought.waiting !== undefined)
    where.push('NOT EXISTS (SELECT 1 FROM desk.ack a WHERE a.node = e.node AND a.id = e.id)');
  const rows = db
    .prepare(
      `${eventColumns} WHERE ${where.join(' AND ')}
       ORDER BY e.at_ms DESC, e.node DESC, e.id DESC LIMIT ?`,
    )
    .iterate(...values, limits.lookedThrough + 1);
  const fits = matcher(sought);
  const keys: Cursor[] = [];
  let looked = 0;
  let last: Cursor | undefined;
  for (const row of rows) {
    if (keys.length === sought.limit || looked === limits.lookedThrough) return { keys, next: last };
    const head = readHead(row);
    last = { atMs: head.atMs, node: head.node, id: head.id };
    looked += 1;
    if (fits(head)) keys.push(last);
  }
  return { keys, next: undefined };
}

type Head = Pick<EventView, 'title' | 'reason' | 'zones' | 'durationMs'>;

function matcher({ zone, text, minMs }: Sought): (head: Head) => boolean {
  const [inZone, words] = [fold(zone ?? ''), fold(text ?? '').split(/\s+/)];
  return ({ title, reason, zones, durationMs }) => {
    if (minMs > 0 && (durationMs ?? 0) < minMs) return false;
    if (inZone !== '' && !zones.some((each) => fold(each).includes(inZone))) return false;
    if (text === undefined || text === '') return true;
    const all = fold([title, reason ?? '', ...zones].join(' '));
    return words.every((word) => all.includes(word));
  };
}
