// A simulated card behind the `Disk` port: it can lose power at any call, run full, fail, go read-only, and lie about flushes.
// For tests and for `matlang bench crash`; held against the real card call by call in test/disk/sim-disk.test.ts.
import { dirname } from 'node:path';
import { makeFolderDurably } from '../make-folder.ts';
import type { Disk, DiskFile } from '../ports.ts';
import { type Change, emptyImage, type FileBytes, folderMark, type Image, namesIn } from './image.ts';

/** Those that change what a power cut may leave. */
export type DurableOp = 'mkdir' | 'create' | 'write' | 'sync' | 'rename' | 'link' | 'remove' | 'syncFolder';
export interface Call {
  readonly op: DurableOp | 'list' | 'read' | 'size';
  readonly path: string;
  readonly to: string | undefined;
}

export interface SimRules {
  /** Asked before each call; a code (`EIO`, `EROFS`, `ENOSPC`) makes it fail. A write that fails has written half of its bytes. */
  readonly before?: (call: Call) => string | undefined;
  /** Bytes of all files together; beyond it ENOSPC. */
  readonly capacityBytes?: number;
  /** True: this flush is answered and not done. */
  readonly lies?: () => boolean;
}

export interface SimDisk extends Disk {
  isThere(path: string): Promise<boolean>;
  /** This folder alone, not flushed. */
  mkdir(path: string): Promise<void>;
  /** As it is now; what is done from here on does not change it. */
  image(): Image;
}

