// The hub's audit log, opened by a command beside a hub that may be running.
import { readFile } from 'node:fs/promises';
import { disk } from '../../hal/disk.ts';
import { type Audit, openAudit } from '../../hub/audit.ts';
import type { HubConfig } from '../../hub/config.ts';
import { keyPath } from '../../hub/credential.ts';
import { readSigningKey } from '../../protocol/sign.ts';

export async function auditBeside({ dataDir, commune, signingKey }: HubConfig): Promise<Audit> {
  const key = await readSigningKey(await readFile(keyPath(signingKey), 'utf8'));
  return await openAudit({ disk, dataDir, commune, key, wallMs: Date.now });
}
