// A house front as one stands before it, and the stuffs it is made of.
import { type Canvas, type Material, type Paint, shining, surface } from './canvas.ts';
import type { House } from './layout.ts';
import type { Point } from './lens.ts';
import { cloudy, type Dice, dice, noise } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export const dark = colour('#2a2622');
export const concrete = colour('#b3aea2');
const glassDay = colour('#4b5a63');
const warm = scaled(colour('#ffcf86'), 0.85);

/** A front as one stands before it: u to the right, v up, w out of the wall. */
export interface Face {
  readonly canvas: Canvas;
  readonly house: House;
  readonly chance: Dice;
  at(u: number, v: number, w?: number): Point;
  rect(u0: number, v0: number, u1: number, v1: number, material: Material, w?: number, paint?: Paint): void;
  /** u of a point of the village on this front. */
  along(x: number, y: number): number;
}

export function createFace(canvas: Canvas, house: House): Face {
  const { facing, x, y } = house;
  const at = (u: number, v: number, w = 0): Point => {
    if (facing === 'south') return [x + u, y - w, v];
    if (facing === 'east') return [x + w, y + u, v];
    return [x - w, y - u, v];
  };
  return {
    canvas,
    house,
    chance: dice(house.seed, 60),
    at,
    rect: (u0, v0, u1, v1, material, w = 0, paint = {}) =>
      surface(canvas, [at(u0, v0, w), at(u1, v0, w), at(u1, v1, w), at(u0, v1, w)], material, paint),
    along: (px, py) => (facing === 'south' ? px - x : facing === 'east' ? py - y : y - py),
  };
}

/** Painted plaster: damp at the foot, streaks from above, patches. */
export function plaster(tint: Colour, height: number, seed: number): Material {
  return (x, y, z, _pixel, out) => {
    const patch = cloudy((x + y) * 0.7 + seed, z * 0.7, 2);
    const streak = noise((x + y) * 5 + seed, z * 0.35);
    const low = Math.max(0, 1 - z / 0.9);
    const foot = low * low * 0.3 * (0.5 + patch);
    const run = Math.max(0, streak - 0.55) * 0.6 * Math.min(1, Math.max(0, 1 - (height - z) / 2.6));
    const tone = (0.86 + 0.24 * patch) * (1 - foot) * (1 - run);
    out[0] = tint[0] * tone;
    out[1] = tint[1] * tone * (1 - 0.03 * foot);
    out[2] = tint[2] * tone * (1 - 0.12 * foot);
  };
}

export function louvres(tint: Colour): Material {
  return (_x, _y, z, pixel, out) => {
    const shown = Math.max(0, 1 - pixel * 16);
    const tone = 0.9 + 0.45 * shown * (((z * 12) % 1) - 0.5);
    out[0] = tint[0] * tone;
    out[1] = tint[1] * tone;
    out[2] = tint[2] * tone;
  };
}

export function window(lit: boolean): Material {
  return shining(lit ? scaled(warm, 0.8) : [0.004, 0.005, 0.007], glassDay);
}
