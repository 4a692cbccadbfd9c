// The hub's audit log, opened by a command beside a hub that may be running.
import { chown, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { disk } from '../../hal/disk.ts';
import { type Audit, auditDir, openAudit } from '../../hub/audit.ts';
import type { HubConfig } from '../../hub/config.ts';
import { keyPath } from '../../hub/credential.ts';
import { readSigningKey } from '../../protocol/sign.ts';

export async function auditBeside({ dataDir, commune, signingKey }: HubConfig): Promise<Audit> {
  const key = await readSigningKey(await readFile(keyPath(signingKey), 'utf8'));
  const audit = await openAudit({ disk, dataDir, commune, key, wallMs: Date.now });
  if (process.geteuid?.() !== 0) return audit;
  return { ...audit, append: (entry) => audit.append(entry).finally(() => giveToOwner(dataDir)) };
}

/** A log that root has begun is the hub's all the same: one that it could not write would let nobody look at anything. */
async function giveToOwner(dataDir: string): Promise<void> {
  const { uid, gid } = await stat(dataDir);
  const dir = auditDir(dataDir);
  for (const path of [dir, ...(await readdir(dir)).map((name) => join(dir, name))]) {
    const seen = await stat(path).catch(() => undefined);
    if (seen !== undefined && seen.uid !== uid) await chown(path, uid, gid);
  }
}
