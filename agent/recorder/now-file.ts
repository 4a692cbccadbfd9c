// The newest vitals as a file in the run folder (shared memory, never the card): what `matlang doctor` reads without disturbing anybody.
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const nowName = 'now.json';

/** Never fails: nobody needs it to record. */
export async function tellNow(runDir: string, vitals: Readonly<Record<string, unknown>>): Promise<void> {
  const path = join(runDir, nowName);
  try {
    await writeFile(`${path}.new`, JSON.stringify({ writtenMs: Date.now(), ...vitals }), { mode: 0o640 });
    await rename(`${path}.new`, path);
  } catch {
    // A full shared memory shows in the board's own figures.
  }
}
