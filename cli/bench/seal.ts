// `matlang bench seal`: what sealing costs a recorder, beside node:crypto's own cipher over the same bytes, and at 2 Mbit/s.
import { createCipheriv, randomBytes } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { sealer } from '../../protocol/seal.ts';
import type { BenchResult } from './figures.ts';

/** Two seconds at 2 Mbit/s: a segment while an event runs, the dearest kind. */
const segmentBytes = 500_000;
const segmentSeconds = 2;
const segments = 200;
const rounds = 5;
const cipherBytes = 64 * 1024;

export async function benchSeal(progress: (line: string) => void): Promise<BenchResult> {
  const recipients = await Promise.all([1, 2].map(async () => identityToRecipient(await generateX25519Identity())));
  const to = sealer(recipients);
  const segment = randomBytes(segmentBytes);
  const seal = () => to.seal(segment);
  for (const warm of [seal, raw]) warm(segment);
  const [sealed, plain]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    sealed.push(cpuMs(seal));
    plain.push(cpuMs(() => raw(segment)));
    progress(`round ${round + 1} of ${rounds}`);
  }
  const [sealMs, rawMs] = [middle(sealed), middle(plain)];
  const figures = {
    sealMsPerSegment: round2(sealMs),
    rawMsPerSegment: round2(rawMs),
    vsRaw: round2(sealMs / rawMs),
    corePercentAt2Mbit: round2((sealMs / (segmentSeconds * 1000)) * 100),
    sealMBPerS: Math.round(segmentBytes / 1000 / sealMs),
    extraBytesPerSegment: to.seal(segment).length - segmentBytes,
  };
  return { figures, targets: { corePercentAt2Mbit: { max: 5 } }, peers: {}, details: [] };
}

/** ChaCha20-Poly1305 in pieces as age has them, one key for all: no header, no recipient, nothing else. */
function raw(bytes: Uint8Array): void {
  const key = Buffer.alloc(32, 1);
  const nonce = Buffer.alloc(12);
  for (let at = 0; at < bytes.length; at += cipherBytes) {
    nonce.writeUInt32BE(at);
    const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 });
    cipher.update(bytes.subarray(at, at + cipherBytes));
    cipher.final();
    cipher.getAuthTag();
  }
}

/** CPU time of one, over many. */
function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  for (let count = 0; count < segments; count++) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / segments;
}

const middle = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
const round2 = (value: number): number => Math.round(value * 100) / 100;
