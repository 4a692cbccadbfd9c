// Questions to the catalogue. Row shapes are those of the SQL beside them.
import type { DatabaseSync } from 'node:sqlite';
import type { RecordKind } from '../protocol/manifest.ts';
import { vitalSlotMs } from './catalog.ts';
import { type ChainReader, chainReader } from './chain-read.ts';
import { type EventRow, type EventView, eventColumns, eventHead } from './event-view.ts';

export interface NodeRow {
  readonly node: string;
  readonly title: string | null;
  readonly state: string | null;
  readonly since_ms: number | null;
  readonly release: string | null;
  readonly vitals: string | null;
  readonly heard_ms: number | null;
}
/** A column a figure, as plots want them; each row stands for five minutes from `atMs` on. */
export interface VitalsColumns {
  readonly atMs: readonly number[];
  readonly temperatureC: readonly (number | null)[];
  readonly load: readonly (number | null)[];
  readonly memoryFreeBytes: readonly (number | null)[];
  readonly cardFreeBytes: readonly (number | null)[];
  readonly cardWrittenBytes: readonly (number | null)[];
  readonly files: readonly (number | null)[];
  readonly oldestMs: readonly (number | null)[];
}
export interface RecordName {
  readonly name: string;
  readonly kind: string;
  readonly plain_sha256: string | null;
}
/** Where a list of events goes on. */
export interface Cursor {
  readonly atMs: number;
  readonly node: string;
  readonly id: string;
}

export interface CatalogReader extends ChainReader {
  /** Newest first. */
  events(before: Cursor | undefined, limit: number): { events: EventView[]; next: Cursor | undefined };
  event(node: string, id: string): EventView | undefined;
  /** The event that a clip waits for this segment for. */
  eventsOfSegment(node: string, boot: string, seg: number): string[];
  nodes(): NodeRow[];
  /** The end of its chain as far as it is here. */
  lastRecord(node: string): { boot: string; seq: number; sha256: string; name: string } | undefined;
  /** The newest record of its kind, by the node's own order. */
  lastOfKind(
    node: string,
    kind: RecordKind,
  ): { boot: string; seq: number; name: string; plain_sha256: string | null; atMs: number } | undefined;
  vitalsSince(node: string, fromMs: number): VitalsColumns;
  lastStill(node: string): { url: string; atMs: number } | undefined;
  standingFaults(node: string): { code: string; text: string; atMs: number }[];
  hubFaults(): { atMs: number; node: string; code: string; text: string }[];
  recordName(node: string, boot: string, seq: number): RecordName | undefined;
  /** Names of the segments of a clip that are here, in order. */
  clipSegments(node: string, boot: string, seq: number): { boot: string; seg: number; name: string }[];
  totals(): { events: number; clips: number; stills: number; records: number; segments: number };
  /** Records and segments that are here, and how many records must exist besides: numbers below the highest of their boot, not named as given up. */
  holds(node: string): { files: number; missing: number };
  /** What the node gave up for want of room before the hub had it, as its tombstones say. */
  givenUp(node: string): { records: number; segments: number };
}

interface VitalRow {
  readonly slot: number;
  readonly temperature: number | null;
  readonly load: number | null;
  readonly memory_free: number | null;
  readonly card_free: number | null;
  readonly card_written: number | null;
  readonly files: number | null;
  readonly oldest_ms: number | null;
}

const columnsOf = (rows: readonly VitalRow[]): VitalsColumns => ({
  atMs: rows.map(({ slot }) => slot * vitalSlotMs),
  temperatureC: rows.map(({ temperature }) => temperature),
  load: rows.map(({ load }) => load),
  memoryFreeBytes: rows.map((row) => row.memory_free),
  cardFreeBytes: rows.map((row) => row.card_free),
  cardWrittenBytes: rows.map((row) => row.card_written),
  files: rows.map(({ files }) => files),
  oldestMs: rows.map((row) => row.oldest_ms),
});

const stillUrl = (node: string, boot: string, seq: number) => `/api/still/${node}/${boot}/${seq}.jpg`;
const clipUrl = (node: string, boot: string, seq: number) => `/api/clip/${node}/${boot}/${seq}.mp4`;

