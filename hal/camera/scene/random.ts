// Chance from numbers: the same seed gives the same scene on every run. Integer mixing only, no state outside the closures.

/** Mixes whole numbers into 32 bits (murmur3's finaliser over a running hash). */
export function mix(...numbers: readonly number[]): number {
  let hash = 0x9e3779b9;
  for (const number of numbers) hash = scramble((hash ^ scramble(number | 0)) + 0x85ebca6b);
  return hash >>> 0;
}

function scramble(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** A row of draws. `part` is 0 ≤ x < 1, `from` is between its bounds, `pick` one of the list, `chance` true with that share. */
export interface Dice {
  part(): number;
  from(min: number, max: number): number;
  whole(min: number, max: number): number;
  pick<const T>(list: readonly T[]): T;
  chance(share: number): boolean;
}

/** Throws of dice that depend on the numbers given and on nothing else. */
export function dice(...seed: readonly number[]): Dice {
  let state = mix(...seed);
  const part = () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
  return {
    part,
    from: (min, max) => min + (max - min) * part(),
    whole: (min, max) => min + Math.floor(part() * (max - min + 1)),
    pick: (list) => {
      const [picked] = list.slice(Math.floor(part() * list.length));
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
    chance: (share) => part() < share,
  };
}

/** Smooth value noise over the plane, 0 to 1; lattice of 1. */
export function noise(x: number, y: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const u = x - column;
  const v = y - row;
  const su = u * u * (3 - 2 * u);
  const sv = v * v * (3 - 2 * v);
  const left = knot(column, row);
  const leftBelow = knot(column, row + 1);
  const top = left + (knot(column + 1, row) - left) * su;
  const bottom = leftBelow + (knot(column + 1, row + 1) - leftBelow) * su;
  return top + (bottom - top) * sv;
}

function knot(column: number, row: number): number {
  let bits = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d);
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
  // 24 bits stay a small integer in the engine.
  return ((bits ^ (bits >>> 15)) >>> 8) / 16777216;
}

/** Several octaves of `noise`, 0 to 1. */
export function cloudy(x: number, y: number, octaves: number): number {
  let sum = 0;
  let weight = 0;
  let gain = 1;
  for (let octave = 0, scale = 1; octave < octaves; octave++, scale *= 2.03) {
    sum += gain * noise(x * scale + octave * 17.3, y * scale - octave * 9.1);
    weight += gain;
    gain *= 0.5;
  }
  return sum / weight;
}
