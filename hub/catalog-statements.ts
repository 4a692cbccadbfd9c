// The catalogue's own statements, prepared once. What is told twice changes nothing the second time.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Statements = Record<keyof typeof sql, StatementSync>;

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
  goneSegment: 'INSERT OR IGNORE INTO gone_segment VALUES (?,?,?)',
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

export function statements(db: DatabaseSync): Statements {
  const prepared = Object.entries(sql).map(([name, text]) => [name, db.prepare(text)]);
  return Object.fromEntries(prepared) as Statements;
}
