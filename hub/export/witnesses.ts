// What others need to check an export without us: public keys, and the hub's own lines about who had it in hand.
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../protocol/sign.ts';
import { clipSubject, eventSubject } from '../audit.ts';
import { limits } from '../limits.ts';
import type { Sheet } from './sheet.ts';
import type { Work } from './work.ts';

/** Public halves only: the node's, the hub's, and the certificate of the commune's CA, where there is one. */
export async function addKeys({ parts, selection, pack }: Work): Promise<Sheet['keys']> {
  const hub = createPublicKey(parts.signingKey).export({ type: 'spki', format: 'pem' }).toString();
  const node = await readFile(join(parts.keysDir, `${selection.node}.pub`), 'utf8');
  const keys = { hub, [selection.node]: node };
  for (const [name, pem] of Object.entries(keys)) await pack.add(`keys/${name}.pub`, pem);
  const ca = await readFile(parts.caCertificate).catch(() => undefined);
  if (ca !== undefined) await pack.add('keys/ca.crt.pem', ca);
  return Object.entries(keys).map(([name, pem]) => ({ name, fingerprint: fingerprint(pem) }));
}

/** SHA-256 of the key in DER. */
function fingerprint(pem: string): string {
  return sha256(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
}

/** What the hub's log says about these events and this export. */
export async function addCustody({ parts, asked, selection, pack, hold }: Work): Promise<Sheet['custody']> {
  const { node } = selection;
  const subjects = new Set([
    ...selection.events.map((id) => eventSubject(node, id)),
    ...selection.clips.map(({ boot, seq }) => clipSubject(node, boot, seq)),
  ]);
  const lines = await parts.audit.about(
    { is: ({ subject, details }) => subjects.has(subject) || details?.hold === hold },
    limits.custodyLines,
  );
  await pack.add('custody/audit.jws', lines.map(({ jws }) => `${jws}\n`).join(''));
  parts.log('debug', 'custody', { case: asked.case, lines: lines.length });
  return lines.map(({ line }) => line);
}
