// The commune's certificate authority: one key on P-256, which certifies the hub, its broker and each node, and takes that back (RFC 5280).
import 'reflect-metadata';
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { hubIdentity } from '../../protocol/enrol.ts';

export interface Ca {
  readonly certificatePem: string;
  /** SHA-256 of the certificate in DER, hex. */
  readonly sha256: string;
  readonly notAfterMs: number;
  issue(wanted: Wanted): Promise<Issued>;
  /** PEM. In force until it is made anew: an old list is better than a broker that lets nobody in. */
  crl(revoked: readonly { readonly serial: string; readonly atMs: number }[], nowMs: number): Promise<string>;
}

export interface Wanted {
  readonly commonName: string;
  /** What its holder may do with it: be a client (a node, the hub) or a server (the broker, the enrolment door). */
  readonly use: 'client' | 'server';
  /** SPKI, PEM. */
  readonly publicKey: string;
  /** Host names and addresses, for a server. */
  readonly names?: readonly string[];
  readonly nowMs: number;
  readonly days: number;
}
export interface Issued {
  readonly pem: string;
  /** Hex, lower case. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
const caDays = 20 * 365;
/** Clocks of commune and machine differ; what is issued holds at once everywhere. */
const backdateMs = dayMs;

export interface KeyPair {
  /** PKCS #8, PEM. */
  readonly privatePem: string;
  /** SPKI, PEM. */
  readonly publicPem: string;
}
export function makeKeys(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** A CA certificate for this key, PEM. The same key again gives a later certificate of the same CA: what it signed holds on. */
export async function makeCaCertificate(commune: string, keyPem: string, nowMs: number): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: caName(commune),
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(nowMs + caDays * dayMs),
    keys: { privateKey: privateKeyOf(keyPem), publicKey: publicKeyOf(publicOf(keyPem)) },
    signingAlgorithm: signing,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKeyOf(publicOf(keyPem))),
    ],
  });
  return pem(certificate);
}

/** Throws where key and certificate are not one pair. */
export function openCa(certificatePem: string, keyPem: string): Ca {
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkPrivateKey(createPrivateKey(keyPem)))
    throw new Error('the CA key is not that of its certificate');
  const own = new x509.X509Certificate(certificatePem);
  const signingKey = privateKeyOf(keyPem);
  return {
    certificatePem,
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    notAfterMs: certificate.validToDate.getTime(),
    issue: async ({ commonName, use, publicKey, names = [], nowMs, days }) => {
      const serial = newSerial();
      const notBeforeMs = nowMs - backdateMs;
      const notAfterMs = Math.min(nowMs + days * dayMs, certificate.validToDate.getTime());
      const purpose = use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
      const issued = await x509.X509CertificateGenerator.create({
        serialNumber: serial,
        issuer: own.subjectName,
        subject: [{ CN: [commonName] }],
        notBefore: new Date(notBeforeMs),
        notAfter: new Date(notAfterMs),
        publicKey: publicKeyOf(publicKey),
        signingKey,
        signingAlgorithm: signing,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([purpose], true),
          await x509.AuthorityKeyIdentifierExtension.create(own),
          ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names.map(generalName))]),
        ],
      });
      return { pem: pem(issued), serial, notBeforeMs, notAfterMs };
    },
    crl: async (revoked, nowMs) => {
      const list = await x509.X509CrlGenerator.create({
        issuer: own.subjectName,
        thisUpdate: new Date(nowMs - backdateMs),
        nextUpdate: certificate.validToDate,
        entries: revoked.map(({ serial, atMs }) => ({
          serialNumber: serial,
          revocationDate: new Date(atMs),
          // Without a reason the library writes an empty list of extensions, which RFC 5280 does not allow.
          reason: x509.X509CrlReason.privilegeWithdrawn,
        })),
        signingKey,
        signingAlgorithm: signing,
      });
      // OpenSSL knows the list by this name alone (RFC 7468, 6).
      return pem(list).replaceAll(' CRL-----', ' X509 CRL-----');
    },
  };
}

/** The public key of a request (SPKI, PEM) whose signature holds and whose key is on P-256; undefined for all else. Never throws. */
export async function readRequest(csr: string): Promise<string | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(csr);
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1' || !(await request.verify())) return undefined;
    return key.export({ type: 'spki', format: 'pem' }).toString();
  } catch {
    return undefined;
  }
}

export const caName = (commune: string): string => `CN=Mat Lang CA ${hubIdentity(commune)}`;

/** 16 random bytes, positive, no leading zero (RFC 5280, 4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function generalName(name: string): { type: 'dns' | 'ip'; value: string } {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}

// Node's own CryptoKey is the same thing as the one the library's types name, with newer usages.
function privateKeyOf(keyPem: string): CryptoKey {
  return createPrivateKey(keyPem).toCryptoKey(p256, false, ['sign']) as CryptoKey;
}
function publicKeyOf(keyPem: string): CryptoKey {
  return createPublicKey(keyPem).toCryptoKey(p256, true, ['verify']) as CryptoKey;
}
const publicOf = (keyPem: string): string =>
  createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'pem' }).toString();

const pem = (data: { toString(format: 'pem'): string }): string => `${data.toString('pem')}\n`;
