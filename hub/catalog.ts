// The catalogue: what lies in the archive, in tables that answer quickly. Losing it loses nothing.
import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Status } from '../protocol/receipt.ts';
import type { VitalsMessage } from '../protocol/vitals.ts';
import { addRecord, addSegment, addVital } from './catalog-add.ts';
import { rebuiltTables, schema, schemaVersion } from './catalog-schema.ts';
import { statements } from './catalog-statements.ts';
import type { Entry } from './examine.ts';
import { limits } from './limits.ts';
import type { Details } from './open-details.ts';
import { openTiming, type Retimed } from './timing.ts';

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

/** Pages that wait in the write-ahead log before they are carried into the index and flushed: as many as are flushed without keeping a page of the desk waiting. SQLite's own thousand took 90 ms and more. */
const carriedPages = 100;

function tune(db: DatabaseSync): void {
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = ${carriedPages}; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;`,
  );
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
