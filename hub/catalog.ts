// The catalogue: what lies in the archive, in tables that answer quickly. Losing it loses nothing.
import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { CoverageDetails, EventDetails } from '../protocol/details.ts';
import type { Status } from '../protocol/receipt.ts';
import type { VitalsMessage } from '../protocol/vitals.ts';
import { rebuiltTables, schema, schemaVersion } from './catalog-schema.ts';
import type { Entry, RecordEntry, SegmentEntry } from './examine.ts';
import { fold } from './fold.ts';
import { limits } from './limits.ts';
import type { Details } from './open-details.ts';
import type { Known } from './retime.ts';
import { openTiming, type Retimed, type Timing } from './timing.ts';

export interface Catalog {
  readonly db: DatabaseSync;
  /** Tells of something that is in the archive. Idempotent; the order of calls does not matter once all that is due is re-timed. */
  add(entry: Entry, storedMs: number, details: Details): void;
  /** Something that came says when other moments of its start were. */
  isRetimeDue(): boolean;
  /** Re-times what is due. The events whose time is another now. */
  retime(): Retimed[];
  /** SHA-256 of the manifest stored under this identity. */
  find(entry: Pick<Entry, 'is' | 'node' | 'boot' | 'number'>): string | undefined;
  heard(node: string, wallMs: number): void;
  status(node: string, status: Status): void;
  /** As it stands now. */
  vitals(node: string, vitals: VitalsMessage): void;
  /** As it stood at that time. */
  history(node: string, vitals: VitalsMessage, wallMs: number): void;
  hubFault(fault: HubFault): void;
  /** Empties what can be rebuilt. */
  empty(): void;
  /** Many calls, one transaction. */
  together<T>(work: () => T): T;
  close(): void;
}
/** One row a node for so long; a plot of a day has 288 points. */
export const vitalSlotMs = 300_000;

export interface HubFault {
  readonly atMs: number;
  readonly node: string;
  readonly code:
    | 'conflict'
    | 'unreadable'
    | 'damaged'
    | 'disk'
    | 'disk-full'
    | 'disk-low'
    | 'clock'
    | 'broker-refused'
    | 'enrol-refused';
  readonly text: string;
}

/** `fresh` says that there was none, or none that can be used: it is empty and must be rebuilt. */
export function openCatalog(path: string): { catalog: Catalog; fresh: boolean } {
  const old = existsSync(path) ? openSound(path) : undefined;
  if (old !== undefined) return { catalog: catalogOf(old), fresh: false };
  for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
  const db = new DatabaseSync(path);
  tune(db);
  db.exec(`BEGIN; ${schema} COMMIT;`);
  return { catalog: catalogOf(db), fresh: true };
}

/** To look only, also beside a running hub. Undefined where there is none, or one of another version. */
export function lookIntoCatalog(path: string): DatabaseSync | undefined {
  if (!existsSync(path)) return undefined;
  const db = new DatabaseSync(path, { readOnly: true });
  if (db.prepare('PRAGMA user_version').get()?.user_version === schemaVersion) return db;
  db.close();
  return undefined;
}

/** Undefined when it is damaged or of another version. Looks into every page only after a run that was cut off. */
function openSound(path: string): DatabaseSync | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    tune(db);
    if (db.prepare('PRAGMA user_version').get()?.user_version !== schemaVersion) throw new Error('other version');
    const isClean = db.prepare("SELECT value FROM meta WHERE key = 'closed'").get() !== undefined;
    if (!isClean && db.prepare('PRAGMA quick_check(1)').get()?.quick_check !== 'ok') throw new Error('damaged');
    db.exec("DELETE FROM meta WHERE key = 'closed'");
    return db;
  } catch {
    // Whatever is wrong with an index, the answer is the same: build another.
    db?.close();
    return undefined;
  }
}

function tune(db: DatabaseSync): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
}

function catalogOf(db: DatabaseSync): Catalog {
  const put = statements(db);
  const timing = openTiming(db);
  const together = <T>(work: () => T): T => {
    db.exec('BEGIN');
    try {
      const done = work();
      db.exec('COMMIT');
      return done;
    } catch (error) {
      db.exec('ROLLBACK');
      timing.forget();
      throw error;
    }
  };
  const add = (entry: Entry, storedMs: number, details: Details) => {
    if (entry.is === 'segment') addSegment(put, timing, entry, storedMs);
    else addRecord(put, timing, entry, storedMs, details);
  };
  const touch = (node: string) => put.node.run(node);
  return {
    db,
    together,
    add: (entry, storedMs, details) =>
      db.isTransaction ? add(entry, storedMs, details) : together(() => add(entry, storedMs, details)),
    isRetimeDue: timing.isDue,
    retime: () => together(timing.retime),
    find: ({ is, node, boot, number }) => {
      const row = (is === 'record' ? put.findRecord : put.findSegment).get(node, boot, number);
      return typeof row?.sha256 === 'string' ? row.sha256 : undefined;
    },
    heard: (node, wallMs) => {
      touch(node);
      put.heard.run(wallMs, node);
    },
    status: (node, status) => {
      touch(node);
      put.status.run(status.title, status.state, status.sinceMs, status.release, status.boot, node);
    },
    vitals: (node, vitals) => {
      touch(node);
      put.vitals.run(JSON.stringify(vitals), node);
    },
    history: (node, vitals, wallMs) => addVital(put, node, vitals, Math.floor(wallMs / vitalSlotMs)),
    hubFault: ({ atMs, node, code, text }) => {
      put.hubFault.run(atMs, node, code, text);
      put.hubFaultsBound.run(limits.hubFaults);
    },
    empty: () => {
      together(() => {
        for (const table of rebuiltTables) db.exec(`DELETE FROM ${table}`);
      });
      timing.forget();
    },
    close: () => {
      db.exec("INSERT OR REPLACE INTO meta VALUES ('closed', '1')");
      db.close();
    },
  };
}

