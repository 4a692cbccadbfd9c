// Wanted segments lie in a waiting class of the spool, where the uplink finds them. One that is in the ring gets a second name there, and stays when the
// ring drops its own; one that never was in the ring has no other.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { DrainClass, Level } from '../../protocol/manifest.ts';
import { folders } from '../outbox.ts';

export interface Pinned {
  /** Durable on return. Pinning again is harmless; as an alarm's footage it moves up a class. Throws what the disk throws, ENOENT where it is nowhere any more. */
  pin(name: string, level: Level): Promise<DrainClass>;
  /** It got its name in the waiting class of this level, and that is flushed: nothing is left to be done for `pin`. */
  born(name: string, level: Level): void;
}

/** Where footage waits. */
export const footageClass: Readonly<Record<Level, DrainClass>> = { alarm: 3, event: 4 };
/** How many names are remembered, so that a segment that two clips share is sent once. */
const rememberedMax = 2000;

export function openPinned(disk: Disk, dataDir: string): Pinned {
  const at = folders(dataDir);
  const known = new Map<string, Level>();

  const remember = (name: string, level: Level) => {
    known.set(name, level);
    const [oldest] = known.keys();
    if (known.size > rememberedMax && oldest !== undefined) known.delete(oldest);
  };
  /** In the order in which a file moves on: the uplink may deliver it meanwhile. */
  const linkTo = async (folder: string, name: string) => {
    for (const from of [at.ring, at.waiting(footageClass.event)]) {
      try {
        return await disk.link(join(from, name), join(folder, name));
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : undefined;
        if (code === 'EEXIST') return;
        if (code !== 'ENOENT') throw error;
      }
    }
    // The hub has it. Where it is not there either, this throws.
    await disk.size(join(at.delivered, name));
  };

  return {
    pin: async (name, level) => {
      const before = known.get(name);
      if (before === 'alarm' || before === level) return footageClass[before];
      const folder = at.waiting(footageClass[level]);
      await linkTo(folder, name);
      await disk.syncFolder(folder);
      // The lower class's name goes only when the higher one is durable; the uplink may have delivered and moved it meanwhile.
      if (before === 'event') await disk.remove(join(at.waiting(footageClass.event), name)).catch(() => undefined);
      remember(name, level);
      return footageClass[level];
    },
    born: remember,
  };
}
