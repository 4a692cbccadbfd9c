// What was delivered before goes back into the queue, because the hub no longer has it. Nothing is written anew: a rename brings a file back,
// and what the hub does have after all it signs for again without a second copy.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Disk } from '../../hal/ports.ts';
import type { Command } from '../../protocol/command.ts';
import { type DrainClass, drainClasses, manifestSchema } from '../../protocol/manifest.ts';
import { type FileName, parseFileName } from '../../protocol/record-file.ts';
import { readUnverified } from '../../protocol/sign.ts';
import { unlessGone } from '../gone.ts';
import type { Log } from '../log.ts';
import { folders } from '../outbox.ts';
import { firstLine } from './segment-on-card.ts';

export interface ResendWorld {
  readonly disk: Disk;
  readonly dataDir: string;
  readonly ring: (drainClass: DrainClass) => void;
  readonly log: Log;
}
type Wanted = Extract<Command, { name: 'resend' }>['args'];

/** So many are renamed for one flush; then the recorder's own work has a turn. */
const batchMax = 200;
/** Which clip wanted it stands in no name: as footage of an event. */
const segmentClass: DrainClass = 4;

/** Answers how many files there are; they are moved afterwards. Being cut off leaves some where they were: the hub may ask again. */
export async function resend(world: ResendWorld, wanted: Wanted): Promise<{ ok: true; text: string; files: number }> {
  const names = (await world.disk.list(folders(world.dataDir).delivered)).filter((name) => {
    const file = parseFileName(name);
    return file !== undefined && isWanted(file, wanted);
  });
  void moveBack(world, names).catch((error: unknown) =>
    world.log('error', 'not all that was delivered could be queued again', { error: String(error) }),
  );
  return { ok: true, text: `${names.length} files are sent again`, files: names.length };
}

/** Throws what the disk throws. */
export async function moveBack(world: ResendWorld, names: readonly string[]): Promise<void> {
  const at = folders(world.dataDir);
  for (let first = 0; first < names.length; first += batchMax) {
    const touched = new Set<DrainClass>();
    for (const name of names.slice(first, first + batchMax)) {
      const drainClass = await classOf(world.disk, join(at.delivered, name), name);
      if (drainClass === undefined) continue;
      // Evicted meanwhile: it is no longer here to be sent.
      await unlessGone(world.disk.rename(join(at.delivered, name), join(at.waiting(drainClass), name)));
      touched.add(drainClass);
    }
    // One entry of the journal, flushed where the new name is: a cut leaves each file under the one name or the other.
    for (const drainClass of touched) await world.disk.syncFolder(at.waiting(drainClass));
    for (const drainClass of drainClasses) if (touched.has(drainClass)) world.ring(drainClass);
    await pause(0);
  }
}

/** Undefined for what cannot be read: it stays where it is. */
async function classOf(disk: Disk, path: string, name: string): Promise<DrainClass | undefined> {
  if (parseFileName(name)?.is === 'segment') return segmentClass;
  return manifestSchema.safeParse(readUnverified(await firstLine(disk, path))).data?.class;
}

function isWanted(file: FileName, { boot, records, segments }: Wanted): boolean {
  if (boot === undefined) return true;
  if (file.boot !== boot) return false;
  if (records === undefined && segments === undefined) return true;
  const [number, runs = []] = file.is === 'record' ? [file.seq, records] : [file.seg, segments];
  return runs.some(([from, to]) => number >= from && number <= to);
}
