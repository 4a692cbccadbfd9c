// The identity folder: the node's own signing key, and what it must know of its hub.
//   signing.pem  Ed25519, PKCS#8, made on the node, mode 0600, read by the recorder alone
//   signing.pub  its public half (SPKI), for the hub
//   hub.pub      the hub's signing key (SPKI): receipts and commands are checked with it
//   recipients.txt  age recipients, one a line: whom records are sealed for
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from '../hal/ports.ts';
import { type Sealer, sealer } from '../protocol/seal.ts';
import { readSigningKey, readVerifyingKey, type SigningKey, type VerifyingKey } from '../protocol/sign.ts';
import { unlessGone } from './gone.ts';
import { writeDurable } from './write-durable.ts';

const inFolder = (identityDir: string) => ({
  signing: join(identityDir, 'signing.pem'),
  signingPublic: join(identityDir, 'signing.pub'),
  hub: join(identityDir, 'hub.pub'),
  recipients: join(identityDir, 'recipients.txt'),
});

/** Makes the node's key pair where there is none; an existing one is never replaced. Returns the public key in PEM. */
export async function makeSigningKey(disk: Disk, identityDir: string): Promise<string> {
  const at = inFolder(identityDir);
  await disk.makeFolder(identityDir);
  const names = await disk.list(identityDir);
  if (!names.includes('signing.pem')) {
    const pair = generateKeyPairSync('ed25519');
    await writeDurable(disk, at.signingPublic, Buffer.from(pair.publicKey.export({ type: 'spki', format: 'pem' })));
    await writeDurable(disk, at.signing, Buffer.from(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })));
  } else {
    // Whoever made it may have been killed before the flush; nobody may learn of a key that a power cut can still take back.
    await disk.syncFolder(identityDir);
  }
  // A card that lied about a flush may have lost the one half; the other one tells it.
  const known = await unlessGone(disk.read(at.signingPublic));
  if (known !== undefined) return text(known);
  const publicKey = createPublicKey(text(await disk.read(at.signing))).export({ type: 'spki', format: 'pem' });
  await writeDurable(disk, at.signingPublic, Buffer.from(publicKey));
  return String(publicKey);
}

/** What the recorder needs. Throws an error that names the file. */
export async function readSigner(disk: Disk, identityDir: string): Promise<{ signingKey: SigningKey; sealer: Sealer }> {
  const at = inFolder(identityDir);
  const signingKey = await named(at.signing, async () => readSigningKey(text(await disk.read(at.signing))));
  const itsSealer = await named(at.recipients, async () => sealer(recipientsIn(text(await disk.read(at.recipients)))));
  return { signingKey, sealer: itsSealer };
}

/** What the uplink needs. Throws an error that names the file. */
export async function readHubKey(disk: Disk, identityDir: string): Promise<VerifyingKey> {
  const at = inFolder(identityDir);
  return named(at.hub, async () => readVerifyingKey(text(await disk.read(at.hub))));
}

function recipientsIn(file: string): string[] {
  const recipients = file
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (recipients.length === 0) throw new Error('it must name at least one age recipient');
  return recipients;
}

async function named<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new Error(`${path} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
