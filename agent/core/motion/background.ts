// What the place looks like when nothing happens: per pixel a running mean in today's light, and how much it fluctuates.
//
//   expected   = gain · mean + offset                       (light.ts)
//   difference = now - expected
//   smooth     = average of difference over 3x3
//   foreground: |smooth| > bar and |difference| > bar/2,    bar = max(floor, noise, fluctuation) · restlessness
import { decay } from './exact.ts';
import { isUneven, type Light } from './light.ts';
import type { Shift } from './mover.ts';
import { restlessCell } from './restless.ts';
import type { ZoneMap } from './zones.ts';

/** What the model does with a 2x2 cell when it learns. */
export const treatments = {
  /** Mean and fluctuation follow. */
  learn: 0,
  /** A subject: nothing follows. */
  hold: 1,
  /** Taken in at once. */
  absorb: 2,
  /** A candidate: the mean waits, the fluctuation follows what changes from time to time, so that what only sways is known for it and a left bag is not. */
  watch: 3,
} as const;

/** Smallest difference that counts, grey levels: compression and rounding stay below. */
const barFloor = 7;
/** In deviations of the smoothed difference. One pixel in 150,000 passes by chance, and a blob needs several side by side. */
const barDeviations = 4.5;
/**
 * So many of them less are asked for of noise alone: it has no tails, as what sways has, and the blob that chance makes of it goes nowhere. Not in uneven light,
 * whose edges do.
 */
const noiseRelief = 1.5;
/** Rain shows as a little noise, too; so only what is over this, grey levels, brings relief, and this much faster. */
const reliefFrom = 3;
const reliefRise = 2.2;
/** A 3x3 average of independent noise has a third of its deviation; 1.2 for what the camera's own sharpening leaves correlated. */
const smoothedNoise = 1.2 / 3;
/** And half of it where a dark street's grain is wider than a pixel: what the fluctuation has learned of it. */
const grainedNoise = 0.5;
/** Deviation of a normal distribution per mean absolute deviation. */
const deviationPerMad = 1.25;
/** The bar of a fully restless cell, in bars of a calm one: 1 + this. */
const restlessBar = 2;
/** Time constant of the slow adaptation: sun and dew. Subjects are held out of it. */
const learnMs = 6000;
/** Time constant of the fluctuation. */
const fluctuateMs = 8000;
/** A revealed background or a patch of light is taken in this fast. */
const absorbMs = 250;
/** Today's light is folded into the mean this slowly, the held pixels too, so that light can come and go without a trace. */
const foldMs = 10_000;

/** A part of the picture differs when so much of it does. */
const partChanged = 0.06;

export interface Background {
  readonly mean: Float32Array;
  /** Mean absolute value of the smoothed difference. */
  readonly fluctuation: Float32Array;
  readonly difference: Float32Array;
  readonly smooth: Float32Array;
  /** 1 where a watched pixel differs from what is expected. */
  readonly foreground: Uint8Array;
  readonly foregroundInRow: Uint16Array;
  /** The bar of a calm pixel, grey levels. */
  floorOf(light: Light): number;
  /** `shade` is a factor per pixel to what is expected, where the light is uneven (shade.ts). `shift` is how far the picture was moved back: what came in over the border does not differ. Fills `difference`, `smooth` and `foreground`; returns how many pixels of the watched area differ. */
  compare(pixels: Uint8Array, light: Light, restless: Float32Array, shift: Shift, shade?: Float32Array): number;
  /** In how many of the picture's sixteen parts, four by four, a good piece of what is watched differs. */
  partsChanged(): number;
  /** `treat` is a treatment per 2x2 cell. Folds a part of the light into the mean, and takes it out of `light`; a part of `shade` too. */
  learn(light: Light, treat: Uint8Array, sinceLastMs: number, shade?: Float32Array): void;
}

