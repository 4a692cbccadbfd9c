// The spool at the start of a recorder, on whatever card there is.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Disk } from '../../hal/ports.ts';
import { cardTrouble } from '../card-trouble.ts';
import { folders } from '../outbox.ts';
import type { Refuge } from '../refuge.ts';
import { type Maker, openSpool, type Spool } from '../spool.ts';

const cardAgainMs = 5000;
/** A full card at start: this many of the ring's oldest segments make room for the boot counter. */
const makeWayCount = 4;

/** A card that is read-only or broken is told, and memory used in its place; a full one is tried again. Undefined when the signal aborts first. */
export async function openSpoolPatiently(
  card: Disk,
  refuge: Refuge,
  dataDir: string,
  identityDir: string,
  maker: Maker,
  signal: AbortSignal,
  trouble: (code: string, text: string) => void,
): Promise<Spool | undefined> {
  let isSecondTry = false;
  while (!signal.aborted) {
    try {
      return await openSpool(refuge.disk, dataDir, identityDir, maker);
    } catch (error) {
      const code = cardTrouble(error);
      // Also where it was a look that failed: a name that leads nowhere must not keep a camera from starting.
      if (code !== 'card-full') refuge.enter(code, String(error));
      const turnedToMemory = refuge.trouble() !== undefined && !isSecondTry;
      isSecondTry = refuge.trouble() !== undefined;
      trouble(code, `${dataDir}: ${String(error)}`);
      if (turnedToMemory || (code === 'card-full' && (await makeWay(card, dataDir)) > 0)) continue;
      await pause(cardAgainMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}

async function makeWay(disk: Disk, dataDir: string): Promise<number> {
  const { ring } = folders(dataDir);
  const oldest = (await disk.list(ring).catch(() => [])).slice(0, makeWayCount);
  for (const name of oldest) await disk.remove(join(ring, name)).catch(() => undefined);
  return oldest.length;
}
