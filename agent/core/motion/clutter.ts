// How many small things come and are gone again, by their size: streaks of rain, grain, leaves. Where many do, one that lies near where another was is no sign that
// it is the same: a jump is believed only as far as chance would hardly have put another there.
import { decay } from './exact.ts';

export interface Clutter {
  /** So much time has passed. */
  pass(monoMs: number): void;
  /** Something of this area, pixels, came and was gone unproven. */
  add(area: number): void;
  /** How far a jump may go, pixels, to something of at least this area after so long. */
  reach(area: number, sinceMs: number): number;
  /** So many come and go that it rains, or that insects swarm. */
  isDense(): boolean;
}

/** Counted over this time. */
const clutterMs = 30_000;
/** Something is expected by chance within reach no more than so often. */
const chanceMax = 0.05;
/** Things a second. Seen by the dozen in rain and among insects, hardly one under gusts, grain and clouds. */
const denseMin = 4;
/** Sizes by doublings of the area; the last holds all that is larger. */
const sizes = 10;

export function createClutter(pixels: number): Clutter {
  /** Things a millisecond of each size. */
  const rates = new Float64Array(sizes);
  const running = { monoMs: 0 };

  function pass(monoMs: number): void {
    const kept = decay(Math.max(0, monoMs - running.monoMs) / clutterMs);
    running.monoMs = monoMs;
    for (let size = 0; size < sizes; size++) rates[size] = (rates[size] ?? 0) * kept;
  }

  function reach(area: number, sinceMs: number): number {
    let rate = 0;
    for (let size = sizeOf(area); size < sizes; size++) rate += rates[size] ?? 0;
    return Math.sqrt((chanceMax * pixels) / (Math.PI * rate * sinceMs));
  }

  function total(): number {
    let rate = 0;
    for (let size = 0; size < sizes; size++) rate += rates[size] ?? 0;
    return rate;
  }

  return {
    pass,
    add: (area) => {
      rates[sizeOf(area)] = (rates[sizeOf(area)] ?? 0) + 1 / clutterMs;
    },
    reach,
    isDense: () => total() * 1000 >= denseMin,
  };
}

const sizeOf = (area: number): number => Math.min(sizes - 1, 31 - Math.clz32(Math.max(1, area)));
