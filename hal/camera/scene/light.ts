// Sun and sky by day; lamps, lit windows and a dark blue rest by night.

import type { Layout } from './layout.ts';
import type { Point } from './lens.ts';
import type { Shade } from './shade.ts';
import { type Colour, colour, scaled } from './tone.ts';

export type TimeOfDay = 'day' | 'night';

export interface Lamp {
  readonly at: Point;
  readonly tint: Colour;
  /** Downward lamps throw most of their light below themselves. */
  readonly down: boolean;
  /** Beyond this nothing of it is seen. */
  readonly reachM: number;
}

export interface Light {
  readonly time: TimeOfDay;
  readonly lamps: readonly Lamp[];
  /** Lights a surface: albedo `out[0..2]` and own light `out[3..5]` become the colour seen in `out[0..2]`, `far` metres of haze included. */
  shade(x: number, y: number, z: number, nx: number, ny: number, nz: number, far: number, out: Float32Array): void;
  /** Light at a point for round things: what comes from all sides, what comes from the strongest lamp or the sun, and where that is (unit vector). */
  around(at: Point): { readonly soft: Colour; readonly key: Colour; readonly toKey: Point };
}

const sunTint: Colour = [1.68, 1.5, 1.2];
const skyTint: Colour = [0.36, 0.43, 0.54];
const dayHaze: Colour = [0.72, 0.8, 0.88];
const nightSoft: Colour = [0.062, 0.07, 0.09];
const nightHaze: Colour = [0.02, 0.024, 0.036];
const lampTint = scaled(colour('#ffcf98'), 34);
const hazeM = 240;

export function createDay(layout: Layout, shade: Shade): Light {
  const [sx, sy, sz] = layout.sun;
  return {
    time: 'day',
    lamps: [],
    shade: (x, y, z, nx, ny, nz, far, out) => {
      const facing = Math.max(0, nx * sx + ny * sy + nz * sz);
      const sun = facing > 0 ? facing * shade.sunShare(x, y, z, nz > 0.9) : 0;
      // Less sky is seen by what looks down; a little sun comes back from the ground.
      const sky = 0.62 + 0.38 * nz;
      const back = 0.12 * (1 - nz);
      const haze = hazeAt(far, hazeM);
      for (let channel = 0; channel < 3; channel++) {
        const light = (sunTint[channel] ?? 0) * (sun + back) + (skyTint[channel] ?? 0) * sky;
        const seen = (out[channel] ?? 0) * light;
        out[channel] = seen + ((dayHaze[channel] ?? 0) - seen) * haze;
      }
    },
    around: (at) => ({
      soft: [skyTint[0] + 0.16, skyTint[1] + 0.14, skyTint[2] + 0.1],
      key: scaled(sunTint, shade.sunShare(at[0], at[1], 0.5, true)),
      toKey: [sx, sy, sz],
    }),
  };
}

export function createNight(lamps: readonly Lamp[]): Light {
  return {
    time: 'night',
    lamps,
    shade: (x, y, z, nx, ny, nz, far, out) => {
      let r = nightSoft[0] * (0.7 + 0.3 * nz);
      let g = nightSoft[1] * (0.7 + 0.3 * nz);
      let b = nightSoft[2] * (0.7 + 0.3 * nz);
      for (const { at, tint, down, reachM } of lamps) {
        const dx = at[0] - x;
        const dy = at[1] - y;
        const dz = at[2] - z;
        const square = dx * dx + dy * dy + dz * dz + 0.6;
        if (square > reachM * reachM) continue;
        const length = Math.sqrt(square);
        const facing = (nx * dx + ny * dy + nz * dz) / length;
        // Rough walls and dust take some light even from the side.
        const soft = facing > 0 ? 0.12 + 0.88 * facing : 0.12 * Math.max(0, 1 + 2 * facing);
        const below = down ? 0.12 + 0.88 * downward(dz / length) : 1;
        const gain = (soft * below) / square;
        r += tint[0] * gain;
        g += tint[1] * gain;
        b += tint[2] * gain;
      }
      const haze = hazeAt(far, hazeM * 0.7);
      out[0] = mixed((out[0] ?? 0) * r + (out[3] ?? 0), nightHaze[0], haze);
      out[1] = mixed((out[1] ?? 0) * g + (out[4] ?? 0), nightHaze[1], haze);
      out[2] = mixed((out[2] ?? 0) * b + (out[5] ?? 0), nightHaze[2], haze);
    },
    around: (at) => strongest(lamps, at),
  };
}

/** Share of haze in what is seen; a hyperbola does as well as the exponential and costs less. */
export function hazeAt(far: number, hazeM: number): number {
  const thick = Math.max(0, far - 8) / hazeM;
  return thick / (1 + thick);
}

/** How much of a downward lamp goes that steeply down. */
function downward(steep: number): number {
  return steep > 0 ? steep * Math.sqrt(steep) : 0;
}

function mixed(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}

function strongest(lamps: readonly Lamp[], at: Point): ReturnType<Light['around']> {
  let soft = scaled(nightSoft, 1.4);
  let key: Colour = [0, 0, 0];
  let toKey: Point = [0, -0.5, 0.866];
  for (const lamp of lamps) {
    const dx = lamp.at[0] - at[0];
    const dy = lamp.at[1] - at[1];
    const dz = lamp.at[2] - 1.2;
    const square = dx * dx + dy * dy + dz * dz + 0.6;
    const length = Math.sqrt(square);
    const gain = (lamp.down ? 0.12 + 0.88 * downward(dz / length) : 1) / square;
    const here = scaled(lamp.tint, gain);
    if (here[1] > key[1]) {
      soft = [soft[0] + key[0] * 0.5, soft[1] + key[1] * 0.5, soft[2] + key[2] * 0.5];
      key = here;
      toKey = [dx / length, dy / length, dz / length];
    } else {
      soft = [soft[0] + here[0] * 0.5, soft[1] + here[1] * 0.5, soft[2] + here[2] * 0.5];
    }
  }
  return { soft: [soft[0] + key[0] * 0.18, soft[1] + key[1] * 0.18, soft[2] + key[2] * 0.18], key, toKey };
}

/** The street lamps of the place and the light that open shops spill on the pavement. */
export function lampsOf(layout: Layout): Lamp[] {
  const lamps: Lamp[] = [];
  for (const pole of layout.poles)
    if (pole.lamp) lamps.push({ at: lampHead(pole, layout), tint: lampTint, down: true, reachM: 60 });
  for (const house of layout.houses) {
    if (house.front !== 'open-shop' || house.facing !== 'south') continue;
    const at: Point = [house.x + house.widthM / 2, house.y - 0.5, 2.3];
    lamps.push({ at, tint: scaled(colour(house.seed % 2 === 0 ? '#fff0cf' : '#d8ecff'), 2.2), down: false, reachM: 9 });
  }
  return lamps;
}

export const lampHeightM = 6.1;

/** The end of the arm, over the road the pole stands at. */
export function lampHead(pole: { readonly x: number; readonly y: number }, layout: Layout): Point {
  if (pole.y > 25) return [pole.x + (pole.x < layout.laneX ? 1.2 : -1.2), pole.y, lampHeightM - 0.4];
  return [pole.x, pole.y - 1.7, lampHeightM];
}
