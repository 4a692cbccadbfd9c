// Keeps room on the card by the policy of core/eviction.ts, and writes the tombstones of what was given up.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { TombstoneDetails } from '../../protocol/details.ts';
import { drainClasses, recordKinds, type Stamp } from '../../protocol/manifest.ts';
import { parseFileName } from '../../protocol/record-file.ts';
import type { StorageConfig } from '../core/config/schema.ts';
import { type Held, type Place, planRoom, type RoomRules } from '../core/eviction.ts';
import { folders } from '../outbox.ts';
import { cardTrouble, type Spool } from '../spool.ts';
import type { Troubles } from './troubles.ts';

const mebi = 1024 * 1024;
/** A tombstone names at most this many; more make several. */
const namedMax = 500;

export const roomRules = (storage: StorageConfig): RoomRules => ({
  ringBytesMax: storage.ringMiB * mebi,
  spoolBytesMax: storage.spoolMiB * mebi,
  keepFreeBytes: storage.keepFreeMiB * mebi,
});

export interface Room {
  /** One look at the card; removes what the policy says. Two at once are one. */
  make(): Promise<void>;
  counts(): { readonly evicted: number; readonly lost: number };
}

/** `spared` names delivered records that an event still needs. */
export function openRoom(
  disk: Disk,
  dataDir: string,
  spool: Spool,
  rules: RoomRules,
  troubles: Troubles,
  now: () => Stamp,
  spared: (name: string) => boolean,
): Room {
  const at = folders(dataDir);
  const folderOf = (place: Place) =>
    place === 'ring' ? at.ring : place === 'delivered' ? at.delivered : at.waiting(place);
  const places: readonly Place[] = ['ring', 'delivered', ...drainClasses];
  const sizes = new Map<string, number>();
  const tally = { evicted: 0, lost: 0 };
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
    const there = new Set(held.map((each) => each.name));
    for (const name of sizes.keys()) if (!there.has(name)) sizes.delete(name);
    return held;
  };

  const make = async () => {
    const held = await survey();
    const { freeBytes } = await disk.space(dataDir);
    const plan = planRoom(held, freeBytes, rules, spared);
    const touched = new Set<string>();
    const stuck = new Map<Held, unknown>();
    for (const each of plan.remove) {
      await spool.beforeRemoving(each.name);
      const failed = await remove(join(folderOf(each.place), each.name));
      // One that cannot be removed must not keep the others.
      if (failed !== undefined) stuck.set(each, failed);
      else touched.add(folderOf(each.place));
    }
    tally.evicted += plan.remove.length - stuck.size;
    for (const folder of touched) await disk.syncFolder(folder);
    const lost = plan.lost.filter((each) => !stuck.has(each));
    if (lost.length > 0) await bury(lost);
    for (const failed of stuck.values()) throw failed;
  };

  /** Why it is still there; undefined when it has gone. */
  const remove = (path: string): Promise<unknown> =>
    disk.remove(path).then(
      () => undefined,
      (error: unknown) => (error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : error),
    );

  const bury = async (lost: readonly Held[]) => {
    tally.lost += lost.length;
    troubles.note('spool-given-up', `${lost.length} unsent records and segments were given up to make room`);
    for (let first = 0; first < lost.length; first += namedMax) {
      const details: TombstoneDetails = { why: 'quota', gone: lost.slice(first, first + namedMax).map(nameGone) };
      const body = { plain: Buffer.from(JSON.stringify(details)), type: 'application/json' };
      await spool.append({ kind: 'tombstone', class: 1, time: now(), body });
    }
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
