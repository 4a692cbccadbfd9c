// The catalogue's tables. It is only an index: everything but `node`, `vital` and `hub_fault` can be rebuilt from the archive.
import { tallies, tallyTables } from './catalog-tallies.ts';

/** Raised whenever a table changes; a catalogue of another version is thrown away and rebuilt. */
export const schemaVersion = 9;

export const schema = `
-- wall_ms, clock and error_ms are what the node said; at_ms, at_error_ms and at_by what is known by now (retime.ts);
-- kept_from_ms is what the days of keeping are counted from (timing.ts).
CREATE TABLE record (
  node TEXT NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL,
  sha256 TEXT NOT NULL, prev TEXT, kind TEXT NOT NULL, class INTEGER NOT NULL,
  mono_ms REAL NOT NULL, wall_ms REAL, clock TEXT NOT NULL, error_ms REAL NOT NULL,
  at_ms REAL NOT NULL, at_error_ms REAL, at_by TEXT NOT NULL,
  name TEXT NOT NULL, bytes INTEGER NOT NULL, type TEXT, plain_sha256 TEXT,
  event_id TEXT, phase TEXT, level TEXT,
  of_event TEXT, part INTEGER, why TEXT, complete INTEGER, last INTEGER,
  stored_ms INTEGER NOT NULL, kept_from_ms REAL NOT NULL,
  PRIMARY KEY (node, boot, seq)
) WITHOUT ROWID;
CREATE INDEX record_by_kind ON record (node, kind, boot, seq);
CREATE INDEX record_by_event ON record (node, of_event, kind) WHERE of_event IS NOT NULL;
CREATE INDEX event_by_coming ON record (stored_ms) WHERE kind = 'event';

CREATE TABLE segment (
  node TEXT NOT NULL, boot TEXT NOT NULL, seg INTEGER NOT NULL,
  sha256 TEXT NOT NULL, sealed_sha256 TEXT NOT NULL, init TEXT NOT NULL,
  first_mono_ms REAL NOT NULL, duration_ms REAL NOT NULL, wall_ms REAL, at_ms REAL NOT NULL,
  name TEXT NOT NULL, bytes INTEGER NOT NULL, stored_ms INTEGER NOT NULL, kept_from_ms REAL NOT NULL,
  PRIMARY KEY (node, boot, seg)
) WITHOUT ROWID;

-- What a clip is made of, present or not.
CREATE TABLE clip_segment (
  node TEXT NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL,
  seg_boot TEXT NOT NULL, seg INTEGER NOT NULL, duration_ms REAL NOT NULL,
  PRIMARY KEY (node, boot, seq, place)
) WITHOUT ROWID;
CREATE INDEX clip_by_segment ON clip_segment (node, seg_boot, seg);

-- One row an event, merged from its records whatever the order in which they came: turn is the place of the newest record whose details are known.
-- Its time is that of its first record. What is searched for stands beside the details, folded (fold.ts).
CREATE TABLE event (
  node TEXT NOT NULL, id TEXT NOT NULL, first_boot TEXT NOT NULL, first_seq INTEGER NOT NULL,
  at_ms REAL NOT NULL, at_error_ms REAL, at_by TEXT NOT NULL, said_ms REAL, kept_from_ms REAL NOT NULL,
  cause TEXT NOT NULL, level TEXT NOT NULL, ended INTEGER NOT NULL, turn TEXT NOT NULL, details TEXT,
  duration_ms REAL, zone_words TEXT NOT NULL, words TEXT NOT NULL,
  PRIMARY KEY (node, id)
) WITHOUT ROWID;
CREATE INDEX event_by_boot ON event (node, first_boot);
-- With all that is looked for: who seeks words reads the index from one end, and no row.
CREATE INDEX event_by_time ON event (at_ms DESC, node DESC, id DESC, cause, level, duration_ms, zone_words, words);
CREATE INDEX event_by_keeping ON event (kept_from_ms, node, id);
CREATE INDEX alarm_by_time ON event (at_ms) WHERE level = 'alarm';

CREATE TABLE fault (
  node TEXT NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL,
  code TEXT NOT NULL, standing INTEGER NOT NULL, text TEXT NOT NULL, at_ms REAL NOT NULL,
  PRIMARY KEY (node, boot, seq)
) WITHOUT ROWID;

-- Records named in tombstones: given up by the node, so not missing.
CREATE TABLE gone (
  node TEXT NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL, sha256 TEXT NOT NULL,
  PRIMARY KEY (node, boot, seq)
) WITHOUT ROWID;

-- Segments named in tombstones: what of a clip will never come.
CREATE TABLE gone_segment (node TEXT NOT NULL, boot TEXT NOT NULL, seg INTEGER NOT NULL, PRIMARY KEY (node, boot, seg)) WITHOUT ROWID;

-- What nodes say of their hours: that the recorder ran (recorded = 0), and what it recorded meanwhile. from_ms is null as long as nothing
-- says when the start of_boot was.
CREATE TABLE coverage (
  node TEXT NOT NULL, boot TEXT NOT NULL, seq INTEGER NOT NULL, place INTEGER NOT NULL, of_boot TEXT NOT NULL,
  from_mono_ms REAL NOT NULL, to_mono_ms REAL NOT NULL, from_ms REAL, recorded INTEGER NOT NULL,
  PRIMARY KEY (node, boot, seq, place)
) WITHOUT ROWID;
CREATE INDEX coverage_by_start ON coverage (node, of_boot);
CREATE INDEX coverage_by_time ON coverage (node, from_ms);

-- Starts of which something is known by now that their moments are to be re-timed by.
CREATE TABLE retime_due (node TEXT NOT NULL, boot TEXT NOT NULL, PRIMARY KEY (node, boot)) WITHOUT ROWID;

-- Folders of the archive as they were when last compared with the tables.
CREATE TABLE shelf (node TEXT NOT NULL, boot TEXT NOT NULL, mtime_ms REAL NOT NULL, PRIMARY KEY (node, boot)) WITHOUT ROWID;

CREATE TABLE node (
  node TEXT PRIMARY KEY, title TEXT, state TEXT, since_ms REAL, release TEXT, boot TEXT, vitals TEXT, heard_ms INTEGER
) WITHOUT ROWID;
-- How a node has been, the worst of each five minutes. Lost with the catalogue.
CREATE TABLE vital (
  node TEXT NOT NULL, slot INTEGER NOT NULL, temperature REAL, load REAL, memory_free REAL, card_free REAL, card_written REAL,
  files INTEGER, oldest_ms REAL, PRIMARY KEY (node, slot)
) WITHOUT ROWID;
CREATE TABLE hub_fault (at_ms INTEGER NOT NULL, node TEXT NOT NULL, code TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (node, code, text)) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
${tallies}
PRAGMA user_version = ${schemaVersion};
`;

/** What a rebuild empties: all that the archive tells. */
export const rebuiltTables = [
  'record',
  'segment',
  'clip_segment',
  'event',
  'fault',
  'gone',
  'gone_segment',
  'coverage',
  'retime_due',
  'shelf',
  // After what they count: deleting that still changes them.
  ...tallyTables,
] as const;
