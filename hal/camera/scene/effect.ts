// What a disturbance of the picture is, and the two things all of them need: more or less light on a pixel, and wind.
import type { Planes } from './backdrop.ts';
import { noise } from './random.ts';
import { shown } from './tone.ts';

export interface Moment {
  readonly frame: number;
  readonly second: number;
  readonly fps: number;
  /** False when only the luma will be looked at: the colour planes need not be kept right. */
  readonly colour: boolean;
}

/** Changes the picture as the moment asks, whatever moment was asked for before. */
export type Effect = (planes: Planes, moment: Moment) => void;

/** Luma as the planes hold it: 0 is black. */
export const lumaMax = 219;

/** Linear light that the camera shows as that luma (index 0 to 219, more is as 219). */
export const lightOf = Float32Array.from({ length: 256 }, (_, luma) => inverse(Math.min(luma, lumaMax - 1) / lumaMax));

function inverse(bright: number): number {
  let low = 0;
  let high = 4;
  for (let step = 0; step < 24; step++) {
    const middle = (low + high) / 2;
    if (shown(middle) < bright) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Luma of a surface of luma `luma` under `gain` times its light and `add` more. */
export function relit(luma: number, gain: number, add = 0): number {
  return shown((lightOf[luma] ?? 0) * gain + add) * lumaMax + 0.5;
}

/** A table of `relit` for one gain, for pictures that change as a whole. */
export function relitTable(gain: number, add = 0): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, luma) => relit(luma, gain, add));
}

/** Colour is as strong as the light it is seen in. */
export function relightColour({ u, v }: Planes, ratio: number): void {
  for (let at = 0; at < u.length; at++) {
    u[at] = faded(u[at] ?? 0, ratio);
    v[at] = faded(v[at] ?? 0, ratio);
  }
}

/** The colour under one pixel, for light that changes in places; of four pixels that share a colour the first one counts. */
export function relightPair({ width, u, v }: Planes, pixel: number, ratio: number): void {
  const x = pixel % width;
  const y = (pixel - x) / width;
  if (((x | y) & 1) !== 0) return;
  const pair = (y >> 1) * (width >> 1) + (x >> 1);
  u[pair] = faded(u[pair] ?? 0, ratio);
  v[pair] = faded(v[pair] ?? 0, ratio);
}

function faded(chroma: number, ratio: number): number {
  return Math.max(0, Math.min(224, (chroma - 112) * ratio + 112.5));
}

/** Smooth wandering between 0 and 1, a turn about every `periodS`. */
export function wander(seed: number, second: number, periodS: number): number {
  return noise(second / periodS + (seed % 1009) * 0.37, 1 + (seed % 8191));
}

/** How hard the wind blows, 0 to 1: calm, then gusts over tens of seconds with shorter ones in them. */
export function gust(seed: number, second: number): number {
  const slow = smooth(0.25, 0.75, wander(seed + 1, second, 17));
  const quick = wander(seed + 2, second, 3.1);
  return Math.min(1, 0.08 + slow * (0.55 + 0.45 * quick) + 0.12 * quick);
}

export function smooth(from: number, to: number, value: number): number {
  const part = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return part * part * (3 - 2 * part);
}
