// Who may join, and whose certificate is renewed. Every refusal says the same to whoever asks, and why to the hub alone.
import { createPublicKey, type X509Certificate } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnrolAnswer, enrolRequestSchema, type RenewAnswer, renewRequestSchema } from '../../protocol/enrol.ts';
import { readUnverified, readVerifyingKey, sha256, verify } from '../../protocol/sign.ts';
import { type Issued, readRequest } from './ca.ts';
import { writeWhole } from './new-file.ts';
import type { Place } from './roll.ts';
import { commonNameOf, type Trust } from './trust.ts';

export interface AdmitRules {
  readonly commune: string;
  readonly keysDir: string;
  /** The hub's signing key, SPKI PEM, and whom nodes seal for. */
  readonly hubKey: string;
  readonly recipients: readonly string[];
  readonly broker: string;
  readonly mqtt: 4 | 5;
  /** The enrolment door's own addresses, `host:port`. */
  readonly hubs: readonly string[];
  /** The last record stored of this node. */
  readonly lastRecord: (node: string) => EnrolAnswer['predecessor'];
  /** A signed command `withdraw` for this node. */
  readonly withdrawal: (node: string) => Promise<string>;
  readonly wallMs: () => number;
}

export type Admitted<Answer> =
  | { readonly ok: true; readonly node: string; readonly answer: Answer }
  /** `node` is empty where not even that is known. */
  | { readonly ok: false; readonly node: string; readonly why: string; readonly order?: string };

/** A year, and a month's grace for whoever renews by hand. */
const nodeDays = 397;
/** A node that stood dark for longer than this after its certificate expired needs a ticket. */
const expiredMsMax = 2 * 365 * 86_400_000;

export interface Admit {
  /** `jws`: the request, signed by the key it brings. */
  enrol(jws: string): Promise<Admitted<EnrolAnswer>>;
  /** `shown`: the certificate that the connection proves; expired or not. */
  renew(shown: X509Certificate | undefined, body: unknown): Promise<Admitted<RenewAnswer>>;
  /** Whether a node of the commune shows this certificate; one that has expired is to be renewed first. */
  mayFetch(shown: X509Certificate | undefined): boolean;
  /** Whose certificate it is, where it is in force; expired or not. */
  known(shown: X509Certificate | undefined): Promise<Admitted<undefined>>;
}

export function openAdmit(trust: Trust, rules: AdmitRules): Admit {
  const { roll, ca } = trust;

  const common = (certificate: string): RenewAnswer => ({
    v: 1,
    certificate,
    ca: ca.certificatePem,
    hubKey: rules.hubKey,
    recipients: [...rules.recipients],
    hubMs: rules.wallMs(),
  });
  const issue = (commonName: string, publicKey: string, nowMs: number): Promise<Issued> =>
    ca.issue({ commonName, use: 'client', publicKey, nowMs, days: nodeDays });

  const enrol = async (jws: string): Promise<Admitted<EnrolAnswer>> => {
    const request = enrolRequestSchema.safeParse(readUnverified(jws)).data;
    if (request === undefined) return no('', 'not a request to join');
    const token = sha256(request.token);
    const ticket = roll.ticket(token);
    const nowMs = rules.wallMs();
    if (ticket === undefined) return no('', 'no such ticket');
    const { node } = ticket;
    if (nowMs > ticket.expiresMs) return no(node, 'the ticket has expired');
    const signingKey = ed25519(request.signingKey);
    if (signingKey === undefined) return no(node, 'its signing key is not Ed25519');
    const proven = await verify(jws, 'matlang-enrol', await readVerifyingKey(signingKey));
    if (!proven.ok) return no(node, 'it does not hold the signing key it brings');
    const publicKey = await readRequest(request.csr);
    if (publicKey === undefined) return no(node, 'its certificate request does not hold');
    if (signingKey === rules.hubKey) return no(node, "it brings the hub's own key");
    const issued = await issue(node, publicKey, nowMs);
    const { serial, notAfterMs } = issued;
    const joined = { node, signingKey, certificate: { serial, notAfterMs, publicKey } };
    if (!roll.join(token, joined, nowMs)) return no(node, 'the ticket was used before, by another key');
    await writeWhole(join(rules.keysDir, `${node}.pub`), signingKey, 0o644);
    return { ok: true, node, answer: answerFor(node, ticket, issued) };
  };

  const answerFor = (node: string, { place, lent, armed }: Place, issued: Issued): EnrolAnswer => {
    const predecessor = rules.lastRecord(node);
    const { commune, broker, mqtt, hubs } = rules;
    return {
      ...common(issued.pem),
      ...{ commune, node, place, broker, mqtt, hubs: [...hubs] },
      ...(lent === undefined ? {} : { lent }),
      ...(armed === undefined ? {} : { armed }),
      ...(predecessor === undefined ? {} : { predecessor }),
    };
  };

  const known = async (shown: X509Certificate | undefined): Promise<Admitted<undefined>> => {
    if (shown === undefined) return no('', 'it shows no certificate');
    const certificate = roll.certificate(shown.serialNumber.toLowerCase());
    // Signature first: the rest of it is only a claim before.
    if (!shown.verify(createPublicKey(ca.certificatePem)) || certificate === undefined)
      return no('', 'not a certificate of ours');
    const { node } = certificate;
    if (commonNameOf(shown) !== node) return no(node, 'not its certificate');
    if (roll.node(node)?.state === 'withdrawn')
      return { ...no(node, 'it is lent no longer'), order: await rules.withdrawal(node) };
    if (certificate.revokedMs !== null || roll.node(node)?.state !== 'active')
      return no(node, 'its certificate was revoked');
    if (rules.wallMs() > certificate.notAfterMs + expiredMsMax) return no(node, 'its certificate expired too long ago');
    return { ok: true, node, answer: undefined };
  };

  const renew = async (shown: X509Certificate | undefined, body: unknown): Promise<Admitted<RenewAnswer>> => {
    const whose = await known(shown);
    if (!whose.ok) return whose;
    const { node } = whose;
    const request = renewRequestSchema.safeParse(body).data;
    const publicKey = request === undefined ? undefined : await readRequest(request.csr);
    if (publicKey === undefined) return no(node, 'its certificate request does not hold');
    const issued = await issue(node, publicKey, rules.wallMs());
    roll.addCertificate({ serial: issued.serial, node, publicKey, notAfterMs: issued.notAfterMs });
    return { ok: true, node, answer: common(issued.pem) };
  };

  const mayFetch = (shown: X509Certificate | undefined): boolean => {
    if (shown === undefined || !shown.verify(createPublicKey(ca.certificatePem))) return false;
    const known = roll.certificate(shown.serialNumber.toLowerCase());
    if (known === undefined || commonNameOf(shown) !== known.node || known.revokedMs !== null) return false;
    return roll.node(known.node)?.state === 'active' && rules.wallMs() <= known.notAfterMs;
  };

  return { enrol, renew, known, mayFetch };
}

const no = (node: string, why: string) => ({ ok: false, node, why }) as const;

/** The same key in the form that we write; undefined for what is no Ed25519 key. */
function ed25519(pem: string): string | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key.export({ type: 'spki', format: 'pem' }).toString() : undefined;
  } catch {
    return undefined;
  }
}

/** A node's key leaves the folder that counts: nothing it signs is taken any more. */
export async function dropKey(keysDir: string, node: string): Promise<void> {
  await rm(join(keysDir, `${node}.pub`), { force: true });
}
