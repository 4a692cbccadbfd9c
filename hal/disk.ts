// The card behind the `Disk` port: node:fs, nothing else.
import { link, mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk, DiskFile } from './ports.ts';

export const disk: Disk = {
  makeFolder: async (path) => {
    const first = await makeAll(path);
    if (first === undefined) return;
    // Every parent from the deepest old folder down has a new name in it.
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  },
  create: async (path) => {
    const handle = await open(path, 'wx', 0o600);
    const file: DiskFile = {
      write: async (bytes, position) => {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
          done += bytesWritten;
        }
      },
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
    return file;
  },
  rename,
  link,
  remove: unlink,
  syncFolder,
  list: async (path) => (await readdir(path)).sort(),
  read: readFile,
  readRange: async (path, start, length) => {
    const handle = await open(path, 'r');
    try {
      const bytes = new Uint8Array(length);
      const { bytesRead } = await handle.read(bytes, 0, length, start);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
  size: async (path) => (await stat(path)).size,
  space: async (path) => {
    const found = await statfs(path);
    return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
  },
};

/** The first folder that was missing; undefined where all were there. */
async function makeAll(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    // On a read-only file system Node 24 calls it ENOENT when it makes parents too; asked for the folder alone it tells the truth.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') await mkdir(path, { mode: 0o700 });
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
