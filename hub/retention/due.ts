// Whose days are over: events with all that belongs to them, what was asked back, logs. Pure questions to the catalogue; nothing is deleted here.
import type { DatabaseSync } from 'node:sqlite';

export interface RetentionRules {
  readonly alarmDays: number;
  readonly eventDays: number;
  readonly lookbackDays: number;
  readonly logDays: number;
  readonly quotaGiB?: number | undefined;
}
export interface DueFile {
  readonly kind: string;
  readonly boot: string;
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly atMs: number;
}
/** What goes together or not at all. */
export interface Due {
  readonly node: string;
  /** The event's; undefined where it belongs to none. */
  readonly event: string | undefined;
  readonly what: 'alarm' | 'event' | 'lookback' | 'log';
  readonly files: readonly DueFile[];
}
/** Where looking goes on: what stays is passed by. */
export interface Mark {
  readonly keptFromMs: number;
  readonly node: string;
  readonly id: string;
}

const dayMs = 86_400_000;
/** What came late is there to be looked at for a day, whenever it happened. */
const freshMs = dayMs;
const start: Mark = { keptFromMs: -1, node: '', id: '' };

const fileColumns = 'kind, boot, seq AS number, name, sha256, bytes, at_ms AS atMs';

export interface DueReader {
  /** Events over their days, oldest first. */
  events(rules: RetentionRules, nowMs: number): Generator<Due>;
  /** All events, plain ones before alarms, oldest first: who must go when there is no room. */
  oldest(nowMs: number): Generator<Due>;
  /** What belongs to no event. */
  loose(rules: RetentionRules, nowMs: number): Generator<Due>;
  /** Of the whole archive. */
  bytes(): number;
}

export function openDue(db: DatabaseSync): DueReader {
  /** SQLite's rows are given their type here. */
  const ask = <T>(sql: string) => {
    const statement = db.prepare(sql);
    return (...values: (string | number)[]): T[] => statement.all(...values) as T[];
  };
  const nextEvents = ask<Mark & { level: 'alarm' | 'event' }>(
    `SELECT kept_from_ms AS keptFromMs, node, id, level FROM event WHERE (kept_from_ms, node, id) > (?, ?, ?)
     AND ((level = 'alarm' AND kept_from_ms < ?) OR (level <> 'alarm' AND kept_from_ms < ?)) ORDER BY kept_from_ms, node, id LIMIT 200`,
  );
  const records = ask<DueFile & { storedMs: number }>(
    `SELECT ${fileColumns}, stored_ms AS storedMs FROM record WHERE node = ?1 AND (of_event = ?2 OR (kind = 'event' AND event_id = ?2))`,
  );
  /** Of these clips, those that no other clip shows. */
  const segments = ask<DueFile>(
    `SELECT 'segment' AS kind, s.boot, s.seg AS number, s.name, s.sha256, s.bytes, s.at_ms AS atMs FROM clip_segment c
     JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg
     WHERE c.node = ?1 AND c.boot = ?2 AND c.seq = ?3 AND NOT EXISTS (SELECT 1 FROM clip_segment o
       JOIN record r ON r.node = o.node AND r.boot = o.boot AND r.seq = o.seq
       WHERE o.node = c.node AND o.seg_boot = c.seg_boot AND o.seg = c.seg AND r.of_event IS NOT ?4)`,
  );
  const looseRecords = ask<DueFile & { node: string }>(
    `SELECT node, ${fileColumns} FROM record WHERE of_event IS NULL AND stored_ms < ?3
     AND ((kind IN ('clip', 'still') AND kept_from_ms < ?1) OR (kind IN ('vitals', 'log', 'trace') AND kept_from_ms < ?2)) ORDER BY kept_from_ms LIMIT 5000`,
  );
  const ofClip = ask<DueFile>(
    `SELECT 'segment' AS kind, s.boot, s.seg AS number, s.name, s.sha256, s.bytes, s.at_ms AS atMs FROM clip_segment c
     JOIN segment s ON s.node = c.node AND s.boot = c.seg_boot AND s.seg = c.seg
     WHERE c.node = ?1 AND c.boot = ?2 AND c.seq = ?3 AND NOT EXISTS (SELECT 1 FROM clip_segment o
       WHERE o.node = c.node AND o.seg_boot = c.seg_boot AND o.seg = c.seg AND (o.boot, o.seq) <> (c.boot, c.seq))`,
  );
  const orphans = ask<DueFile & { node: string }>(
    `SELECT node, 'segment' AS kind, boot, seg AS number, name, sha256, bytes, at_ms AS atMs FROM segment s WHERE kept_from_ms < ? AND stored_ms < ?
     AND NOT EXISTS (SELECT 1 FROM clip_segment c WHERE c.node = s.node AND c.seg_boot = s.boot AND c.seg = s.seg) ORDER BY kept_from_ms LIMIT 5000`,
  );
  const sums = ask<{ bytes: number }>('SELECT coalesce(sum(bytes), 0) AS bytes FROM stored_hour');
  const wholeOf = (node: string, event: string, level: 'alarm' | 'event', nowMs: number): Due | undefined => {
    const its = records(node, event);
    if (its.some(({ storedMs }) => storedMs > nowMs - freshMs)) return undefined;
    const clips = its.filter(({ kind }) => kind === 'clip');
    const films = clips.flatMap(({ boot, number }) => segments(node, boot, number, event));
    const files = new Map([...its, ...films].map((file) => [file.name, file]));
    return { node, event, what: level, files: [...files.values()] };
  };
  function* walk(alarmsBeforeMs: number, eventsBeforeMs: number, nowMs: number): Generator<Due> {
    for (let mark = start; ; ) {
      const rows = nextEvents(mark.keptFromMs, mark.node, mark.id, alarmsBeforeMs, eventsBeforeMs);
      for (const { node, id, level } of rows) {
        const due = wholeOf(node, id, level, nowMs);
        if (due !== undefined) yield due;
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      mark = last;
    }
  }
  return {
    events: (rules, nowMs) => walk(nowMs - rules.alarmDays * dayMs, nowMs - rules.eventDays * dayMs, nowMs),
    oldest: function* (nowMs) {
      yield* walk(-1, nowMs, nowMs);
      yield* walk(nowMs, -1, nowMs);
    },
    loose: function* ({ lookbackDays, logDays }, nowMs) {
      const backMs = nowMs - lookbackDays * dayMs;
      for (const { node, ...file } of looseRecords(backMs, nowMs - logDays * dayMs, nowMs - freshMs)) {
        const films = file.kind === 'clip' ? ofClip(node, file.boot, file.number) : [];
        const what = file.kind === 'clip' || file.kind === 'still' ? 'lookback' : 'log';
        yield { node, event: undefined, what, files: [file, ...films] };
      }
      for (const { node, ...file } of orphans(backMs, nowMs - freshMs))
        yield { node, event: undefined, what: 'lookback', files: [file] };
    },
    bytes: () => sums()[0]?.bytes ?? 0,
  };
}