export function readCatalog(db: DatabaseSync): CatalogReader {
  /** The one place where SQLite's rows are given their type. */
  const ask = <T>(text: string) => {
    const statement = db.prepare(text);
    return (...values: (string | number | null)[]): T[] => statement.all(...values) as T[];
  };
  const knownBefore = ask<{ afterMs: number }>(`SELECT b.at_ms + r.mono_ms AS afterMs FROM event e
    JOIN record r ON r.node = e.node AND r.boot = e.first_boot AND r.seq = e.first_seq
    JOIN record b ON b.node = e.node AND b.boot < e.first_boot AND b.at_by <> 'stored'
    WHERE e.node = ? AND e.id = ? ORDER BY b.boot DESC, b.seq DESC LIMIT 1`);
  const newest = ask<EventRow>(
    `${eventColumns} WHERE (e.at_ms, e.node, e.id) < (?, ?, ?) ORDER BY e.at_ms DESC, e.node DESC, e.id DESC LIMIT ?`,
  );
  const one = ask<EventRow>(`${eventColumns} WHERE e.node = ? AND e.id = ?`);
  // Without statistics SQLite would walk all records of a node in the order of its primary key.
  const stills = ask<Place>(
    `SELECT boot, seq FROM record INDEXED BY record_by_event WHERE node = ? AND of_event = ? AND kind = 'still' ORDER BY part DESC, boot, seq LIMIT 1`,
  );
  const clips =
    ask<ClipRow>(`SELECT r.boot, r.seq, r.part, r.complete, count(c.place) AS parts, count(s.seg) AS here, count(g.seg) FILTER (WHERE s.seg IS NULL) AS gone, coalesce(sum(c.duration_ms), 0) AS duration_ms
    FROM record r INDEXED BY record_by_event LEFT JOIN clip_segment c ON c.node = r.node AND c.boot = r.boot AND c.seq = r.seq
    LEFT JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg
    LEFT JOIN gone_segment g ON g.node = c.node AND g.boot = c.seg_boot AND g.seg = c.seg
    WHERE r.node = ? AND r.of_event = ? AND r.kind = 'clip' GROUP BY r.boot, r.seq ORDER BY r.boot, r.seq`);
  const nodes = ask<NodeRow>('SELECT node, title, state, since_ms, release, vitals, heard_ms FROM node ORDER BY node');
  const lastRecord = ask<{ boot: string; seq: number; sha256: string; name: string }>(
    'SELECT boot, seq, sha256, name FROM record WHERE node = ? ORDER BY boot DESC, seq DESC LIMIT 1',
  );
  const lastStill = ask<Place & { at_ms: number }>(`SELECT boot, seq, at_ms FROM record
    WHERE node = ? AND kind = 'still' ORDER BY boot DESC, seq DESC LIMIT 1`);
  const lastOfKind = ask<{ boot: string; seq: number; name: string; plain_sha256: string | null; atMs: number }>(
    `SELECT boot, seq, name, plain_sha256, at_ms AS atMs FROM record WHERE node = ? AND kind = ? ORDER BY boot DESC, seq DESC LIMIT 1`,
  );
  const vitals = ask<VitalRow>('SELECT * FROM vital WHERE node = ? AND slot >= ? ORDER BY slot');
  // A start tells what stands; what stood as the one before was cut off was never told as over.
  const standingFaults = ask<{
    code: string;
    text: string;
    atMs: number;
  }>(`SELECT code, text, at_ms AS atMs FROM fault f
    WHERE node = ?1 AND standing = 1 AND boot = (SELECT max(boot) FROM record WHERE node = ?1)
    AND NOT EXISTS (SELECT 1 FROM fault g WHERE g.node = f.node AND g.boot = f.boot AND g.code = f.code AND g.seq > f.seq)`);
  const hubFaults = ask<{ atMs: number; node: string; code: string; text: string }>(
    'SELECT at_ms AS atMs, node, code, text FROM hub_fault ORDER BY at_ms DESC LIMIT 50',
  );
  const record = ask<RecordName>('SELECT name, kind, plain_sha256 FROM record WHERE node = ? AND boot = ? AND seq = ?');
  const clipSegments = ask<{
    boot: string;
    seg: number;
    name: string;
  }>(`SELECT s.boot, s.seg, s.name FROM clip_segment c
    JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg WHERE c.node = ? AND c.boot = ? AND c.seq = ? ORDER BY c.place`);
  const ofSegment = ask<{ id: string }>(`SELECT DISTINCT r.of_event AS id FROM clip_segment c
    JOIN record r ON r.node = c.node AND r.boot = c.boot AND r.seq = c.seq WHERE c.node = ? AND c.seg_boot = ? AND c.seg = ? AND r.of_event IS NOT NULL`);
  const counted = (which: string) => `coalesce(sum(count) FILTER (WHERE ${which}), 0)`;
  const totals = ask<{ events: number; clips: number; stills: number; records: number; segments: number }>(
    `SELECT ${counted("of = 'event'")} AS events, ${counted("of = 'segment'")} AS segments, ${counted("of = 'record'")} AS records,
     ${counted("kind = 'clip'")} AS clips, ${counted("kind = 'still'")} AS stills FROM tally`,
  );
  const held = ask<{ files: number; missing: number }>(`SELECT
    (SELECT count(*) FROM record WHERE node = ?1) + (SELECT count(*) FROM segment WHERE node = ?1) AS files,
    (SELECT coalesce(sum(top + 1 - here), 0) FROM (SELECT max(seq) AS top, count(*) AS here FROM
      (SELECT boot, seq FROM record WHERE node = ?1 UNION SELECT boot, seq FROM gone WHERE node = ?1) GROUP BY boot)) AS missing`);
  const givenUp = ask<{ records: number; segments: number }>(`SELECT (SELECT count(*) FROM gone g WHERE node = ?1
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.node = g.node AND r.boot = g.boot AND r.seq = g.seq)) AS records,
    (SELECT count(*) FROM gone_segment g WHERE node = ?1
    AND NOT EXISTS (SELECT 1 FROM segment s WHERE s.node = g.node AND s.boot = g.boot AND s.seg = g.seg)) AS segments`);
  const chain = chainReader(db);

  const view = (row: EventRow): EventView => {
    const still = stills(row.node, row.id)[0];
    return {
      ...eventHead(row),
      afterMs: row.at_by === 'stored' ? (knownBefore(row.node, row.id)[0]?.afterMs ?? null) : null,
      still: still === undefined ? null : stillUrl(row.node, still.boot, still.seq),
      clips: clips(row.node, row.id).map((clip) => ({
        url: clipUrl(row.node, clip.boot, clip.seq),
        part: clip.part,
        durationMs: clip.duration_ms,
        here: clip.here,
        gone: clip.gone,
        of: clip.parts,
        complete: clip.complete !== 0,
      })),
    };
  };

  return {
    events: (before, limit) => {
      const rows = newest(before?.atMs ?? Number.MAX_SAFE_INTEGER, before?.node ?? '', before?.id ?? '', limit + 1);
      const shown = rows.slice(0, limit).map(view);
      const last = shown.at(-1);
      const next =
        rows.length > limit && last !== undefined ? { atMs: last.atMs, node: last.node, id: last.id } : undefined;
      return { events: shown, next };
    },
    event: (node, id) => one(node, id).map(view)[0],
    eventsOfSegment: (node, boot, seg) => ofSegment(node, boot, seg).map((row) => row.id),
    nodes,
    lastRecord: (node) => lastRecord(node)[0],
    lastOfKind: (node, kind) => lastOfKind(node, kind)[0],
    vitalsSince: (node, fromMs) => columnsOf(vitals(node, Math.floor(fromMs / vitalSlotMs))),
    lastStill: (node) =>
      lastStill(node).map(({ boot, seq, at_ms }) => ({ url: stillUrl(node, boot, seq), atMs: at_ms }))[0],
    standingFaults,
    hubFaults,
    recordName: (node, boot, seq) => record(node, boot, seq)[0],
    clipSegments,
    totals: () => totals()[0] ?? { events: 0, clips: 0, stills: 0, records: 0, segments: 0 },
    givenUp: (node) => givenUp(node)[0] ?? { records: 0, segments: 0 },
    holds: (node) => held(node)[0] ?? { files: 0, missing: 0 },
    ...chain,
  };
}

interface Place {
  readonly boot: string;
  readonly seq: number;
}
interface ClipRow extends Place {
  readonly part: number;
  readonly complete: number | null;
  readonly parts: number;
  readonly here: number;
  readonly gone: number;
  readonly duration_ms: number;
}