type Statements = Record<keyof typeof sql, StatementSync>;

const isEarlier = '(excluded.first_boot, excluded.first_seq) < (first_boot, first_seq)';
const sql = {
  record: `INSERT OR IGNORE INTO record VALUES (?,?,?, ?,?,?,?, ?,?,?,?, ?,?,?, ?,?,?,?, ?,?,?, ?,?,?,?,?, ?,?)`,
  segment: 'INSERT OR IGNORE INTO segment VALUES (?,?,?, ?,?,?, ?,?,?,?, ?,?,?,?)',
  clipSegment: 'INSERT OR IGNORE INTO clip_segment VALUES (?,?,?,?, ?,?,?)',
  event: `INSERT INTO event VALUES (?,?,?,?, ?,?,?,?,?, ?,?,?,?,?, ?,?,?) ON CONFLICT (node, id) DO UPDATE SET
    ${['at_ms', 'at_error_ms', 'at_by', 'said_ms', 'kept_from_ms', 'first_boot', 'first_seq']
      .map((name) => `${name} = CASE WHEN ${isEarlier} THEN excluded.${name} ELSE ${name} END`)
      .join(', ')},
    ended = max(ended, excluded.ended),
    level = CASE WHEN 'alarm' IN (level, excluded.level) THEN 'alarm' ELSE level END,
    ${['cause', 'details', 'duration_ms', 'zone_words', 'words']
      .map((name) => `${name} = CASE WHEN excluded.turn > turn THEN excluded.${name} ELSE ${name} END`)
      .join(', ')},
    turn = max(turn, excluded.turn)`,
  fault: 'INSERT OR IGNORE INTO fault VALUES (?,?,?, ?,?,?,?)',
  coverage: 'INSERT OR IGNORE INTO coverage VALUES (?,?,?,?,?, ?,?,?,?)',
  gone: 'INSERT OR IGNORE INTO gone VALUES (?,?,?,?)',
  findRecord: 'SELECT sha256 FROM record WHERE node = ? AND boot = ? AND seq = ?',
  findSegment: 'SELECT sha256 FROM segment WHERE node = ? AND boot = ? AND seg = ?',
  node: 'INSERT OR IGNORE INTO node (node) VALUES (?)',
  heard: 'UPDATE node SET heard_ms = ? WHERE node = ?',
  status: 'UPDATE node SET title = ?, state = ?, since_ms = ?, release = ?, boot = ? WHERE node = ?',
  vitals: 'UPDATE node SET vitals = ? WHERE node = ?',
  vital: `INSERT INTO vital VALUES (?,?, ?,?,?,?,?, ?,?) ON CONFLICT DO UPDATE SET ${[
    ['max', 'temperature'],
    ['max', 'load'],
    ['min', 'memory_free'],
    ['min', 'card_free'],
    ['max', 'card_written'],
    ['max', 'files'],
    ['max', 'oldest_ms'],
  ]
    // A figure that one of the two does not tell is the other's.
    .map(([worse, of]) => `${of} = ${worse}(coalesce(${of}, excluded.${of}), coalesce(excluded.${of}, ${of}))`)
    .join(', ')}`,
  vitalsBound: 'DELETE FROM vital WHERE node = ? AND slot < ?',
  hubFault: `INSERT INTO hub_fault VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)`,
  hubFaultsBound: `DELETE FROM hub_fault WHERE at_ms < (SELECT at_ms FROM hub_fault ORDER BY at_ms DESC LIMIT 1 OFFSET ?)`,
} as const;

function statements(db: DatabaseSync): Statements {
  const prepared = Object.entries(sql).map(([name, text]) => [name, db.prepare(text)]);
  return Object.fromEntries(prepared) as Statements;
}

