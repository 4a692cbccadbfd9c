// The still part of the picture, painted once: planes as the camera gives them, and how far away what stands in it is.
import { type Canvas, createCanvas } from './canvas.ts';
import { createLayout, type Layout } from './layout.ts';
import { createLens, type Lens } from './lens.ts';
import { createDay, createNight, type Light, lampsOf, type TimeOfDay } from './light.ts';
import { paintGround } from './paint-ground.ts';
import { paintHouse } from './paint-house.ts';
import { paintHedge, paintSky } from './paint-sky.ts';
import { paintPole, paintWires } from './paint-street.ts';
import { paintBanyan, paintPalm } from './paint-trees.ts';
import { createShade } from './shade.ts';
import { chromaBlue, chromaRed, luma, shown } from './tone.ts';

/** Three planes one after the other in `bytes`, each value 16 below what the camera would say (so noise can be added to four at a time without a carry). */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface Backdrop {
  readonly layout: Layout;
  readonly lens: Lens;
  readonly light: Light;
  readonly planes: Planes;
  readonly depth: Float32Array;
}

/** What may be other than usual. */
export interface Painting {
  readonly trees?: boolean;
  readonly light?: Light;
}

export function usualLight(layout: Layout, time: TimeOfDay): Light {
  return time === 'day' ? createDay(layout, createShade(layout)) : createNight(lampsOf(layout));
}

export function paintBackdrop(
  seed: number,
  time: TimeOfDay,
  width: number,
  height: number,
  painting: Painting = {},
): Backdrop {
  const layout = createLayout(seed);
  const lens = createLens(width, height);
  const light = painting.light ?? usualLight(layout, time);
  const trees = painting.trees ?? true;
  const canvas = createCanvas(lens, light);
  paintSky(canvas, layout);
  paintGround(canvas, layout);
  paintHedge(canvas, layout);
  // The lane's houses from its end, then both rows of the main road from outside inwards: the inner ones stand before the outer ones' sides.
  const far = (house: Layout['houses'][number]) =>
    house.facing === 'south' ? Math.abs(house.x + house.widthM / 2 - layout.laneX) : 100 + house.y;
  for (const house of layout.houses.toSorted((a, b) => far(b) - far(a))) paintHouse(canvas, house);
  for (const pole of layout.poles) if (pole.y > 25) paintPole(canvas, layout, pole);
  if (trees) for (const palm of layout.palms) paintPalm(canvas, palm);
  paintWires(canvas, layout);
  for (const pole of layout.poles) if (pole.y < 25) paintPole(canvas, layout, pole);
  if (trees) paintBanyan(canvas, layout);
  if (time === 'night') bloom(canvas);
  return { layout, lens, light, planes: develop(canvas), depth: canvas.depth };
}

export function createPlanes(width: number, height: number): Planes {
  const size = width * height;
  const bytes = new Uint8Array((size * 3) / 2);
  return {
    width,
    height,
    y: bytes.subarray(0, size),
    u: bytes.subarray(size, size + size / 4),
    v: bytes.subarray(size + size / 4),
    bytes,
  };
}

const bloomCell = 4;

/** What is brighter than white spills over its surroundings: a narrow and a wide halo, worked out on a coarse grid. */
function bloom({ lens, rgb }: Canvas): void {
  const columns = Math.ceil(lens.width / bloomCell);
  const rows = Math.ceil(lens.height / bloomCell);
  const halo = new Float32Array(columns * rows * 3);
  for (const [share, radiusM] of [
    [1.4, 0.008],
    [0.7, 0.035],
  ] as const) {
    const bright = brightCells(rgb, lens, columns, rows);
    const radius = Math.max(1, Math.round(radiusM * columns));
    for (let pass = 0; pass < 3; pass++) {
      blur(bright, columns, rows, 3, columns * 3, radius);
      blur(bright, rows, columns, columns * 3, 3, radius);
    }
    for (let at = 0; at < halo.length; at++) halo[at] = (halo[at] ?? 0) + (bright[at] ?? 0) * share;
  }
  for (let y = 0, at = 0; y < lens.height; y++) {
    const v = Math.max(0, Math.min(rows - 1.001, (y + 0.5) / bloomCell - 0.5));
    for (let x = 0; x < lens.width; x++) {
      const u = Math.max(0, Math.min(columns - 1.001, (x + 0.5) / bloomCell - 0.5));
      const cell = (Math.floor(v) * columns + Math.floor(u)) * 3;
      for (let channel = 0; channel < 3; channel++, at++) {
        const index = cell + channel;
        const below = index + columns * 3;
        const top = (halo[index] ?? 0) + ((halo[index + 3] ?? 0) - (halo[index] ?? 0)) * (u % 1);
        const bottom = (halo[below] ?? 0) + ((halo[below + 3] ?? 0) - (halo[below] ?? 0)) * (u % 1);
        rgb[at] = (rgb[at] ?? 0) + top + (bottom - top) * (v % 1);
      }
    }
  }
}

function brightCells(rgb: Float32Array, { width, height }: Lens, columns: number, rows: number): Float32Array {
  const cells = new Float32Array(columns * rows * 3);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++, at++) {
        const excess = (rgb[at] ?? 0) - 0.55;
        if (excess <= 0) continue;
        const cell = (Math.floor(y / bloomCell) * columns + Math.floor(x / bloomCell)) * 3 + channel;
        cells[cell] = (cells[cell] ?? 0) + excess / bloomCell ** 2;
      }
  return cells;
}

/** Running mean along `length` cells `step` apart, in place, for three channels. */
function blur(
  values: Float32Array,
  length: number,
  lines: number,
  step: number,
  lineStep: number,
  radius: number,
): void {
  const row = new Float32Array(length);
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < 3; channel++) {
      const start = line * lineStep + channel;
      for (let index = 0; index < length; index++) row[index] = values[start + index * step] ?? 0;
      let sum = 0;
      for (let index = -radius; index < length; index++) {
        sum += row[index + radius] ?? 0;
        if (index > radius) sum -= row[index - radius - 1] ?? 0;
        if (index >= 0) values[start + index * step] = sum / (2 * radius + 1);
      }
    }
  }
}

/** Share of the light that comes through at that part of the width and height. */
export function fallOff(across: number, down: number): number {
  const dx = across - 0.5;
  const dy = down - 0.5;
  return 1 - 0.55 * (dx * dx + dy * dy);
}

/** Corners a little darker, as a cheap lens does; then film curve and colour planes. */
function develop({ lens, rgb }: Canvas): Planes {
  const { width, height } = lens;
  const planes = createPlanes(width, height);
  const sums = new Float32Array((width * height) / 2);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const fall = fallOff((x + 0.5) / width, (y + 0.5) / height);
      const r = shown((rgb[at * 3] ?? 0) * fall);
      const g = shown((rgb[at * 3 + 1] ?? 0) * fall);
      const b = shown((rgb[at * 3 + 2] ?? 0) * fall);
      planes.y[at] = Math.round(luma(r, g, b));
      const pair = ((y >> 1) * (width >> 1) + (x >> 1)) * 2;
      sums[pair] = (sums[pair] ?? 0) + chromaBlue(r, g, b) / 4;
      sums[pair + 1] = (sums[pair + 1] ?? 0) + chromaRed(r, g, b) / 4;
    }
  }
  for (let at = 0; at < planes.u.length; at++) {
    planes.u[at] = Math.round(sums[at * 2] ?? 0);
    planes.v[at] = Math.round(sums[at * 2 + 1] ?? 0);
  }
  return planes;
}
