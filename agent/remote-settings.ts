// Settings that the hub has set from afar (`config.set`): a JSON merge patch (RFC 7396) in the identity folder, over the configuration file as it was
// then. When a technician writes another file, that file counts alone again: whoever stands at the pole has the last word.
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { Disk } from '../hal/ports.ts';
import { sha256Schema } from '../protocol/identity.ts';
import { parseJson } from '../protocol/parse-json.ts';
import { sha256 } from '../protocol/sign.ts';
import { mergePatch, mergePatches, type Patch, patchSchema } from './core/config/patch.ts';
import { faultLine, readNodeConfig } from './core/config/read.ts';
import { foreignTo } from './core/config/settings.ts';
import { unlessGone } from './gone.ts';
import { writeDurable } from './write-durable.ts';

const storedSchema = z.strictObject({ v: z.literal(1), fileSha256: sha256Schema, patch: patchSchema });

const pathIn = (identityDir: string) => join(identityDir, 'settings.json');

/** `file` with what was set over it; undefined where nothing is set, or can be read, or another file has come since. */
export async function withRemoteSettings(
  disk: Disk,
  identityDir: string,
  file: Uint8Array,
): Promise<Uint8Array | undefined> {
  // An identity folder that cannot be read must not stop a camera whose configuration can.
  const stored = await readStored(disk, identityDir, file).catch(() => undefined);
  return stored === undefined ? undefined : merged(file, stored);
}

export type SettingsKept = { readonly ok: true } | { readonly ok: false; readonly text: string };

/** Checks and keeps `patch`, over what was set before. Durable on return. Throws what the disk throws. */
export async function keepRemoteSettings(
  disk: Disk,
  identityDir: string,
  file: Uint8Array,
  patch: Patch,
): Promise<SettingsKept> {
  const foreign = foreignTo(patch);
  if (foreign.length > 0) return { ok: false, text: `${foreign.join(', ')} cannot be set from afar` };
  const before = await readStored(disk, identityDir, file);
  const all = mergePatches(before ?? {}, patch);
  const read = readNodeConfig(merged(file, all), 'config.set');
  if (!read.ok) return { ok: false, text: read.faults.map((fault) => faultLine(fault)).join('; ') };
  const stored = { v: 1, fileSha256: sha256(file), patch: all };
  await writeDurable(disk, pathIn(identityDir), Buffer.from(`${JSON.stringify(stored)}\n`));
  return { ok: true };
}

async function readStored(disk: Disk, identityDir: string, file: Uint8Array): Promise<Patch | undefined> {
  const bytes = await unlessGone(disk.read(pathIn(identityDir)));
  if (bytes === undefined) return undefined;
  const stored = storedSchema.safeParse(parseJson(Buffer.from(bytes).toString('utf8'))).data;
  return stored?.fileSha256 === sha256(file) ? stored.patch : undefined;
}

function merged(file: Uint8Array, patch: Patch): Uint8Array {
  const plain: unknown = parse(Buffer.from(file).toString('utf8'), { maxAliasCount: 0 });
  return Buffer.from(stringify(mergePatch(plain, patch)));
}
