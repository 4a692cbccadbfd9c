// Which segments answer "what happened at 02:10", and whether that is all of it. Pure.

/** A segment by its name and its wall time. */
export interface Timed {
  readonly name: string;
  readonly fromWallMs: number;
  readonly toWallMs: number;
}

/** Neighbours may lie this far apart and still be one run: fragments are stamped at arrival. */
const touchMs = 500;

/** Those that overlap the range, in order of time. */
export function within(all: readonly Timed[], fromMs: number, toMs: number): Timed[] {
  return all
    .filter((each) => each.fromWallMs < toMs && each.toWallMs > fromMs)
    .sort((one, other) => one.fromWallMs - other.fromWallMs);
}

/** How much of the range is covered, ms. `ordered` is in order of time. */
export function coveredMs(ordered: readonly Timed[], fromMs: number, toMs: number): number {
  let covered = 0;
  let upTo = fromMs;
  for (const { fromWallMs, toWallMs } of ordered) {
    const begins = fromWallMs - upTo <= touchMs ? upTo : fromWallMs;
    const ends = Math.min(toWallMs, toMs);
    if (ends <= upTo) continue;
    covered += ends - Math.max(begins, upTo);
    upTo = ends;
  }
  return toMs - upTo <= touchMs ? covered + (toMs - upTo) : covered;
}
