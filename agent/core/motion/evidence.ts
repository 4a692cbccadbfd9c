// Is a blob a thing, a patch of light, or the hole a thing left in the background?
//
// A thing brings an outline that the background does not have there. Where a thing was part of the background and has gone, the background has an outline
// that the picture lacks. Light comes and goes without an outline of its own. Both sums run over the blob's rim, per pixel, and are given in parts of the
// blob's contrast:
//   sharp = Σ max(0, |∇now| - r·|∇expected|) / (rim · contrast)
//   faded = Σ max(0, r·|∇expected| - |∇now|) / (rim · contrast)
// where r is how much brighter the blob is than expected: light that falls on a wall makes the wall's own edges stronger.
import type { Blob, BlobFinder } from './blobs.ts';
import { isUneven, type Light } from './light.ts';

export interface Evidence {
  /** Mean absolute difference of the blob's foreground, grey levels. */
  contrast: number;
  /** Mean change of light that was undone here because the light is uneven (shade.ts), grey levels. */
  undone: number;
  sharp: number;
  faded: number;
  /** How far the background's texture still shows inside the blob, -1 to 1; 0 where it has none. */
  kept: number;
}

/** Gradients are taken over as much of the place in a large picture as in a small one, pixels to each side: what is out of focus, or moves, has no finer edge. */
const reachOf = (width: number): number => Math.max(1, Math.round(width / 160));

export type Looks = 'thing' | 'light' | 'hole';

/** An outline two pixels wide that carries the blob's full contrast gives about 0.5; the same rise over ten pixels 0.1. */
const sharpMin = 0.2;
const fadedMin = 0.15;
/** The background's outline must outweigh the picture's by this much: a person before a bush covers outlines too. */
const fadedOverSharp = 2;

/** Light leaves a wall its bricks; what stands before it hides them. Subjects with their shadow and beam stay below. */
const keptMax = 0.7;
/** A gradient that counts as texture, grey levels over two pixels; and in deviations of the noise. */
const textureMin = 6;
const textureNoise = 3;
/** So much of the blob, and so many pixels, must have texture to tell. */
const texturedPart = 0.2;
const texturedMin = 16;

/** Where one light does not explain the picture the edge of a shadow must not pass for an outline, nor washed-out texture for a cover. */
const keptMaxUneven = 0.5;
const sharpMinUneven = 0.3;

/** Where a change of light was undone, what is left of it for want of a better model is less than this part of the change; a thing is more. */
const undonePart = 0.55;

export function looksLike(evidence: Evidence, light: Light): Looks {
  const uneven = isUneven(light);
  if (evidence.contrast < undonePart * evidence.undone) return 'light';
  if (evidence.kept > (uneven ? keptMaxUneven : keptMax)) return 'light';
  if (evidence.faded >= fadedMin && evidence.faded > fadedOverSharp * evidence.sharp) return 'hole';
  return evidence.sharp < (uneven ? sharpMinUneven : sharpMin) ? 'light' : 'thing';
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}
export interface Model {
  readonly mean: Float32Array;
  readonly difference: Float32Array;
  readonly foreground: Uint8Array;
  readonly light: Light;
}

/** Fills `evidence` for the blob with this index in `finder`. */
export function weigh(
  blob: Blob,
  index: number,
  finder: BlobFinder,
  picture: Picture,
  model: Model,
  evidence: Evidence,
): void {
  const brighter = inside(blob, index, finder, picture, model, evidence);
  outline(blob, index, finder, picture, model, brighter, evidence);
  texture(blob, index, finder, picture, model, evidence);
}

/** Fills `contrast` and `undone`; returns how much brighter the blob is than expected, 0.5 to 2. */
function inside(
  blob: Blob,
  index: number,
  { owner }: BlobFinder,
  { width, pixels }: Picture,
  { mean, difference, foreground, light }: Model,
  evidence: Evidence,
): number {
  const wide = Math.ceil(width / 2);
  const { left, top, right, bottom } = blob;
  let off = 0;
  let undone = 0;
  let now = 0;
  let expected = 0;
  let area = 0;
  for (let y = top; y < bottom; y++) {
    const row = y * width;
    for (let x = left; x < right; x++) {
      if (foreground[row + x] === 0 || owner[(y >> 1) * wide + (x >> 1)] !== index) continue;
      const own = difference[row + x] ?? 0;
      const shown = pixels[row + x] ?? 0;
      const inOneLight = light.gain * (mean[row + x] ?? 0) + light.offset;
      off += Math.abs(own);
      undone += Math.abs(shown - own - Math.min(255, Math.max(0, inOneLight)));
      now += shown;
      expected += shown - own;
      area++;
    }
  }
  evidence.contrast = area === 0 ? 0 : off / area;
  evidence.undone = area === 0 ? 0 : undone / area;
  return Math.min(2, Math.max(0.5, (now + 1) / (expected + 1)));
}

