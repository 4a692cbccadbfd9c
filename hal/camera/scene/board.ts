// The picture while figures are laid over it, and the extents that are measured on the way.
import type { Planes } from './backdrop.ts';
import { depthOf, type Lens, type Point, pixelX, pixelY } from './lens.ts';

/** Pixels from the first to before the last; empty while `right <= left`. */
export interface Extent {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export function emptyExtent(): Extent {
  return { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: 0, bottom: 0 };
}

export function take(extent: Extent, x: number, y: number): void {
  if (x < extent.left) extent.left = x;
  if (x >= extent.right) extent.right = x + 1;
  if (y < extent.top) extent.top = y;
  if (y >= extent.bottom) extent.bottom = y + 1;
}

export interface Board {
  readonly lens: Lens;
  readonly planes: Planes;
  /** Of the still picture: what is nearer than a figure hides it; `Infinity` is ground and sky. */
  readonly depth: Float32Array;
}

/** A picture rectangle around ground points, cut to the picture. */
export function groundExtent({ lens }: Board, points: readonly Point[]): readonly [number, number, number, number] {
  let [left, top, right, bottom] = [lens.width, lens.height, 0, 0];
  for (const point of points) {
    if (depthOf(lens, point) < 1) continue;
    left = Math.min(left, pixelX(lens, point));
    right = Math.max(right, pixelX(lens, point));
    top = Math.min(top, pixelY(lens, point));
    bottom = Math.max(bottom, pixelY(lens, point));
  }
  return [
    Math.max(0, Math.floor(left)),
    Math.max(0, Math.floor(top)),
    Math.min(lens.width - 1, Math.ceil(right)),
    Math.min(lens.height - 1, Math.ceil(bottom)),
  ];
}
