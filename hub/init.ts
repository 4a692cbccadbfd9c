// `matlang hub init`: everything a commune's hub needs, in one folder. Run again it makes what is missing, renews what is about to expire, and
// leaves alone what is there.
import { existsSync } from 'node:fs';
import { chown, lstat, mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ConfigFault } from '../agent/core/config/read.ts';
import { isBelow } from './backup/layout.ts';
import { readHubConfig } from './config.ts';
import { addAccount, allAccounts } from './desk/accounts.ts';
import { inventPassword } from './desk/passwords.ts';
import { openDeskStore } from './desk/store.ts';
import { hubKeyPaths, makeHubKeys } from './keys.ts';
import { systemdFiles } from './systemd-files.ts';
import { trustPaths } from './trust/files.ts';
import { foundTrust } from './trust/found.ts';
import { writeNew, writeWhole } from './trust/new-file.ts';
import { wrappedPath, wrapUnsealKey } from './unseal-key.ts';

export interface InitRules {
  readonly dir: string;
  /** Undefined: as in the configuration that is there. */
  readonly commune: string | undefined;
  readonly addresses: readonly string[];
  readonly broker: 'embedded' | 'mosquitto';
  readonly brokerPort: number;
  readonly enrolPort: number;
  /** Root's own run: keys stay root's, the rest belongs to the folder's owner, mosquitto may read what it must. */
  readonly asRoot: { readonly brokerGroup: number | undefined } | undefined;
  /** Whether the unsealing key is to be wrapped by this machine: it takes root, and a service manager that unwraps it. */
  readonly wraps: boolean;
  readonly nowMs: number;
}
export type Initialised =
  | {
      readonly ok: true;
      readonly configPath: string;
      /** Made or renewed by this run, absolute. */
      readonly made: readonly string[];
      /** The escrow key, this once. */
      readonly escrow: string | undefined;
      /** The first account, this once; undefined where there are accounts. */
      readonly admin: FirstAdmin | undefined;
      /** Why the unsealing key lies in clear (mode 0600), empty where nobody asked to wrap it; undefined where it is wrapped. */
      readonly unwrapped: string | undefined;
      readonly caSha256: string;
    }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

/** Throws where a file is there and cannot be used, or some keys are there and others are not. */
export async function initHub(rules: InitRules): Promise<Initialised> {
  const dir = resolve(rules.dir);
  const configPath = join(dir, 'hub.yaml');
  const isNew = !existsSync(configPath);
  const text = isNew ? await exampleFor(rules, dir) : await readFile(configPath, 'utf8');
  const read = readHubConfig(text, configPath);
  if (!read.ok) return { ok: false, faults: read.faults };
  const { config } = read;
  if (rules.commune !== undefined && rules.commune !== config.commune)
    throw new Error(`${configPath}: commune is ${config.commune}, not ${rules.commune}`);

  await mkdir(dir, { recursive: true, mode: 0o711 });
  const made: string[] = [];
  const keys = await hubKeys(dir, config);
  made.push(...keys.made);
  await mkdir(config.keysDir, { recursive: true, mode: 0o755 });
  const url = config.broker === 'embedded' ? undefined : new URL(config.broker);
  const founded = await foundTrust(config.trustDir, {
    commune: config.commune,
    addresses: [...new Set([...config.addresses, '127.0.0.1', 'localhost'])],
    mosquitto: {
      port: Number(url?.port) || rules.brokerPort,
      user: rules.asRoot === undefined ? 'root' : 'mosquitto',
      pidFile: rules.asRoot === undefined ? trustPaths(config.trustDir).mosquittoPid : '/run/mosquitto/mosquitto.pid',
    },
    nowMs: rules.nowMs,
  });
  made.push(...founded.made);
  if (isNew) {
    await writeNew(configPath, text, 0o644);
    made.push(configPath);
  }
  const unwrapped = await wrap(config.unsealKey, rules.wraps, made);
  const admin = await firstAdmin(config.dataDir, rules.nowMs);
  const systemdDir = join(dir, 'systemd');
  for (const { path, text: unit } of systemdFiles(dir, config)) {
    const at = join(systemdDir, path);
    if (existsSync(at) && (await readFile(at, 'utf8')) === unit) continue;
    await mkdir(join(at, '..'), { recursive: true, mode: 0o755 });
    await writeWhole(at, unit, 0o644);
    made.push(at);
  }
  if (rules.asRoot !== undefined) await giveToOwner(dir, config.dataDir, rules.asRoot.brokerGroup);
  return { ok: true, configPath, made, escrow: keys.escrow, admin, unwrapped, caSha256: founded.ca.sha256 };
}