/** Fills `kept`: the gradients of the picture and of the background, where the background has any, point the same way or not. */
function texture(
  blob: Blob,
  index: number,
  { owner }: BlobFinder,
  { width, height, pixels }: Picture,
  { mean, foreground, light }: Model,
  evidence: Evidence,
): void {
  const wide = Math.ceil(width / 2);
  const least = (textureMin + textureNoise * light.noise) / Math.max(0.1, light.gain);
  const reach = reachOf(width);
  const row = reach * width;
  const lastRow = Math.min(height - reach, blob.bottom);
  const lastColumn = Math.min(width - reach, blob.right);
  let along = 0;
  let lengths = 0;
  let textured = 0;
  for (let y = Math.max(reach, blob.top); y < lastRow; y++) {
    for (let x = Math.max(reach, blob.left); x < lastColumn; x++) {
      const pixel = y * width + x;
      if (foreground[pixel] === 0 || owner[(y >> 1) * wide + (x >> 1)] !== index) continue;
      const bx = (mean[pixel + reach] ?? 0) - (mean[pixel - reach] ?? 0);
      const by = (mean[pixel + row] ?? 0) - (mean[pixel - row] ?? 0);
      if (Math.abs(bx) + Math.abs(by) < least) continue;
      const nx = (pixels[pixel + reach] ?? 0) - (pixels[pixel - reach] ?? 0);
      const ny = (pixels[pixel + row] ?? 0) - (pixels[pixel - row] ?? 0);
      textured++;
      along += bx * nx + by * ny;
      lengths += Math.sqrt((bx * bx + by * by) * (nx * nx + ny * ny));
    }
  }
  const tells = textured >= Math.max(texturedMin, texturedPart * blob.area) && lengths > 0;
  evidence.kept = tells ? along / lengths : 0;
}

/** Fills `sharp` and `faded` from the rim: the ring of cells around the blob and its own outermost. */
function outline(
  blob: Blob,
  index: number,
  { owner, lit }: BlobFinder,
  { width, height, pixels }: Picture,
  { mean, light }: Model,
  brighter: number,
  evidence: Evidence,
): void {
  const wide = Math.ceil(width / 2);
  const reach = reachOf(width);
  const row = reach * width;
  const lastRow = Math.min(height - reach, blob.bottom + 2);
  const lastColumn = Math.min(width - reach, blob.right + 2);
  const local = brighter * light.gain;
  let sharp = 0;
  let faded = 0;
  let rim = 0;
  for (let y = Math.max(reach, blob.top - 2); y < lastRow; y++) {
    for (let x = Math.max(reach, blob.left - 2); x < lastColumn; x++) {
      const cell = (y >> 1) * wide + (x >> 1);
      if (owner[cell] !== index || isInner(lit, cell, wide)) continue;
      const pixel = y * width + x;
      const now =
        Math.abs((pixels[pixel + reach] ?? 0) - (pixels[pixel - reach] ?? 0)) +
        Math.abs((pixels[pixel + row] ?? 0) - (pixels[pixel - row] ?? 0));
      const before =
        Math.abs((mean[pixel + reach] ?? 0) - (mean[pixel - reach] ?? 0)) +
        Math.abs((mean[pixel + row] ?? 0) - (mean[pixel - row] ?? 0));
      const more = now - local * before;
      if (more > light.noise) sharp += more - light.noise;
      else if (more < -light.noise) faded -= more + light.noise;
      rim++;
    }
  }
  const full = rim * evidence.contrast;
  evidence.sharp = full === 0 ? 0 : sharp / full;
  evidence.faded = full === 0 ? 0 : faded / full;
}

function isInner(lit: Uint8Array, cell: number, wide: number): boolean {
  return (
    lit[cell] !== 0 && lit[cell - 1] !== 0 && lit[cell + 1] !== 0 && lit[cell - wide] !== 0 && lit[cell + wide] !== 0
  );
}
