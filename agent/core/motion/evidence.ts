// Is a blob a thing, a patch of light, or the hole a thing left in the background?
//
// A thing brings an outline that the background does not have there. Where a thing was part of the background and has gone, the background has an outline
// that the picture lacks. Light comes and goes without an outline of its own. Both sums run over the blob's rim, per pixel, and are given in parts of the
// blob's contrast:
//   sharp = Σ max(0, |∇now| - |∇expected|) / (rim · contrast)
//   faded = Σ max(0, |∇expected| - |∇now|) / (rim · contrast)
import type { Blob, BlobFinder } from './blobs.ts';
import type { Light } from './light.ts';

export interface Evidence {
  /** Mean absolute difference of the blob's foreground, grey levels. */
  contrast: number;
  sharp: number;
  faded: number;
}

export type Looks = 'thing' | 'light' | 'hole';

/** An outline two pixels wide that carries the blob's full contrast gives about 0.5; half a turn of soft shadow over ten pixels 0.1. */
const sharpMin = 0.12;
const fadedMin = 0.15;
/** The background's outline must outweigh the picture's by this much: a person before a bush covers outlines too. */
const fadedOverSharp = 2;

export function looksLike(evidence: Evidence): Looks {
  if (evidence.faded >= fadedMin && evidence.faded > fadedOverSharp * evidence.sharp) return 'hole';
  return evidence.sharp < sharpMin ? 'light' : 'thing';
}

/** Fills `evidence` for one blob. */
export function weigh(
  blob: Blob,
  index: number,
  finder: BlobFinder,
  picture: { width: number; height: number; pixels: Uint8Array },
  model: { mean: Float32Array; difference: Float32Array; foreground: Uint8Array; light: Light },
  evidence: Evidence,
): void {
  const { width, height, pixels } = picture;
  const { mean, difference, foreground, light } = model;
  const wide = Math.ceil(width / 2);
  const { owner, lit } = finder;
  const dead = light.noise;
  let sharp = 0;
  let faded = 0;
  let rim = 0;
  let contrast = 0;
  let area = 0;
  for (let y = Math.max(1, blob.top - 2); y < Math.min(height - 1, blob.bottom + 2); y++) {
    for (let x = Math.max(1, blob.left - 2); x < Math.min(width - 1, blob.right + 2); x++) {
      const cell = (y >> 1) * wide + (x >> 1);
      if (owner[cell] !== index) continue;
      const pixel = y * width + x;
      if (foreground[pixel] === 1) {
        contrast += Math.abs(difference[pixel] ?? 0);
        area++;
      }
      if (
        lit[cell] !== 0 &&
        lit[cell - 1] !== 0 &&
        lit[cell + 1] !== 0 &&
        lit[cell - wide] !== 0 &&
        lit[cell + wide] !== 0
      )
        continue;
      const now =
        Math.abs((pixels[pixel + 1] ?? 0) - (pixels[pixel - 1] ?? 0)) +
        Math.abs((pixels[pixel + width] ?? 0) - (pixels[pixel - width] ?? 0));
      const before =
        light.gain *
        (Math.abs((mean[pixel + 1] ?? 0) - (mean[pixel - 1] ?? 0)) +
          Math.abs((mean[pixel + width] ?? 0) - (mean[pixel - width] ?? 0)));
      const more = now - before;
      if (more > dead) sharp += more - dead;
      else if (more < -dead) faded -= more + dead;
      rim++;
    }
  }
  evidence.contrast = area === 0 ? 0 : contrast / area;
  const full = rim * evidence.contrast;
  evidence.sharp = full === 0 ? 0 : sharp / full;
  evidence.faded = full === 0 ? 0 : faded / full;
}
