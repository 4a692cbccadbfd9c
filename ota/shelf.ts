// The durable steps of an update, one function each, so that tests can count them and cut between any two.
// Synchronous on purpose: one thing after another is the whole point, and nothing else runs in the launcher. node: imports only.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface Copied {
  readonly bytes: number;
  readonly sha256: string;
}

export interface Shelf {
  /** One folder; none of its parents. */
  makeFolder(path: string): void;
  /** A new file, on the card when this returns. */
  writeNew(path: string, text: string): void;
  /**
   * A new file with the bytes of another, on the card when this returns, and what those bytes were. Reads at most `bytesMax`, and only a plain file: undefined for a
   * link, a folder, a device, a pipe.
   */
  copyNew(
    from: string,
    to: string,
    rules: { readonly executable: boolean; readonly bytesMax: number },
  ): Copied | undefined;
  link(target: string, path: string): void;
  /** A second name for the same bytes. */
  sameFile(existing: string, path: string): void;
  /** The bytes of a file that somebody else wrote are on the card when this returns. */
  syncFile(path: string): void;
  rename(from: string, to: string): void;
  syncFolder(path: string): void;
  /** File, link or folder with all in it; absent is fine. */
  remove(path: string): void;
}

/** Whoever reads finds the old text or the new one, whole; on the card when this returns. */
export function replaceFile(shelf: Shelf, path: string, text: string): void {
  shelf.remove(`${path}.new`);
  shelf.writeNew(`${path}.new`, text);
  shelf.rename(`${path}.new`, path);
  shelf.syncFolder(dirname(path));
}

export const shelf: Shelf = {
  makeFolder: (path) => void mkdirSync(path, { mode: 0o755 }),
  writeNew: (path, text) => {
    const file = openSync(path, 'wx', 0o644);
    try {
      writeAll(file, Buffer.from(text));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  },
  copyNew: (from, to, rules) => {
    const source = openPlainFile(from);
    if (source === undefined) return undefined;
    try {
      const target = openSync(to, 'wx', 0o644);
      try {
        const copied = pour(source, target, rules.bytesMax);
        fchmodSync(target, rules.executable ? 0o755 : 0o644);
        fsyncSync(target);
        return copied;
      } finally {
        closeSync(target);
      }
    } finally {
      closeSync(source);
    }
  },
  link: (target, path) => symlinkSync(target, path),
  sameFile: linkSync,
  syncFile: sync,
  rename: renameSync,
  syncFolder: sync,
  remove: (path) => rmSync(path, { recursive: true, force: true }),
};

function sync(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Hash and size of a plain file of at most `bytesMax` bytes (one more is read, so that a longer one shows); undefined for anything else. */
export function measureFile(path: string, bytesMax: number): Copied | undefined {
  const file = openPlainFile(path);
  if (file === undefined) return undefined;
  try {
    return pour(file, undefined, bytesMax);
  } finally {
    closeSync(file);
  }
}

/** Never follows a link, never waits on a pipe. */
function openPlainFile(path: string): number | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // A link, or a socket.
    if (error instanceof Error && 'code' in error && (error.code === 'ELOOP' || error.code === 'ENXIO'))
      return undefined;
    throw error;
  }
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  return undefined;
}

function pour(source: number, target: number | undefined, bytesMax: number): Copied {
  const hash = createHash('sha256');
  const block = Buffer.allocUnsafe(256 * 1024);
  let bytes = 0;
  while (bytes <= bytesMax) {
    const count = readSync(source, block, 0, Math.min(block.length, bytesMax + 1 - bytes), null);
    if (count === 0) break;
    hash.update(block.subarray(0, count));
    if (target !== undefined) writeAll(target, block.subarray(0, count));
    bytes += count;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
