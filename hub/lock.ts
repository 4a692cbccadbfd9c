// One hub to a data folder. SQLite's lock is the kernel's: it is gone when its process is, however that ended.
import { DatabaseSync } from 'node:sqlite';

/** Undefined while another process holds it. */
export function holdLock(path: string): { release(): void } | undefined {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return { release: () => db.close() };
  } catch {
    db.close();
    return undefined;
  }
}
