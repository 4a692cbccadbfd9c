// A file that is there to be removed: on a card full to the last byte its room is what the tombstone is written into.
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import { unlessGone } from '../gone.ts';

/** One full tombstone and its folder's growth. Written in full: a hole would reserve nothing. */
const reserveBytes = 256 * 1024;

export interface Reserve {
  /** Makes it where it is missing or was left half-written. Throws what the disk throws. */
  keep(): Promise<void>;
  /** False where there was nothing to free. */
  free(): Promise<boolean>;
}

export function openReserve(disk: Disk, dataDir: string): Reserve {
  const path = join(dataDir, 'reserve');
  let isKept = false;
  return {
    keep: async () => {
      if (isKept) return;
      if ((await unlessGone(disk.size(path))) !== reserveBytes) {
        await unlessGone(disk.remove(path));
        const file = await disk.create(path);
        try {
          await file.write(new Uint8Array(reserveBytes), 0);
        } finally {
          await file.close();
        }
      }
      isKept = true;
    },
    free: async () => {
      isKept = false;
      return (await unlessGone(disk.remove(path).then(() => true))) ?? false;
    },
  };
}
