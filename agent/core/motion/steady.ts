// The pole shakes: how far the picture has moved against the background, in parts of a pixel, and the picture moved back.
//
// In each tile of the picture the background's sharpest pixel is kept as a mark. Where the marks are now is found by least squares over all of them
// (Lucas and Kanade), marks that do not fit (a passer-by, leaves) weighing little; when that does not settle, a search over whole pixels starts it anew.
// Without shake nothing is moved and nothing is lost but the time to look at the marks.

import { treatments } from './background.ts';
import { lengthOf } from './exact.ts';
import type { Light } from './light.ts';
import { createMover, type Shift } from './mover.ts';

export interface Steadier {
  /** Looks for marks in the background. */
  mark(): void;
  /** Looks for a few of them anew: for all within 16 calls. */
  markSome(): void;
  /**
   * The picture moved back to where the background is; the picture itself where it has not moved. `held` says which 2x2 cells belong to subjects and have no
   * say. What is returned is used again for the next picture.
   */
  steady(pixels: Uint8Array, light: Light, held: Uint8Array | undefined): Uint8Array;
  /** How far the last picture had moved, pixels. */
  readonly shift: Readonly<Shift>;
  reset(): void;
}

const tilesWide = 20;
const tilesHigh = 16;
/** A mark's gradient, grey levels a pixel: below it there is nothing to hold on to. */
const gradientMin = 4;
const marksMin = 40;
/** Farthest shift that is undone, in parts of the picture's width: five pixels of 160. */
const reachPart = 1 / 32;
/** Smaller shifts change less than the noise does, pixels. */
const stillMax = 0.07;
const stepsMax = 14;
/** What is off by much more than this belongs to something else, grey levels; and in deviations of the noise. */
const fitting = 6;
const fittingNoise = 2;
/** A shift must explain what is seen better than none does: at most this part of the misfit may remain. */
const betterMax = 0.85;
/** Or so many grey levels less of it: more than the noise of so many marks does by chance. */
const betterLevels = 0.5;
/** When more than this is left of the mean gradient, the least squares have settled in a wrong place. */
const lostPart = 0.25;
/** A search that finds no shift, as under the edge of a cloud, is not made again for so many pictures. */
const restPictures = 5;
/** A misfit at rest of no more than the noise and this part of the mean gradient, and nothing has moved. */
const calmPart = 0.06;

