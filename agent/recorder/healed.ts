// Tells the hub what was done to the data partition before this start (agent/heal.ts): a fault record in words, and a tombstone where all that was on it is lost.
import type { Disk } from '../../hal/ports.ts';
import type { FaultDetails, TombstoneDetails } from '../../protocol/details.ts';
import type { Stamp } from '../../protocol/manifest.ts';
import { readNote, throwNoteAway } from '../heal.ts';
import type { Spool } from '../spool.ts';

/** The note goes only when what it says is in the spool: after a cut in between it is told again. Never throws. */
export async function tellHealed(
  disk: Disk,
  identityDir: string,
  append: Spool['append'],
  now: () => Stamp,
): Promise<void> {
  try {
    const healed = await readNote(disk, identityDir);
    if (healed === undefined) return;
    const fault: FaultDetails = { code: `card-${healed.outcome}`, standing: false, text: healed.why };
    const told = [await append({ kind: 'fault', class: 1, time: now(), body: json(fault) })];
    if (healed.outcome === 'remade') {
      // Which records these were only the hub can tell: their numbers are missing in the chain.
      const tombstone: TombstoneDetails = { why: 'card-lost', gone: [] };
      told.push(await append({ kind: 'tombstone', class: 1, time: now(), body: json(tombstone) }));
    }
    if (told.every(({ ok }) => ok)) await throwNoteAway(disk, identityDir);
  } catch {
    // An identity folder that cannot be read has been told by whoever needed the keys in it.
  }
}

const json = (value: unknown) => ({ plain: Buffer.from(JSON.stringify(value)), type: 'application/json' });
