// Who belongs to the commune: tickets, nodes, their keys and certificates. Not an index that can be rebuilt: it is part of every backup.
// One SQLite file, flushed at each change, which the hub and the command line may use at the same time.
import { closeSync, existsSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { nameSchema } from '../../protocol/identity.ts';
import { type Lent, lentSchema, ticketSchema } from '../../protocol/ticket.ts';

/** What a ticket promises, beside the name; kept with the node when it has joined. */
export const placeSchema = z.strictObject({
  place: ticketSchema.shape.place,
  lent: lentSchema.optional(),
  /** How the owner is reached; never leaves the hub. */
  contact: z.string().max(200).optional(),
  /** When a lent camera may watch, as `motion.armed` has it. */
  armed: z.array(z.string().max(60)).max(16).optional(),
});
export type Place = z.infer<typeof placeSchema> & { readonly lent?: Lent | undefined };

export interface NodeRow extends Place {
  readonly node: string;
  /** `withdrawn`: its owner no longer lends it. */
  readonly state: 'active' | 'revoked' | 'withdrawn';
  readonly sinceMs: number;
  readonly reason: string;
  /** Ed25519, SPKI PEM, of the card in use. */
  readonly signingKey: string;
}
export interface CertificateRow {
  readonly serial: string;
  readonly node: string;
  /** SPKI, PEM. */
  readonly publicKey: string;
  readonly notAfterMs: number;
  readonly revokedMs: number | null;
}
export interface TicketRow extends Place {
  readonly node: string;
  readonly expiresMs: number;
  /** The signing key that used it, SPKI PEM: its holder may come again, in case the answer was lost. */
  readonly usedBy: string | null;
}

export interface Roll {
  /** Replaces the open tickets of the same node. */
  addTicket(tokenSha256: string, ticket: Omit<TicketRow, 'usedBy'>): void;
  ticket(tokenSha256: string): TicketRow | undefined;
  /**
   * The ticket is used up, the node joins or comes back with another card: its earlier certificates and signing key are out of force.
   * Returns false, and changes nothing, when another key was quicker.
   */
  join(tokenSha256: string, joined: Joined, nowMs: number): boolean;
  addCertificate(certificate: Omit<CertificateRow, 'revokedMs'>): void;
  certificate(serial: string): CertificateRow | undefined;
  node(node: string): NodeRow | undefined;
  nodes(): NodeRow[];
  /** Keys of cards that were swapped, by node, oldest first. */
  formerKeys(node: string): { readonly signingKey: string; readonly untilMs: number }[];
  /** All its certificates and tickets go out of force. False where there is no such node in force. */
  end(node: string, state: 'revoked' | 'withdrawn', reason: string, nowMs: number): boolean;
  setPlace(node: string, place: Place): void;
  /** Certificates out of force that have not yet expired by themselves. */
  revoked(nowMs: number): { readonly serial: string; readonly node: string; readonly atMs: number }[];
  /** Changes whenever something was written, by this process or another. */
  version(): number;
  close(): void;
}
export interface Joined {
  readonly node: string;
  readonly signingKey: string;
  readonly certificate: Omit<CertificateRow, 'revokedMs' | 'node'>;
}

const schemaVersion = 1;
const schema = `
CREATE TABLE ticket (token TEXT PRIMARY KEY, node TEXT NOT NULL, place TEXT NOT NULL, expires_ms INTEGER NOT NULL, used_by TEXT) STRICT;
CREATE TABLE node (node TEXT PRIMARY KEY, place TEXT NOT NULL, state TEXT NOT NULL, since_ms INTEGER NOT NULL, reason TEXT NOT NULL,
  signing_key TEXT NOT NULL) STRICT;
CREATE TABLE former_key (node TEXT NOT NULL, signing_key TEXT NOT NULL, until_ms INTEGER NOT NULL) STRICT;
CREATE TABLE certificate (serial TEXT PRIMARY KEY, node TEXT NOT NULL, public_key TEXT NOT NULL, not_after_ms INTEGER NOT NULL,
  revoked_ms INTEGER) STRICT;
CREATE INDEX certificate_of ON certificate (node);
PRAGMA user_version = ${schemaVersion};`;

/** Throws where the file is of another version, or no database. */
export function openRoll(path: string): Roll {
  // Whom a camera belongs to and how they are reached is nobody else's business.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;');
  const together = <T>(work: () => T): T => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      db.exec('COMMIT');
      return result;
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  };
  const versionOf = () => Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (versionOf() === 0)
    together(() => {
      if (versionOf() === 0) db.exec(schema);
    });
  if (versionOf() !== schemaVersion) throw new Error(`${path}: version ${versionOf()}, not ${schemaVersion}`);

  const outOfForce = db.prepare('UPDATE certificate SET revoked_ms = ? WHERE node = ? AND revoked_ms IS NULL');
  const addCertificate: Roll['addCertificate'] = ({ serial, node, publicKey, notAfterMs }) => {
    db.prepare('INSERT INTO certificate VALUES (?, ?, ?, ?, NULL)').run(serial, node, publicKey, notAfterMs);
  };
  const ticket: Roll['ticket'] = (token) => {
    const row = db.prepare('SELECT * FROM ticket WHERE token = ?').get(token);
    if (row === undefined) return undefined;
    const usedBy = row.used_by === null ? null : String(row.used_by);
    return { node: String(row.node), expiresMs: Number(row.expires_ms), usedBy, ...readPlace(row.place) };
  };
  const node: Roll['node'] = (name) => {
    const row = db.prepare('SELECT * FROM node WHERE node = ?').get(name);
    return row === undefined ? undefined : nodeRow(row);
  };

  return {
    addTicket: (token, { node: name, expiresMs, ...place }) =>
      together(() => {
        db.prepare('DELETE FROM ticket WHERE node = ?').run(name);
        db.prepare('INSERT INTO ticket VALUES (?, ?, ?, ?, NULL)').run(token, name, writePlace(place), expiresMs);
      }),
    ticket,
    join: (token, joined, nowMs) =>
      together(() => {
        const found = ticket(token);
        if (found === undefined || (found.usedBy !== null && found.usedBy !== joined.signingKey)) return false;
        const before = node(joined.node);
        if (before !== undefined && before.signingKey !== joined.signingKey)
          db.prepare('INSERT INTO former_key VALUES (?, ?, ?)').run(joined.node, before.signingKey, nowMs);
        outOfForce.run(nowMs, joined.node);
        db.prepare('UPDATE ticket SET used_by = ? WHERE token = ?').run(joined.signingKey, token);
        db.prepare("INSERT OR REPLACE INTO node VALUES (?, ?, 'active', ?, '', ?)").run(
          joined.node,
          writePlace(found),
          nowMs,
          joined.signingKey,
        );
        addCertificate({ ...joined.certificate, node: joined.node });
        return true;
      }),
    addCertificate,
    certificate: (serial) => {
      const row = db.prepare('SELECT * FROM certificate WHERE serial = ?').get(serial);
      if (row === undefined) return undefined;
      const revokedMs = row.revoked_ms === null ? null : Number(row.revoked_ms);
      const { node: name, public_key: publicKey, not_after_ms: notAfterMs } = row;
      return { serial, node: String(name), publicKey: String(publicKey), notAfterMs: Number(notAfterMs), revokedMs };
    },
    node,
    nodes: () => db.prepare('SELECT * FROM node ORDER BY node').all().map(nodeRow),
    formerKeys: (name) =>
      db
        .prepare('SELECT signing_key, until_ms FROM former_key WHERE node = ? ORDER BY until_ms')
        .all(name)
        .map((row) => ({ signingKey: String(row.signing_key), untilMs: Number(row.until_ms) })),
    end: (name, state, reason, nowMs) =>
      together(() => {
        if (node(name)?.state !== 'active') return false;
        outOfForce.run(nowMs, name);
        db.prepare('DELETE FROM ticket WHERE node = ?').run(name);
        db.prepare('UPDATE node SET state = ?, since_ms = ?, reason = ? WHERE node = ?').run(
          state,
          nowMs,
          reason,
          name,
        );
        return true;
      }),
    setPlace: (name, place) => {
      db.prepare('UPDATE node SET place = ? WHERE node = ?').run(writePlace(place), name);
    },
    revoked: (nowMs) =>
      db
        .prepare('SELECT serial, node, revoked_ms FROM certificate WHERE revoked_ms IS NOT NULL AND not_after_ms > ?')
        .all(nowMs)
        .map((row) => ({ serial: String(row.serial), node: String(row.node), atMs: Number(row.revoked_ms) })),
    version: () => {
      const others = Number(db.prepare('PRAGMA data_version').get()?.data_version);
      const own = Number(db.prepare('SELECT total_changes() AS n').get()?.n);
      return others * 1_000_000 + own;
    },
    close: () => db.close(),
  };
}

function nodeRow(row: Record<string, unknown>): NodeRow {
  const { node, state, since_ms: sinceMs, reason, signing_key: signingKey } = row;
  return {
    node: nameSchema.parse(node),
    state: state === 'revoked' || state === 'withdrawn' ? state : 'active',
    sinceMs: Number(sinceMs),
    reason: String(reason),
    signingKey: String(signingKey),
    ...readPlace(row.place),
  };
}

function writePlace({ place, lent, contact, armed }: Place): string {
  return JSON.stringify({ place, lent, contact, armed });
}
const readPlace = (text: unknown): Place => placeSchema.parse(JSON.parse(String(text)));
