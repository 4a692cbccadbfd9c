// `running.json` in the run folder (shared memory): which release records here, and whether it has proven itself. Whoever switched to it (ota/services.ts) waits for it.
// Proven: the configuration was read, the boot record signed, written and read back, and a picture decoded.
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Disk } from '../../hal/ports.ts';
import { splitRecordFile } from '../../protocol/record-file.ts';
import { sha256 } from '../../protocol/sign.ts';
import { folders } from '../outbox.ts';
import type { Stored } from '../spool.ts';

export interface Running {
  /** The boot record is on the card. */
  booted(stored: Stored): void;
  /** A picture was decoded. */
  picture(): void;
}

export interface RunningWorld {
  readonly disk: Pick<Disk, 'read'>;
  readonly dataDir: string;
  readonly runDir: string;
  readonly release: string;
}

/** Never throws, and nothing waits for it: a recorder that cannot say so records all the same. */
export function openRunning({ disk, dataDir, runDir, release }: RunningWorld): Running {
  const seen = { record: undefined as (Stored & { ok: true }) | undefined, picture: false, proven: false };
  const path = join(runDir, 'running.json');
  // One after the other: the proof must not be overtaken by the word before it.
  let saying: Promise<void> = Promise.resolve();
  const say = (more: object) => {
    saying = saying
      .then(async () => {
        await writeFile(`${path}.new`, JSON.stringify({ v: 1, release, ...more }));
        await rename(`${path}.new`, path);
      })
      .catch(() => undefined);
  };
  const prove = async () => {
    const { record, picture, proven } = seen;
    if (record === undefined || !picture || proven) return;
    seen.proven = true;
    const at = folders(dataDir);
    // The uplink may have delivered it already.
    for (const folder of [at.waiting(1), at.delivered]) {
      const bytes = await disk.read(join(folder, record.name)).catch(() => undefined);
      const whole = bytes === undefined ? undefined : splitRecordFile(bytes);
      if (whole === undefined || sha256(whole.jws) !== record.sha256) continue;
      const { boot, seq = 0 } = record.manifest;
      return say({ proof: { boot, seq, sha256: record.sha256 } });
    }
  };
  say({});
  return {
    booted: (stored) => {
      if (stored.ok) seen.record = stored;
      void prove();
    },
    picture: () => {
      seen.picture = true;
      void prove();
    },
  };
}
