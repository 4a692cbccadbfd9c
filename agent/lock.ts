// One process to a data folder. SQLite's lock is the kernel's: it is gone when its process is, however that ended, and it is seen from
// containers and services with other folders for their sockets.
import { DatabaseSync } from 'node:sqlite';

export type Hold =
  | { readonly is: 'held'; release(): void }
  | { readonly is: 'taken' }
  /** The card does not let a lock be made: it is full or read-only, and nobody can do harm on it either. */
  | { readonly is: 'impossible'; readonly cause: unknown };

/** SQLITE_BUSY */
const busy = 5;

export function holdLock(path: string): Hold {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path);
    const opened = db;
    opened.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return { is: 'held', release: () => opened.close() };
  } catch (cause) {
    db?.close();
    const isTaken = cause instanceof Error && 'errcode' in cause && cause.errcode === busy;
    return isTaken ? { is: 'taken' } : { is: 'impossible', cause };
  }
}
