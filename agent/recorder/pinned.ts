// A wanted segment gets a second name in a waiting class of the spool: it stays when the ring drops its own, and the uplink finds it there.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import type { DrainClass, Level } from '../../protocol/manifest.ts';
import { folders } from '../outbox.ts';

export interface Pinned {
  /** Durable on return. Pinning again is harmless; as an alarm's footage it moves up a class. Throws what the disk throws, ENOENT where the ring has dropped it. */
  pin(name: string, level: Level): Promise<DrainClass>;
}

const classOf: Readonly<Record<Level, DrainClass>> = { alarm: 3, event: 4 };
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
  const isThere = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EEXIST';

  return {
    pin: async (name, level) => {
      const before = known.get(name);
      if (before === 'alarm' || before === level) return classOf[before];
      const folder = at.waiting(classOf[level]);
      await disk.link(join(at.ring, name), join(folder, name)).catch((error: unknown) => {
        if (!isThere(error)) throw error;
      });
      await disk.syncFolder(folder);
      // The lower class's name goes only when the higher one is durable; the uplink may have delivered and moved it meanwhile.
      if (before === 'event') await disk.remove(join(at.waiting(classOf.event), name)).catch(() => undefined);
      remember(name, level);
      return classOf[level];
    },
  };
}
