// The painter's board: linear light and depth for each pixel, surfaces in the village painted onto it far to near.
import { type Lens, outline, type Point } from './lens.ts';
import type { Light } from './light.ts';
import { createPad, type Pad, sweep } from './sweep.ts';
import type { Colour } from './tone.ts';

export interface Canvas {
  readonly lens: Lens;
  readonly light: Light;
  /** Red, green, blue for each pixel, linear. */
  readonly rgb: Float32Array;
  /** Metres along the optical axis of what stands there; `Infinity` for ground and sky, which hide nobody. */
  readonly depth: Float32Array;
  readonly pad: Pad;
}

/** What a surface is made of at a point: puts albedo into `out[0..2]` and its own light into `out[3..5]` (zero before). `pixelM` is a pixel's size there. */
export type Material = (x: number, y: number, z: number, pixelM: number, out: Float32Array) => void;

export function createCanvas(lens: Lens, light: Light): Canvas {
  const size = lens.width * lens.height;
  return {
    lens,
    light,
    rgb: new Float32Array(size * 3),
    depth: new Float32Array(size).fill(Number.POSITIVE_INFINITY),
    pad: createPad(),
  };
}

export function plain([r, g, b]: Colour): Material {
  return (_x, _y, _z, _pixel, out) => {
    out[0] = r;
    out[1] = g;
    out[2] = b;
  };
}

/** Shines by itself; by day the albedo is what one sees of it. */
export function shining([r, g, b]: Colour, albedo: Colour): Material {
  return (_x, _y, _z, _pixel, out) => {
    out[0] = albedo[0];
    out[1] = albedo[1];
    out[2] = albedo[2];
    out[3] = r;
    out[4] = g;
    out[5] = b;
  };
}

export interface Paint {
  /** 1 covers; less lets what is behind shine through. */
  readonly cover?: number;
  /** Writes no depth: shadows, stains, wires. */
  readonly thin?: boolean;
  /** The way the surface looks, where its corners do not say (flat strips); towards the camera otherwise. */
  readonly normal?: Point;
}

/** Paints a flat polygon of the village. */
export function surface(canvas: Canvas, corners: readonly Point[], material: Material, paint: Paint = {}): void {
  const { lens, light, rgb, depth, pad } = canvas;
  const plane = planeOf(corners, lens);
  if (plane === undefined) return;
  const [nx, ny, nz, d] = plane;
  const [lx, ly, lz] = paint.normal ?? [nx, ny, nz];
  const above = d - nz * lens.cameraM;
  const cover = paint.cover ?? 1;
  const out = new Float32Array(6);
  sweep(pad, outline(lens, corners), { x: 0, y: 0, w: lens.width, h: lens.height }, (px, py, share) => {
    const right = (px + 0.5 - lens.cx) / lens.focal;
    const up = -(py + 0.5 - lens.cy) / lens.focal;
    const ry = lens.cos + up * lens.sin;
    const rz = up * lens.cos - lens.sin;
    const far = above / (nx * right + ny * ry + nz * rz);
    if (!(far > 0.2)) return;
    out[3] = 0;
    out[4] = 0;
    out[5] = 0;
    const x = right * far;
    const y = ry * far;
    const z = lens.cameraM + rz * far;
    material(x, y, z, far / lens.focal, out);
    light.shade(x, y, z, lx, ly, lz, far, out);
    const at = py * lens.width + px;
    lay(rgb, at * 3, out, share * cover);
    if (share > 0.5 && paint.thin !== true) depth[at] = far;
  });
}

/** Lays one colour over a pixel. */
export function lay(rgb: Float32Array, at: number, colour: Float32Array, share: number): void {
  const r = rgb[at] ?? 0;
  const g = rgb[at + 1] ?? 0;
  const b = rgb[at + 2] ?? 0;
  rgb[at] = r + ((colour[0] ?? 0) - r) * share;
  rgb[at + 1] = g + ((colour[1] ?? 0) - g) * share;
  rgb[at + 2] = b + ((colour[2] ?? 0) - b) * share;
}

