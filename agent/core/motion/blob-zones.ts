// How large a blob is in each watch zone, in parts of the smallest size that counts there.
import type { BlobFinder } from './blobs.ts';
import type { ZoneMap } from './zones.ts';

export interface BlobZones {
  /** Measures the blob: `ratios` then hold, per zone, its pixels there over the zone's smallest size where its feet are. Returns the largest of them. */
  measure(index: number): number;
  readonly ratios: Float64Array;
  /** Bits of the zones whose ratio is at least this, of the blob measured last. */
  bitsFrom(ratio: number): number;
}

export function createBlobZones(width: number, zones: ZoneMap, finder: BlobFinder, foreground: Uint8Array): BlobZones {
  const wide = Math.ceil(width / 2);
  const ratios = new Float64Array(zones.zones.length);
  const isWholePicture =
    zones.zones.length === 1 && zones.zones[0]?.name === undefined && zones.bits.every((bits) => bits === 1);

  function measure(index: number): number {
    ratios.fill(0);
    const blob = finder.blobs[index];
    if (blob === undefined) return 0;
    if (isWholePicture) ratios[0] = blob.area;
    else count(index);
    let largest = 0;
    for (let zone = 0; zone < ratios.length; zone++) {
      const ratio = (ratios[zone] ?? 0) / Math.max(1, zones.zones[zone]?.minPixelsAt[blob.bottom] ?? 1);
      ratios[zone] = ratio;
      largest = Math.max(largest, ratio);
    }
    return largest;
  }

  /** Pixels in each zone. */
  function count(index: number): void {
    const blob = finder.blobs[index];
    if (blob === undefined) return;
    for (let y = blob.top; y < blob.bottom; y++) {
      for (let x: number = blob.left; x < blob.right; x++) {
        const pixel = y * width + x;
        if (foreground[pixel] === 0 || finder.owner[(y >> 1) * wide + (x >> 1)] !== index) continue;
        const bits = zones.bits[pixel] ?? 0;
        for (let zone = 0; zone < ratios.length; zone++) if ((bits >> zone) & 1) ratios[zone] = (ratios[zone] ?? 0) + 1;
      }
    }
  }

  function bitsFrom(least: number): number {
    let bits = 0;
    for (let zone = 0; zone < ratios.length; zone++)
      if ((ratios[zone] ?? 0) > 0 && (ratios[zone] ?? 0) >= least) bits |= 1 << zone;
    return bits;
  }

  return { measure, ratios, bitsFrom };
}