function addSegment(
  put: Statements,
  timing: Timing,
  { node, boot, number, id, name, manifest }: SegmentEntry,
  storedMs: number,
): void {
  const { sealedSha256, init, firstMonoMs, durationMs, wallMs, bytes } = manifest;
  const { atMs, keptFromMs } = timing.segment(node, boot, { monoMs: firstMonoMs, wallMs, storedMs });
  put.segment.run(
    ...[node, boot, number, id, sealedSha256, init],
    ...[firstMonoMs, durationMs, wallMs, atMs, name, bytes, storedMs, keptFromMs],
  );
}

function addRecord(put: Statements, timing: Timing, entry: RecordEntry, storedMs: number, details: Details): void {
  const { node, boot, number, id, name, manifest } = entry;
  const { time, event, of, complete, last, body } = manifest;
  const saying = { ...time, seq: number, storedMs, isAnchor: manifest.kind === 'anchor' };
  const { known, keptFromMs, isNews } = timing.record(node, boot, saying);
  put.node.run(node);
  put.record.run(
    ...[node, boot, number, id, manifest.prev, manifest.kind, manifest.class],
    ...[time.monoMs, time.wallMs, time.clock, time.errorMs, known.atMs, known.errorMs, known.by],
    ...[
      name,
      body?.bytes ?? 0,
      body?.type ?? null,
      body?.plainSha256 ?? null,
      event?.id ?? null,
      event?.phase ?? null,
      event?.level ?? null,
    ],
    ...[of?.event ?? null, of?.part ?? null, of?.why ?? null, flag(complete), flag(last), storedMs, keptFromMs],
  );
  manifest.segments?.forEach((segment, place) => {
    put.clipSegment.run(node, boot, number, place, segment.boot, segment.seg, segment.durationMs);
  });
  addEvent(put, entry, { ...known, keptFromMs }, details.is === 'event' ? details.event : undefined);
  if (details.is === 'fault') {
    const { code, standing, text } = details.fault;
    put.fault.run(node, boot, number, code, standing ? 1 : 0, text, known.atMs);
  }
  if (details.is === 'coverage') addCoverage(put, timing, entry, details.coverage);
  for (const gone of details.is === 'tombstone' ? details.tombstone.gone : []) {
    if (gone.kind !== 'segment') put.gone.run(node, gone.boot, gone.number, gone.sha256);
  }
  if (isNews) timing.due(node, boot);
}

/** Told on another boot's clock where it was cut off before it could say. */
function addCoverage(
  put: Statements,
  timing: Timing,
  { node, boot, number }: RecordEntry,
  said: CoverageDetails,
): void {
  const ofBoot = said.boot ?? boot;
  const spans = [{ fromMonoMs: said.fromMonoMs, toMonoMs: said.toMonoMs }, ...said.recorded];
  for (const [place, { fromMonoMs, toMonoMs }] of spans.entries()) {
    const fromMs = timing.moment(node, ofBoot, fromMonoMs);
    put.coverage.run(...[node, boot, number, place, ofBoot, fromMonoMs, toMonoMs, fromMs, place === 0 ? 0 : 1]);
  }
}

/** A live value that a board does not tell is null, and stays out of a plot. */
function addVital(put: Statements, node: string, { board, queue }: VitalsMessage, slot: number): void {
  const { card, memory } = board ?? {};
  const written = card?.writtenBytes;
  put.vital.run(
    ...[node, slot, board?.temperatureC ?? null, board?.load1 ?? null, memory?.availableBytes ?? null],
    ...[card?.freeBytes ?? null, typeof written === 'number' ? written : null],
    ...[queue?.files ?? null, queue?.oldestAgeMs ?? null],
  );
  put.vitalsBound.run(node, slot - limits.vitalSlots);
}

function addEvent(
  put: Statements,
  entry: RecordEntry,
  known: Known & { readonly keptFromMs: number },
  details: EventDetails | undefined,
): void {
  const { event, time } = entry.manifest;
  if (entry.manifest.kind !== 'event' || event === undefined) return;
  // A record whose details cannot be read never outranks one whose details can.
  const turn = details === undefined ? '' : `${entry.boot}-${String(entry.number).padStart(10, '0')}`;
  const ended = event.phase === 'end' ? 1 : 0;
  const text = details === undefined ? null : JSON.stringify(details);
  put.event.run(
    ...[entry.node, event.id, entry.boot, entry.number, known.atMs, known.errorMs, known.by],
    ...[time.wallMs, known.keptFromMs],
    ...[event.trigger, event.level, ended, turn, text, ...soughtBy(details)],
  );
}

/** Its length, and the words it is found by. */
export function soughtBy(
  details: Pick<EventDetails, 'firstMonoMs' | 'lastMonoMs' | 'reason' | 'zones'> | undefined,
): [durationMs: number | null, zoneWords: string, words: string] {
  if (details === undefined) return [null, '', ''];
  const { firstMonoMs, lastMonoMs, reason, zones } = details;
  const zoneWords = fold(zones.join('\n'));
  return [lastMonoMs - firstMonoMs, zoneWords, `${fold(reason)}\n${zoneWords}`];
}

const flag = (value: boolean | undefined): number | null => (value === undefined ? null : value ? 1 : 0);
