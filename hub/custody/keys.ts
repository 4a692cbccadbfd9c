// Whose signature is whose: public keys by name, and where each was found.
import { createPublicKey } from 'node:crypto';
import { nameSchema } from '../../protocol/identity.ts';
import { readVerifyingKey, sha256, type VerifyingKey } from '../../protocol/sign.ts';

export interface KnownKey {
  readonly name: string;
  readonly key: VerifyingKey;
  /** SHA-256 of the key in DER, to be compared with the installation papers. */
  readonly fingerprint: string;
  /** File it was read from. */
  readonly from: string;
  /** True where it came out of the very set that it is to check. */
  readonly within: boolean;
}
export interface KeyRing {
  readonly all: readonly KnownKey[];
  of(name: string): KnownKey | undefined;
  readonly hub: KnownKey | undefined;
}

/** The first of a name counts: keys from outside are to stand before those from within. */
export function keyRing(keys: readonly KnownKey[]): KeyRing {
  const byName = new Map<string, KnownKey>();
  for (const key of keys) if (!byName.has(key.name)) byName.set(key.name, key);
  return { all: [...byName.values()], of: (name) => byName.get(name), hub: byName.get(hubName) };
}

export const hubName = 'hub';

/** Undefined where it is no public key of Ed25519, or its name is no name. */
export async function readKey(name: string, pem: string, from: string, within: boolean): Promise<KnownKey | undefined> {
  if (!nameSchema.safeParse(name).success) return undefined;
  try {
    const key = await readVerifyingKey(pem);
    const fingerprint = sha256(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
    return { name, key, fingerprint, from, within };
  } catch {
    // Another kind of file beside the keys is nobody's key.
    return undefined;
  }
}