export function openSimDisk(from: Image = emptyImage, rules: SimRules = {}): SimDisk {
  const files = new Map(from.files);
  const names = new Map(from.names);
  const safe = new Map(from.safe);
  const at = { pending: [...from.pending], nextFile: from.nextFile };

  const ask = (op: Call['op'], path: string, to?: string) => {
    const code = rules.before?.({ op, path, to });
    if (code !== undefined) throw fault(code, op, path);
  };
  const change = (path: string, file: number | undefined, after?: Change): Change => {
    if (file === undefined) names.delete(path);
    else names.set(path, file);
    const made: Change = { folder: dirname(path), path, file, after };
    at.pending.push(made);
    return made;
  };
  const needsFolder = (op: string, path: string) => {
    const above = names.get(dirname(path));
    if (above !== folderMark) throw fault(above === undefined ? 'ENOENT' : 'ENOTDIR', op, path);
  };
  const fileAt = (op: string, path: string): number => {
    const file = names.get(path);
    if (file === undefined) {
      needsFolder(op, path);
      throw fault('ENOENT', op, path);
    }
    return file;
  };
  const bytesOf = (op: string, path: string): Uint8Array => {
    const file = fileAt(op, path);
    if (file === folderMark) throw fault('EISDIR', op, path);
    return files.get(file)?.now ?? new Uint8Array();
  };
  const usedBytes = () => {
    let sum = 0;
    for (const file of new Set(names.values())) sum += files.get(file)?.now.length ?? 0;
    return sum;
  };
  const needsRoom = (op: string, path: string, grownBytes: number) => {
    if (rules.capacityBytes !== undefined && grownBytes > 0 && usedBytes() + grownBytes > rules.capacityBytes)
      throw fault('ENOSPC', op, path);
  };

  const write = (file: number, path: string, bytes: Uint8Array, position: number) => {
    const before = files.get(file) ?? nothing;
    const length = Math.max(before.now.length, position + bytes.length);
    needsRoom('write', path, length - before.now.length);
    const now = new Uint8Array(length);
    now.set(before.now);
    now.set(bytes, position);
    files.set(file, { now, safe: before.safe });
  };
  const openFile = (file: number, path: string): DiskFile => ({
    write: async (bytes, position) => {
      const code = rules.before?.({ op: 'write', path, to: undefined });
      if (code !== undefined) {
        write(file, path, bytes.subarray(0, bytes.length >> 1), position);
        throw fault(code, 'write', path);
      }
      write(file, path, bytes, position);
    },
    sync: async () => {
      ask('sync', path);
      const { now } = files.get(file) ?? nothing;
      if (rules.lies?.() !== true) files.set(file, { now, safe: now });
    },
    close: async () => undefined,
  });

  const flush = (folder: string) => {
    const due = new Map<string, number>();
    const mark = (each: Change | undefined) => {
      const index = each === undefined ? -1 : at.pending.indexOf(each);
      if (each !== undefined && index >= 0) due.set(each.path, Math.max(due.get(each.path) ?? -1, index));
    };
    for (const each of at.pending) {
      if (each.folder !== folder) continue;
      mark(each.after);
      mark(each);
    }
    for (const [path, index] of due) {
      const file = at.pending[index]?.file;
      if (file === undefined) safe.delete(path);
      else safe.set(path, file);
    }
    // What came before for the same name is overtaken by what is flushed now.
    at.pending = at.pending.filter(({ path }, index) => index > (due.get(path) ?? -1));
  };

  const mkdir: SimDisk['mkdir'] = async (path) => {
    ask('mkdir', path);
    if (names.has(path)) return;
    needsFolder('mkdir', path);
    change(path, folderMark);
  };
  const isThere: SimDisk['isThere'] = async (path) => names.has(path);
  const syncFolder = async (path: string) => {
    ask('syncFolder', path);
    fileAt('open', path);
    if (rules.lies?.() !== true) flush(path);
  };

  return {
    isThere,
    mkdir,
    syncFolder,
    makeFolder: (path) => makeFolderDurably(path, { isThere, mkdir, syncFolder }),
    create: async (path) => {
      ask('create', path);
      needsFolder('open', path);
      if (names.has(path)) throw fault('EEXIST', 'open', path);
      needsRoom('open', path, 1);
      const file = at.nextFile;
      at.nextFile += 1;
      files.set(file, nothing);
      change(path, file);
      return openFile(file, path);
    },
    rename: async (path, to) => {
      ask('rename', path, to);
      // In the kernel's order: both folders, then the name.
      needsFolder('rename', path);
      needsFolder('rename', to);
      const file = fileAt('rename', path);
      // rename(2): two names of one file, nothing happens.
      if (names.get(to) === file) return;
      if (names.get(to) === folderMark) throw fault('EISDIR', 'rename', to);
      const made = change(to, file);
      change(path, undefined, made);
    },
    link: async (path, to) => {
      ask('link', path, to);
      const file = fileAt('link', path);
      needsFolder('link', to);
      if (names.has(to)) throw fault('EEXIST', 'link', to);
      change(to, file);
    },
    remove: async (path) => {
      ask('remove', path);
      if (fileAt('unlink', path) === folderMark) throw fault('EISDIR', 'unlink', path);
      change(path, undefined);
    },
    list: async (path) => {
      ask('list', path);
      if (fileAt('scandir', path) !== folderMark) throw fault('ENOTDIR', 'scandir', path);
      return namesIn({ names }, path);
    },
    read: async (path) => {
      ask('read', path);
      return bytesOf('open', path).slice();
    },
    readRange: async (path, start, length) => {
      ask('read', path);
      return bytesOf('open', path).slice(start, start + length);
    },
    size: async (path) => {
      ask('size', path);
      return bytesOf('stat', path).length;
    },
    space: async () => {
      const totalBytes = rules.capacityBytes ?? 2 ** 40;
      return { freeBytes: Math.max(0, totalBytes - usedBytes()), totalBytes };
    },
    image: () => ({
      files: new Map(files),
      names: new Map(names),
      safe: new Map(safe),
      pending: [...at.pending],
      nextFile: at.nextFile,
    }),
  };
}

const none = new Uint8Array();
const nothing: FileBytes = { now: none, safe: none };

function fault(code: string, op: string, path: string): Error {
  // Made by the hundred thousand, mostly for a draft that is not there: a stack would cost more than all else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = Object.assign(new Error(`${code}: ${op} '${path}'`), { code });
  Error.stackTraceLimit = stackTraceLimit;
  return error;
}
