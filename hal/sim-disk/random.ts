// Chance that can be repeated: the same seed gives the same numbers.

/** A number in [0, 1). */
export type Random = () => number;

/** SplitMix32: a counter and a mixing function, good enough to choose with and quick. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** An index below `count`. */
export const below = (count: number, random: Random): number => Math.floor(random() * count);

/** Undefined only of nothing. */
export function pick<T>(from: readonly T[], random: Random): T | undefined {
  return from[below(from.length, random)];
}
