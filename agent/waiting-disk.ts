// A disk that knows how long its oldest step has been under way: a card that hangs answers nothing, and so throws nothing.
import type { Disk, DiskFile } from '../hal/ports.ts';

export interface WaitingDisk extends Disk {
  /** How long the oldest step has been under way; 0 when none is. */
  waitsMs(): number;
}

export function waitingDisk(disk: Disk, monoMs: () => number): WaitingDisk {
  const since = new Set<{ readonly monoMs: number }>();
  const timed = async <T>(step: Promise<T>): Promise<T> => {
    const mark = { monoMs: monoMs() };
    since.add(mark);
    try {
      return await step;
    } finally {
      since.delete(mark);
    }
  };
  const file = (inner: DiskFile): DiskFile => ({
    write: (bytes, position) => timed(inner.write(bytes, position)),
    sync: () => timed(inner.sync()),
    close: () => timed(inner.close()),
  });
  return {
    // A set keeps the order in which the steps began.
    waitsMs: () => {
      const oldest = since.values().next().value;
      return oldest === undefined ? 0 : monoMs() - oldest.monoMs;
    },
    makeFolder: (path) => timed(disk.makeFolder(path)),
    create: async (path) => file(await timed(disk.create(path))),
    rename: (from, to) => timed(disk.rename(from, to)),
    link: (from, to) => timed(disk.link(from, to)),
    remove: (path) => timed(disk.remove(path)),
    syncFolder: (path) => timed(disk.syncFolder(path)),
    list: (path) => timed(disk.list(path)),
    read: (path) => timed(disk.read(path)),
    readRange: (path, start, length) => timed(disk.readRange(path, start, length)),
    size: (path) => timed(disk.size(path)),
    space: (path) => timed(disk.space(path)),
  };
}
