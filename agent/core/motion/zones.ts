// Watch and ignore zones, drawn once into one number per pixel.
import type { Level } from '../../../protocol/manifest.ts';
import type { MotionConfig } from '../config/schema.ts';
import type { SizeRule, WatchZone } from '../config/zone-schema.ts';

export interface Zone {
  /** Smallest subject anywhere in the zone, pixels. */
  readonly minPixels: number;
  /** Smallest subject by where its feet are: index is the row below its lowest one, 0 to the picture's height. Never falls towards the lower edge. */
  readonly minPixelsAt: Float64Array;
  readonly level: Level;
  /** Undefined for the whole picture. */
  readonly name: string | undefined;
}

export interface ZoneMap {
  /** Per pixel: bit i is set inside watch zone i and outside every ignore zone; 0 is not watched. Without watch zones bit 0 stands for the whole picture. */
  readonly bits: Uint16Array;
  /** Number of watched pixels. */
  readonly watchedPixels: number;
  /** One for each bit. */
  readonly zones: readonly Zone[];
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
  const wholePicture = { name: undefined, level: 'event', minSize: undefined, polygon: pictureEdges } as const;
  const watched = rules.watch.length === 0 ? [wholePicture] : rules.watch;
  return {
    bits,
    watchedPixels: bits.reduce((count, value) => count + (value === 0 ? 0 : 1), 0),
    zones: watched.map((zone) => {
      const minPixelsAt = sizesByFoot(zone, rules);
      return { minPixels: Math.min(...minPixelsAt), minPixelsAt, level: zone.level, name: zone.name };
    }),
  };
}

const pictureEdges: readonly Corner[] = [
  [0, 0],
  [0, 1],
];

/** A zone without a size of its own takes the picture's, which follows the picture's edges, not the zone's. */
function sizesByFoot(
  { polygon, minSize }: Pick<WatchZone, 'minSize'> & { polygon: readonly Corner[] },
  rules: MotionConfig,
): Float64Array {
  const { width, height } = rules;
  const edges = (minSize === undefined ? pictureEdges : polygon).map(([, y]) => y);
  const sizeAt = perspective(minSize ?? rules.minSize, Math.min(...edges), Math.max(...edges));
  return Float64Array.from({ length: height + 1 }, (_, foot) => sizeAt(foot / height) * width * height);
}

/** The length, the square root of the size, changes evenly from `upper` (far) to `lower` (near), and not beyond. */
export function perspective(size: SizeRule, upper: number, lower: number): (foot: number) => number {
  if (typeof size === 'number') return () => size;
  const far = Math.sqrt(size.far);
  const near = Math.sqrt(size.near);
  return (foot) => {
    const part = Math.min(1, Math.max(0, (foot - upper) / (lower - upper)));
    const side = far + (near - far) * part;
    return side * side;
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
