// A figure drawn on a piece of glass of its own: colour as the camera's bytes, with its coverage, before it is laid over the street.
import type { Figure, Hull, Limb, Plate, Solid } from './figure.ts';
import { depthOf, type Lens, outline, type Point, pixelX, pixelY } from './lens.ts';
import { hazeAt, type Light } from './light.ts';
import { createPad, hull, type Pad, sweep } from './sweep.ts';
import { type Colour, chromaBlue, chromaRed, luma, shown } from './tone.ts';

/** Four numbers a pixel: luma, blue and red difference (all less 16, times coverage), coverage. Even origin and size, may reach beyond the picture. */
export interface Tile {
  x: number;
  y: number;
  w: number;
  h: number;
  pixels: Float32Array;
  /** Metres along the optical axis, of the figure as a whole. */
  depth: number;
  readonly pad: Pad;
}

export function createTile(): Tile {
  return { x: 0, y: 0, w: 0, h: 0, pixels: new Float32Array(1 << 16), depth: 0, pad: createPad() };
}

/** Colours of one tint from full shade to full light, `steps + 1` of three numbers. */
type Ramp = Float32Array;
const steps = 32;

interface Brush {
  readonly tile: Tile;
  readonly lens: Lens;
  readonly toKey: Point;
  /** The same seen from the camera: right, down, towards it. */
  readonly keyRight: number;
  readonly keyDown: number;
  readonly keyNear: number;
  ramp(tint: Colour): Ramp;
}

/** Draws the figure; false when nothing of it falls into the picture. */
export function drawTile(tile: Tile, figure: Figure, lens: Lens, light: Light): boolean {
  const foot: Point = [figure.at[0], figure.at[1], 0];
  tile.depth = depthOf(lens, [foot[0], foot[1], 0.8]);
  if (tile.depth < 2 || !frame(tile, figure.solids, lens)) return false;
  tile.pixels.fill(0, 0, tile.w * tile.h * 4);
  const brush = createBrush(tile, lens, light, foot, figure.even ?? 0);
  const order = figure.solids.map((solid) => ({ solid, far: farOf(lens, solid) }));
  order.sort((a, b) => b.far - a.far);
  for (const { solid } of order) {
    if (solid.is === 'limb') drawLimb(brush, solid);
    else if (solid.is === 'plate') drawPlate(brush, solid);
    else drawHull(brush, solid);
  }
  return true;
}

function createBrush(tile: Tile, lens: Lens, light: Light, at: Point, even: number): Brush {
  const { soft, key, toKey } = light.around(at);
  const ramps = new Map<Colour, Ramp>();
  const haze = light.time === 'day' ? hazeAt(tile.depth, 240) : 0;
  return {
    tile,
    lens,
    toKey,
    keyRight: toKey[0],
    keyDown: -(toKey[1] * lens.sin + toKey[2] * lens.cos),
    keyNear: -(toKey[1] * lens.cos - toKey[2] * lens.sin),
    ramp: (tint) => {
      const known = ramps.get(tint);
      if (known !== undefined) return known;
      const made = createRamp(tint, soft, key, haze, even);
      ramps.set(tint, made);
      return made;
    },
  };
}

function createRamp(tint: Colour, soft: Colour, key: Colour, haze: number, even: number): Ramp {
  const ramp = new Float32Array((steps + 1) * 3);
  for (let step = 0; step <= steps; step++) {
    const level = even === 0 ? step / steps : step / steps + (0.55 - step / steps) * even;
    const seen = (channel: 0 | 1 | 2) => {
      const lit = tint[channel] * (soft[channel] * (0.55 + 0.45 * level) + key[channel] * level);
      return shown(lit + (0.76 - lit) * haze);
    };
    const r = seen(0);
    const g = seen(1);
    const b = seen(2);
    ramp[step * 3] = luma(r, g, b);
    ramp[step * 3 + 1] = chromaBlue(r, g, b);
    ramp[step * 3 + 2] = chromaRed(r, g, b);
  }
  return ramp;
}