/** Normal (towards the camera) and offset of the plane through the first three corners that span one. */
function planeOf(corners: readonly Point[], lens: Lens): readonly [number, number, number, number] | undefined {
  const [a, b, c] = corners;
  if (a === undefined || b === undefined || c === undefined) return undefined;
  const ux = b[0] - a[0];
  const uy = b[1] - a[1];
  const uz = b[2] - a[2];
  const vx = c[0] - a[0];
  const vy = c[1] - a[1];
  const vz = c[2] - a[2];
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  const length = Math.hypot(nx, ny, nz);
  if (length < 1e-9) return undefined;
  const toCamera = nz * lens.cameraM - (nx * a[0] + ny * a[1] + nz * a[2]);
  const sign = (toCamera < 0 ? -1 : 1) / length;
  return [nx * sign, ny * sign, nz * sign, (nx * a[0] + ny * a[1] + nz * a[2]) * sign];
}

/** A soft-edged ellipse straight onto the picture: leaves, pots, halos. Pixels; already lit colour. */
export function dab(
  canvas: Canvas,
  cx: number,
  cy: number,
  rx: number,
  ry: number,
  lit: Float32Array,
  cover: number,
  far: number,
): void {
  const { lens, rgb, depth } = canvas;
  const x0 = Math.max(0, Math.floor(cx - rx - 1));
  const x1 = Math.min(lens.width - 1, Math.ceil(cx + rx + 1));
  const y0 = Math.max(0, Math.floor(cy - ry - 1));
  const y1 = Math.min(lens.height - 1, Math.ceil(cy + ry + 1));
  const small = Math.min(rx, ry);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const u = (x + 0.5 - cx) / rx;
      const v = (y + 0.5 - cy) / ry;
      const share = (1 - Math.sqrt(u * u + v * v)) * small + 0.5;
      if (share <= 0) continue;
      const laid = Math.min(1, share) * cover;
      lay(rgb, (y * lens.width + x) * 3, lit, laid);
      if (laid > 0.5 && far < Number.POSITIVE_INFINITY) depth[y * lens.width + x] = far;
    }
  }
}

/** A line of some width in metres, never thinner than a hair: below a pixel it fades instead. */
export function strand(
  canvas: Canvas,
  points: readonly Point[],
  widthM: number,
  material: Material,
  paint: Paint = {},
): void {
  const { lens, rgb, light, pad, depth } = canvas;
  const flat = outline(lens, points);
  const out = new Float32Array(6);
  for (let index = 1; index < points.length; index++) {
    const from = points[index - 1];
    const to = points[index];
    if (from === undefined || to === undefined) continue;
    const far = (from[1] + to[1]) / 2;
    const wide = (widthM * lens.focal) / Math.max(1, far);
    const half = Math.max(0.45, wide / 2);
    const fade = Math.min(1, wide / 2 / half) * (paint.cover ?? 1);
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = flat.slice(index * 2 - 2, index * 2 + 2);
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const dx = (-(y1 - y0) / length) * half;
    const dy = ((x1 - x0) / length) * half;
    out.fill(0);
    material(from[0], from[1], from[2], far / lens.focal, out);
    const [nx, ny, nz] = paint.normal ?? [0, -0.8, 0.6];
    light.shade(from[0], from[1], from[2], nx, ny, nz, far, out);
    const quad = [x0 + dx, y0 + dy, x1 + dx, y1 + dy, x1 - dx, y1 - dy, x0 - dx, y0 - dy];
    sweep(pad, quad, { x: 0, y: 0, w: lens.width, h: lens.height }, (px, py, share) => {
      const at = py * lens.width + px;
      lay(rgb, at * 3, out, share * fade);
      if (paint.thin !== true && share * fade > 0.5) depth[at] = far;
    });
  }
}
