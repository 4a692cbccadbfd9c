// Watch and ignore zones, drawn once into one number per pixel.
import type { Level } from '../../../protocol/manifest.ts';
import type { MotionConfig } from '../config/schema.ts';

export interface ZoneMap {
  /** Per pixel: bit i is set inside watch zone i and outside every ignore zone; 0 is not watched. Without watch zones bit 0 stands for the whole picture. */
  readonly bits: Uint16Array;
  /** Number of watched pixels. */
  readonly watchedPixels: number;
  /** Per bit: smallest subject in pixels, its level and its name (undefined for the whole picture). */
  readonly zones: readonly { readonly minPixels: number; readonly level: Level; readonly name: string | undefined }[];
}

type Corner = readonly [number, number];

export function drawZones(rules: MotionConfig): ZoneMap {
  const { width, height } = rules;
  const bits = new Uint16Array(width * height);
  rules.watch.forEach((zone, index) => {
    paint(zone.polygon, width, height, (pixel) => {
      bits[pixel] = (bits[pixel] ?? 0) | (1 << index);
    });
  });
  if (rules.watch.length === 0) bits.fill(1);
  for (const zone of rules.ignore)
    paint(zone.polygon, width, height, (pixel) => {
      bits[pixel] = 0;
    });
  const minPixels = (part: number) => part * width * height;
  const zones = rules.watch.map((zone) => ({
    minPixels: minPixels(zone.minSize ?? rules.minSize),
    level: zone.level,
    name: zone.name,
  }));
  const whole = [{ minPixels: minPixels(rules.minSize), level: 'event', name: undefined } as const];
  return {
    bits,
    watchedPixels: bits.reduce((count, value) => count + (value === 0 ? 0 : 1), 0),
    zones: zones.length === 0 ? whole : zones,
  };
}

/** Even-odd rule at pixel centres, row by row. */
function paint(corners: readonly Corner[], width: number, height: number, at: (pixel: number) => void): void {
  for (let row = 0; row < height; row++) {
    const crossings = crossingsOf(corners, (row + 0.5) / height);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const from = Math.max(0, Math.ceil((crossings[i] ?? 0) * width - 0.5));
      const to = Math.min(width, Math.ceil((crossings[i + 1] ?? 0) * width - 0.5));
      for (let column = from; column < to; column++) at(row * width + column);
    }
  }
}

function crossingsOf(corners: readonly Corner[], y: number): number[] {
  const crossings = corners.flatMap(([x1, y1], i) => {
    const [x2, y2] = corners[(i + 1) % corners.length] ?? [x1, y1];
    return y1 <= y === y2 <= y ? [] : [x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)];
  });
  return crossings.sort((a, b) => a - b);
}