/** Sets the tile's place around the solids; false when it misses the picture. */
function frame(tile: Tile, solids: readonly Solid[], lens: Lens): boolean {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  const take = (point: Point, radiusM: number) => {
    const far = Math.max(0.3, depthOf(lens, point));
    const x = pixelX(lens, point);
    const y = pixelY(lens, point);
    const radius = (radiusM * lens.focal) / far + 1;
    left = Math.min(left, x - radius);
    right = Math.max(right, x + radius);
    top = Math.min(top, y - radius);
    bottom = Math.max(bottom, y + radius);
  };
  for (const solid of solids) {
    if (solid.is === 'limb') {
      take(solid.from, solid.fromM);
      take(solid.to, solid.toM);
    } else for (const point of solid.is === 'plate' ? solid.corners : solid.points) take(point, 0);
  }
  if (!(right > 0 && bottom > 0 && left < lens.width && top < lens.height)) return false;
  tile.x = Math.floor(left / 2) * 2;
  tile.y = Math.floor(top / 2) * 2;
  tile.w = Math.ceil((right - tile.x) / 2) * 2 + 2;
  tile.h = Math.ceil((bottom - tile.y) / 2) * 2 + 2;
  const size = tile.w * tile.h * 4;
  if (tile.pixels.length < size) tile.pixels = new Float32Array(size * 1.5);
  return true;
}

function farOf(lens: Lens, solid: Solid): number {
  if (solid.is === 'limb') return (depthOf(lens, solid.from) + depthOf(lens, solid.to)) / 2 - solid.nearerM;
  const points = solid.is === 'plate' ? solid.corners : solid.points;
  let sum = 0;
  for (const point of points) sum += depthOf(lens, point);
  return sum / points.length - solid.nearerM;
}

function over(pixels: Float32Array, at: number, ramp: Ramp, level: number, share: number): void {
  const step = (level <= 0 ? 0 : level >= 1 ? steps : Math.round(level * steps)) * 3;
  const rest = 1 - share;
  pixels[at] = (pixels[at] ?? 0) * rest + (ramp[step] ?? 0) * share;
  pixels[at + 1] = (pixels[at + 1] ?? 0) * rest + (ramp[step + 1] ?? 0) * share;
  pixels[at + 2] = (pixels[at + 2] ?? 0) * rest + (ramp[step + 2] ?? 0) * share;
  pixels[at + 3] = (pixels[at + 3] ?? 0) * rest + share;
}

function drawLimb(brush: Brush, { from, to, fromM, toM, tint }: Limb): void {
  const { tile, lens, keyRight, keyDown, keyNear } = brush;
  const ramp = brush.ramp(tint);
  const ax = pixelX(lens, from) - tile.x;
  const ay = pixelY(lens, from) - tile.y;
  const bx = pixelX(lens, to) - tile.x - ax;
  const by = pixelY(lens, to) - tile.y - ay;
  const ra = (fromM * lens.focal) / depthOf(lens, from);
  const rb = (toM * lens.focal) / depthOf(lens, to);
  const square = bx * bx + by * by;
  const reach = Math.max(ra, rb) + 1;
  const x0 = Math.max(0, Math.floor(Math.min(ax, ax + bx) - reach));
  const x1 = Math.min(tile.w - 1, Math.ceil(Math.max(ax, ax + bx) + reach));
  const y0 = Math.max(0, Math.floor(Math.min(ay, ay + by) - reach));
  const y1 = Math.min(tile.h - 1, Math.ceil(Math.max(ay, ay + by) + reach));
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const px = x + 0.5 - ax;
      const py = y + 0.5 - ay;
      let part = square > 1e-6 ? (px * bx + py * by) / square : 0;
      part = part < 0 ? 0 : Math.min(part, 1);
      const dx = px - bx * part;
      const dy = py - by * part;
      const radius = ra + (rb - ra) * part;
      const distance = Math.sqrt(dx * dx + dy * dy);
      // Thinner than a pixel: fainter instead of thinner.
      const thin = radius < 0.5 ? radius * 2 : 1;
      const share = (Math.max(radius, 0.5) - distance + 0.5) * thin;
      if (share <= 0) continue;
      const scale = 1 / Math.max(radius, 0.5);
      const nx = dx * scale;
      const ny = dy * scale;
      const near = 1 - nx * nx - ny * ny;
      const level = (nx * keyRight + ny * keyDown + (near > 0 ? Math.sqrt(near) : 0) * keyNear + 0.25) * 0.8;
      over(tile.pixels, (y * tile.w + x) * 4, ramp, level, Math.min(share, 1));
    }
  }
}

