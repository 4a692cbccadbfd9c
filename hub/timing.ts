// Keeps what is known of each moment in the catalogue: weighs what a start says, and re-times what it said before or otherwise. What the node
// said stands beside it, and in the archive.
import type { DatabaseSync } from 'node:sqlite';
import { isNews, type Known, knownFrom, type Line, lineOf, momentOn, type Saying, segmentAt } from './retime.ts';

export interface Timing {
  /** What is known of a record's moment, and whether it says something that the rest of its start is to be re-timed by. */
  record(node: string, boot: string, saying: Saying): { known: Known; keptFromMs: number; isNews: boolean };
  segment(node: string, boot: string, segment: SegmentSaying): { atMs: number; keptFromMs: number };
  /** Of any moment of a start; null where nothing tells. */
  moment(node: string, boot: string, monoMs: number): number | null;
  /** Notes that a start is to be looked at again. Part of the transaction that it is called in. */
  due(node: string, boot: string): void;
  isDue(): boolean;
  /** Looks at all starts again that are due. The events whose time is another now. */
  retime(): Retimed[];
  /** The tables have been emptied, or a change of them was undone. */
  forget(): void;
}

export interface Retimed {
  readonly node: string;
  readonly id: string;
}

type SegmentSaying = Parameters<typeof segmentAt>[1];

/** Starts whose line is remembered. */
const linesMax = 2000;

const sayingColumns = `seq, mono_ms AS monoMs, wall_ms AS wallMs, clock, error_ms AS errorMs, stored_ms AS storedMs, kind = 'anchor' AS anchor`;
const ofBoot = 'FROM record WHERE node = ?1 AND boot = ?2';
const timed = `clock IN ('hub', 'ntp', 'rtc')`;
/** All that can matter of what a start says: its ends, its anchors and who vouches for it. */
const weighty = `SELECT ${sayingColumns} ${ofBoot} AND kind = 'anchor'
  UNION SELECT * FROM (SELECT ${sayingColumns} ${ofBoot} AND ${timed} ORDER BY seq LIMIT 1)
  UNION SELECT * FROM (SELECT ${sayingColumns} ${ofBoot} AND ${timed} ORDER BY seq DESC LIMIT 1)
  UNION SELECT * FROM (SELECT ${sayingColumns} ${ofBoot} AND clock = 'hub' ORDER BY seq DESC LIMIT 1)
  UNION SELECT * FROM (SELECT ${sayingColumns} ${ofBoot} AND clock = 'ntp' ORDER BY seq DESC LIMIT 1)`;

type Row = Record<string, unknown>;
const sayingOf = (row: Row): Saying => ({ ...(row as unknown as Saying), isAnchor: row.anchor === 1 });

