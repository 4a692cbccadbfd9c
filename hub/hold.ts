// The data folder and all that lies in it, for one process at a time.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { holdLock } from '../agent/lock.ts';
import type { Log } from '../agent/log.ts';
import type { Disk } from '../hal/ports.ts';
import { opener } from '../protocol/open.ts';
import { readSigningKey } from '../protocol/sign.ts';
import { type Archive, openArchive } from './archive.ts';
import { type Audit, openAudit } from './audit.ts';
import { type Catalog, openCatalog } from './catalog.ts';
import { type CatalogReader, readCatalog } from './catalog-read.ts';
import type { HubConfig } from './config.ts';
import { type CounterSigner, openCounterSigner } from './counter-sign.ts';
import { keyPath } from './credential.ts';
import { type Holds, openHolds } from './holds.ts';
import { type NodeKeys, openNodeKeys } from './node-keys.ts';
import type { Open } from './open-details.ts';
import { type Reindexed, reindex } from './reindex.ts';
import { readUnsealKey } from './unseal-key.ts';

/** The data folder, held for this process alone. */
export interface Hold {
  readonly archive: Archive;
  readonly audit: Audit;
  readonly catalog: Catalog;
  readonly counterSigner: CounterSigner;
  /** The catalogue was not there, or could not be used. */
  readonly fresh: boolean;
  readonly holds: Holds;
  readonly reader: CatalogReader;
  readonly keys: NodeKeys;
  readonly signingKey: string;
  readonly open: Open;
  close(): Promise<void>;
}

/** Throws where another process holds it, or a key cannot be read. */
export async function openHold(config: HubConfig, disk: Disk, log: Log): Promise<Hold> {
  const identity = await readUnsealKey(config.unsealKey);
  await disk.makeFolder(config.dataDir);
  const lock = holdLock(join(config.dataDir, 'lock.sqlite'));
  if (lock.is === 'taken') throw new Error(`${config.dataDir}: another hub is working here`);
  if (lock.is === 'impossible') throw new Error(`${config.dataDir} cannot be locked`, { cause: lock.cause });
  try {
    const archive = await openArchive(disk, config.dataDir);
    const { catalog, fresh } = openCatalog(join(config.dataDir, 'index.sqlite'));
    if (fresh) log('info', 'catalogue is built anew');
    const signingKey = await readFile(keyPath(config.signingKey), 'utf8');
    const key = await readSigningKey(signingKey);
    const audit = await openAudit({ disk, dataDir: config.dataDir, commune: config.commune, key, wallMs: Date.now });
    const keys = openNodeKeys(config.keysDir, signingKey, () => performance.now());
    const close = async () => {
      catalog.close();
      lock.release();
    };
    return {
      archive,
      audit,
      catalog,
      counterSigner: openCounterSigner(archive, config.commune, key, Date.now),
      fresh,
      holds: await openHolds(disk, config.dataDir, Date.now),
      reader: readCatalog(catalog.db),
      keys,
      signingKey,
      open: opener(identity).open,
      close,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Rebuilds the catalogue of a hub that is not running. */
export async function reindexHub(config: HubConfig, disk: Disk, log: Log): Promise<Reindexed> {
  const hold = await openHold(config, disk, log);
  try {
    return await reindex({ commune: config.commune, wallMs: Date.now, log, ...hold }, true);
  } finally {
    await hold.close();
  }
}