function drawPlate(brush: Brush, { corners, tint, oneSided }: Plate): void {
  const { tile, lens, toKey } = brush;
  const [a, b, c] = corners;
  if (a === undefined || b === undefined || c === undefined) return;
  const ux = b[0] - a[0];
  const uy = b[1] - a[1];
  const uz = b[2] - a[2];
  const vx = c[0] - a[0];
  const vy = c[1] - a[1];
  const vz = c[2] - a[2];
  let nx = uy * vz - uz * vy;
  let ny = uz * vx - ux * vz;
  let nz = ux * vy - uy * vx;
  const length = Math.hypot(nx, ny, nz) || 1;
  const facing = -nx * a[0] - ny * a[1] + nz * (lens.cameraM - a[2]);
  if (oneSided && facing <= 0) return;
  const sign = (facing < 0 ? -1 : 1) / length;
  nx *= sign;
  ny *= sign;
  nz *= sign;
  const ramp = brush.ramp(tint);
  const level = (nx * toKey[0] + ny * toKey[1] + nz * toKey[2] + 0.15) * 0.88;
  const polygon = shifted(outline(lens, corners), tile);
  // Sheet metal is never quite even: a little lighter towards its upper edge.
  const [top, height] = extent(polygon, 1);
  sweep(tile.pad, polygon, { x: 0, y: 0, w: tile.w, h: tile.h }, (x, y, share) => {
    const rise = 0.06 - (0.14 * (y - top)) / height;
    over(tile.pixels, (y * tile.w + x) * 4, ramp, level + rise, share);
  });
}

function drawHull(brush: Brush, { points, tint }: Hull): void {
  const { tile, lens, keyRight, keyDown, keyNear } = brush;
  const ramp = brush.ramp(tint);
  const polygon = hull(shifted(outline(lens, points), tile));
  const [left, wide] = extent(polygon, 0);
  const [top, high] = extent(polygon, 1);
  sweep(tile.pad, polygon, { x: 0, y: 0, w: tile.w, h: tile.h }, (x, y, share) => {
    const nx = Math.max(-1, Math.min(1, ((x + 0.5 - left) / wide) * 2 - 1)) * 0.85;
    const ny = Math.max(-1, Math.min(1, ((y + 0.5 - top) / high) * 2 - 1)) * 0.3 - 0.2;
    const level = (nx * keyRight + ny * keyDown + Math.sqrt(Math.max(0, 1 - nx * nx - ny * ny)) * keyNear + 0.2) * 0.85;
    over(tile.pixels, (y * tile.w + x) * 4, ramp, level, share);
  });
}

function shifted(flat: number[], tile: Tile): number[] {
  for (let at = 0; at < flat.length; at += 2) {
    flat[at] = (flat[at] ?? 0) - tile.x;
    flat[at + 1] = (flat[at + 1] ?? 0) - tile.y;
  }
  return flat;
}

/** Least value and reach of the x (0) or y (1) of a flat list. */
function extent(flat: readonly number[], axis: 0 | 1): readonly [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let at = axis; at < flat.length; at += 2) {
    const value = flat[at] ?? 0;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, Math.max(1, greatest - least)];
}
