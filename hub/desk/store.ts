// The desk's own book: accounts, acknowledgements, points, shifts, cases. Unlike the catalogue it can be rebuilt from nothing, so it is never
// thrown away: what it cannot read it refuses to open.
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';

/** Each entry brings the book from the version before to its own. Written once, never changed. */
const steps: readonly string[] = [
  `
CREATE TABLE account (
  name TEXT PRIMARY KEY, full_name TEXT NOT NULL, role TEXT NOT NULL, hash TEXT NOT NULL,
  must_change INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0, made_ms INTEGER NOT NULL
) WITHOUT ROWID;
-- Tokens are kept as their SHA-256: who reads this file cannot sign in with it.
CREATE TABLE session (
  token TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE, csrf TEXT NOT NULL,
  begun_ms INTEGER NOT NULL, active_ms INTEGER NOT NULL, tv INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE link (
  token TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE, tv INTEGER NOT NULL,
  until_ms INTEGER NOT NULL, uses INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE ack (
  node TEXT NOT NULL, id TEXT NOT NULL, at_ms INTEGER NOT NULL, actor TEXT NOT NULL,
  outcome TEXT NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (node, id)
) WITHOUT ROWID;
CREATE INDEX ack_by_time ON ack (at_ms);
CREATE TABLE point (
  node TEXT PRIMARY KEY, hamlet TEXT NOT NULL, contact TEXT NOT NULL, phone TEXT NOT NULL, x REAL, y REAL
) WITHOUT ROWID;
CREATE TABLE handover (
  id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, since_ms INTEGER NOT NULL, giver TEXT NOT NULL, taker TEXT NOT NULL,
  note TEXT NOT NULL, summary TEXT NOT NULL
);
CREATE TABLE case_file (
  id INTEGER PRIMARY KEY, title TEXT NOT NULL, opened_ms INTEGER NOT NULL, opened_by TEXT NOT NULL, closed_ms INTEGER
);
CREATE TABLE case_event (
  case_id INTEGER NOT NULL REFERENCES case_file (id), node TEXT NOT NULL, id TEXT NOT NULL, hold TEXT NOT NULL,
  added_ms INTEGER NOT NULL, added_by TEXT NOT NULL, PRIMARY KEY (case_id, node, id)
) WITHOUT ROWID;
CREATE TABLE lookback (
  id INTEGER PRIMARY KEY, node TEXT NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
  asked_ms INTEGER NOT NULL, actor TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL
);
CREATE TABLE picture (name TEXT PRIMARY KEY, type TEXT NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
`,
  `
CREATE TABLE rollout (id INTEGER PRIMARY KEY, approved_ms INTEGER NOT NULL, approved_by TEXT NOT NULL, wave TEXT NOT NULL);
`,
  `
-- When the hub was in touch with a node.
CREATE TABLE contact (node TEXT NOT NULL, from_ms REAL NOT NULL, to_ms REAL NOT NULL, PRIMARY KEY (node, from_ms)) WITHOUT ROWID;
`,
  `
-- What the hub itself deleted, by schedule or for room: a record that is named here is not missing from its node's chain.
CREATE TABLE deleted (
  node TEXT NOT NULL, boot TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL, at_ms INTEGER NOT NULL, audit INTEGER NOT NULL,
  PRIMARY KEY (node, boot, kind, number)
) WITHOUT ROWID;
`,
  `
ALTER TABLE picture ADD COLUMN sha256 TEXT NOT NULL DEFAULT '';
`,
  `
-- What the hub believes of its own clock (retention/clock.ts): one row, doubted_ms null while it is believed.
CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), trusted_ms REAL NOT NULL, doubted_ms REAL, ran_ms REAL NOT NULL);
`,
];

export interface DeskStore {
  readonly path: string;
  /** Rows are given their type here, beside the SQL's own words at each call. */
  all<Row>(sql: string, ...values: SQLInputValue[]): Row[];
  /** Rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
  together<T>(work: () => T): T;
  close(): void;
}

export const deskPath = (dataDir: string): string => join(dataDir, 'desk.sqlite');

/** The hub and `matlang hub account` beside it may both have it open. Throws when it is damaged or of a newer version. */
export function openDeskStore(dataDir: string): DeskStore {
  const path = deskPath(dataDir);
  const db = new DatabaseSync(path);
  // FULL: an acknowledgement or a new password that was answered with yes is on the disk.
  db.exec(
    'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;',
  );
  const together = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const made = work();
      db.exec('COMMIT');
      return made;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };
  together(() => {
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
    if (version > steps.length)
      throw new Error(`${path}: version ${version} is of a newer hub, this one knows ${steps.length}`);
    for (const step of steps.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${steps.length}`);
  });
  const prepared = new Map<string, ReturnType<DatabaseSync['prepare']>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql) ?? db.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
  return {
    path,
    all: <Row>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as Row[],
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
    together,
    close: () => db.close(),
  };
}
