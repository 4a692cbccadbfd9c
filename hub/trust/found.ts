// The commune's trust, founded once and kept in order: what is missing is made, what is about to expire is renewed, nothing else is touched.
import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { hubIdentity } from '../../protocol/enrol.ts';
import { mosquittoAcl } from '../../protocol/rights.ts';
import { type Ca, makeCaCertificate, makeKeys, openCa } from './ca.ts';
import { type TrustPaths, trustPaths } from './files.ts';
import { type MosquittoRules, mosquittoConfig } from './mosquitto.ts';
import { writeNew, writeWhole } from './new-file.ts';
import { openRoll } from './roll.ts';

export interface FoundRules {
  readonly commune: string;
  /** Names and addresses under which nodes reach this machine; the first one stands in tickets. */
  readonly addresses: readonly string[];
  readonly mosquitto: MosquittoRules;
  readonly nowMs: number;
}
export interface Founded {
  readonly paths: TrustPaths;
  readonly ca: Ca;
  /** Files made or renewed, absolute. */
  readonly made: readonly string[];
}

const dayMs = 86_400_000;
const serverDays = 730;
/** A CA that ends within two years would cut short what it certifies: the same key gets a later certificate. */
const caLeftMsMin = 730 * dayMs;

/** Safe to run again, and beside a hub that runs. Throws where a file is there and cannot be used. */
export async function foundTrust(dir: string, rules: FoundRules): Promise<Founded> {
  const paths = trustPaths(dir);
  const made: string[] = [];
  await mkdir(paths.dir, { recursive: true, mode: 0o711 });
  await mkdir(paths.broker, { recursive: true, mode: 0o755 });
  const put = async (path: string, text: string, mode: number) => {
    await writeWhole(path, text, mode);
    made.push(path);
  };
  /** Made by us from what is certain: rewritten only where it says something else. */
  const keep = async (path: string, text: string, mode: number) => {
    if ((await readIfThere(path)) !== text) await put(path, text, mode);
  };
  const ca = await foundCa(paths, rules, put);
  await keep(paths.brokerCa, ca.certificatePem, 0o644);
  await certifyServer(paths, rules, ca, put);
  await certifyClient(paths, rules, ca, put);
  const roll = openRoll(paths.roll);
  try {
    if ((await readIfThere(paths.crl)) === undefined)
      await put(paths.crl, await ca.crl(roll.revoked(rules.nowMs), rules.nowMs), 0o644);
  } finally {
    roll.close();
  }
  await keep(paths.mosquittoAcl, mosquittoAcl(rules.commune), 0o644);
  await keep(paths.mosquittoConfig, mosquittoConfig(paths, rules.mosquitto), 0o644);
  if ((await readIfThere(paths.mosquittoLog)) === undefined) {
    await writeNew(paths.mosquittoLog, '', 0o660);
    made.push(paths.mosquittoLog);
  }
  return { paths, ca, made };
}

type Put = (path: string, text: string, mode: number) => Promise<void>;

async function foundCa(paths: TrustPaths, { commune, nowMs }: FoundRules, put: Put): Promise<Ca> {
  const key = await readIfThere(paths.caKey);
  const keyPem = key ?? makeKeys().privatePem;
  if (key === undefined) await put(paths.caKey, keyPem, 0o600);
  const before = await readIfThere(paths.caCertificate);
  if (before !== undefined) {
    const ca = openCa(before, keyPem);
    if (ca.notAfterMs - nowMs > caLeftMsMin) return ca;
  }
  const certificate = await makeCaCertificate(commune, keyPem, nowMs);
  await put(paths.caCertificate, certificate, 0o644);
  return openCa(certificate, keyPem);
}

async function certifyServer(paths: TrustPaths, rules: FoundRules, ca: Ca, put: Put): Promise<void> {
  const { addresses, commune, nowMs } = rules;
  const certificate = await readIfThere(paths.serverCertificate);
  const key = await readIfThere(paths.serverKey);
  const good =
    certificate !== undefined &&
    key !== undefined &&
    isFresh(certificate, ca, nowMs) &&
    addresses.every((name) => names(certificate).has(name));
  if (good) return;
  const keys = makeKeys();
  const subject = { commonName: hubIdentity(commune), use: 'server', names: addresses, days: serverDays } as const;
  const issued = await ca.issue({ ...subject, publicKey: keys.publicPem, nowMs });
  await put(paths.serverKey, keys.privatePem, 0o640);
  // With the CA's own: who holds only its fingerprint must see it.
  await put(paths.serverCertificate, issued.pem + ca.certificatePem, 0o644);
}

async function certifyClient(paths: TrustPaths, { commune, nowMs }: FoundRules, ca: Ca, put: Put): Promise<void> {
  const before = await readIfThere(paths.client);
  if (before !== undefined && isFresh(before, ca, nowMs)) return;
  const keys = makeKeys();
  const subject = { commonName: hubIdentity(commune), use: 'client', days: serverDays } as const;
  const issued = await ca.issue({ ...subject, publicKey: keys.publicPem, nowMs });
  await put(paths.client, issued.pem + keys.privatePem, 0o600);
}

/** Of this CA, and less than two thirds of its life gone. */
function isFresh(pem: string, ca: Ca, nowMs: number): boolean {
  const certificate = new X509Certificate(pem);
  if (!certificate.verify(new X509Certificate(ca.certificatePem).publicKey)) return false;
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return nowMs >= from && nowMs < from + ((to - from) * 2) / 3;
}

function names(pem: string): Set<string> {
  const told = new X509Certificate(pem).subjectAltName ?? '';
  return new Set(told.split(', ').map((each) => each.replace(/^(?:DNS|IP Address):/, '')));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
