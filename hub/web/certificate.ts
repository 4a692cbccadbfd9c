// What the page shows to other machines: a certificate of the commune's CA for the names in the configuration. Its key is made at each start and never
// touches the disk; it is replaced while the hub runs, long before it ends.
import { hubIdentity } from '../../protocol/enrol.ts';
import { type Ca, makeKeys } from '../trust/ca.ts';

export interface PageCertificate {
  /** The certificate with its CA's behind it, and its key; PEM. */
  readonly cert: string;
  readonly key: string;
  /** When it should be replaced: two thirds of its life. */
  readonly renewAtMs: number;
}

const days = 90;

export async function certifyPage(
  ca: Ca,
  commune: string,
  names: readonly string[],
  nowMs: number,
): Promise<PageCertificate> {
  const keys = makeKeys();
  const subject = { commonName: hubIdentity(commune), use: 'server', names, days } as const;
  const { pem, notBeforeMs, notAfterMs } = await ca.issue({ ...subject, publicKey: keys.publicPem, nowMs });
  const renewAtMs = notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
  return { cert: pem + ca.certificatePem, key: keys.privatePem, renewAtMs };
}
