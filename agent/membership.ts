// What a node has from its commune: in the identity folder, beside the keys that identity.ts keeps.
//   tls.pem       certificate and key for TLS (P-256), one file so that they never part; mode 0600
//   tls.next.pem  the key of a request that has not been answered yet: asked again with the same one, the hub answers again
//   ca.pem        the commune's CA
//   member.json   commune, node, where renewals are asked for
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '../hal/ports.ts';
import { certificateRequest } from '../protocol/csr.ts';
import type { RenewAnswer } from '../protocol/enrol.ts';
import { nameSchema } from '../protocol/identity.ts';
import { lentSchema } from '../protocol/ticket.ts';
import { unlessGone } from './gone.ts';
import { writeDurable } from './write-durable.ts';

const inFolder = (identityDir: string) => ({
  tls: join(identityDir, 'tls.pem'),
  next: join(identityDir, 'tls.next.pem'),
  ca: join(identityDir, 'ca.pem'),
  hub: join(identityDir, 'hub.pub'),
  recipients: join(identityDir, 'recipients.txt'),
  member: join(identityDir, 'member.json'),
});

const memberSchema = z.strictObject({
  v: z.literal(1),
  commune: nameSchema,
  node: nameSchema,
  /** `host:port` of the hub's enrolment door. */
  hubs: z.array(z.string().max(260)).min(1).max(4),
  lent: lentSchema.optional(),
});
export type Member = z.infer<typeof memberSchema>;

export interface Membership extends Member {
  readonly ca: string;
  /** Certificate and key, PEM. */
  readonly tls: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Undefined on a node that has not joined. Throws an error that names the file where one is there and cannot be used. */
export async function readMembership(disk: Disk, identityDir: string): Promise<Membership | undefined> {
  const at = inFolder(identityDir);
  const read = async (path: string) => {
    const bytes = await unlessGone(disk.read(path));
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  };
  const [tls, ca, told] = [await read(at.tls), await read(at.ca), await read(at.member)];
  if (tls === undefined || ca === undefined || told === undefined) return undefined;
  try {
    const certificate = new X509Certificate(tls);
    if (!certificate.checkPrivateKey(createPrivateKey(tls))) throw new Error('key and certificate are not one pair');
    const [fromMs, toMs] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
    return { ...memberSchema.parse(JSON.parse(told)), ca, tls, fromMs, toMs };
  } catch (cause) {
    throw new Error(
      `${at.tls} or ${at.member} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

export interface Request {
  /** PKCS #10, PEM. */
  readonly csr: string;
  /** PKCS #8, PEM. */
  readonly key: string;
}

/** A request for the key that waits for its certificate; the key is made, and durable, where there is none yet. */
export async function openRequest(disk: Disk, identityDir: string, node: string): Promise<Request> {
  const { next } = inFolder(identityDir);
  const found = await unlessGone(disk.read(next));
  const before = found === undefined ? undefined : Buffer.from(found).toString('utf8');
  const key =
    before ??
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  if (before === undefined) await writeDurable(disk, next, Buffer.from(key));
  const privateKey = createPrivateKey(key);
  return { csr: certificateRequest(node, { privateKey, publicKey: createPublicKey(privateKey) }), key };
}

/** Keeps what the hub answered, the certificate last. Throws where the answer does not fit the request; then all is as it was. */
export async function keepAnswer(
  disk: Disk,
  identityDir: string,
  member: Member,
  request: Request,
  answer: RenewAnswer,
): Promise<void> {
  const at = inFolder(identityDir);
  const certificate = new X509Certificate(answer.certificate);
  const authority = new X509Certificate(answer.ca);
  if (!certificate.checkPrivateKey(createPrivateKey(request.key)))
    throw new Error('the certificate is not for our key');
  if (!certificate.verify(authority.publicKey)) throw new Error("the certificate is not of the commune's CA");
  const write = async (path: string, text: string) => {
    const before = await unlessGone(disk.read(path));
    if (before === undefined || Buffer.from(before).toString('utf8') !== text)
      await writeDurable(disk, path, Buffer.from(text));
  };
  await write(at.ca, answer.ca);
  await write(at.hub, answer.hubKey);
  await write(at.recipients, `${answer.recipients.join('\n')}\n`);
  await write(at.member, `${JSON.stringify(member)}\n`);
  await write(at.tls, answer.certificate + request.key);
  await unlessGone(disk.remove(at.next));
}