export function openTiming(db: DatabaseSync): Timing {
  const weigh = db.prepare(weighty);
  const records = db.prepare(`SELECT ${sayingColumns}, at_ms, at_error_ms, at_by, kept_from_ms ${ofBoot}`);
  const setRecord = db.prepare(
    'UPDATE record SET at_ms = ?, at_error_ms = ?, at_by = ?, kept_from_ms = ? WHERE node = ? AND boot = ? AND seq = ?',
  );
  const segments = db.prepare(
    'SELECT seg, first_mono_ms AS monoMs, wall_ms AS wallMs, stored_ms AS storedMs, at_ms, kept_from_ms FROM segment WHERE node = ? AND boot = ?',
  );
  const setSegment = db.prepare(
    'UPDATE segment SET at_ms = ?, kept_from_ms = ? WHERE node = ? AND boot = ? AND seg = ?',
  );
  const setEvents =
    db.prepare(`UPDATE event SET at_ms = r.at_ms, at_error_ms = r.at_error_ms, at_by = r.at_by, kept_from_ms = r.kept_from_ms FROM record r
    WHERE event.node = ?1 AND event.first_boot = ?2 AND r.node = ?1 AND r.boot = ?2 AND r.seq = event.first_seq
    AND (r.at_ms, r.at_error_ms, r.at_by, r.kept_from_ms) IS NOT (event.at_ms, event.at_error_ms, event.at_by, event.kept_from_ms) RETURNING event.id`);
  const setFaults = db.prepare(`UPDATE fault SET at_ms = r.at_ms FROM record r
    WHERE fault.node = ?1 AND fault.boot = ?2 AND r.node = ?1 AND r.boot = ?2 AND r.seq = fault.seq`);
  const spans = db.prepare(
    'SELECT boot, seq, place, from_mono_ms, from_ms FROM coverage WHERE node = ? AND of_boot = ?',
  );
  const setSpan = db.prepare('UPDATE coverage SET from_ms = ? WHERE node = ? AND boot = ? AND seq = ? AND place = ?');
  const note = db.prepare('INSERT OR IGNORE INTO retime_due VALUES (?, ?)');
  const anyDue = db.prepare('SELECT 1 FROM retime_due LIMIT 1');
  const allDue = db.prepare('SELECT node, boot FROM retime_due');
  const noneDue = db.prepare('DELETE FROM retime_due');
  const lines = new Map<string, Line | undefined>();

  const lineFor = (node: string, boot: string): Line | undefined => {
    const key = `${node}/${boot}`;
    if (lines.has(key)) return lines.get(key);
    if (lines.size >= linesMax) lines.clear();
    const line = lineOf(weigh.all(node, boot).map(sayingOf));
    lines.set(key, line);
    return line;
  };
  const retimeRecords = (node: string, boot: string, line: Line | undefined) => {
    for (const row of records.all(node, boot)) {
      const { atMs, errorMs, by } = knownFrom(line, sayingOf(row));
      const fromMs = keptFromMs(line, atMs, Number(row.storedMs));
      const isSame = row.at_ms === atMs && row.at_error_ms === errorMs && row.at_by === by;
      if (!isSame || row.kept_from_ms !== fromMs) setRecord.run(atMs, errorMs, by, fromMs, node, boot, Number(row.seq));
    }
  };
  const retimeSegments = (node: string, boot: string, line: Line | undefined) => {
    for (const row of segments.all(node, boot)) {
      const atMs = segmentAt(line, row as unknown as SegmentSaying);
      const fromMs = keptFromMs(line, atMs, Number(row.storedMs));
      if (row.at_ms !== atMs || row.kept_from_ms !== fromMs) setSegment.run(atMs, fromMs, node, boot, Number(row.seg));
    }
  };
  const retimeCoverage = (node: string, boot: string, line: Line | undefined) => {
    for (const row of spans.all(node, boot)) {
      const fromMs = line === undefined ? null : momentOn(line, Number(row.from_mono_ms)).atMs;
      if (row.from_ms !== fromMs) setSpan.run(fromMs, node, String(row.boot), Number(row.seq), Number(row.place));
    }
  };
  const retimeStart = (node: string, boot: string): Retimed[] => {
    lines.delete(`${node}/${boot}`);
    const line = lineFor(node, boot);
    retimeRecords(node, boot, line);
    retimeSegments(node, boot, line);
    retimeCoverage(node, boot, line);
    setFaults.run(node, boot);
    return setEvents.all(node, boot).map(({ id }) => ({ node, id: String(id) }));
  };

  return {
    record: (node, boot, saying) => {
      const before = lineFor(node, boot);
      // The first word of a start is taken at once: an alarm is not to be shown without its time until the rest is worked out.
      const line = before ?? lineOf([saying]);
      lines.set(`${node}/${boot}`, line);
      const known = knownFrom(line, saying);
      return { known, keptFromMs: keptFromMs(line, known.atMs, saying.storedMs), isNews: isNews(before, saying) };
    },
    segment: (node, boot, segment) => {
      const line = lineFor(node, boot);
      const atMs = segmentAt(line, segment);
      return { atMs, keptFromMs: keptFromMs(line, atMs, segment.storedMs) };
    },
    moment: (node, boot, monoMs) => {
      const line = lineFor(node, boot);
      return line === undefined ? null : momentOn(line, monoMs).atMs;
    },
    due: (node, boot) => void note.run(node, boot),
    isDue: () => anyDue.get() !== undefined,
    retime: () => {
      const starts = allDue.all().map(({ node, boot }) => ({ node: String(node), boot: String(boot) }));
      const retimed = starts.flatMap(({ node, boot }) => retimeStart(node, boot));
      noneDue.run();
      return retimed;
    },
    forget: () => lines.clear(),
  };
}

/**
 * What the days of keeping are counted from. A time that nobody but the board itself vouches for may be a year behind: what came a minute ago
 * would be over its days at once.
 */
const keptFromMs = (line: Line | undefined, atMs: number, storedMs: number): number =>
  line?.isVouched === true ? atMs : storedMs;
