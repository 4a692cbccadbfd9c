// Sealing: age v1 files (age-encryption.org/v1) to the hub's recipients. A node can seal; only the hub or the escrow key can open (open.ts).
import { randomBytes } from 'node:crypto';
import { ageHeader, readAgeRecipient } from './age-header.ts';
import { type AgeStream, ageStream } from './age-stream.ts';

export interface Sealer {
  seal(plain: Uint8Array): Uint8Array;
  /** One age file, made as the plaintext comes: `head`, then what `stream` gives. */
  begin(): { readonly head: Uint8Array; readonly stream: AgeStream };
}

const fileKeyBytes = 16;
const nonceBytes = 16;

/** `recipients` are age recipients, `age1…`. Throws on a malformed one. */
export function sealer(recipients: readonly string[]): Sealer {
  const keys = recipients.map(readAgeRecipient);
  const begin: Sealer['begin'] = () => {
    const fileKey = randomBytes(fileKeyBytes);
    const nonce = randomBytes(nonceBytes);
    return { head: Buffer.concat([ageHeader(keys, fileKey), nonce]), stream: ageStream(fileKey, nonce) };
  };
  return {
    begin,
    seal: (plain) => {
      const { head, stream } = begin();
      return Buffer.concat([head, stream.update(plain), stream.final()]);
    },
  };
}
