// Where recorder and uplink of one node meet outside the card: a folder on tmpfs, so that a full or read-only card does not part them.
import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `MATLANG_RUN_DIR` (the service files set it), else a private folder named after `dataDir` (absolute) in shared memory.
 * Throws where somebody else owns that name.
 */
export function runDir(dataDir: string, env: NodeJS.ProcessEnv = process.env): string {
  const given = env.MATLANG_RUN_DIR;
  if (given !== undefined && given !== '') return given;
  const uid = process.getuid?.() ?? 0;
  const path = ownRunDir(dataDir);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (statSync(path).uid !== uid) throw new Error(`${path} must belong to user ${uid}, not ${statSync(path).uid}`);
  return path;
}

/** Where it lies when nobody has named a place for it. */
export function ownRunDir(dataDir: string): string {
  const place = isOurs('/dev/shm') ? '/dev/shm' : tmpdir();
  const uid = process.getuid?.() ?? 0;
  return join(place, `matlang-${uid}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`);
}

/** In some containers shared memory is there and belongs to somebody else. */
function isOurs(place: string): boolean {
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * At an orderly end. Shared memory is memory: nothing may stay in it. A folder that was given is its giver's to remove. `contents`: true for
 * the recorder, whose files they are; the uplink takes the folder along only where the recorder has gone before it.
 */
export function leaveRunDir(dataDir: string, contents: boolean, env: NodeJS.ProcessEnv = process.env): void {
  if (env.MATLANG_RUN_DIR !== undefined && env.MATLANG_RUN_DIR !== '') return;
  const path = ownRunDir(dataDir);
  try {
    if (contents) rmSync(path, { recursive: true, force: true });
    else rmdirSync(path);
  } catch (error) {
    // Gone, or in use by a recorder that still runs.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error;
  }
}
