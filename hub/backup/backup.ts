// `matlang hub backup`: also while the hub is running. What is copied needs no secret to be kept: it is signed and sealed as it is.
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Encrypter } from 'age-encryption';
import type { Disk } from '../../hal/ports.ts';
import { sealer } from '../../protocol/seal.ts';
import { readSigningKey } from '../../protocol/sign.ts';
import { openAudit } from '../audit.ts';
import type { HubConfig } from '../config.ts';
import { recipientsOf } from '../keys.ts';
import { unsealKeyText, wrappedPath } from '../unseal-key.ts';
import { copyNew, flush } from './copy.ts';
import {
  backupNames,
  copied,
  databasePath,
  isBelow,
  isDatabase,
  isElsewhere,
  type PathKey,
  pathKeys,
  pathOf,
  type Secrets,
} from './layout.ts';

export interface BackupAsked {
  readonly configPath: string;
  readonly config: HubConfig;
  /** Another disk. */
  readonly to: string;
  readonly passphrase: string;
  /** As in the audit log. */
  readonly actor: string;
}
export interface BackupDone {
  /** Copied by this run. */
  readonly files: number;
  readonly bytes: number;
  readonly databases: number;
  /** Files under the passphrase. */
  readonly secrets: number;
  /** False where the hub seals to no escrow key: then the passphrase is the only way. */
  readonly escrow: boolean;
}

/** Fewer are guessed. */
export const passphraseCharsMin = 12;
/** Configuration, keys, accounts and certificates of a commune are far from it. */
const secretsBytesMax = 64 * 1024 * 1024;
const pieceBytes = 1024 * 1024;

export async function backup(asked: BackupAsked, disk: Disk): Promise<BackupDone> {
  const { config, passphrase } = asked;
  if (passphrase.length < passphraseCharsMin)
    throw new Error(`the passphrase must have at least ${passphraseCharsMin} characters, not ${passphrase.length}`);
  const to = resolve(asked.to);
  if (isBelow(to, config.dataDir)) throw new Error(`${to} lies in the hub's own data folder`);
  await mkdir(to, { recursive: true, mode: 0o700 });
  const recipients = await recipientsOf(config.unsealKey);
  const key = await readSigningKey(await readFile(config.signingKey, 'utf8'));
  const audit = await openAudit({ disk, dataDir: config.dataDir, commune: config.commune, key, wallMs: Date.now });
  await audit.append({ actor: asked.actor, action: 'backup', subject: 'hub', details: { to } });

  let [files, bytes] = [0, 0];
  for (const name of copied) {
    const sum = await copyNew(join(config.dataDir, name), join(to, name));
    files += sum.files;
    bytes += sum.bytes;
  }
  const { secrets, databases } = await gather(asked, to);
  await sealDatabases(config, databases, to, recipients.all);
  const plain = Buffer.from(JSON.stringify(secrets));
  await writeWhole(join(to, backupNames.secrets), await underPassphrase(plain, passphrase));
  if (recipients.escrow.length > 0)
    await writeWhole(join(to, backupNames.forEscrow), sealer(recipients.escrow).seal(plain));
  const done = { v: 1, commune: config.commune, atMs: Date.now(), files: secrets.files.length };
  await writeWhole(join(to, backupNames.done), Buffer.from(`${JSON.stringify(done)}\n`));
  return {
    files,
    bytes,
    databases: databases.length,
    secrets: secrets.files.length,
    escrow: recipients.escrow.length > 0,
  };
}

async function underPassphrase(plain: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  return await encrypter.encrypt(plain);
}

/** Everything below the configuration's folder, and what it names elsewhere, but for what is copied as it is. */
async function gather(
  { configPath, config }: BackupAsked,
  to: string,
): Promise<{ secrets: Secrets; databases: string[] }> {
  const home = dirname(resolve(configPath));
  const secrets: Secrets = { v: 1, config: basename(configPath), home, files: [], databases: [] };
  const databases: string[] = [];
  const taken = new Set<string>();
  let bytes = 0;
  const take = async (of: Secrets['files'][number]['of'], root: string, path: string) => {
    if (taken.has(path) || isElsewhere(path, config) || isBelow(path, to)) return;
    taken.add(path);
    if (isDatabase(path)) {
      secrets.databases.push({ of, path: relative(root, path) });
      databases.push(path);
      return;
    }
    const { mode, size } = await stat(path);
    bytes += size;
    if (bytes > secretsBytesMax)
      throw new Error(
        `${path}: more than ${secretsBytesMax} bytes lie beside the configuration; move what is not the hub's`,
      );
    secrets.files.push({
      of,
      path: relative(root, path),
      mode: mode & 0o777,
      base64: (await readFile(path)).toString('base64'),
    });
  };
  const wrapped = wrappedPath(config.unsealKey);
  if (existsSync(wrapped)) {
    // Only this machine can open it. In the backup the passphrase keeps it, and where it is brought back it can be wrapped anew.
    taken.add(wrapped);
    const inHome = isBelow(config.unsealKey, home);
    const base64 = Buffer.from(await unsealKeyText(config.unsealKey)).toString('base64');
    const path = inHome ? relative(home, config.unsealKey) : '';
    secrets.files.push({ of: inHome ? 'config' : 'unsealKey', path, mode: 0o600, base64 });
  }
  const roots: [Secrets['files'][number]['of'], string][] = [['config', home]];
  for (const key of pathKeys) {
    const path = pathOf(config, key);
    if (path !== undefined && !isBelow(path, home)) roots.push([key satisfies PathKey, path]);
  }
  for (const [of, root] of roots) for (const path of await filesBelow(root)) await take(of, root, path);
  return { secrets, databases };
}

/** The file itself, or every file of a folder; a socket or a link is none. */
async function filesBelow(path: string): Promise<string[]> {
  const is = await stat(path).catch(() => undefined);
  if (is === undefined) return [];
  if (is.isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** A snapshot of each, in one piece though the hub writes on. */
async function sealDatabases(
  config: HubConfig,
  databases: readonly string[],
  to: string,
  recipients: readonly string[],
): Promise<void> {
  await mkdir(join(to, backupNames.databases), { recursive: true, mode: 0o700 });
  // On the hub's own disk, which holds the same in clear, and for nobody else. What a backup that was cut off left there goes.
  const scratch = join(config.dataDir, 'snapshots');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { mode: 0o700 });
  try {
    for (const [number, path] of databases.entries()) {
      const snapshot = join(scratch, String(number));
      const db = new DatabaseSync(path, { readOnly: true });
      try {
        db.prepare('VACUUM INTO ?').run(snapshot);
      } finally {
        db.close();
      }
      await sealFile(snapshot, databasePath(to, number), recipients);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function sealFile(from: string, to: string, recipients: readonly string[]): Promise<void> {
  const { head, stream } = sealer(recipients).begin();
  const draft = `${to}.part`;
  {
    await using source = await open(from, 'r');
    await using target = await open(draft, 'w', 0o600);
    await target.appendFile(head);
    const piece = Buffer.alloc(pieceBytes);
    for (;;) {
      const { bytesRead } = await source.read(piece, 0, piece.length);
      if (bytesRead === 0) break;
      await target.appendFile(stream.update(piece.subarray(0, bytesRead)));
    }
    await target.appendFile(stream.final());
    await target.datasync();
  }
  await rename(draft, to);
  await flush(dirname(to));
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(`${path}.part`, bytes, { mode: 0o600 });
  await flush(`${path}.part`);
  await rename(`${path}.part`, path);
  await flush(dirname(path));
}
