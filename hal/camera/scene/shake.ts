// The pole shakes: where the picture has moved to at a moment, and moving it there by parts of a pixel.
import type { Planes } from './backdrop.ts';
import { gust, wander } from './effect.ts';
import { dice } from './random.ts';
import type { Rect } from './sweep.ts';

/** What is in the picture has moved right and down by so many pixels. */
export interface Shift {
  readonly dx: number;
  readonly dy: number;
}

/** At strength 1: 4 pixels of a picture 320 wide. */
const reachShare = 4 / 320;
const kickSlotS = 4;

/**
 * Gusts and lorries kick the pole, it swings out at 0.5 to 3 Hz; gusts keep it trembling; and it leans slowly one way and another. Never beyond 1.25 % of the width
 * times the strength, either way.
 */
export function shakeAt(seed: number, strength: number, second: number, width: number): Shift {
  const wind = gust(seed + 70, second);
  let across = 0.5 * (wander(seed + 71, second, 40) - 0.5) + 0.3 * wind * Math.sin(second * 2 * Math.PI * 1.13);
  let down = 0.4 * (wander(seed + 72, second, 55) - 0.5) + 0.2 * wind * Math.sin(second * 2 * Math.PI * 1.71 + 1);
  const slot = Math.floor(second / kickSlotS);
  for (let index = slot; index > slot - 4; index--) {
    const chance = dice(seed, 73, index);
    const sinceS = second - (index + chance.part()) * kickSlotS;
    const size = chance.chance(0.65) ? chance.from(0.35, 1.5) : 0;
    const turns = chance.from(0.5, 3) * 2 * Math.PI;
    const dampS = chance.from(0.6, 2.2);
    const tilt = chance.from(-1, 1);
    if (sinceS < 0 || size === 0) continue;
    const swing = size * Math.exp(-sinceS / dampS) * Math.sin(turns * sinceS);
    across += swing;
    down += swing * tilt * 0.8;
  }
  const reach = strength * reachShare * width;
  return { dx: reach * Math.tanh(across), dy: reach * Math.tanh(down) };
}

/** Where a box is after the shift, cut to the picture. */
export function shiftedRect({ x, y, w, h }: Rect, { dx, dy }: Shift, width: number, height: number): Rect {
  const cut = (value: number, most: number) => Math.max(0, Math.min(most, value));
  const left = cut(Math.floor(x + dx), width);
  const top = cut(Math.floor(y + dy), height);
  return {
    x: left,
    y: top,
    w: cut(Math.ceil(x + w + dx), width) - left,
    h: cut(Math.ceil(y + h + dy), height) - top,
  };
}

export function createShifter(width: number, height: number): (planes: Planes, shift: Shift, colour: boolean) => void {
  const lines = new Float32Array(width * height);
  const padded = new Float32Array(width + 2 * margin(width));
  return (planes, { dx, dy }, colour) => {
    move(planes.y, width, height, dx, dy, lines, padded);
    if (!colour) return;
    move(planes.u, width / 2, height / 2, dx / 2, dy / 2, lines, padded);
    move(planes.v, width / 2, height / 2, dx / 2, dy / 2, lines, padded);
  };
}

function margin(width: number): number {
  return Math.ceil(width * reachShare) + 3;
}

/** Catmull and Rom's cubic, first along the rows, then down the columns: as sharp between pixels as on them. What comes in at the edge repeats the edge. */
function move(
  plane: Uint8Array,
  width: number,
  height: number,
  dx: number,
  dy: number,
  lines: Float32Array,
  padded: Float32Array,
): void {
  const pad = margin(width);
  const left = Math.floor(-dx);
  const [a, b, c, d] = cubic(-dx - left);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    padded.fill(plane[row] ?? 0, 0, pad);
    for (let x = 0; x < width; x++) padded[pad + x] = plane[row + x] ?? 0;
    padded.fill(plane[row + width - 1] ?? 0, pad + width, pad * 2 + width);
    let from = pad + left - 1;
    for (let x = 0; x < width; x++, from++)
      lines[row + x] =
        (padded[from] ?? 0) * a +
        (padded[from + 1] ?? 0) * b +
        (padded[from + 2] ?? 0) * c +
        (padded[from + 3] ?? 0) * d;
  }
  const top = Math.floor(-dy);
  const [e, f, g, h] = cubic(-dy - top);
  const line = (y: number) => Math.max(0, Math.min(height - 1, y)) * width;
  for (let y = 0; y < height; y++) {
    const [r0, r1, r2, r3] = [line(y + top - 1), line(y + top), line(y + top + 1), line(y + top + 2)];
    for (let x = 0, to = y * width; x < width; x++, to++) {
      const value =
        (lines[r0 + x] ?? 0) * e + (lines[r1 + x] ?? 0) * f + (lines[r2 + x] ?? 0) * g + (lines[r3 + x] ?? 0) * h + 0.5;
      plane[to] = value < 0 ? 0 : Math.min(value, 224);
    }
  }
}

function cubic(t: number): readonly [number, number, number, number] {
  const t2 = t * t;
  const t3 = t2 * t;
  return [-0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2];
}
