// The card of a node's stick: every step on it can fail because it is full, worn, write-protected, or in somebody's pocket already.
import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk } from '../hal/ports.ts';
import { sha256 } from '../protocol/sign.ts';

export type StickFault = 'stick-full' | 'stick-gone' | 'stick-read-only' | 'stick-error' | 'stick-bad';

/** What ends the work on a stick. What was written and checked until then stays good. */
export class StickTrouble extends Error {
  override readonly name = 'StickTrouble';
  readonly why: StickFault;
  constructor(why: StickFault, cause: unknown) {
    super(`${why}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.why = why;
  }
}

export interface Stick {
  /** Its folder, absolute. */
  readonly dir: string;
  readonly disk: Disk;
  /** Does `work` on the stick; whatever it throws becomes a `StickTrouble`. */
  on<T>(work: () => Promise<T>): Promise<T>;
  /** Throws `StickTrouble` where the folder is not the one it was at the beginning: a stick was pulled, its empty mount point is left. */
  stillThere(): Promise<void>;
  /** Makes a folder in one that is there, and only there: where a stick was pulled, its mount point must stay empty. */
  folder(path: string): Promise<void>;
  /** SHA-256 of a file as the stick gives it back, not as memory remembers it. Undefined where there is no such file. */
  readBack(path: string): Promise<string | undefined>;
}

/** Throws `StickTrouble` where `dir` is not a folder. */
export async function openStick(disk: Disk, dir: string): Promise<Stick> {
  const device = async () => {
    const found = await stat(dir);
    if (!found.isDirectory()) throw Object.assign(new Error(`${dir} is not a folder`), { code: 'ENOTDIR' });
    return found.dev;
  };
  const on = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof StickTrouble ? error : new StickTrouble(faultOf(error), error);
    }
  };
  const first = await on(device);
  return {
    dir,
    disk,
    on,
    stillThere: () =>
      on(async () => {
        if ((await device()) !== first)
          throw Object.assign(new Error(`${dir} is another place now`), { code: 'ENODEV' });
      }),
    folder: (path) =>
      on(async () => {
        const made = await mkdir(path).then(
          () => true,
          (error: unknown) => {
            if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
            throw error;
          },
        );
        if (made) await disk.syncFolder(dirname(path));
      }),
    readBack: (path) =>
      on(async () => {
        await forget(path);
        try {
          return sha256(await disk.read(path));
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
          throw error;
        }
      }),
  };
}

function faultOf(error: unknown): StickFault {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'stick-full';
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return 'stick-read-only';
    case 'ENOENT':
    case 'ENODEV':
    case 'ENXIO':
    case 'ENOTDIR':
    case 'ENOTCONN':
      return 'stick-gone';
    default:
      return 'stick-error';
  }
}

/**
 * The kernel is asked to forget what it holds of the file (posix_fadvise(2) DONTNEED, by dd of coreutils: Node has no call for it). Where it
 * does not, reading back only shows what memory holds; that is no reason not to go on.
 */
function forget(path: string): Promise<void> {
  return new Promise((resolve) => {
    execFile('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'], () => resolve());
  });
}
