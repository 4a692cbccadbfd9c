// Whose place an update may take on a card that it shares with the evidence.
import { existsSync, statSync } from 'node:fs';
import { spoolStatus } from '../agent/spool-status.ts';
import type { Disk } from '../hal/ports.ts';

export interface Shared {
  readonly dataDir: string;
  /** Where the update writes. */
  readonly into: string;
  /** What the recorder keeps free. */
  readonly keepFreeBytes: number;
}

/** Why so many bytes may not be written; undefined where they may. */
export type MayUse = (bytes: number) => Promise<string | undefined>;

/**
 * Footage that is overwritten anyway, or that the hub has, gives way to an update; what waits for the hub, or is held by order, never does: the recorder would have to give it up for the
 * room that it keeps free. Another file system than the evidence's has only its own room.
 */
export function besideEvidence(disk: Disk, { dataDir, into, keepFreeBytes }: Shared): MayUse {
  return async (bytes) => {
    if (!existsSync(dataDir) || statSync(dataDir).dev !== statSync(into).dev) return undefined;
    const { card, givable } = await spoolStatus(disk, dataDir);
    const lacking = bytes + keepFreeBytes - card.freeBytes - givable.bytes;
    return lacking <= 0 ? undefined : `${lacking} bytes too few: the card is full of what waits for the hub`;
  };
}
