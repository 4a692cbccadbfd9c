// Rain: streaks that are seen by daylight or where a lamp lights them, a veil over what is far, and now and then a drop that stays on the glass.
import type { Backdrop, Planes } from './backdrop.ts';
import { type Effect, gust, wander } from './effect.ts';
import { depthOf, pixelX, pixelY } from './lens.ts';
import { hazeAt, type Light } from './light.ts';
import { dice } from './random.ts';
import { onSky, type Survey } from './survey.ts';

/** By day it rains from a closed sky: light from above on all sides, no sun. */
export function createOvercast(day: Light): Light {
  return {
    ...day,
    shade: (_x, _y, _z, _nx, _ny, nz, far, out) => {
      const sky = 0.62 + 0.38 * nz;
      const haze = hazeAt(far, 130);
      for (let channel = 0; channel < 3; channel++) {
        const seen = (out[channel] ?? 0) * (0.72 + 0.03 * channel) * sky;
        out[channel] = seen + (0.52 - seen) * haze;
      }
    },
    around: (at) => ({ soft: [0.62, 0.64, 0.67], key: [0, 0, 0], toKey: day.around(at).toKey }),
  };
}

/** The sky of such a day, instead of a blue one. */
export function greySky({ y, u, v, width }: Planes, { on }: Survey): void {
  for (let at = 0; at < y.length; at++) {
    if (on[at] !== onSky) continue;
    y[at] = 120 + 0.3 * (y[at] ?? 0);
    const [row, column] = [Math.floor(at / width), at % width];
    const pair = (row >> 1) * (width >> 1) + (column >> 1);
    u[pair] = 113;
    v[pair] = 111;
  }
}

/** Streaks and the veil, over everything in the village. `infrared` light of the camera's own makes the near drops shine. */
export function createRain({ lens, light, layout }: Backdrop, infrared: boolean, strength: number): Effect {
  const { seed } = layout;
  const night = light.time === 'night';
  const lit = litAir(lens.width, lens.height, night, infrared);
  if (night)
    for (const lamp of light.lamps) {
      const reach = (lens.focal * (lamp.down ? 3.4 : 1.6)) / depthOf(lens, lamp.at);
      glow(lit, lens.width, lens.height, pixelX(lens, lamp.at), pixelY(lens, lamp.at), reach);
    }
  return (planes, { frame, second }) => {
    const hard = strength * (0.35 + 0.65 * wander(seed + 141, second, 30));
    const slant = 0.05 + 0.3 * gust(seed + 142, second);
    if (!night) veil(planes, 0.22 * hard);
    const chance = dice(seed, 140, frame);
    const count = Math.round(40 + 420 * hard);
    for (let index = 0; index < count; index++) {
      // Most are far and thin; a few near ones are long and broad.
      const near = chance.part() ** 4;
      const length = (0.035 + 0.16 * near) * planes.height;
      const x = chance.from(-0.1, 1.05) * planes.width;
      const y = chance.from(-0.15, 1) * planes.height;
      const cover = (0.1 + 0.3 * near) * (0.6 + 0.4 * hard) * (night ? 1.5 : 1);
      streak(planes, lit, x, y, length, slant, (0.0016 + 0.005 * near) * planes.width, cover, night ? 214 : 196);
    }
  };
}

function litAir(width: number, height: number, night: boolean, infrared: boolean): Float32Array {
  return new Float32Array(width * height).fill(night ? (infrared ? 0.75 : 0.06) : 1);
}

function glow(lit: Float32Array, width: number, height: number, cx: number, cy: number, reach: number): void {
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      // More is lit below a lamp than above it.
      const dy = (y - cy) / (y > cy ? 1.8 : 1);
      const near = 1 / (1 + ((x - cx) ** 2 + dy * dy) / (reach * reach)) ** 1.5;
      lit[at] = Math.min(1.3, (lit[at] ?? 0) + near);
    }
}

function veil({ y }: Planes, share: number): void {
  for (let at = 0; at < y.length; at++) {
    const far = at < y.length * 0.6 ? 1 : (1 - at / y.length) * 2.5;
    y[at] = (y[at] ?? 0) * (1 - share * far) + 138 * share * far + 0.5;
  }
}

