// Small files that must be there whole, old or new, after a power cut.
import { basename, dirname, join } from 'node:path';
import type { Disk } from '../hal/ports.ts';

/** Write beside it, fsync, rename, fsync the folder. Throws what the disk throws; the old file then still stands. */
export async function writeDurable(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.new`);
  await disk.remove(draft).catch(() => undefined);
  const file = await disk.create(draft);
  try {
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  await disk.syncFolder(folder);
}
