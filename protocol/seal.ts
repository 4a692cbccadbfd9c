// Sealing: age v1 files (age-encryption.org/v1) to the hub's recipients. A node can seal; only the hub or the escrow key can open.
import { randomBytes } from 'node:crypto';
import { Decrypter, Encrypter, type Recipient, type Stanza } from 'age-encryption';
import { type AgeStream, ageStream } from './age-stream.ts';

export interface Sealer {
  seal(plain: Uint8Array): Promise<Uint8Array>;
  /** One age file, made as the plaintext comes: `head`, then what `stream` gives. */
  begin(): Promise<{ readonly head: Uint8Array; readonly stream: AgeStream }>;
}

const nonceBytes = 16;
/** What follows the header in an age file of nothing: a nonce and one empty chunk. */
const emptyTailBytes = nonceBytes + 16;

/** `recipients` are age recipients, `age1…`. Throws on a malformed one. */
export function sealer(recipients: readonly string[]): Sealer {
  // Thrown here rather than at the first record.
  for (const recipient of recipients) new Encrypter().addRecipient(recipient);

  const begin: Sealer['begin'] = async () => {
    const encrypter = new Encrypter();
    for (const recipient of recipients) encrypter.addRecipient(recipient);
    const tap = tapFileKey();
    encrypter.addRecipient(tap);
    // The library makes the header, with the file key wrapped for each recipient; the payload is ours (age-stream.ts).
    const empty = await encrypter.encrypt(new Uint8Array());
    const nonce = randomBytes(nonceBytes);
    const head = Buffer.concat([empty.subarray(0, empty.length - emptyTailBytes), nonce]);
    return { head, stream: ageStream(tap.fileKey(), nonce) };
  };
  return {
    begin,
    seal: async (plain) => {
      const { head, stream } = await begin();
      return Buffer.concat([head, stream.update(plain), stream.final()]);
    },
  };
}

/** A recipient that adds no stanza to the header and remembers the file key. */
function tapFileKey(): Recipient & { fileKey(): Uint8Array } {
  let key: Uint8Array | undefined;
  return {
    wrapFileKey: (fileKey): Stanza[] => {
      key = fileKey.slice();
      return [];
    },
    fileKey: () => {
      if (key === undefined) throw new Error('age-encryption wrapped no file key');
      return key;
    },
  };
}

/** Opens age files with an identity, `AGE-SECRET-KEY-1…`. `open` throws when the file is not for this identity, cut short or altered. */
export function opener(identity: string): { open(sealed: Uint8Array): Promise<Uint8Array> } {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return { open: (sealed) => decrypter.decrypt(sealed) };
}
