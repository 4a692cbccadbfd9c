// Copying what only ever grows: a file is copied when it is not there, has another size, or has changed since.
import { constants, copyFile, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface Copied {
  readonly files: number;
  readonly bytes: number;
}

/** Whole files under their final names, flushed; a copy that was cut off is begun anew. No such folder: nothing. */
export async function copyNew(from: string, to: string): Promise<Copied> {
  const sum = { files: 0, bytes: 0 };
  const entries = await readdir(from, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const touched = new Set<string>();
  for (const entry of entries) {
    // A lock is of the running hub.
    if (!entry.isFile() || entry.name.startsWith('lock.sqlite')) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length));
    const bytes = await copyOne(source, target);
    if (bytes === undefined) continue;
    touched.add(dirname(target));
    sum.files += 1;
    sum.bytes += bytes;
  }
  for (const folder of touched) await flush(folder);
  return sum;
}

/** Undefined where there is nothing to do. */
async function copyOne(source: string, target: string): Promise<number | undefined> {
  const is = await stat(source);
  const was = await stat(target).catch(() => undefined);
  if (was !== undefined && was.size === is.size && Math.abs(was.mtimeMs - is.mtimeMs) < 1) return undefined;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const draft = `${target}.part`;
  await rm(draft, { force: true });
  await copyFile(source, draft, constants.COPYFILE_EXCL);
  await utimes(draft, is.atime, is.mtime);
  await flush(draft);
  await rename(draft, target);
  return is.size;
}

export async function flush(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
