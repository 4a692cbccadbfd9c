// How an update stands, for the lamp and the hub: one small file in the run folder (shared memory), read by the recorder.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Told {
  /** `accepted`: it was found good and is being installed · `done`: it runs. */
  readonly is: 'accepted' | 'refused' | 'done';
  readonly by: 'hub' | 'hand';
  readonly release: string;
  /** One word, on `refused`. */
  readonly why: string;
  /** For people. */
  readonly text: string;
}

/** Never fails: no update waits for its lamp. */
export function tell(runDir: string, told: Told): void {
  const path = join(runDir, 'update.json');
  try {
    writeFileSync(`${path}.new`, JSON.stringify({ v: 1, ...told, text: told.text.slice(0, 500) }), { mode: 0o644 });
    renameSync(`${path}.new`, path);
  } catch {
    // A full shared memory, or none.
  }
}
