// The time against which expiry is judged, on a machine whose clock may say 1970 or 2040.
import { join } from 'node:path';
import { readListIn } from '../install.ts';

export interface ClockSeen {
  /** Somebody vouches for the system's clock (time sync, or the hub's signed time). */
  readonly synced: boolean;
  readonly systemMs: number;
  /** The latest time this node has ever been sure of; 0 where it never was. */
  readonly floorMs: number;
  /** When the release that runs was made. */
  readonly madeMs?: number;
  /** What the hub signed just now, for a number of ours; undefined where it was not asked or did not answer. */
  readonly hubMs?: number | undefined;
}

/**
 * Never before the floor, nor before what runs was made: a new card knows no floor yet, and a clock put back lets nothing expired in that had expired when we last
 * knew. A clock nobody vouches for is not believed forwards either: one that says 2040 would otherwise refuse every update for ever.
 */
export const referenceTime = ({ synced, systemMs, floorMs, madeMs = 0, hubMs = 0 }: ClockSeen): number =>
  Math.max(synced ? systemMs : hubMs, floorMs, madeMs);

/** Time sync or the hub have said so. A battery clock alone does not: with a wrong year in it every update would be out of date for ever. */
export const isVouched = ({ wallMs, clock }: { readonly wallMs: number | null; readonly clock: string }): boolean =>
  wallMs !== null && clock !== 'rtc';

/** Of the release that is installed in this root; 0 where none is, or nobody knows. */
export function madeMsOf(root: string): number {
  const read = readListIn(join(root, 'current'));
  return read.ok ? (read.list.madeS ?? 0) * 1000 : 0;
}
