// Sealing: age v1 files (age-encryption.org/v1) to the hub's recipients. A node can seal; only the hub or the escrow key can open.
import { Decrypter, Encrypter } from 'age-encryption';

/** `recipients` are age X25519 recipients, `age1…`. Throws on a malformed recipient. */
export function sealer(recipients: readonly string[]): Sealer {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return {
    seal: (plain) => encrypter.encrypt(plain),
    sealStream: (plain) => encrypter.encrypt(plain),
  };
}
export interface Sealer {
  seal(plain: Uint8Array): Promise<Uint8Array>;
  /** One age file, made as the plaintext comes. */
  sealStream(plain: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>>;
}

/** Opens age files with an identity, `AGE-SECRET-KEY-1…`. `open` throws when the file is not for this identity, cut short or altered. */
export function opener(identity: string): { open(sealed: Uint8Array): Promise<Uint8Array> } {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return { open: (sealed) => decrypter.decrypt(sealed) };
}
