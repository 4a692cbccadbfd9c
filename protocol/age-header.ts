// The header of an age v1 file (age-encryption.org/v1, "Header") for X25519 recipients: a fresh file key, wrapped for each of them, and a MAC over it all.
// By node's own primitives (docs/decisions/0008-sealing.md): one header is made for every segment and every record.
import {
  createCipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { bech32 } from '@scure/base';

export interface AgeRecipient {
  readonly key: KeyObject;
  /** The 32 bytes of the X25519 public key. */
  readonly bytes: Buffer;
}

const fileKeyBytes = 16;
/** What stands before the 32 bytes of a raw X25519 public key in its SubjectPublicKeyInfo (RFC 8410). */
const spkiPrefix = Buffer.from('302a300506032b656e032100', 'hex');
const wrapLabel = 'age-encryption.org/v1/X25519';
/** A wrapping key is used once, so the nonce is zero. */
const wrapNonce = Buffer.alloc(12);

/** Throws when `text` is not an X25519 recipient, `age1…`. */
export function readAgeRecipient(text: string): AgeRecipient {
  const { prefix, words } = bech32.decode(text as `${string}1${string}`);
  const bytes = Buffer.from(bech32.fromWords(words));
  if (prefix !== 'age' || bytes.length !== 32) throw new Error(`an age recipient must be age1…, not ${text}`);
  return { key: createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: 'der', type: 'spki' }), bytes };
}

/** Up to and with the line of the MAC. `fileKey`: 16 random bytes, never used before. */
export function ageHeader(recipients: readonly AgeRecipient[], fileKey: Uint8Array): Buffer {
  if (fileKey.length !== fileKeyBytes) throw new Error(`a file key has ${fileKeyBytes} bytes, not ${fileKey.length}`);
  const stanzas = recipients.map((recipient) => stanza(recipient, fileKey)).join('');
  const open = `age-encryption.org/v1\n${stanzas}---`;
  const macKey = new Uint8Array(hkdfSync('sha256', fileKey, '', 'header', 32));
  const mac = createHmac('sha256', macKey).update(open).digest();
  return Buffer.from(`${open} ${unpadded(mac)}\n`);
}

function stanza({ key, bytes }: AgeRecipient, fileKey: Uint8Array): string {
  const ephemeral = generateKeyPairSync('x25519');
  const share = ephemeral.publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
  // Throws where the shared secret is all zeros: a recipient of low order.
  const secret = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: key });
  const wrapKey = new Uint8Array(hkdfSync('sha256', secret, Buffer.concat([share, bytes]), wrapLabel, 32));
  const cipher = createCipheriv('chacha20-poly1305', wrapKey, wrapNonce, { authTagLength: 16 });
  const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
  return `-> X25519 ${unpadded(share)}\n${unpadded(body)}\n`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
