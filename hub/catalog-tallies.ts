// Sums and counts that would otherwise cost a walk through every row. Triggers keep them, so that no way of writing can forget to.
import { utcAheadMs } from '../agent/core/local-time.ts';

const dayMs = 86_400_000;
/** Days since 1970 on the wall: 24 hours each, from 17:00 UTC on. */
export const dayNumber = (ms: number): number => Math.floor((ms + utcAheadMs) / dayMs);
/** The same of a row's moment. */
const dayOf = (row: 'OLD' | 'NEW') => `CAST(floor((${row}.at_ms + ${utcAheadMs}) / ${dayMs}) AS INTEGER)`;
/** From the first minute whose middle is filmed to the first after it whose middle is not, as `painted` in desk/day.ts has it. */
const firstMinute = (row: 'OLD' | 'NEW') => `CAST(ceil(${row}.at_ms / 60000 - 0.5) AS INTEGER)`;
const endMinute = (row: 'OLD' | 'NEW') => `CAST(ceil((${row}.at_ms + ${row}.duration_ms) / 60000 - 0.5) AS INTEGER)`;

const count = (table: string, kind: string, by: '+ 1' | '- 1') =>
  `INSERT INTO tally VALUES ('${table}', ${kind}, 1) ON CONFLICT DO UPDATE SET count = count ${by};`;
const weigh = (row: 'OLD' | 'NEW', sign: '+' | '-') =>
  `INSERT INTO stored_hour VALUES (CAST(${row}.stored_ms / 3600000 AS INTEGER), ${row}.bytes) ON CONFLICT DO UPDATE SET bytes = bytes ${sign} excluded.bytes;`;
const countDay = (row: 'OLD' | 'NEW', sign: '+' | '-') =>
  `INSERT INTO event_day VALUES (${row}.node, ${dayOf(row)}, 1, ${row}.level = 'alarm')
   ON CONFLICT DO UPDATE SET events = events ${sign} 1, alarms = alarms ${sign} excluded.alarms;`;
const film = (row: 'OLD' | 'NEW', sign: '+' | '-') =>
  `INSERT INTO filmed_minute SELECT ${row}.node, ${firstMinute(row)} + n, 1 FROM minute_of_hour
   WHERE n < ${endMinute(row)} - ${firstMinute(row)} ON CONFLICT DO UPDATE SET segments = segments ${sign} 1;`;

const on = (name: string, when: string, ...does: readonly string[]) =>
  `CREATE TRIGGER ${name} AFTER ${when} BEGIN ${does.join('\n')} END;`;

export const tallies = `
-- Rows of \`record\` by kind, of \`segment\` and of \`event\`.
CREATE TABLE tally (of TEXT NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (of, kind)) WITHOUT ROWID;
-- Bytes of the archive by the hour in which they came.
CREATE TABLE stored_hour (hour INTEGER PRIMARY KEY, bytes INTEGER NOT NULL);
CREATE TABLE event_day (node TEXT NOT NULL, day INTEGER NOT NULL, events INTEGER NOT NULL, alarms INTEGER NOT NULL, PRIMARY KEY (node, day)) WITHOUT ROWID;
-- How many segments show the middle of a minute; minutes since 1970.
CREATE TABLE filmed_minute (node TEXT NOT NULL, minute INTEGER NOT NULL, segments INTEGER NOT NULL, PRIMARY KEY (node, minute)) WITHOUT ROWID;
-- No segment is longer than an hour.
CREATE TABLE minute_of_hour (n INTEGER PRIMARY KEY);
WITH RECURSIVE each (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM each WHERE n < 60) INSERT INTO minute_of_hour SELECT n FROM each;

${on('record_came', 'INSERT ON record', count('record', 'NEW.kind', '+ 1'), weigh('NEW', '+'))}
${on('record_went', 'DELETE ON record', count('record', 'OLD.kind', '- 1'), weigh('OLD', '-'))}
${on('segment_came', 'INSERT ON segment', count('segment', "''", '+ 1'), weigh('NEW', '+'), film('NEW', '+'))}
${on('segment_went', 'DELETE ON segment', count('segment', "''", '- 1'), weigh('OLD', '-'), film('OLD', '-'))}
${on('segment_moved', 'UPDATE OF at_ms ON segment WHEN OLD.at_ms <> NEW.at_ms', film('OLD', '-'), film('NEW', '+'))}
${on('event_came', 'INSERT ON event', count('event', "''", '+ 1'), countDay('NEW', '+'))}
${on('event_went', 'DELETE ON event', count('event', "''", '- 1'), countDay('OLD', '-'))}
${on('event_moved', 'UPDATE OF at_ms, level ON event WHEN (OLD.at_ms, OLD.level) <> (NEW.at_ms, NEW.level)', countDay('OLD', '-'), countDay('NEW', '+'))}
`;

/** What a rebuild leaves empty. */
export const tallyTables = ['tally', 'stored_hour', 'event_day', 'filmed_minute'] as const;
