// Opening what nodes have sealed: where the hub's or the escrow key is, never on a node.
import { Decrypter } from 'age-encryption';

/** Opens age files with an identity, `AGE-SECRET-KEY-1…`. `open` throws when the file is not for this identity, cut short or altered. */
export function opener(identity: string): { open(sealed: Uint8Array): Promise<Uint8Array> } {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return { open: (sealed) => decrypter.decrypt(sealed) };
}