function streak(
  { y: luma, width, height }: Planes,
  lit: Float32Array,
  x: number,
  y: number,
  length: number,
  slant: number,
  wide: number,
  cover: number,
  bright: number,
): void {
  const first = Math.max(0, Math.floor(y));
  const last = Math.min(height - 1, Math.ceil(y + length));
  // Thinner than a pixel: fainter.
  const half = Math.max(1, wide) / 2;
  const share = cover * Math.min(1, wide + 0.25);
  for (let row = first; row <= last; row++) {
    const middle = x + (row - y) * slant;
    const taper = Math.sin(Math.min(1, Math.max(0, (row + 0.5 - y) / length)) * Math.PI);
    for (let column = Math.floor(middle - half); column <= middle + half; column++) {
      if (column < 0 || column >= width) continue;
      const inside = Math.min(1, half + 0.5 - Math.abs(column + 0.5 - middle));
      if (inside <= 0) continue;
      const at = row * width + column;
      const part = share * taper * inside * (lit[at] ?? 0);
      const old = luma[at] ?? 0;
      if (bright > old) luma[at] = old + (bright - old) * part + 0.5;
    }
  }
}

const dropSlotS = 40;

interface Drop {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly fade: number;
}

/** Drops on the glass before the lens: they show the street small and upside down, out of focus, then run off. */
export function createDrops({ lens, layout }: Backdrop, strength: number): Effect {
  const cells = createCells(lens.width, lens.height);
  return (planes, { second }) => {
    const drops = dropsAt(layout.seed, strength, second, lens.height / lens.width);
    if (drops.length === 0) return;
    cells.take(planes.y);
    for (const drop of drops) layDrop(planes, cells, drop);
  };
}

function dropsAt(seed: number, strength: number, second: number, aspect: number): Drop[] {
  const drops: Drop[] = [];
  const slot = Math.floor(second / dropSlotS);
  for (let index = slot - 1; index <= slot; index++)
    for (let lot = 0; lot < 3; lot++) {
      const chance = dice(seed, 150, index, lot);
      const there = chance.chance(0.15 + 0.5 * strength);
      const ageS = second - (index + chance.part()) * dropSlotS;
      const lastsS = chance.from(8, dropSlotS);
      const x = chance.part();
      const y = chance.part() * aspect;
      const radius = chance.from(0.014, 0.045);
      const runsS = chance.from(0.4, 1.2);
      if (!there || ageS < 0 || ageS > lastsS + runsS) continue;
      const run = Math.max(0, ageS - lastsS) / runsS;
      drops.push({ x, y: y + run * run * aspect, radius: radius * (1 - 0.4 * run), fade: Math.min(1, ageS * 8) });
    }
  return drops;
}

function layDrop({ y: luma, width, height }: Planes, cells: Cells, { x, y, radius, fade }: Drop): void {
  const [cx, cy, r] = [x * width, y * width, radius * width];
  const clampX = (value: number) => Math.max(0, Math.min(width - 1, Math.round(value)));
  const clampY = (value: number) => Math.max(0, Math.min(height - 1, Math.round(value)));
  for (let row = clampY(cy - r); row <= clampY(cy + r); row++)
    for (let column = clampX(cx - r); column <= clampX(cx + r); column++) {
      const dx = (column + 0.5 - cx) / r;
      const dy = (row + 0.5 - cy) / (r * 1.12);
      const out = dx * dx + dy * dy;
      if (out >= 1) continue;
      // Upside down and six times as wide a view.
      const seen = cells.at(cx - dx * r * 6, cy - dy * r * 6);
      const rim = 1 - 0.35 * out * out + 0.12 * Math.max(0, -dy) * (1 - out);
      const share = Math.min(1, (1 - out) * 2.2) * 0.88 * fade;
      const at = row * width + column;
      luma[at] = Math.min(219, (luma[at] ?? 0) * (1 - share) + (seen * rim + 6) * share + 0.5);
    }
}

/** The picture as small blurred cells, looked up smoothly. */
interface Cells {
  take(luma: Uint8Array): void;
  at(x: number, y: number): number;
}

function createCells(width: number, height: number): Cells {
  const edge = Math.max(2, Math.round(width / 40));
  const columns = Math.floor(width / edge);
  const rows = Math.floor(height / edge);
  const cells = new Float32Array(columns * rows);
  return {
    take: (luma) => {
      cells.fill(0);
      for (let y = 0; y < rows * edge; y++)
        for (let x = 0; x < columns * edge; x++) {
          const cell = Math.floor(y / edge) * columns + Math.floor(x / edge);
          cells[cell] = (cells[cell] ?? 0) + (luma[y * width + x] ?? 0) / (edge * edge);
        }
    },
    at: (x, y) => {
      const u = Math.max(0, Math.min(columns - 1.001, x / edge - 0.5));
      const v = Math.max(0, Math.min(rows - 1.001, y / edge - 0.5));
      const from = Math.floor(v) * columns + Math.floor(u);
      const top = (cells[from] ?? 0) + ((cells[from + 1] ?? 0) - (cells[from] ?? 0)) * (u % 1);
      const below = from + columns;
      const bottom = (cells[below] ?? 0) + ((cells[below + 1] ?? 0) - (cells[below] ?? 0)) * (u % 1);
      return top + (bottom - top) * (v % 1);
    },
  };
}
