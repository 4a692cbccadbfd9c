// An export from the command line, also while the hub is running: nothing of the hub's is opened for writing but holds and audit log.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../agent/log.ts';
import type { Disk } from '../../hal/ports.ts';
import { opener } from '../../protocol/open.ts';
import { readSigningKey } from '../../protocol/sign.ts';
import { readArchive } from '../archive.ts';
import { openAudit } from '../audit.ts';
import { lookIntoCatalog } from '../catalog.ts';
import { readCatalog } from '../catalog-read.ts';
import type { HubConfig } from '../config.ts';
import { openHolds } from '../holds.ts';
import { trustPaths } from '../trust/files.ts';
import { readUnsealKey } from '../unseal-key.ts';
import { type ExportOpened, openExport } from './export.ts';
import type { ExportAsked } from './work.ts';

/** Throws an error that names the file where a key or the catalogue cannot be read. */
export async function exportBeside(
  { commune, dataDir, keysDir, trustDir, unsealKey, signingKey: keyPath }: HubConfig,
  disk: Disk,
  asked: ExportAsked,
  log: Log,
): Promise<ExportOpened> {
  const identity = await readUnsealKey(unsealKey);
  const signingKey = await readFile(keyPath, 'utf8');
  const db = lookIntoCatalog(join(dataDir, 'index.sqlite'));
  if (db === undefined)
    throw new Error(`${dataDir}: no catalogue that can be used; start the hub once, or matlang hub reindex`);
  const key = await readSigningKey(signingKey);
  const parts = {
    caCertificate: trustPaths(trustDir).caCertificate,
    ...{ commune, keysDir, signingKey, db, log, wallMs: Date.now, open: opener(identity).open },
    archive: readArchive(disk, dataDir),
    audit: await openAudit({ disk, dataDir, commune, key, wallMs: Date.now }),
    holds: await openHolds(disk, dataDir, Date.now),
    reader: readCatalog(db),
  };
  const opened = await openExport(parts, asked);
  if (!opened.ok) db.close();
  else
    void opened.done.then(
      () => db.close(),
      () => db.close(),
    );
  return opened;
}