async function exampleFor(rules: InitRules, dir: string): Promise<string> {
  if (rules.commune === undefined) throw new Error(`${dir}: --commune is needed where there is no hub.yaml yet`);
  const text = await readFile(new URL('./hub.example.yaml', import.meta.url), 'utf8');
  const own = rules.broker === 'embedded';
  const trust = trustPaths('trust');
  const pid = rules.asRoot === undefined ? `\n  pid: ${trust.mosquittoPid}` : '';
  const mosquitto = `broker: mqtts://127.0.0.1:${rules.brokerPort}\nmosquitto:\n  log: ${trust.mosquittoLog}${pid}\n`;
  return text
    .replace(/^commune: .*$/m, `commune: ${rules.commune}`)
    .replace(/^addresses:\n(?: {2}- .*\n)+/m, `addresses:\n${rules.addresses.map((each) => `  - ${each}\n`).join('')}`)
    .replace(/^broker: embedded\nbrokerListen:\n {2}host: .*\n {2}port: .*\n/m, (found) =>
      own ? `broker: embedded\nbrokerListen:\n  host: 0.0.0.0\n  port: ${rules.brokerPort}\n` : found && mosquitto,
    )
    .replace(/^(enrolListen:\n {2}host: .*\n {2}port: ).*$/m, `$1${rules.enrolPort}`);
}

/** All of them, or none: half a set is somebody's loss, not ours to fill up. */
async function hubKeys(dir: string, config: { readonly unsealKey: string; readonly signingKey: string }) {
  const paths = hubKeyPaths(dir);
  const all = [paths.signingKey, paths.publicKey, paths.unsealKey, paths.recipients];
  const there = all.filter((path) => existsSync(path) || (path === paths.unsealKey && existsSync(wrappedPath(path))));
  if (there.length === all.length) return { made: [], escrow: undefined };
  if (there.length > 0) {
    const missing = all.filter((path) => !there.includes(path));
    throw new Error(`${missing.join(', ')} missing beside ${there.join(', ')}: bring them back from the backup`);
  }
  if (existsSync(config.unsealKey) || existsSync(config.signingKey))
    throw new Error(
      `${config.unsealKey} or ${config.signingKey} is there, ${dir} has no keys: bring them together by hand`,
    );
  const made = await makeHubKeys(dir);
  return { made: all, escrow: made.escrow };
}

async function wrap(unsealKey: string, wraps: boolean, made: string[]): Promise<string | undefined> {
  if (existsSync(unsealKey)) {
    if (!wraps) return '';
    const wrapped = await wrapUnsealKey(unsealKey);
    if (!wrapped.ok) return wrapped.text;
    made.splice(0, made.length, ...made.filter((path) => path !== unsealKey), wrappedPath(unsealKey));
  }
  return undefined;
}

export interface FirstAdmin {
  readonly name: string;
  /** To be changed at the first sign-in. */
  readonly password: string;
}

/** Somebody must be able to let the others in. */
async function firstAdmin(dataDir: string, nowMs: number): Promise<FirstAdmin | undefined> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const store = openDeskStore(dataDir);
  try {
    if (allAccounts(store).length > 0) return undefined;
    const [name, password] = ['quan-tri', inventPassword()];
    const isNew = await addAccount(store, { name, fullName: 'Quản trị', role: 'admin' }, password, nowMs);
    return isNew ? { name, password } : undefined;
  } finally {
    store.close();
  }
}

/** The folder's owner runs the hub. Private keys that reach the service as credentials stay root's. */
async function giveToOwner(dir: string, dataDir: string, brokerGroup: number | undefined): Promise<void> {
  const { uid, gid } = await lstat(dir);
  if (!isBelow(dataDir, dir)) await chown(dataDir, uid, gid);
  const kept = new Set(['hub.key.pem', 'key.txt', wrappedPath('key.txt'), 'ca.key.pem']);
  const all = [dir, dataDir].map((each) => readdir(each, { recursive: true, withFileTypes: true }));
  for (const entry of (await Promise.all(all)).flat()) {
    if (kept.has(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const readByBroker = entry.name === 'server.key.pem' || entry.name === 'mosquitto.log';
    await chown(path, uid, readByBroker ? (brokerGroup ?? gid) : gid);
  }
}
