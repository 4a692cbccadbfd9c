// Sums that triggers keep are what a walk through all rows would give, whatever is put in, re-timed and deleted.
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schema } from '../../hub/catalog-schema.ts';

type Db = DatabaseSync;
const day = 86_400_000;
const put = {
  record: (db: Db, at: number, atMs: number) =>
    db
      .prepare(
        `INSERT OR IGNORE INTO record (node, boot, seq, sha256, kind, class, mono_ms, clock, error_ms, at_ms, at_by, name, bytes, stored_ms, kept_from_ms)
         VALUES ('a', 'b', ?, '', ?, 0, 0, 'none', 0, ?, 'own', '', ?, ?, 0)`,
      )
      .run(at, ['clip', 'still', 'log'][at % 3] ?? 'log', atMs, 100 + at, Math.round(atMs)),
  segment: (db: Db, at: number, atMs: number) =>
    db
      .prepare("INSERT OR IGNORE INTO segment VALUES (?, 'b', ?, '', '', '', 0, ?, NULL, ?, '', ?, ?, 0)")
      .run(`n${at % 2}`, at, [2000, 10_000, 61_000, 3_600_000][at % 4] ?? 0, atMs, 1000 + at, Math.round(atMs)),
  // As the catalogue does: what is there already is brought forward.
  event: (db: Db, at: number, atMs: number) =>
    db
      .prepare(
        `INSERT INTO event VALUES (?, ?, 'b', 0, ?, 0, 'own', 0, 0, '', ?, 0, '', NULL, NULL, '', '')
         ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms, level = excluded.level`,
      )
      .run(`n${at % 2}`, `e${at}`, atMs, Math.round(atMs) % 2 === 0 ? 'alarm' : 'event'),
};
const number = { record: 'seq', segment: 'seg', event: 'substr(id, 2)' } as const;

/** What the tables say, and what the rows say. */
const told = (db: Db) => [
  db.prepare('SELECT of, kind, count FROM tally WHERE count <> 0 ORDER BY of, kind').all(),
  db.prepare('SELECT hour, bytes FROM stored_hour WHERE bytes <> 0 ORDER BY hour').all(),
  db.prepare('SELECT node, day, events, alarms FROM event_day WHERE events <> 0 ORDER BY node, day').all(),
  db.prepare('SELECT node, minute, segments FROM filmed_minute WHERE segments <> 0 ORDER BY node, minute').all(),
];
const walked = (db: Db) => [
  db
    .prepare(
      "SELECT 'event' AS of, '' AS kind, count(*) AS count FROM event HAVING count(*) > 0 UNION ALL SELECT 'record', kind, count(*) FROM record GROUP BY kind UNION ALL SELECT 'segment', '', count(*) FROM segment HAVING count(*) > 0 ORDER BY of, kind",
    )
    .all(),
  db
    .prepare(
      'SELECT stored_ms / 3600000 AS hour, sum(bytes) AS bytes FROM (SELECT stored_ms, bytes FROM record UNION ALL SELECT stored_ms, bytes FROM segment) GROUP BY hour ORDER BY hour',
    )
    .all(),
  db
    .prepare(
      "SELECT node, CAST(floor((at_ms + 25200000) / 86400000) AS INTEGER) AS day, count(*) AS events, sum(level = 'alarm') AS alarms FROM event GROUP BY node, day ORDER BY node, day",
    )
    .all(),
  filmedMinutes(db),
];

function filmedMinutes(db: Db) {
  const minutes = new Map<string, number>();
  for (const { node, at_ms: atMs, duration_ms: durationMs } of db
    .prepare('SELECT node, at_ms, duration_ms FROM segment')
    .all()) {
    const [from, to] = [Number(atMs), Number(atMs) + Number(durationMs)];
    for (let minute = Math.floor(from / 60_000); (minute + 0.5) * 60_000 < to; minute++) {
      const key = `${node} ${minute}`;
      if ((minute + 0.5) * 60_000 >= from) minutes.set(key, (minutes.get(key) ?? 0) + 1);
    }
  }
  const rows = [...minutes].map(([key, segments]) => {
    const [node = '', minute] = key.split(' ');
    return { node, minute: Number(minute), segments };
  });
  return rows.sort((one, other) =>
    one.node === other.node ? one.minute - other.minute : one.node < other.node ? -1 : 1,
  );
}

const plain = (rows: unknown) => JSON.parse(JSON.stringify(rows));

test('tallies are what the rows would sum up to', () => {
  const table = fc.constantFrom('record', 'segment', 'event');
  const act = fc.record({
    table,
    at: fc.nat(12),
    does: fc.constantFrom('put', 'put', 'move', 'delete'),
    atMs: fc.oneof(
      fc.integer({ min: 19_000 * day, max: 19_003 * day }),
      fc.double({ min: 19_000 * day, max: 19_001 * day, noNaN: true }),
    ),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const db = new DatabaseSync(':memory:');
      db.exec(schema);
      for (const { table: name, at, does, atMs } of acts) {
        const which = `${number[name]} = '${at}'`;
        if (does === 'put') put[name](db, at, atMs);
        else if (does === 'delete') db.exec(`DELETE FROM ${name} WHERE ${which}`);
        else db.prepare(`UPDATE ${name} SET at_ms = ? WHERE ${which}`).run(atMs);
      }
      assert.equal(plain(told(db)), plain(walked(db)));
      db.close();
    }),
    { numRuns: 60 },
  );
});

test.run();
