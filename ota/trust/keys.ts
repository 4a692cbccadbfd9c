// Keys that sign releases: Ed25519, one file a holder. Private halves are PKCS#8 PEM, encrypted where a passphrase is given, and are never on a node.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Key, Signature } from '@tufjs/models';

export interface SigningHand {
  readonly key: Key;
  sign(data: Buffer): Signature;
}

export function makeKeyPair(passphrase: string | undefined): {
  readonly privatePem: string;
  readonly publicPem: string;
} {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const encrypted = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return {
    privatePem: privateKey.export({ type: 'pkcs8', format: 'pem', ...encrypted }).toString(),
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** Throws for what is not an Ed25519 key, and for a wrong passphrase. */
export function readHand(privatePem: string, passphrase: string | undefined): SigningHand {
  const secret = createPrivateKey({ key: privatePem, ...(passphrase === undefined ? {} : { passphrase }) });
  const key = keyOf(createPublicKey(secret));
  return {
    key,
    sign: (data) => new Signature({ keyID: key.keyID, sig: sign(null, data, secret).toString('hex') }),
  };
}

export const readPublicKey = (publicPem: string): Key => keyOf(createPublicKey(publicPem));

function keyOf(publicKey: KeyObject): Key {
  if (publicKey.asymmetricKeyType !== 'ed25519')
    throw new Error(`a release key must be ed25519, not ${publicKey.asymmetricKeyType}`);
  const { x = '' } = publicKey.export({ format: 'jwk' });
  const shown = Buffer.from(x, 'base64url').toString('hex');
  // TUF 4.4: a key's id is the hash of its canonical form.
  const canonical = `{"keytype":"ed25519","keyval":{"public":"${shown}"},"scheme":"ed25519"}`;
  return new Key({
    keyID: createHash('sha256').update(canonical).digest('hex'),
    keyType: 'ed25519',
    scheme: 'ed25519',
    keyVal: { public: shown },
  });
}
