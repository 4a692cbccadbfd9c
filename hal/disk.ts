// The card behind the `Disk` port: node:fs, nothing else.
import { link, mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from 'node:fs/promises';
import { makeFolderDurably } from './make-folder.ts';
import type { Disk, DiskFile } from './ports.ts';

export const disk: Disk = {
  makeFolder: (path) => makeFolderDurably(path, { isThere, mkdir: mkdirAlone, syncFolder }),
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

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

async function mkdirAlone(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
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