/** `mean` is the background. */
export function createSteadier(width: number, height: number, mean: Float32Array): Steadier {
  /** Per tile: the pixel of its mark, or -1. */
  const marks = new Int32Array(tilesWide * tilesHigh).fill(-1);
  /** The 2x2 cell in which it lies. */
  const markCells = new Int32Array(tilesWide * tilesHigh);
  /** Pixels of the marks that are asked this time. */
  const used = new Int32Array(tilesWide * tilesHigh);
  const reach = reachPart * width;
  const border = Math.ceil(reach) + 2;
  const cellsWide = Math.ceil(width / 2);
  const shift = { dx: 0, dy: 0 };
  const found = { dx: 0, dy: 0, misfit: 0 };
  /** Of the marks that are asked: their mean misfit where they should be, and their mean gradient in this light. */
  const atRest = { misfit: 0, steep: 0 };
  /** `rest`: pictures until the next search. */
  const running = { row: 0, used: 0, rest: 0 };
  const mover = createMover(width, height);

  function mark(): void {
    for (let row = 0; row < tilesHigh; row++) markRow(row);
  }

  function markSome(): void {
    markRow(running.row);
    running.row = (running.row + 1) % tilesHigh;
  }

  function markRow(row: number): void {
    const top = border + Math.floor((row * (height - 2 * border)) / tilesHigh);
    const bottom = border + Math.floor(((row + 1) * (height - 2 * border)) / tilesHigh);
    for (let column = 0; column < tilesWide; column++) {
      const left = border + Math.floor((column * (width - 2 * border)) / tilesWide);
      const right = border + Math.floor(((column + 1) * (width - 2 * border)) / tilesWide);
      const tile = row * tilesWide + column;
      const at = steepest(left, top, right, bottom);
      marks[tile] = at;
      markCells[tile] = (Math.floor(at / width) >> 1) * cellsWide + ((at % width) >> 1);
    }
  }

  function steepest(left: number, top: number, right: number, bottom: number): number {
    let most = gradientMin * 2;
    let mark = -1;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) {
        const at = y * width + x;
        const steep = Math.abs(across(at)) + Math.abs(down(at));
        if (steep <= most) continue;
        most = steep;
        mark = at;
      }
    }
    return mark;
  }

  const across = (at: number): number => (mean[at + 1] ?? 0) - (mean[at - 1] ?? 0);
  const down = (at: number): number => (mean[at + width] ?? 0) - (mean[at - width] ?? 0);

  function choose(held: Uint8Array | undefined): number {
    let count = 0;
    for (let tile = 0; tile < marks.length; tile++) {
      const at = marks[tile] ?? -1;
      if (at < 0 || (held !== undefined && held[markCells[tile] ?? 0] === treatments.hold)) continue;
      used[count++] = at;
    }
    return count;
  }

  /** One pass over the marks, for the many pictures in which nothing has moved. */
  function rest(pixels: Uint8Array, { gain, offset, noise }: Light): void {
    const most = mostOff(noise);
    let misfit = 0;
    let steep = 0;
    for (let i = 0; i < running.used; i++) {
      const at = used[i] ?? 0;
      const off = Math.abs((pixels[at] ?? 0) - (gain * (mean[at] ?? 0) + offset));
      misfit += Math.min(off, most);
      steep += Math.abs(across(at)) + Math.abs(down(at));
    }
    atRest.misfit = misfit / running.used;
    atRest.steep = (gain * steep) / 2 / running.used;
  }

  /** Mean misfit of the marks moved by (dx, dy), each bounded; every `stride`th of them is asked. */
  function misfit(pixels: Uint8Array, light: Light, dx: number, dy: number, stride: number): number {
    const most = mostOff(light.noise);
    let sum = 0;
    let count = 0;
    for (let i = 0; i < running.used; i += stride) {
      const at = used[i] ?? 0;
      const expected = light.gain * (mean[at] ?? 0) + light.offset;
      sum += Math.min(most, Math.abs(between(pixels, at, dx, dy) - expected));
      count++;
    }
    return count === 0 ? 0 : sum / count;
  }

  function between(pixels: Uint8Array, at: number, dx: number, dy: number): number {
    const left = Math.floor(dx);
    const top = Math.floor(dy);
    const u = dx - left;
    const v = dy - top;
    const from = at + top * width + left;
    const upper = (pixels[from] ?? 0) * (1 - u) + (pixels[from + 1] ?? 0) * u;
    const lower = (pixels[from + width] ?? 0) * (1 - u) + (pixels[from + width + 1] ?? 0) * u;
    return upper * (1 - v) + lower * v;
  }

  /** From `found` towards where the marks fit best. */
  function settle(pixels: Uint8Array, light: Light): void {
    const within = fitting + fittingNoise * light.noise;
    const near = within * within;
    for (let step = 0; step < stepsMax; step++) {
      let xx = 1;
      let xy = 0;
      let yy = 1;
      let ex = 0;
      let ey = 0;
      for (let i = 0; i < running.used; i++) {
        const at = used[i] ?? 0;
        const gx = 0.5 * light.gain * across(at);
        const gy = 0.5 * light.gain * down(at);
        const expected = light.gain * (mean[at] ?? 0) + light.offset;
        const off = between(pixels, at, found.dx, found.dy) - expected;
        const weight = near / (near + off * off);
        xx += weight * gx * gx;
        xy += weight * gx * gy;
        yy += weight * gy * gy;
        ex += weight * gx * off;
        ey += weight * gy * off;
      }
      const spread = xx * yy - xy * xy;
      const dx = (yy * ex - xy * ey) / spread;
      const dy = (xx * ey - xy * ex) / spread;
      const length = lengthOf(dx, dy);
      const short = length > 1 ? 1 / length : 1;
      found.dx = bounded(found.dx - dx * short);
      found.dy = bounded(found.dy - dy * short);
      if (length < 0.02) break;
    }
    found.misfit = misfit(pixels, light, found.dx, found.dy, 1);
  }

  const bounded = (value: number): number => Math.min(reach, Math.max(-reach, value));

  /** Over whole pixels with a third of the marks. */
  function search(pixels: Uint8Array, light: Light): void {
    let least = Number.POSITIVE_INFINITY;
    const most = Math.floor(reach);
    for (let dy = -most; dy <= most; dy++) {
      for (let dx = -most; dx <= most; dx++) {
        const here = misfit(pixels, light, dx, dy, 3);
        if (here >= least) continue;
        least = here;
        found.dx = dx;
        found.dy = dy;
      }
    }
  }

  function measure(pixels: Uint8Array, light: Light, held: Uint8Array | undefined): void {
    running.used = choose(held);
    if (running.used < marksMin) {
      shift.dx = 0;
      shift.dy = 0;
      return;
    }
    rest(pixels, light);
    const { misfit: still, steep } = atRest;
    if (shift.dx === 0 && shift.dy === 0 && still < light.noise + calmPart * steep) return;
    found.dx = shift.dx;
    found.dy = shift.dy;
    settle(pixels, light);
    const lost = lostPart * steep + light.noise;
    running.rest = Math.max(0, running.rest - 1);
    const isLost = found.misfit > lost && still > lost && running.rest === 0;
    if (isLost) {
      const { dx, dy, misfit: before } = found;
      search(pixels, light);
      settle(pixels, light);
      if (found.misfit > before) {
        found.dx = dx;
        found.dy = dy;
        found.misfit = before;
      }
    }
    const isBetter = found.misfit < betterMax * still || still - found.misfit > betterLevels;
    const isShift = isBetter && lengthOf(found.dx, found.dy) > stillMax;
    if (isLost && !isShift) running.rest = restPictures;
    shift.dx = isShift ? found.dx : 0;
    shift.dy = isShift ? found.dy : 0;
  }

  /** What came in from beyond the picture's border is not known: the background stands in. */
  function fillBorder(moved: Uint8Array, light: Light): void {
    const left = Math.ceil(-shift.dx);
    const right = width - Math.ceil(shift.dx);
    const top = Math.ceil(-shift.dy);
    const bottom = height - Math.ceil(shift.dy);
    for (let y = 0; y < height; y++) {
      const whole = y < top || y >= bottom;
      for (let x = 0; x < width; x++) {
        if (!whole && x === Math.max(0, left)) x = Math.max(x, right);
        if (x >= width) break;
        const at = y * width + x;
        moved[at] = Math.min(255, Math.max(0, Math.round(light.gain * (mean[at] ?? 0) + light.offset)));
      }
    }
  }

  return {
    shift,

    mark,
    markSome,
    steady: (pixels, light, held) => {
      measure(pixels, light, held);
      if (shift.dx === 0 && shift.dy === 0) return pixels;
      const moved = mover.move(pixels, shift.dx, shift.dy);
      fillBorder(moved, light);
      return moved;
    },
    reset: () => {
      shift.dx = 0;
      shift.dy = 0;
      running.rest = 0;
      marks.fill(-1);
    },
  };
}

/** What one mark may be off at most: a passer-by before it must not outweigh the others. */
const mostOff = (noise: number): number => 4 * (fitting + fittingNoise * noise);
