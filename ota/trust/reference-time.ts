// The time against which expiry is judged, on a machine whose clock may say 1970 or 2040.

export interface ClockSeen {
  /** Somebody vouches for the system's clock (time sync, or the hub's signed time). */
  readonly synced: boolean;
  readonly systemMs: number;
  /** The latest time this node has ever been sure of; 0 where it never was. */
  readonly floorMs: number;
  /** What the hub signed just now, for a number of ours; undefined where it was not asked or did not answer. */
  readonly hubMs?: number | undefined;
}

/**
 * Never before the floor: a clock put back lets nothing expired in that had expired when we last knew. A clock nobody vouches for is not believed
 * forwards either: one that says 2040 would otherwise refuse every update for ever.
 */
export const referenceTime = ({ synced, systemMs, floorMs, hubMs = 0 }: ClockSeen): number =>
  synced ? Math.max(systemMs, floorMs) : Math.max(floorMs, hubMs);
