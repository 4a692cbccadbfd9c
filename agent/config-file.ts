// The configuration as a process finds it: the file, else the last good copy in the identity folder.
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { Disk } from '../hal/ports.ts';
import { sha256 } from '../protocol/sign.ts';
import { choose } from './core/config/last-good.ts';
import { type ConfigRead, faultLine, readNodeConfig } from './core/config/read.ts';
import { configSchema, type NodeConfig } from './core/config/schema.ts';
import { configBytesMax } from './core/config/yaml-text.ts';
import { withRemoteSettings } from './remote-settings.ts';
import { writeDurable } from './write-durable.ts';

export const goodConfigName = 'config.good.yaml';

export interface LoadedConfig {
  readonly config: NodeConfig;
  /** Absolute; relative ones in the file count from the file's own folder, whichever copy is used. */
  readonly dataDir: string;
  readonly identityDir: string;
  /** Of the text in use. */
  readonly sha256: string;
  readonly from: 'file' | 'last-good';
  /** The file itself, absolute. */
  readonly path: string;
  /** What is wrong with the file, as `node.yaml:4:8 camera.fps: must be 1 to 30, not 0`; empty when the file itself is in use. */
  readonly faults: readonly string[];
  /** Why a good file could not be kept as the last good one: it is in use all the same. */
  readonly notKept: string | undefined;
}

/** The file is bad or gone and there is no good copy. The message holds one line for each fault. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
}

/** `keep-good` is for the recorder alone; all others only read. Throws `ConfigRefused` where nothing can be used. */
export async function loadConfig(disk: Disk, path: string, mode: 'keep-good' | 'read-only'): Promise<LoadedConfig> {
  const file = resolve(path);
  const found = await readText(disk, file);
  const read = found.ok ? readNodeConfig(found.bytes, basename(file)) : unreadable(file, found.code);
  const identityDir = from(file, read.ok ? read.config.identityDir : identityDirIn(found.ok ? found.bytes : undefined));
  const goodPath = join(identityDir, goodConfigName);
  const kept = await readText(disk, goodPath);
  const same = found.ok && kept.ok && Buffer.compare(found.bytes, kept.bytes) === 0;

  const choice = choose(read, kept.ok ? readNodeConfig(kept.bytes, goodConfigName) : undefined, same);
  const faults = read.ok ? [] : read.faults.map((fault) => faultLine(fault));
  const inUse = choice.use === 'file' ? found : kept;
  if (choice.use === 'none' || !inUse.ok) throw new ConfigRefused(faults.join('\n'));
  const keeping = choice.use === 'file' && choice.keep && mode === 'keep-good';
  const set = await withRemoteSettings(disk, identityDir, inUse.bytes);
  const settled = set === undefined ? undefined : readNodeConfig(set, 'config.set');
  // Set under another release's rules: the file alone, and it is told.
  if (settled?.ok === false) faults.push(...settled.faults.map((fault) => faultLine(fault)));
  return {
    config: settled?.ok === true ? settled.config : choice.config,
    dataDir: from(file, choice.config.dataDir),
    identityDir,
    sha256: sha256(settled?.ok === true && set !== undefined ? set : inUse.bytes),
    from: choice.use,
    path: file,
    faults,
    notKept: keeping ? await keep(disk, goodPath, inUse.bytes) : undefined,
  };
}

const from = (file: string, folder: string): string => (isAbsolute(folder) ? folder : resolve(dirname(file), folder));

/** Where a file that cannot be used says its identity is; keys are looked for there even when the rest is at fault. */
function identityDirIn(bytes: Uint8Array | undefined): string {
  const usual = configSchema.shape.identityDir.parse(undefined);
  if (bytes === undefined || bytes.length > configBytesMax) return usual;
  const line = /^identityDir:.*$/m.exec(new TextDecoder().decode(bytes))?.[0];
  const said: unknown = line === undefined ? undefined : parseDocument(line).get('identityDir');
  const parsed = configSchema.shape.identityDir.safeParse(said);
  return parsed.success ? parsed.data : usual;
}

type Text = { ok: true; bytes: Uint8Array } | { ok: false; code: string };

async function readText(disk: Disk, path: string): Promise<Text> {
  try {
    // One byte more than is allowed: enough to see that it is too large.
    return { ok: true, bytes: await disk.readRange(path, 0, configBytesMax + 1) };
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { ok: false, code: String(error.code) };
    throw error;
  }
}

function unreadable(file: string, code: string): ConfigRead {
  const fault = {
    is: 'told',
    en: `file cannot be read (${code})`,
    vi: `không đọc được tệp (${code})`,
    not: undefined,
  } as const;
  const at = { at: `${basename(file)}:1:1`, line: 1, col: 1 };
  return { ok: false, faults: [{ ...at, key: '', rule: fault, text: fault.en }] };
}

async function keep(disk: Disk, path: string, bytes: Uint8Array): Promise<string | undefined> {
  try {
    await disk.makeFolder(dirname(path));
    await writeDurable(disk, path, bytes);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
