// The commune's trust as the running hub holds it.
import type { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { keyPath } from '../credential.ts';
import { type Ca, openCa } from './ca.ts';
import { type TrustPaths, trustPaths } from './files.ts';
import { openRoll, type Roll } from './roll.ts';

export interface Trust {
  readonly paths: TrustPaths;
  readonly ca: Ca;
  readonly roll: Roll;
  /** What the broker and the enrolment door show. */
  readonly server: { readonly cert: string; readonly key: string };
  /** What the hub shows its broker. */
  readonly client: { readonly cert: string; readonly key: string };
  close(): void;
}

/** Undefined where `matlang hub init` has founded none. Throws where a file cannot be used. */
export async function openTrust(dir: string): Promise<Trust | undefined> {
  const paths = trustPaths(dir);
  if (!existsSync(paths.caCertificate)) return undefined;
  const text = (path: string) => readFile(path, 'utf8');
  const ca = openCa(await text(paths.caCertificate), await text(keyPath(paths.caKey)));
  const client = await text(paths.client);
  const roll = openRoll(paths.roll);
  return { paths, ca, roll, server: await readServer(paths), client: { cert: client, key: client }, close: roll.close };
}

/** What the broker and the enrolment door show, as it lies there now. */
export async function readServer(paths: TrustPaths): Promise<Trust['server']> {
  return { cert: await readFile(paths.serverCertificate, 'utf8'), key: await readFile(paths.serverKey, 'utf8') };
}

/** For `checkServerIdentity`: OpenSSL has checked chain, dates and purpose; who it is stands in the common name, whatever address it was found at. */
export function isCommonName(
  wanted: string,
): (host: string, certificate: { subject: { CN?: string | string[] } }) => Error | undefined {
  return (_, { subject }) =>
    subject.CN === wanted ? undefined : new Error(`the broker is ${String(subject.CN)}, not ${wanted}`);
}

export const commonNameOf = (certificate: X509Certificate): string =>
  certificate.toLegacyObject().subject.CN?.toString() ?? '';
