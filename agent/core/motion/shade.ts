// Light that is not the same over the whole picture: the shadow of a cloud, a street lit by lightning, a spectrum that turns patches over.
//
// Asked only when the one line of light.ts leaves much of the picture unexplained. Blocks of 4x4 pixels are compared with what is expected of them; each block
// gets the median ratio of those around it, where most of these agree. A subject is a minority there, a shadow of the sky is not.
//
// The medians slide: from block to block a histogram of the ratios around takes one column of blocks in and gives one up (Huang, 1979).
import { treatments } from './background.ts';
import { isUneven, type Light } from './light.ts';

export interface Shade {
  /** Times the expected grey level, per pixel; only to be read while `isUneven`. */
  readonly factor: Float32Array;
  /** Measures the picture; false, and nothing done, when one light explains it. `treat` says which 2x2 cells belong to subjects: these have no say. */
  read(pixels: Uint8Array, mean: Float32Array, light: Light, treat: Uint8Array): boolean;
}

/** Pixels of a picture 160 wide. */
const sideAt160 = 4;
/** Blocks to each side: 20x20 pixels of a picture 160 wide. */
const around = 2;
/** With fewer blocks free of subjects than this the last median to the left stands. */
const freeMin = 5;
/** Ratios this near to their median agree with it; so many must. */
const nearRatio = 0.2;
const agreeingMin = 0.35;
/** No shadow of the sky is darker, no flash lighter against the rest. */
const factorMax = 4;
/** Pulls dark blocks, in which a ratio is chance, to 1: grey levels. */
const darkPrior = 4;
/** A ratio r is counted at step r / (1 + r) of so many: 1.6 % apart at 1, 2.4 % at a quarter and at four. */
const steps = 256;
/** A block that a subject covers. */
const covered = steps;

export function createShade(width: number, height: number): Shade {
  const side = sideAt160 * Math.max(1, Math.round(width / 160));
  const cellsWide = Math.ceil(width / 2);
  const wide = Math.ceil(width / side);
  const high = Math.ceil(height / side);
  /** Per block: the step of its ratio, and the median ratio around. */
  const ratios = new Uint16Array(wide * high);
  const medians = new Float32Array(wide * high);
  const factor = new Float32Array(width * height);
  const columns = places(width, side);
  const rows = places(height, side);
  const line = new Float32Array(wide + 1);
  const histogram = new Uint8Array(steps);
  /** What the histogram holds: how many ratios, the step of their median, and how many lie below it. */
  const around5 = { count: 0, median: 0, below: 0 };

  function compare(pixels: Uint8Array, mean: Float32Array, { gain, offset }: Light, treat: Uint8Array): void {
    const hasSubjects = treat.includes(treatments.hold);
    for (let by = 0; by < high; by++) {
      const bottom = Math.min(height, by * side + side);
      for (let bx = 0; bx < wide; bx++) {
        const right = Math.min(width, bx * side + side);
        if (hasSubjects && isCovered(treat, bx * side, by * side, right, bottom)) {
          ratios[by * wide + bx] = covered;
          continue;
        }
        let now = 0;
        let before = 0;
        for (let y = by * side; y < bottom; y++) {
          for (let at = y * width + bx * side; at < y * width + right; at++) {
            now += pixels[at] ?? 0;
            before += mean[at] ?? 0;
          }
        }
        const count = (bottom - by * side) * (right - bx * side);
        const prior = darkPrior * count;
        const lit = now + prior;
        const expected = Math.max(1, gain * before + offset * count + prior);
        ratios[by * wide + bx] = Math.min(steps - 1, Math.floor((steps * lit) / (lit + expected)));
      }
    }
  }

  function isCovered(treat: Uint8Array, left: number, top: number, right: number, bottom: number): boolean {
    for (let y = top >> 1; y < (bottom + 1) >> 1; y++)
      for (let x = left >> 1; x < (right + 1) >> 1; x++) if (treat[y * cellsWide + x] === treatments.hold) return true;
    return false;
  }

  function medianRow(by: number): void {
    const top = Math.max(0, by - around);
    const bottom = Math.min(high - 1, by + around);
    histogram.fill(0);
    around5.count = 0;
    around5.median = 0;
    around5.below = 0;
    for (let bx = 0; bx < around; bx++) take(bx, top, bottom, 1);
    for (let bx = 0; bx < wide; bx++) {
      if (bx + around < wide) take(bx + around, top, bottom, 1);
      if (bx - around > 0) take(bx - around - 1, top, bottom, -1);
      if (around5.count >= freeMin) medians[by * wide + bx] = middle();
      else medians[by * wide + bx] = bx === 0 ? 1 : (medians[by * wide + bx - 1] ?? 1);
    }
  }

  /** Takes a column of blocks in, or gives it up. */
  function take(bx: number, top: number, bottom: number, by: number): void {
    for (let row = top; row <= bottom; row++) {
      const step = ratios[row * wide + bx] ?? covered;
      if (step === covered) continue;
      histogram[step] = (histogram[step] ?? 0) + by;
      if (step < around5.median) around5.below += by;
      around5.count += by;
    }
  }

  /** The median of the ratios around, or 1 where they do not agree. */
  function middle(): number {
    const half = around5.count >> 1;
    let { median, below } = around5;
    while (below > half) below -= histogram[--median] ?? 0;
    while (below + (histogram[median] ?? 0) <= half) below += histogram[median++] ?? 0;
    around5.median = median;
    around5.below = below;
    const ratio = ratioAt(median);
    const last = stepOf(ratio * (1 + nearRatio));
    let agreeing = 0;
    for (let step = stepOf(ratio * (1 - nearRatio)); step <= last; step++) agreeing += histogram[step] ?? 0;
    return agreeing < agreeingMin * around5.count ? 1 : Math.min(factorMax, Math.max(1 / factorMax, ratio));
  }

  function spread(): void {
    for (let y = 0; y < height; y++) {
      const upper = (rows.first[y] ?? 0) * wide;
      const lower = Math.min(high - 1, (rows.first[y] ?? 0) + 1) * wide;
      const v = rows.part[y] ?? 0;
      for (let bx = 0; bx < wide; bx++)
        line[bx] = (medians[upper + bx] ?? 1) * (1 - v) + (medians[lower + bx] ?? 1) * v;
      for (let x = 0; x < width; x++) {
        const left = columns.first[x] ?? 0;
        const u = columns.part[x] ?? 0;
        factor[y * width + x] = (line[left] ?? 1) * (1 - u) + (line[left + 1] ?? 1) * u;
      }
    }
  }

  return {
    factor,
    read: (pixels, mean, light, treat) => {
      if (!isUneven(light)) return false;
      compare(pixels, mean, light, treat);
      for (let by = 0; by < high; by++) medianRow(by);
      spread();
      return true;
    },
  };
}

const ratioAt = (step: number): number => (step + 0.5) / (steps - step - 0.5);
const stepOf = (ratio: number): number => Math.floor((steps * ratio) / (1 + ratio));

/** Per pixel of a side: the block whose centre is before it, and how far it is on the way to the next one's. */
function places(pixels: number, side: number) {
  const blocks = Math.ceil(pixels / side);
  const first = new Uint16Array(pixels);
  const part = new Float32Array(pixels);
  for (let at = 0; at < pixels; at++) {
    const place = Math.min(blocks - 1, Math.max(0, (at + 0.5) / side - 0.5));
    first[at] = Math.floor(place);
    part[at] = place - Math.floor(place);
  }
  return { first, part };
}
