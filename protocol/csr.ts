// A certificate request (PKCS #10, RFC 2986) for an EC key, as a node makes it. The few bytes of DER are written here: the library that the hub
// reads them with is twenty packages that a node needs once in eight months (docs/decisions/0010-trust.md).
import { type KeyObject, sign } from 'node:crypto';

const oid = {
  // 2.5.4.3
  commonName: Buffer.from('0603550403', 'hex'),
  // 1.2.840.10045.4.3.2
  ecdsaWithSha256: Buffer.from('06082a8648ce3d040302', 'hex'),
} as const;

/** PEM. `keys`: a pair on P-256, as `generateKeyPairSync('ec')` gives it. The subject is only a wish: the hub names whom it certifies. */
export function certificateRequest(commonName: string, keys: { publicKey: KeyObject; privateKey: KeyObject }): string {
  const name = der(0x30, der(0x31, der(0x30, oid.commonName, der(0x0c, Buffer.from(commonName)))));
  const version = Buffer.from('020100', 'hex');
  const noAttributes = Buffer.from('a000', 'hex');
  const info = der(0x30, version, name, keys.publicKey.export({ type: 'spki', format: 'der' }), noAttributes);
  // A bit string begins with the number of unused bits.
  const signature = der(0x03, Buffer.from([0]), sign('sha256', info, keys.privateKey));
  const request = der(0x30, info, der(0x30, oid.ecdsaWithSha256), signature);
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}

/** Tag, length (X.690, 8.1.3) and contents. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const contents = Buffer.concat(parts);
  const { length } = contents;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), contents]);
}
