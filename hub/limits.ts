// Every bound of the hub, with its reason.

import { blockBytes } from '../protocol/receipt.ts';
import { manifestBytesMax } from '../protocol/record-file.ts';

export const limits = {
  /** A record sent whole: its manifest line and one block of body. */
  recordPayloadBytesMax: manifestBytesMax + 1 + blockBytes,
  /** Blocks in one chunk message: 1 MiB, the widest window of an uplink. */
  chunkBlocksMax: 64,
  /** A sealed body or segment: 10 s at 8 Mbit/s is 10 MiB, so this is ample. It also keeps block numbers within a chunk topic's six digits. */
  bodyBytesMax: 64 * 1024 * 1024,
  /** Bodies of one node that have begun to arrive; the oldest is dropped and asked for again. An uplink has few under way. */
  partsPerNode: 64,
  partBytesPerNode: 256 * 1024 * 1024,
  /** Stores that wait for the disk at one time. Beyond these the broker's connection is not read. */
  storesInFlight: 256,
  storeBytesInFlight: 32 * 1024 * 1024,
  /** Receipts wait this long for company. */
  receiptDelayMs: 20,
  /** Entries of each sort in one receipt; `protocol/receipt.ts` allows 1000 stored, 100 missing, 100 refused. */
  receiptStored: 500,
  receiptOther: 100,
  /** What one record says of the time of others is worked out at most this often. */
  retimeEveryMs: 200,
  /** Nodes with a receipt waiting. */
  receiptNodes: 1000,
  /** Refused records with the identity of a stored one, kept as evidence. */
  conflictsPerNode: 1000,
  /** Rows of the hub's own troubles. */
  hubFaults: 1000,
  /** Five minutes each: eight days of a node's vitals. */
  vitalSlots: 2304,
  /** Latencies remembered for the 95th percentile. */
  latencies: 10_000,
  /** A node's key file is looked for again after this time: a new node is taken in, a revoked one refused, within it. */
  keyAgeMs: 5_000,
  /** Names without a key that are remembered as such. */
  strangers: 1000,
  /** Commands whose answer is awaited. */
  commandsOpen: 200,
  /** An answer to a command is never longer. */
  replyBytesMax: 4 * 1024,
  /** Live sessions at one time; each is opened here. */
  liveSessions: 16,
  /** Nodes whose low-rate pictures come: a wall of all of them. */
  tileSessions: 100,
  /** Pieces of a session that wait for its viewer: some ten seconds. */
  livePieces: 8,
  /** A second of picture at 8 Mbit/s is 1 MiB. */
  livePieceBytesMax: 2 * 1024 * 1024,
  /** Open pages that are told of changes. */
  pagesMax: 64,
  /** A page that does not read is told to load afresh after this many changes. */
  changesPerPage: 200,
  /** Changes are told to pages at most this often: a tenth of what an officer should wait for an event. */
  changesEveryMs: 50,
  /** Events in one answer. */
  eventsPerAnswer: 200,
  /** Events of a node's day that are shown one by one: three times what a storm brings. Beyond them one a minute stands for the others. */
  eventsPerDay: 1000,
  /** Answers of so many characters and more travel packed. */
  packedFromLength: 4096,
  /** Body of a request; the plan's picture has a bound of its own. */
  requestBytesMax: 64 * 1024,
  planBytesMax: 8 * 1024 * 1024,
  /** A wall of 100 nodes loads 100 stills at once, and several desks may stand behind one address. */
  requestsPerPace: 3000,
  paceMs: 10_000,
  /** Passwords that wait to be checked. */
  passwordsWaiting: 16,
  /** Connections of browsers at one time; more are refused at once. Of one address a quarter at most, so that nobody alone keeps the others out: a browser opens six and one that stays. */
  connectionsMax: 512,
  connectionsPerAddress: 128,
  /** Events that one search looks through before it says how far it came. */
  lookedThrough: 5_000,
  /** Rows of the alarm queue, and events they are made from. */
  queueEvents: 20_000,
  /** Segments kept unsealed in memory between the range requests of a player. */
  unsealedBytes: 32 * 1024 * 1024,
  /** First and longest pause before the broker is tried again. */
  brokerPauseMs: { first: 250, longest: 10_000 },
  /** Free room on the disk is measured at most this often. */
  roomEveryMs: 2_000,
  /** A file of the audit log; a line is about 500 bytes. Its end is read at every start. */
  auditFileBytes: 1024 * 1024,
  /** Files under one hold, and in one export: a day of one node's segments is 8,640. */
  placesPerHold: 50_000,
  /** Cases shown, and events in one of them. */
  cases: 500,
  eventsPerCase: 100,
  /** Audit lines in one export. */
  custodyLines: 2_000,
  /** Audit entries that wait for the disk at one time. */
  auditWaiting: 1000,
  /** How long an entry waits for another process that writes too. */
  auditLockMs: 5_000,
} as const;
