// Light that is not the same over the whole picture: the shadow of a cloud, a street lit by lightning, a spectrum that turns patches over.
//
// Asked only when the one line of light.ts leaves much of the picture unexplained. Blocks of 4x4 pixels are compared with what is expected of them; each block
// gets the median ratio of those around it, where most of these agree. A subject is a minority there, a shadow of the sky is not.
import { isUneven, type Light } from './light.ts';

export interface Shade {
  /** Times the expected grey level, per pixel; only to be read while `isUneven`. */
  readonly factor: Float32Array;
  /** Measures the picture; false, and nothing done, when one light explains it. */
  read(pixels: Uint8Array, mean: Float32Array, light: Light): boolean;
}

const side = 4;
/** Blocks to each side: 20x20 pixels. */
const around = 2;
const blocksMax = (2 * around + 1) * (2 * around + 1);
/** Ratios this near to their median agree with it; so many must. */
const nearRatio = 0.2;
const agreeingMin = 0.35;
/** No shadow of the sky is darker, no flash lighter against the rest. */
const factorMax = 4;
/** Pulls dark blocks, in which a ratio is chance, to 1: grey levels. */
const darkPrior = 4;

export function createShade(width: number, height: number): Shade {
  const wide = Math.ceil(width / side);
  const high = Math.ceil(height / side);
  /** Per block: the picture in parts of what is expected; and the median around. */
  const ratios = new Float32Array(wide * high);
  const medians = new Float32Array(wide * high);
  const factor = new Float32Array(width * height);
  const sorted = new Float32Array(blocksMax);

  function compare(pixels: Uint8Array, mean: Float32Array, { gain, offset }: Light): void {
    for (let by = 0; by < high; by++) {
      for (let bx = 0; bx < wide; bx++) {
        let now = 0;
        let expected = 0;
        let count = 0;
        for (let y = by * side; y < Math.min(height, by * side + side); y++) {
          for (let x = bx * side; x < Math.min(width, bx * side + side); x++) {
            now += pixels[y * width + x] ?? 0;
            expected += gain * (mean[y * width + x] ?? 0) + offset;
            count++;
          }
        }
        const prior = darkPrior * count;
        ratios[by * wide + bx] = (now + prior) / Math.max(1, expected + prior);
      }
    }
  }

  /** The median of the ratios around, or 1 where they do not agree. */
  function factorOf(bx: number, by: number): number {
    let count = 0;
    for (let y = Math.max(0, by - around); y <= Math.min(high - 1, by + around); y++) {
      for (let x = Math.max(0, bx - around); x <= Math.min(wide - 1, bx + around); x++) {
        const ratio = ratios[y * wide + x] ?? 0;
        let at = count++;
        while (at > 0 && (sorted[at - 1] ?? 0) > ratio) {
          sorted[at] = sorted[at - 1] ?? 0;
          at--;
        }
        sorted[at] = ratio;
      }
    }
    const median = sorted[count >> 1] ?? 1;
    let agreeing = 0;
    for (let i = 0; i < count; i++) if (Math.abs((sorted[i] ?? 0) - median) < nearRatio * median) agreeing++;
    if (agreeing < agreeingMin * count) return 1;
    return Math.min(factorMax, Math.max(1 / factorMax, median));
  }

  function spread(): void {
    for (let y = 0; y < height; y++) {
      const fy = Math.min(high - 1, Math.max(0, (y + 0.5) / side - 0.5));
      const top = Math.floor(fy);
      const v = fy - top;
      const below = Math.min(high - 1, top + 1);
      for (let x = 0; x < width; x++) {
        const fx = Math.min(wide - 1, Math.max(0, (x + 0.5) / side - 0.5));
        const left = Math.floor(fx);
        const u = fx - left;
        const right = Math.min(wide - 1, left + 1);
        const upper = (medians[top * wide + left] ?? 1) * (1 - u) + (medians[top * wide + right] ?? 1) * u;
        const lower = (medians[below * wide + left] ?? 1) * (1 - u) + (medians[below * wide + right] ?? 1) * u;
        factor[y * width + x] = upper * (1 - v) + lower * v;
      }
    }
  }

  return {
    factor,
    read: (pixels, mean, light) => {
      if (!isUneven(light)) return false;
      compare(pixels, mean, light);
      for (let by = 0; by < high; by++) for (let bx = 0; bx < wide; bx++) medians[by * wide + bx] = factorOf(bx, by);
      spread();
      return true;
    },
  };
}
