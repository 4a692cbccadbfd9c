// Carries on a stick what waits for the hub, most important first, and takes the hub's receipts from it. The recorder and the uplink may
// work meanwhile: records never change, and what is delivered by radio while it is copied is only there twice.
// INVARIANTS
// - a file has its name on the stick only when it was read back from it and is the one on the card
// - nothing leaves the node's queue here but by a receipt; nothing leaves the stick but what the hub has signed for
import { dirname, join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import { type DrainClass, drainClasses } from '../../protocol/manifest.ts';
import { audience, type Receipt } from '../../protocol/receipt.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import { sha256, type VerifyingKey } from '../../protocol/sign.ts';
import { stickFolder, stickReceipts, stickRoot } from '../../protocol/stick.ts';
import { unlessGone } from '../gone.ts';
import { folders, type Outbox, openOutbox, type Waiting } from '../outbox.ts';
import { type Stick, type StickFault, StickTrouble } from '../stick.ts';
import { openParcel, readLine } from './parcel.ts';
import { readReceipt } from './receipts.ts';

export interface ExportWorld {
  readonly disk: Disk;
  /** Absolute. */
  readonly dataDir: string;
  readonly commune: string;
  readonly node: string;
  readonly hubKey: VerifyingKey;
  readonly stick: Stick;
  readonly told: (progress: ExportCounts) => void;
}

export interface ExportCounts {
  /** What waits on the node: files and bytes. */
  files: number;
  bytes: number;
  /** Of these: on the stick and checked, from this time and from earlier ones. */
  written: number;
  writtenBytes: number;
  there: number;
  /** Damaged on the card: set aside. */
  damaged: number;
  /** Files the hub has signed for on this stick, that had waited here. */
  delivered: number;
  /** Files that left the stick because the hub has them. */
  cleared: number;
  /** Receipts that are not the hub's, or not for this node. */
  refused: number;
}

export type ExportEnd = { readonly ok: true } | { readonly ok: false; readonly why: StickFault; readonly text: string };

const begin = (): ExportCounts => ({
  ...{ files: 0, bytes: 0, written: 0, writtenBytes: 0, there: 0, damaged: 0, delivered: 0, cleared: 0, refused: 0 },
});

/** Throws what the node's own card throws; what the stick does is told in `end`. */
export async function exportSpool(world: ExportWorld): Promise<{ counts: ExportCounts; end: ExportEnd }> {
  const counts = begin();
  return { counts, end: await onStick(() => takeThenCopy(world, counts)) };
}

/** Receipts only: nothing is written to the stick, but what the hub has is taken from it. */
export async function takeReceipts(world: ExportWorld): Promise<{ counts: ExportCounts; end: ExportEnd }> {
  const counts = begin();
  return { counts, end: await onStick(() => take(world, openOutbox(world.disk, world.dataDir), counts)) };
}

async function onStick(work: () => Promise<void>): Promise<ExportEnd> {
  try {
    await work();
    return { ok: true };
  } catch (error) {
    if (error instanceof StickTrouble) return { ok: false, why: error.why, text: error.message };
    throw error;
  }
}

/** So many names wait for one flush of their folder; a stick flushes slowly. */
const unflushedMax = 32;
const pieceBytes = 1024 * 1024;

async function takeThenCopy(world: ExportWorld, counts: ExportCounts): Promise<void> {
  const outbox = openOutbox(world.disk, world.dataDir);
  await take(world, outbox, counts);
  const items: { item: Waiting; bytes: number }[] = [];
  for (const drainClass of drainClasses) {
    for (const item of await listed(outbox, drainClass)) {
      const bytes = await outbox.size(item);
      if (bytes !== undefined) items.push({ item, bytes });
    }
  }
  counts.files = items.length;
  counts.bytes = items.reduce((sum, { bytes }) => sum + bytes, 0);
  world.told(counts);

  const { stick } = world;
  await stick.stillThere();
  await stick.on(() => stick.disk.makeFolder(nodeFolder(world)));
  const unflushed = new Map<string, number>();
  const flush = async (folder: string) => {
    await stick.on(() => stick.disk.syncFolder(folder));
    unflushed.delete(folder);
  };
  for (const { item, bytes } of items) {
    const folder = join(nodeFolder(world), stickFolder(item.class, item.file));
    const outcome = await copy(world, outbox, item, folder);
    if (outcome === 'there') counts.there += 1;
    if (outcome === 'damaged') counts.damaged += 1;
    if (outcome === 'written') {
      counts.written += 1;
      counts.writtenBytes += bytes;
      unflushed.set(folder, (unflushed.get(folder) ?? 0) + 1);
      if ((unflushed.get(folder) ?? 0) >= unflushedMax) await flush(folder);
    }
    world.told(counts);
  }
  for (const folder of [...unflushed.keys()]) await flush(folder);
}

const nodeFolder = ({ stick, commune, node }: ExportWorld) => join(stick.dir, stickRoot, commune, node);

/** None where the recorder has not made the folder yet. */
const listed = async (outbox: Outbox, drainClass: DrainClass) => (await unlessGone(outbox.list(drainClass))) ?? [];

async function copy(
  world: ExportWorld,
  outbox: Outbox,
  item: Waiting,
  folder: string,
): Promise<'written' | 'there' | 'damaged' | 'gone'> {
  const { stick } = world;
  await stick.stillThere();
  const parcel = await openParcel(outbox, item);
  if (!parcel.ok) {
    if (parcel.why === 'gone') return 'gone';
    await outbox.quarantine(item);
    return 'damaged';
  }
  const source = join(folders(world.dataDir).waiting(item.class), item.name);
  const bytes = await unlessGone(world.disk.read(source));
  if (bytes === undefined) return 'gone';
  const hash = sha256(bytes);
  const path = join(folder, item.name);
  if ((await stick.readBack(path)) === hash) return 'there';
  await stick.on(async () => {
    await stick.folder(dirname(folder));
    await stick.folder(folder);
    const draft = `${path}.part`;
    await stick.disk.remove(draft).catch(() => undefined);
    await write(stick.disk, draft, bytes).catch(async (error: unknown) => {
      // A full stick: what lies half there is in the way of what still fits.
      await stick.disk.remove(draft).catch(() => undefined);
      throw error;
    });
    const back = await stick.readBack(draft);
    if (back === undefined) throw new StickTrouble('stick-gone', new Error(`${item.name} was just written there`));
    if (back !== hash)
      throw new StickTrouble('stick-bad', new Error(`${item.name} does not read back as it was written`));
    await stick.disk.rename(draft, path);
  });
  return 'written';
}

async function write(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const file = await disk.create(path);
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) await file.write(bytes.subarray(at, at + pieceBytes), at);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** In this order, so that being cut off anywhere costs nothing: out of the queue, off the stick, the receipts themselves. */
async function take(world: ExportWorld, outbox: Outbox, counts: ExportCounts): Promise<void> {
  const { stick } = world;
  const at = join(nodeFolder(world), stickReceipts);
  const names = await stick.on(async () => (await unlessGone(stick.disk.list(at))) ?? []);
  const stored = new Map<string, Receipt['stored'][number]>();
  const good: string[] = [];
  for (const name of names.filter((each) => each.endsWith('.jws'))) {
    const payload = await stick.on(() => stick.disk.read(join(at, name)));
    const receipt = await readReceipt(payload, world.hubKey, audience(world.commune, world.node));
    if (typeof receipt === 'string') {
      counts.refused += 1;
      continue;
    }
    for (const each of receipt.stored) stored.set(keyOf(each.boot, each.seq, each.seg), each);
    good.push(name);
  }
  if (stored.size > 0) {
    counts.delivered = await deliver(outbox, stored);
    counts.cleared = await clear(world, stored);
  }
  await stick.on(async () => {
    for (const name of good) await stick.disk.remove(join(at, name));
    if (good.length > 0) await stick.disk.syncFolder(at);
  });
  world.told(counts);
}

const keyOf = (boot: string, seq: number | undefined, seg: number | undefined) =>
  seq === undefined ? `${boot} s${seg}` : `${boot} r${seq}`;

async function deliver(outbox: Outbox, stored: ReadonlyMap<string, Receipt['stored'][number]>): Promise<number> {
  const has: Waiting[] = [];
  for (const drainClass of drainClasses) {
    for (const item of await listed(outbox, drainClass)) {
      const { file } = item;
      const named = stored.get(
        file.is === 'record' ? keyOf(file.boot, file.seq, undefined) : keyOf(file.boot, undefined, file.seg),
      );
      if (named === undefined || !named.sha256.startsWith(file.hash16)) continue;
      // The name carries sixteen digits; the receipt is for the whole manifest.
      if (sha256((await readLine(outbox, item)) ?? '') === named.sha256) has.push(item);
    }
  }
  await outbox.delivered(has);
  await outbox.settle();
  return has.length;
}

async function clear(world: ExportWorld, stored: ReadonlyMap<string, Receipt['stored'][number]>): Promise<number> {
  const { stick } = world;
  let cleared = 0;
  for (const drainClass of drainClasses) {
    const top = join(nodeFolder(world), String(drainClass));
    for (const folder of await stick.on(async () => (await unlessGone(stick.disk.list(top))) ?? [])) {
      for (const name of await stick.on(() => stick.disk.list(join(top, folder)))) {
        const file = parseFileName(name);
        if (file === undefined) continue;
        const key =
          file.is === 'record' ? keyOf(file.boot, file.seq, undefined) : keyOf(file.boot, undefined, file.seg);
        if (stored.get(key)?.sha256.startsWith(file.hash16) !== true) continue;
        await stick.on(() => stick.disk.remove(join(top, folder, name)));
        cleared += 1;
      }
    }
  }
  return cleared;
}
