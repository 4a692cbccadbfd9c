// A ticket made at the hub: what it promises is kept here, under the hash of its token; the paper only carries the token.
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { sha256 } from '../../protocol/sign.ts';
import type { Ticket } from '../../protocol/ticket.ts';
import { trustPaths } from './files.ts';
import { openRoll, type Place } from './roll.ts';

export interface TicketRules {
  readonly trustDir: string;
  readonly commune: string;
  readonly node: string;
  readonly place: Place;
  /** `host:port` of the enrolment door. */
  readonly hubs: readonly string[];
  readonly nowMs: number;
  readonly hours: number;
}

/** Throws where no trust is founded. An earlier ticket of this node that was not used is void. */
export async function giveTicket(rules: TicketRules): Promise<Ticket> {
  const paths = trustPaths(rules.trustDir);
  const ca = new X509Certificate(await readFile(paths.caCertificate, 'utf8'));
  const token = randomBytes(16).toString('base64url');
  const expiresMs = rules.nowMs + rules.hours * 3_600_000;
  const { node, place } = rules;
  const roll = openRoll(paths.roll);
  try {
    roll.addTicket(sha256(token), { node, expiresMs, ...place });
  } finally {
    roll.close();
  }
  return {
    ...{ v: 1, commune: rules.commune, node, place: place.place, hubs: [...rules.hubs] },
    ...(place.lent === undefined ? {} : { lent: place.lent }),
    ...{ caSha256: sha256(ca.raw), token, expiresMs },
  };
}