export function createBackground(width: number, height: number, zones: ZoneMap): Background {
  const pixels = width * height;
  const mean = new Float32Array(pixels);
  const fluctuation = new Float32Array(pixels);
  const difference = new Float32Array(pixels);
  const smooth = new Float32Array(pixels);
  /** `smooth` when the model last learned. */
  const earlier = new Float32Array(pixels);
  const foreground = new Uint8Array(pixels);
  const foregroundInRow = new Uint16Array(height);
  const { bits } = zones;
  const cellsWide = Math.ceil(width / 2);
  const restlessWide = Math.ceil(width / restlessCell);

  function differ(now: Uint8Array, gain: number, offset: number): void {
    for (let pixel = 0; pixel < pixels; pixel++) {
      let expected = gain * (mean[pixel] ?? 0) + offset;
      if (expected > 255) expected = 255;
      else if (expected < 0) expected = 0;
      difference[pixel] = (now[pixel] ?? 0) - expected;
    }
  }

  function differShaded(now: Uint8Array, gain: number, offset: number, shade: Float32Array): void {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const expected = (gain * (mean[pixel] ?? 0) + offset) * (shade[pixel] ?? 1);
      difference[pixel] = (now[pixel] ?? 0) - Math.min(255, Math.max(0, expected));
    }
  }

  const reliefOf = (light: Light): number =>
    isUneven(light) ? 0 : Math.min(noiseRelief * light.noise, reliefRise * Math.max(0, light.noise - reliefFrom));
  const floorOf = (light: Light): number =>
    Math.max(barFloor, smoothedNoise * (barDeviations * light.noise - reliefOf(light)));

  /** What the shake has brought in from beyond the picture's border is not known. */
  function skipBorder({ dx, dy }: Shift): void {
    const left = Math.max(0, Math.ceil(-dx));
    const right = Math.min(width, width - Math.ceil(dx));
    for (let row = 0; row < height; row++) {
      const from = row * width;
      if (row < -dy || row >= height - Math.ceil(dy)) difference.fill(0, from, from + width);
      else {
        difference.fill(0, from, from + left);
        difference.fill(0, from + right, from + width);
      }
    }
  }

  function compare(now: Uint8Array, light: Light, restless: Float32Array, shift: Shift, shade?: Float32Array): number {
    if (shade === undefined) differ(now, light.gain, light.offset);
    else differShaded(now, light.gain, light.offset, shade);
    if (shift.dx !== 0 || shift.dy !== 0) skipBorder(shift);
    foreground.fill(0);
    const floor = floorOf(light);
    const relief = grainedNoise * reliefOf(light);
    let count = 0;
    for (let row = 0; row < height; row++) {
      const inRow = rowForeground(row, floor, relief, restless);
      foregroundInRow[row] = inRow;
      count += inRow;
    }
    return count;
  }

  /** Beyond the border the border's own pixels stand in: the average has nine terms everywhere. */
  function rowForeground(row: number, floor: number, relief: number, restless: Float32Array): number {
    const from = row * width;
    const above = row > 0 ? from - width : from;
    const below = row + 1 < height ? from + width : from;
    const restlessFrom = (row >> 3) * restlessWide;
    let here = (difference[above] ?? 0) + (difference[from] ?? 0) + (difference[below] ?? 0);
    let left = here;
    let count = 0;
    for (let x = 0; x < width; x++) {
      const next = x + 1 < width ? x + 1 : x;
      const right = (difference[above + next] ?? 0) + (difference[from + next] ?? 0) + (difference[below + next] ?? 0);
      const level = Math.abs(left + here + right) * (1 / 9);
      left = here;
      here = right;
      const pixel = from + x;
      smooth[pixel] = level;
      if (level <= floor || bits[pixel] === 0) continue;
      const own = Math.max(floor, barDeviations * deviationPerMad * (fluctuation[pixel] ?? 0) - relief);
      const bar = own * (1 + restlessBar * (restless[restlessFrom + (x >> 3)] ?? 0));
      if (level <= bar || Math.abs(difference[pixel] ?? 0) <= bar / 2) continue;
      foreground[pixel] = 1;
      count++;
    }
    return count;
  }

  function partsChanged(): number {
    let parts = 0;
    for (let part = 0; part < 16; part++) {
      const left = Math.floor(((part & 3) * width) / 4);
      const right = Math.floor((((part & 3) + 1) * width) / 4);
      let changed = 0;
      let watched = 0;
      for (let y = Math.floor(((part >> 2) * height) / 4); y < Math.floor((((part >> 2) + 1) * height) / 4); y++) {
        for (let x: number = left; x < right; x++) {
          changed += foreground[y * width + x] ?? 0;
          if (bits[y * width + x] !== 0) watched++;
        }
      }
      if (changed >= partChanged * watched) parts++;
    }
    return parts;
  }

  /** How much is followed in this step, filled anew each time. */
  const rate = { sinceMs: -1, slow: 0, fluctuate: 0, absorb: 0, fold: 0, foldGain: 1, foldOffset: 0 };

  function follow(sinceMs: number): void {
    const step = (timeMs: number) => 1 - decay(sinceMs / timeMs);
    rate.sinceMs = sinceMs;
    rate.slow = step(learnMs);
    rate.fluctuate = step(fluctuateMs);
    rate.absorb = step(absorbMs);
    rate.fold = step(foldMs);
  }

  function learn(light: Light, treat: Uint8Array, sinceLastMs: number, shade?: Float32Array): void {
    if (sinceLastMs !== rate.sinceMs) follow(sinceLastMs);
    rate.foldGain = 1 + rate.fold * (light.gain - 1);
    rate.foldOffset = rate.fold * light.offset;
    for (let row = 0; row < height; row++) {
      if (shade !== undefined) foldShade(row, shade, light.offset / light.gain);
      if (isPlain(row, treat)) learnPlain(row);
      else learnTreated(row, treat);
    }
    // The mean has taken a step into today's light: the light's own line is that much shorter, and what is expected stays the same.
    light.gain /= rate.foldGain;
    light.offset -= light.gain * rate.foldOffset;
  }

  /** Nobody is in the row. */
  function isPlain(row: number, treat: Uint8Array): boolean {
    const from = (row >> 1) * cellsWide;
    let any = 0;
    for (let cell = from; cell < from + cellsWide; cell++) any |= treat[cell] ?? 0;
    return any === treatments.learn;
  }

  function learnPlain(row: number): void {
    const { slow, fluctuate, foldGain, foldOffset } = rate;
    for (let pixel = row * width; pixel < (row + 1) * width; pixel++) {
      const level = smooth[pixel] ?? 0;
      const was = fluctuation[pixel] ?? 0;
      fluctuation[pixel] = was + fluctuate * (level - was);
      earlier[pixel] = level;
      mean[pixel] = (mean[pixel] ?? 0) * foldGain + foldOffset + slow * (difference[pixel] ?? 0);
    }
  }

  function learnTreated(row: number, treat: Uint8Array): void {
    const { slow, fluctuate, absorb, foldGain, foldOffset } = rate;
    const cells = (row >> 1) * cellsWide;
    for (let x = 0; x < width; x++) {
      const pixel = row * width + x;
      const how = treat[cells + (x >> 1)] ?? 0;
      const level = smooth[pixel] ?? 0;
      let next = (mean[pixel] ?? 0) * foldGain + foldOffset;
      if (how === treatments.absorb) {
        next += absorb * (difference[pixel] ?? 0);
      } else if (how !== treatments.hold) {
        const was = fluctuation[pixel] ?? 0;
        const isLearned = how === treatments.learn;
        if (isLearned) next += slow * (difference[pixel] ?? 0);
        fluctuation[pixel] = was + fluctuate * ((isLearned ? level : Math.abs(level - (earlier[pixel] ?? 0))) - was);
      }
      earlier[pixel] = level;
      mean[pixel] = next;
    }
  }

  /** A part of the uneven light becomes the mean's own. */
  function foldShade(row: number, shade: Float32Array, offset: number): void {
    const { fold } = rate;
    for (let pixel = row * width; pixel < (row + 1) * width; pixel++)
      mean[pixel] = (mean[pixel] ?? 0) + fold * ((shade[pixel] ?? 1) - 1) * ((mean[pixel] ?? 0) + offset);
  }

  return {
    mean,
    fluctuation,
    difference,
    smooth,
    foreground,
    foregroundInRow,
    floorOf,
    compare,
    partsChanged,
    learn,
  };
}
