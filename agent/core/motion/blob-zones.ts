// In which watch zones a blob is large enough to count.
import type { BlobFinder } from './blobs.ts';
import type { ZoneMap } from './zones.ts';

export interface BlobZones {
  /** Bits of the watch zones in which the blob reaches `factor` times the smallest size. */
  of(index: number, factor: number): number;
}

export function createBlobZones(width: number, zones: ZoneMap, finder: BlobFinder, foreground: Uint8Array): BlobZones {
  const wide = Math.ceil(width / 2);
  const pixels = new Float64Array(zones.zones.length);
  const isWhole = zones.zones.every(({ name }) => name === undefined);

  function count(index: number): void {
    pixels.fill(0);
    const blob = finder.blobs[index];
    if (blob === undefined) return;
    if (isWhole) {
      pixels[0] = blob.area;
      return;
    }
    for (let y = blob.top; y < blob.bottom; y++) {
      for (let x: number = blob.left; x < blob.right; x++) {
        const pixel = y * width + x;
        if (foreground[pixel] === 0 || finder.owner[(y >> 1) * wide + (x >> 1)] !== index) continue;
        const bits = zones.bits[pixel] ?? 0;
        for (let zone = 0; zone < pixels.length; zone++) if ((bits >> zone) & 1) pixels[zone] = (pixels[zone] ?? 0) + 1;
      }
    }
  }

  return {
    of: (index, factor) => {
      count(index);
      let bits = 0;
      for (let zone = 0; zone < pixels.length; zone++)
        if ((pixels[zone] ?? 0) >= factor * (zones.zones[zone]?.minPixels ?? 0)) bits |= 1 << zone;
      return bits;
    },
  };
}
