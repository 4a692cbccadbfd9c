// Where recorder and uplink of one node meet outside the card: a folder on tmpfs, so that a full or read-only card does not part them.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, statSync } from 'node:fs';
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
  const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const path = join(place, `matlang-${uid}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (statSync(path).uid !== uid) throw new Error(`${path} must belong to user ${uid}, not ${statSync(path).uid}`);
  return path;
}
