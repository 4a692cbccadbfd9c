// Settings that the hub has set from afar (`config.set`): a JSON merge patch (RFC 7396) in the identity folder, over the configuration file as it was
// then. When a technician writes another file, that file counts alone again: whoever stands at the pole has the last word.
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import * as z from 'zod';
import type { Disk } from '../hal/ports.ts';
import { sha256Schema } from '../protocol/identity.ts';
import { sha256 } from '../protocol/sign.ts';
import { faultLine, readNodeConfig } from './core/config/read.ts';
import { unlessGone } from './gone.ts';
import { writeDurable } from './write-durable.ts';

/** Names, addresses, folders, cameras and pins are not changed from afar: a mistake there would need a ladder. */
const settable = ['title', 'motion', 'tamper', 'events', 'vitalsEveryS', 'camera'] as const;
const settableOfCamera = ['masks'] as const;

const patchSchema = z.record(z.string(), z.json());
type Patch = z.infer<typeof patchSchema>;
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
  const camera = patch.camera;
  const foreign = [
    ...Object.keys(patch).filter((key) => !settable.some((known) => known === key)),
    ...Object.keys(isObject(camera) ? camera : {})
      .filter((key) => !settableOfCamera.some((known) => known === key))
      .map((key) => `camera.${key}`),
  ];
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

type Json = z.infer<ReturnType<typeof z.json>>;

/** RFC 7396, section 2. */
export function mergePatch(target: unknown, patch: Json): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch(result[key], value);
  }
  return result;
}

/** One patch that does what both do, one after the other: a null stays, for what the file says must go. */
function mergePatches(first: Patch, then: Patch): Patch {
  const result: Patch = { ...first };
  for (const [key, value] of Object.entries(then)) {
    const before = result[key];
    result[key] = isObject(value) && isObject(before) ? mergePatches(before, value) : value;
  }
  return result;
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
