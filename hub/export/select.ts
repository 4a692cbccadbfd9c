// Which files of the archive an export is made of: an event's, or all that a node saw between two moments.
import type { DatabaseSync } from 'node:sqlite';
import type { Place } from '../archive.ts';

export type Asked =
  /** Without a node: whichever has an event of this name. */
  | { readonly is: 'event'; readonly node?: string | undefined; readonly id: string }
  /** By what is known of each moment (retime.ts); Unix ms, both included. */
  | { readonly is: 'range'; readonly node: string; readonly fromMs: number; readonly toMs: number };
/** With its node. */
export type Scope = Asked & { readonly node: string };

export interface RecordRow {
  readonly boot: string;
  readonly seq: number;
  readonly name: string;
  readonly kind: string;
  readonly sha256: string;
  readonly atMs: number;
  readonly atErrorMs: number | null;
  readonly atBy: 'own' | 're-timed' | 'stored';
  readonly storedMs: number;
}
export interface ClipRow extends RecordRow {
  readonly kind: 'clip';
  /** In the film's order; those that are not here have no name. */
  readonly segments: readonly { readonly boot: string; readonly seg: number; readonly name: string | null }[];
}
export interface Selection {
  readonly node: string;
  /** The point's name as people say it. */
  readonly title: string;
  readonly records: readonly RecordRow[];
  readonly clips: readonly ClipRow[];
  /** `event` records' ids, each once. */
  readonly events: readonly string[];
}

const columns =
  'boot, seq, name, kind, sha256, at_ms AS atMs, at_error_ms AS atErrorMs, at_by AS atBy, stored_ms AS storedMs';
/** With what its starts said of the time: a moment that was re-timed can be re-timed by whoever has the export. */
const ofEvent = `WITH its AS (SELECT ${columns} FROM record WHERE node = ?1
    AND ((kind = 'event' AND event_id = ?2) OR of_event = ?2))
  SELECT * FROM its UNION SELECT ${columns} FROM record WHERE node = ?1 AND kind = 'anchor' AND boot IN (SELECT boot FROM its)
  ORDER BY boot, seq`;
/** Vitals and logs say nothing about what was seen. A clip belongs where its pictures are: its own time is when it was finished. */
const inRange = `SELECT ${columns} FROM record r WHERE node = ?1 AND kind NOT IN ('vitals', 'log', 'clip')
    AND at_ms BETWEEN ?2 AND ?3
  UNION SELECT ${columns} FROM record r WHERE node = ?1 AND kind = 'anchor' AND boot IN
    (SELECT boot FROM record b WHERE b.node = ?1 AND b.at_ms BETWEEN ?2 AND ?3)
  UNION SELECT ${columns} FROM record r WHERE node = ?1 AND kind = 'clip' AND EXISTS (SELECT 1 FROM clip_segment c
    JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg
    WHERE c.node = r.node AND c.boot = r.boot AND c.seq = r.seq
    AND s.at_ms + s.duration_ms >= ?2 AND s.at_ms <= ?3)
  ORDER BY boot, seq`;
const segmentsOf = `SELECT c.seg_boot AS boot, c.seg AS seg, s.name AS name FROM clip_segment c
  LEFT JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg
  WHERE c.node = ? AND c.boot = ? AND c.seq = ? ORDER BY c.place`;

/** Undefined where there is no such event, or several nodes have one and none was named. */
export function scopeOf(db: DatabaseSync, asked: Asked): Scope | undefined {
  if (asked.is === 'range') return asked;
  if (asked.node !== undefined) return { ...asked, node: asked.node };
  const nodes = db.prepare('SELECT node FROM event WHERE id = ? LIMIT 2').all(asked.id);
  return nodes.length === 1 ? { is: 'event', id: asked.id, node: String(nodes[0]?.node) } : undefined;
}

export function select(db: DatabaseSync, asked: Scope): Selection {
  const { node } = asked;
  /** SQLite's rows are given their type here. */
  const ask = <T>(text: string, ...values: (string | number)[]): T[] => db.prepare(text).all(...values) as T[];
  const records =
    asked.is === 'event'
      ? ask<RecordRow>(ofEvent, node, asked.id)
      : ask<RecordRow>(inRange, node, asked.fromMs, asked.toMs);
  const clips = records.filter(isClip).map(
    (record): ClipRow => ({
      ...record,
      kind: 'clip',
      segments: ask<ClipRow['segments'][number]>(segmentsOf, node, record.boot, record.seq),
    }),
  );
  const title = ask<{ title: string | null }>('SELECT title FROM node WHERE node = ?', node)[0]?.title ?? node;
  return { node, title, records, clips, events: eventsOf(db, asked) };
}

/** The archive's files that it is made of, each once. */
export function placesOf({ node, records, clips }: Selection): Place[] {
  const segments = clips.flatMap(({ segments }) => segments);
  const names = new Map(
    [...records, ...segments].flatMap(({ boot, name }) =>
      name === null ? [] : [[name, { node, boot, name }] as const],
    ),
  );
  return [...names.values()];
}

const isClip = ({ kind }: RecordRow): boolean => kind === 'clip';

function eventsOf(db: DatabaseSync, asked: Scope): string[] {
  if (asked.is === 'event') return [asked.id];
  const rows = db
    .prepare('SELECT id FROM event WHERE node = ? AND at_ms BETWEEN ? AND ? ORDER BY at_ms')
    .all(asked.node, asked.fromMs, asked.toMs);
  return rows.map(({ id }) => String(id));
}

/** Manifests of a node's records in order, from the boot and number of one to those of another, both included: their names in the archive. */
export function chainBetween(db: DatabaseSync, node: string, from: RecordRow, to: RecordRow): RecordRow[] {
  return db
    .prepare(`SELECT ${columns} FROM record WHERE node = ? AND (boot, seq) >= (?, ?) AND (boot, seq) <= (?, ?)
      ORDER BY boot, seq LIMIT ?`)
    .all(node, from.boot, from.seq, to.boot, to.seq, chainMax) as unknown as RecordRow[];
}
/** About 1 KB each. */
const chainMax = 20_000;
