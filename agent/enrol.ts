// A node joins its commune with a ticket: keys are made here and stay here; what comes back is kept in the identity folder.
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from '../hal/ports.ts';
import { type EnrolAnswer, type EnrolRequest, enrolAnswerSchema } from '../protocol/enrol.ts';
import { readSigningKey, sha256, sign } from '../protocol/sign.ts';
import type { Ticket } from '../protocol/ticket.ts';
import { askHub } from './ask-hub.ts';
import { readHead, writeHead } from './head.ts';
import { makeSigningKey } from './identity.ts';
import { keepAnswer, openRequest, readMembership } from './membership.ts';
import { forgetWithdrawn } from './withdrawn.ts';

export type Enrolled =
  /** `continues`: this card is new, and its chain begins where the hub's knowledge of the old one ends. */
  | { readonly ok: true; readonly answer: EnrolAnswer; readonly continues: EnrolAnswer['predecessor'] }
  | { readonly ok: false; readonly why: 'other-node' | 'no-hub' | 'refused' | 'answer'; readonly text: string };

/** May be repeated with the same ticket until it has worked: the hub knows the keys again. Throws what the disk throws. */
export async function enrol(disk: Disk, identityDir: string, ticket: Ticket, signal: AbortSignal): Promise<Enrolled> {
  const before = await readMembership(disk, identityDir);
  if (before !== undefined && (before.node !== ticket.node || before.commune !== ticket.commune))
    return { ok: false, why: 'other-node', text: `${identityDir} belongs to ${before.commune}/${before.node}` };
  const signingKey = await makeSigningKey(disk, identityDir);
  const request = await openRequest(disk, identityDir, ticket.node);
  const asked = await askHub(
    ticket.hubs,
    '/enrol',
    await signedRequest(disk, identityDir, { v: 1, token: ticket.token, csr: request.csr, signingKey }),
    { commune: ticket.commune, ca: { sha256: ticket.caSha256 }, floorMs: 0 },
    signal,
  );
  if (!asked.ok) return { ok: false, why: asked.refused ? 'refused' : 'no-hub', text: asked.text };
  const answer = enrolAnswerSchema.safeParse(asked.body).data;
  const fault = answer === undefined ? 'malformed' : answerFault(answer, ticket);
  if (answer === undefined || fault !== undefined) return { ok: false, why: 'answer', text: fault ?? '' };
  const continues = await continueChain(disk, identityDir, answer);
  const { commune, node, hubs, lent } = answer;
  await keepAnswer(disk, identityDir, { v: 1, commune, node, hubs, ...(lent && { lent }) }, request, answer);
  await forgetWithdrawn(disk, identityDir);
  return { ok: true, answer, continues };
}

async function signedRequest(disk: Disk, identityDir: string, request: EnrolRequest): Promise<string> {
  const key = await readSigningKey(Buffer.from(await disk.read(join(identityDir, 'signing.pem'))).toString('utf8'));
  return sign(JSON.stringify(request), 'matlang-enrol', 'node', key);
}

function answerFault(answer: EnrolAnswer, ticket: Ticket): string | undefined {
  if (answer.commune !== ticket.commune || answer.node !== ticket.node)
    return `it is for ${answer.commune}/${answer.node}`;
  return sha256(new X509Certificate(answer.ca).raw) === ticket.caSha256 ? undefined : 'it brings another CA';
}

/** After a card swap: the first record of the new card names the last one that the hub has of the old. A card with a chain of its own keeps it. */
async function continueChain(
  disk: Disk,
  identityDir: string,
  { predecessor, hubMs }: EnrolAnswer,
): Promise<EnrolAnswer['predecessor']> {
  if (predecessor === undefined || (await readHead(disk, identityDir)) !== undefined) return undefined;
  await writeHead(disk, identityDir, { boot: predecessor.boot, last: predecessor, floorMs: Math.round(hubMs) });
  return predecessor;
}
