// What must not be given up, by order of the hub: an event with its footage, or minutes. Held is what has a further name in `held/`; its bytes stay whatever
// the ring or the spool drops. The name begins with 16 digits that stand for the order, so that letting go finds them again.
import { join } from 'node:path';
import type * as z from 'zod';
import type { Disk } from '../../hal/ports.ts';
import type { heldSchema } from '../../protocol/command.ts';
import { drainClasses, type Manifest, manifestSchema, type Stamp } from '../../protocol/manifest.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import { readUnverified, sha256 } from '../../protocol/sign.ts';
import { within } from '../core/look-back.ts';
import { unlessGone } from '../gone.ts';
import { folders, keyDigits } from '../outbox.ts';
import type { Spool } from '../spool.ts';
import { listSegments, timedBy, wallTimes } from './look-back.ts';
import { firstLine } from './segment-on-card.ts';

export type HoldOrder = z.infer<typeof heldSchema>;

export interface HoldWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly spool: Spool;
  readonly now: () => Stamp;
}

type Outcome = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly text: string };

/** Orders must not stop the recording: more than this part of the card is not held. */
const heldShareMax = 0.25;
/** Of these an event is made, beside its footage. */
const eventKinds: readonly string[] = ['event', 'still', 'clip', 'trace'];

const keyOf = (order: HoldOrder): string => sha256(JSON.stringify(order)).slice(0, keyDigits);

/** Durable when it answers. Again is harmless: what has come meanwhile is held too. Throws what the disk throws. */
export async function hold(world: HoldWorld, order: HoldOrder): Promise<Outcome> {
  const { disk, dataDir } = world;
  const at = folders(dataDir);
  const paths = 'event' in order ? await ofEvent(world, order.event) : await ofTime(world, order.fromMs, order.toMs);
  if (paths.size === 0) return { ok: false, text: 'nothing of it is here' };
  const sizes = await Promise.all([...paths.values()].map((path) => unlessGone(disk.size(path))));
  const bytes = sizes.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const held = await heldBytes(disk, at.held);
  const { totalBytes } = await disk.space(dataDir);
  if (held + bytes > totalBytes * heldShareMax)
    return {
      ok: false,
      text: `at most a quarter of the card is held; ${mib(held)} MiB are, these would be ${mib(bytes)} MiB more`,
    };
  let count = 0;
  for (const [name, path] of paths) {
    const linked = await unlessGone(
      disk.link(path, join(at.held, `${keyOf(order)}.${name}`)).then(() => true, unlessThere),
    );
    if (linked === true) count += 1;
  }
  await disk.syncFolder(at.held);
  return { ok: true, text: `${count} files are held` };
}

export async function letGo({ disk, dataDir }: HoldWorld, order: HoldOrder): Promise<Outcome> {
  const { held } = folders(dataDir);
  const names = (await disk.list(held)).filter((name) => name.startsWith(`${keyOf(order)}.`));
  for (const name of names) await unlessGone(disk.remove(join(held, name)));
  await disk.syncFolder(held);
  return names.length === 0
    ? { ok: false, text: 'nothing was held by this order' }
    : { ok: true, text: `${names.length} files are no longer held` };
}

/** Path of each file by its name. */
async function ofEvent({ disk, dataDir }: HoldWorld, event: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  const segments = await listSegments({ disk, dataDir });
  for (const { name, path, manifest } of await eventRecords(disk, dataDir)) {
    if (manifest.event?.id !== event && manifest.of?.event !== event) continue;
    paths.set(name, path);
    const named = new Set(manifest.segments?.map(({ boot, seg }) => `${boot} ${seg}`));
    for (const segment of segments.values())
      if (named.has(`${segment.boot} ${segment.seg}`)) paths.set(segment.name, segment.path);
  }
  return paths;
}

async function ofTime(world: HoldWorld, fromMs: number, toMs: number): Promise<Map<string, string>> {
  const segments = await listSegments(world);
  const timed = timedBy(segments, await wallTimes(world, segments, world.now()));
  const paths = new Map<string, string>();
  for (const { name } of within(timed, fromMs, toMs)) {
    const path = segments.get(name)?.path;
    if (path !== undefined) paths.set(name, path);
  }
  for (const { name, path, manifest } of await eventRecords(world.disk, world.dataDir)) {
    const { wallMs } = manifest.time;
    if (wallMs !== null && wallMs >= fromMs && wallMs < toMs) paths.set(name, path);
  }
  return paths;
}

async function eventRecords(
  disk: Disk,
  dataDir: string,
): Promise<{ name: string; path: string; manifest: Manifest }[]> {
  const at = folders(dataDir);
  const found = [];
  for (const folder of [...drainClasses.map(at.waiting), at.delivered])
    for (const name of await disk.list(folder)) {
      const file = parseFileName(name);
      if (file?.is !== 'record' || !eventKinds.includes(file.kind)) continue;
      const path = join(folder, name);
      const manifest = manifestSchema.safeParse(readUnverified(await firstLine(disk, path)));
      if (manifest.success) found.push({ name, path, manifest: manifest.data });
    }
  return found;
}

async function heldBytes(disk: Disk, folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await disk.list(folder)) bytes += (await unlessGone(disk.size(join(folder, name)))) ?? 0;
  return bytes;
}

function unlessThere(error: unknown): true {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return true;
  throw error;
}

const mib = (bytes: number): number => Math.round(bytes / 1024 ** 2);
