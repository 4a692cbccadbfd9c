// The card as the recorder uses it, with somebody who notes what has been acknowledged; and without its flushes, for the control.
import { basename, dirname } from 'node:path';
import type { Disk } from '../../../hal/ports.ts';
import { parseFileName } from '../../../protocol/record-file.ts';

/** `kept` is called with a segment's name when a folder it stands in has been flushed. */
export function watchedDisk(disk: Disk, kept: (name: string) => void): Disk {
  const unflushed = new Map<string, string[]>();
  const named = (path: string) => {
    const [folder, name] = [dirname(path), basename(path)];
    if (parseFileName(name)?.is === 'segment') unflushed.set(folder, [...(unflushed.get(folder) ?? []), name]);
  };
  return {
    ...disk,
    rename: async (from, to) => {
      await disk.rename(from, to);
      named(to);
    },
    link: async (from, to) => {
      await disk.link(from, to);
      named(to);
    },
    syncFolder: async (path) => {
      const names = unflushed.get(path) ?? [];
      unflushed.delete(path);
      await disk.syncFolder(path);
      for (const name of names) kept(name);
    },
  };
}

export function withoutFlushes(disk: Disk): Disk {
  return {
    ...disk,
    syncFolder: () => Promise.resolve(),
    create: async (path) => ({ ...(await disk.create(path)), sync: () => Promise.resolve() }),
  };
}
