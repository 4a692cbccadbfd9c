// `matlang hub restore`: a hub as it was, on a machine that has nothing of it, from a backup and the passphrase, or from a backup and the escrow key.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { Decrypter } from 'age-encryption';
import { parseDocument } from 'yaml';
import type { Log } from '../../agent/log.ts';
import type { Disk } from '../../hal/ports.ts';
import { opener } from '../../protocol/open.ts';
import { readSigningKey } from '../../protocol/sign.ts';
import { openAudit } from '../audit.ts';
import { type HubConfig, readHubConfig } from '../config.ts';
import { reindexHub } from '../hold.ts';
import type { Reindexed } from '../reindex.ts';
import { readUnsealKey } from '../unseal-key.ts';
import { copyNew, flush } from './copy.ts';
import {
  backupNames,
  copied,
  databasePath,
  isBelow,
  type PathKey,
  pathKeys,
  type Secrets,
  secretsSchema,
} from './layout.ts';

export type Secret = { readonly passphrase: string } | { readonly identity: string };
export interface RestoreAsked {
  readonly from: string;
  /** Missing or empty. */
  readonly into: string;
  readonly secret: Secret;
  readonly actor: string;
}
export interface Restored extends Reindexed {
  readonly configPath: string;
  readonly files: number;
}

/** Where each key's file or folder lies in the restored hub, if it lay elsewhere than below the configuration. */
const placeOf: Readonly<Record<PathKey, string>> = {
  dataDir: 'data',
  keysDir: 'keys',
  trustDir: 'trust',
  signingKey: 'hub.key.pem',
  unsealKey: 'key.txt',
};

export async function restore(asked: RestoreAsked, disk: Disk, log: Log): Promise<Restored> {
  const [from, into] = [resolve(asked.from), resolve(asked.into)];
  await mkdir(into, { recursive: true, mode: 0o711 });
  if ((await readdir(into)).length > 0) throw new Error(`${into} is not empty: nothing is restored over a hub`);
  const secrets = await openSecrets(from, asked.secret);
  const configPath = join(into, basename(secrets.config));
  for (const { of, path, mode, base64 } of secrets.files) {
    const at = placeIn(into, of, path);
    await mkdir(dirname(at), { recursive: true, mode: 0o755 });
    await writeFile(at, Buffer.from(base64, 'base64'), { mode, flag: 'wx' });
    await flush(at);
  }
  const config = await relocate(configPath, secrets);
  let files = secrets.files.length;
  for (const name of copied) files += (await copyNew(join(from, name), join(config.dataDir, name))).files;
  files += await openDatabases(from, into, secrets, config.unsealKey);
  const key = await readSigningKey(await readFile(config.signingKey, 'utf8'));
  const audit = await openAudit({ disk, dataDir: config.dataDir, commune: config.commune, key, wallMs: Date.now });
  await audit.append({ actor: asked.actor, action: 'restore', subject: 'hub', details: { from } });
  return { configPath, files, ...(await reindexHub(config, disk, log)) };
}

async function openSecrets(from: string, secret: Secret): Promise<Secrets> {
  const name = 'passphrase' in secret ? backupNames.secrets : backupNames.forEscrow;
  const sealed = await readFile(join(from, name));
  const decrypter = new Decrypter();
  if ('passphrase' in secret) decrypter.addPassphrase(secret.passphrase);
  else decrypter.addIdentity(secret.identity);
  const plain = await decrypter.decrypt(sealed).catch((cause: unknown) => {
    throw new Error(`${join(from, name)} cannot be opened: wrong passphrase or key, or damaged`, { cause });
  });
  return secretsSchema.parse(JSON.parse(Buffer.from(plain).toString('utf8')));
}

/** No path in it may lead back to where the hub was; its comments stay. */
async function relocate(configPath: string, { home, files, databases }: Secrets): Promise<HubConfig> {
  const document = parseDocument(await readFile(configPath, 'utf8'));
  const moved = new Set([...files, ...databases].map(({ of }) => of));
  for (const key of pathKeys) {
    const told = document.get(key);
    if (typeof told !== 'string') continue;
    const was = resolve(home, told);
    if (moved.has(key) || !isBelow(was, home)) document.set(key, placeOf[key]);
    else if (isAbsolute(told)) document.set(key, relative(home, was) || '.');
  }
  const text = document.toString();
  await writeFile(configPath, text);
  const read = readHubConfig(text, configPath);
  if (!read.ok) throw new Error(`${configPath}: not a configuration of this version`);
  return read.config;
}

async function openDatabases(from: string, into: string, { databases }: Secrets, unsealKey: string): Promise<number> {
  const { open } = opener(await readUnsealKey(unsealKey));
  for (const [number, { of, path }] of databases.entries()) {
    const at = placeIn(into, of, path);
    await mkdir(dirname(at), { recursive: true, mode: 0o700 });
    await writeFile(at, await open(await readFile(databasePath(from, number))), { mode: 0o600, flag: 'wx' });
    await flush(at);
  }
  return databases.length;
}

const placeIn = (into: string, of: 'config' | PathKey, path: string): string =>
  of === 'config' ? join(into, path) : join(into, placeOf[of], path);
