// A hub's keys, made once: what it signs receipts with, what it opens sealed bodies with, and the escrow key for the safe.
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { writeNew } from './trust/new-file.ts';
import { readUnsealKey } from './unseal-key.ts';

export interface HubKeys {
  /** Ed25519, PKCS8 PEM: receipts and commands are signed with it. */
  readonly signingKey: string;
  /** Its public half, SPKI PEM: every node has a copy. */
  readonly publicKey: string;
  /** age identity file of the hub, as `age-keygen` writes it. */
  readonly unsealKey: string;
  /** One age recipient a line, the hub's first: nodes seal to all of them. */
  readonly recipients: string;
}

export const hubKeyPaths = (dir: string): HubKeys => ({
  signingKey: join(dir, 'hub.key.pem'),
  publicKey: join(dir, 'hub.pub.pem'),
  unsealKey: join(dir, 'key.txt'),
  recipients: join(dir, 'recipients.txt'),
});

export interface MadeHubKeys extends HubKeys {
  /** age identity that opens everything when the hub's own is lost: shown once, for the safe, and never written on the hub. */
  readonly escrow: string;
}

/** Makes the folder and the four files in it. Throws EEXIST rather than replace a key. */
export async function makeHubKeys(dir: string): Promise<MadeHubKeys> {
  const paths = hubKeyPaths(dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const pair = generateKeyPairSync('ed25519');
  await writeNew(paths.signingKey, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600);
  await writeNew(paths.publicKey, pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(), 0o644);
  const hub = await generateX25519Identity();
  const escrow = await generateX25519Identity();
  const recipient = await identityToRecipient(hub);
  const made = new Date().toISOString();
  await writeNew(paths.unsealKey, `# created: ${made}\n# public key: ${recipient}\n${hub}\n`, 0o600);
  await writeNew(paths.recipients, `${recipient}\n${await identityToRecipient(escrow)}\n`, 0o644);
  return { ...paths, escrow };
}

/** Whom nodes seal to: the hub itself, whose key this is, and others, which is the escrow key. The list lies beside the unsealing key. */
export async function recipientsOf(unsealKeyPath: string): Promise<{ all: string[]; escrow: string[] }> {
  const own = await identityToRecipient(await readUnsealKey(unsealKeyPath));
  const path = hubKeyPaths(dirname(unsealKeyPath)).recipients;
  const text = await readFile(path, 'utf8').catch(() => own);
  const listed = text.split('\n').filter((line) => line.startsWith('age1'));
  return { all: listed.includes(own) ? listed : [own, ...listed], escrow: listed.filter((line) => line !== own) };
}
