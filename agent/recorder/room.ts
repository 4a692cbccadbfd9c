// Keeps room on the card by the policy of core/eviction.ts, and writes the tombstones of what was given up.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { TombstoneDetails } from '../../protocol/details.ts';
import { drainClasses, recordKinds, type Stamp } from '../../protocol/manifest.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import { cardTrouble } from '../card-trouble.ts';
import type { StorageConfig } from '../core/config/schema.ts';
import { type Held, type Place, planRoom, type RoomRules } from '../core/eviction.ts';
import { folders, nameHeld } from '../outbox.ts';
import type { Spool } from '../spool.ts';
import { openReserve } from './reserve.ts';
import type { Troubles } from './troubles.ts';

const mebi = 1024 * 1024;
/** A tombstone names at most this many; more make several. About 150 bytes each: it fits into the reserve. */
const namedMax = 500;

export function roomRules({ profile, ringMiB, spoolMiB, keepFreeMiB }: StorageConfig): RoomRules {
  const marks = { keepFreeBytes: keepFreeMiB * mebi, hardFreeBytes: (keepFreeMiB * mebi) / 4 };
  if (profile === 'ring')
    return {
      ...marks,
      ringBytesMax: ringMiB === 'auto' ? 'auto' : ringMiB * mebi,
      spoolBytesMax: spoolMiB * mebi,
    };
  // Nothing new comes into the ring: its share is the spool's, and what lies in it stays until room is short.
  return {
    ...marks,
    ringBytesMax: Number.POSITIVE_INFINITY,
    spoolBytesMax: ringMiB === 'auto' ? Number.POSITIVE_INFINITY : (spoolMiB + ringMiB) * mebi,
  };
}

export interface Room {
  /** One look at the card; removes what the policy says. Two at once are one. */
  make(): Promise<void>;
  counts(): { readonly evicted: number; readonly lost: number };
}

/** `spool` must not itself make room; `spared` names delivered records that an event still needs. */
export function openRoom(
  disk: Disk,
  dataDir: string,
  spool: Spool,
  rules: RoomRules,
  troubles: Troubles,
  now: () => Stamp,
  spared: (name: string) => boolean,
  /** False while records are held in memory: what names a loss must be on the card before anything goes. */
  onCard: () => Promise<boolean>,
): Room {
  const at = folders(dataDir);
  const folderOf = (place: Place) =>
    place === 'ring' || place === 'delivered' || place === 'held' ? at[place] : at.waiting(place);
  const places: readonly Place[] = ['ring', 'delivered', ...drainClasses];
  const sizes = new Map<string, number>();
  const tally = { evicted: 0, lost: 0 };
  const reserve = openReserve(disk, dataDir);
  let making: Promise<void> | undefined;

  const sizeOf = async (folder: string, name: string) => {
    const known = sizes.get(name);
    if (known !== undefined) return known;
    // The uplink may move it between listing and looking; it is then counted where it went next time.
    const bytes = await disk.size(join(folder, name)).catch(() => 0);
    if (bytes > 0) sizes.set(name, bytes);
    return bytes;
  };

  const survey = async (): Promise<Held[]> => {
    const held: Held[] = [];
    for (const place of places) {
      const folder = folderOf(place);
      for (const name of await disk.list(folder)) {
        const file = parseFileName(name);
        if (file !== undefined) held.push({ place, name, file, bytes: await sizeOf(folder, name) });
      }
    }
    for (const path of await disk.list(at.held)) {
      const name = nameHeld(path);
      const file = parseFileName(name);
      if (file !== undefined) held.push({ place: 'held', name, file, bytes: sizes.get(name) ?? 0 });
    }
    const there = new Set(held.map((each) => each.name));
    for (const name of sizes.keys()) if (!there.has(name)) sizes.delete(name);
    return held;
  };

  const make = async () => {
    const held = await survey();
    const { freeBytes } = await disk.space(dataDir);
    const plan = planRoom(held, freeBytes, rules, spared);
    const copies = new Map<string, number>();
    for (const { name } of held) copies.set(name, (copies.get(name) ?? 0) + 1);
    const stuck: unknown[] = [];
    const drop = async (each: Held) => {
      await spool.beforeRemoving(each.name);
      const failed = await remove(join(folderOf(each.place), each.name));
      // One that cannot be removed must not keep the others.
      if (failed !== undefined) return void stuck.push(failed);
      const left = (copies.get(each.name) ?? 1) - 1;
      copies.set(each.name, left);
      // A pinned segment that only leaves the ring is still here.
      if (left === 0) tally.evicted += 1;
    };
    const lost = new Set(plan.lost);
    const givesUp = lost.size === 0 || (await onCard()) || ((await reserve.free()) && (await onCard()));
    for (const each of plan.remove) if (!lost.has(each)) await drop(each);
    if (!givesUp) throw Object.assign(new Error('what waits in memory does not fit on the card'), { code: 'ENOSPC' });
    for (let first = 0; first < plan.lost.length; first += namedMax) {
      const batch = plan.lost.slice(first, first + namedMax);
      await bury(batch);
      for (const each of batch) await drop(each);
    }
    // No flush: what a power cut brings back is removed again.
    if (plan.lost.length > 0)
      troubles.note('spool-given-up', `${plan.lost.length} unsent records and segments were given up to make room`);
    if (stuck.length > 0) throw stuck[0];
    await reserve.keep();
  };

  /** Why it is still there; undefined when it has gone. */
  const remove = (path: string): Promise<unknown> =>
    disk.remove(path).then(
      () => undefined,
      (error: unknown) => (error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : error),
    );

  /** Named before they go: a cut between the two leaves a record that is there although it was named, which costs nothing. */
  const bury = async (lost: readonly Held[]) => {
    const details: TombstoneDetails = { why: 'quota', gone: lost.map(nameGone) };
    const body = { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' };
    const draft = { kind: 'tombstone', class: 1, time: now(), body } as const;
    const stored = await spool.append(draft);
    const again =
      !stored.ok && stored.why === 'card-full' && (await reserve.free()) ? await spool.append(draft) : stored;
    if (!again.ok) throw again.cause;
    tally.lost += lost.length;
  };

  return {
    make: () => {
      making ??= make()
        .catch((error: unknown) =>
          troubles.raise(cardTrouble(error), `room could not be made on the card: ${String(error)}`),
        )
        .finally(() => {
          making = undefined;
        });
      return making;
    },
    counts: () => tally,
  };
}

function nameGone(held: Held): TombstoneDetails['gone'][number] {
  const { file, bytes } = held;
  const number = file.is === 'record' ? file.seq : file.seg;
  const kind = file.is === 'record' ? (recordKinds.find((each) => each === file.kind) ?? 'log') : 'segment';
  return { boot: file.boot, number, kind, sha256: file.hash16, bytes };
}
