// Lays figures, their shadows and their lights over the planes, and measures what was laid: the boxes of the truth come from here.
import type { Planes } from './backdrop.ts';
import type { Beam, Figure, Glow } from './figure.ts';
import { depthOf, groundDepth, groundY, type Lens, type Point, pixelX, pixelY } from './lens.ts';
import type { Tile } from './tile.ts';
import { chromaBlue, chromaRed, luma } from './tone.ts';

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

function take(extent: Extent, x: number, y: number): void {
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

export interface Laid {
  /** Pixels of the figure itself that can be seen. */
  readonly seen: Extent;
  /** Its pixels within the picture, hidden ones too. */
  readonly whole: Extent;
  /** Share of it that can be seen. */
  readonly visible: number;
}

const countedShare = 1 / 12;

/** Lays a drawn figure over the picture. `nearer` are the tiles of figures in front of it. Colour is blended per 2x2 block. */
export function layTile(board: Board, tile: Tile, nearer: readonly Tile[], touched: Extent): Laid {
  const { planes } = board;
  const seen = emptyExtent();
  const whole = emptyExtent();
  const sums = { all: 0, seen: 0 };
  for (let by = 0; by < tile.h; by += 2) {
    for (let bx = 0; bx < tile.w; bx += 2) {
      let blue = 0;
      let red = 0;
      let share = 0;
      for (let corner = 0; corner < 4; corner++) {
        const tx = bx + (corner & 1);
        const ty = by + (corner >> 1);
        const at = (ty * tile.w + tx) * 4;
        const own = tile.pixels[at + 3] ?? 0;
        if (own < 0.004) continue;
        sums.all += own;
        const x = tile.x + tx;
        const y = tile.y + ty;
        if (x < 0 || y < 0 || x >= planes.width || y >= planes.height) continue;
        if (own >= countedShare) take(whole, x, y);
        const open = openShare(board, x, y, tile.depth);
        if (open === 0) continue;
        const pixel = y * planes.width + x;
        const laid = own * open;
        planes.y[pixel] = (planes.y[pixel] ?? 0) * (1 - laid) + (tile.pixels[at] ?? 0) * open + 0.5;
        blue += (tile.pixels[at + 1] ?? 0) * open;
        red += (tile.pixels[at + 2] ?? 0) * open;
        share += laid;
        const clear = laid * clearOf(nearer, x, y);
        sums.seen += clear;
        if (clear >= countedShare) take(seen, x, y);
        take(touched, x, y);
      }
      if (share > 0) {
        const pixel = ((tile.y + by) >> 1) * (planes.width >> 1) + ((tile.x + bx) >> 1);
        planes.u[pixel] = (planes.u[pixel] ?? 0) * (1 - share / 4) + blue / 4 + 0.5;
        planes.v[pixel] = (planes.v[pixel] ?? 0) * (1 - share / 4) + red / 4 + 0.5;
      }
    }
  }
  return { seen, whole, visible: sums.all > 0 ? sums.seen / sums.all : 0 };
}

/** Writes a still thing's distance, so that it hides what passes behind it. */
export function layDepth(board: Board, tile: Tile): void {
  for (let ty = 0; ty < tile.h; ty++) {
    for (let tx = 0; tx < tile.w; tx++) {
      const x = tile.x + tx;
      const y = tile.y + ty;
      if (x < 0 || y < 0 || x >= board.planes.width || y >= board.planes.height) continue;
      if ((tile.pixels[(ty * tile.w + tx) * 4 + 3] ?? 0) > 0.5) board.depth[y * board.planes.width + x] = tile.depth;
    }
  }
}

/** How much of the pixel nothing still hides; four samples soften the edge of the hiding thing. */
function openShare({ depth, planes }: Board, x: number, y: number, far: number): number {
  const right = x + 1 < planes.width ? 1 : 0;
  const down = y + 1 < planes.height ? planes.width : 0;
  const at = y * planes.width + x;
  const clear = (index: number) => ((depth[index] ?? 0) > far ? 0.25 : 0);
  return clear(at) + clear(at + right) + clear(at + down) + clear(at + right + down);
}

function clearOf(nearer: readonly Tile[], x: number, y: number): number {
  let clear = 1;
  for (const tile of nearer) {
    const tx = x - tile.x;
    const ty = y - tile.y;
    if (tx < 0 || ty < 0 || tx >= tile.w || ty >= tile.h) continue;
    clear *= 1 - (tile.pixels[(ty * tile.w + tx) * 4 + 3] ?? 0);
  }
  return clear;
}

/** A picture rectangle around ground points, cut to the picture. */
function groundExtent({ lens }: Board, points: readonly Point[]): readonly [number, number, number, number] {
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

/** The figure's limbs cast along the sun's rays onto the ground, blurred more the higher they are; under a lamp or clouds only the dark right below. */
export function layShadow(
  board: Board,
  figure: Figure,
  sun: Point | undefined,
  strength: number,
  cover: Float32Array,
  touched: Extent,
): void {
  const marks = sun === undefined ? [] : shadowMarks(figure, sun, strength);
  // Little sky reaches the ground right under something.
  marks.push({
    ax: figure.at[0],
    ay: figure.at[1],
    bx: figure.at[0],
    by: figure.at[1],
    from: 0.1,
    to: 0.1,
    soft: 0.35,
    dark: 0.34,
  });
  const around: Point[] = [];
  for (const { ax, ay, bx, by, from, to, soft } of marks)
    for (const turn of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const reach = Math.max(from, to) + soft;
      const dx = Math.cos((turn * Math.PI) / 4) * reach * 1.1;
      const dy = Math.sin((turn * Math.PI) / 4) * reach * 1.1;
      around.push([ax + dx, ay + dy, 0], [bx + dx, by + dy, 0]);
    }
  const [left, top, right, bottom] = groundExtent(board, around);
  const wide = right - left + 1;
  if (wide <= 0 || bottom < top || wide * (bottom - top + 1) > cover.length) return;
  cover.fill(0, 0, wide * (bottom - top + 1));
  for (const mark of marks) castMark(board, mark, left, top, wide, bottom, cover);
  darken(board, cover, left, top, wide, bottom, touched);
}

interface Mark {
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
  readonly from: number;
  readonly to: number;
  readonly soft: number;
  readonly dark: number;
}

function shadowMarks(figure: Figure, [sx, sy, sz]: Point, strength: number): Mark[] {
  const marks: Mark[] = [];
  const dark = 0.6 * strength;
  if (dark < 0.03) return marks;
  const mark = (a: Point, b: Point, from: number, to: number) =>
    marks.push({
      ax: a[0] - (sx / sz) * a[2],
      ay: a[1] - (sy / sz) * a[2],
      bx: b[0] - (sx / sz) * b[2],
      by: b[1] - (sy / sz) * b[2],
      from,
      to,
      soft: 0.03 + 0.035 * Math.max(a[2], b[2]),
      dark,
    });
  for (const solid of figure.solids) {
    if (solid.is === 'limb') {
      if (solid.fromM > 0.03) mark(solid.from, solid.to, solid.fromM, solid.toM);
      continue;
    }
    // A sheet or drum is stroked along its middle, as thick as half its lesser reach.
    const points = solid.is === 'plate' ? solid.corners : solid.points;
    const middle = (axis: 0 | 1 | 2) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
    const centre: Point = [middle(0), middle(1), middle(2)];
    let reach = 0;
    for (const point of points)
      reach = Math.max(reach, Math.hypot(point[0] - centre[0], point[1] - centre[1], point[2] - centre[2]));
    if (reach < 0.3 || solid.nearerM > 0.1) continue;
    if (solid.is === 'hull') mark(centre, centre, reach * 0.8, reach * 0.8);
    else
      for (const [index, point] of points.entries())
        if (points.length < 8 || index % 4 === 0)
          mark(
            centre,
            [(point[0] + centre[0]) / 2, (point[1] + centre[1]) / 2, (point[2] + centre[2]) / 2],
            reach * 0.42,
            reach * 0.3,
          );
  }
  return marks;
}

function castMark(
  { lens }: Board,
  mark: Mark,
  left: number,
  top: number,
  wide: number,
  bottom: number,
  cover: Float32Array,
): void {
  const { ax, ay, bx, by, from, to, soft, dark } = mark;
  const reach = Math.max(from, to) + soft;
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy;
  const lowest = Math.min(ay, by) - reach;
  const highest = Math.max(ay, by) + reach;
  for (let row = top; row <= bottom; row++) {
    const far = groundDepth(lens, row + 0.5);
    const y = groundY(lens, far);
    if (y < lowest || y > highest) continue;
    const scale = far / lens.focal;
    const x0 = Math.max(left, Math.floor((Math.min(ax, bx) - reach) / scale + lens.cx));
    const x1 = Math.min(left + wide - 1, Math.ceil((Math.max(ax, bx) + reach) / scale + lens.cx));
    for (let column = x0; column <= x1; column++) {
      const px = (column + 0.5 - lens.cx) * scale - ax;
      const py = y - ay;
      let part = square > 1e-6 ? (px * dx + py * dy) / square : 0;
      part = part < 0 ? 0 : part > 1 ? 1 : part;
      const ox = px - dx * part;
      const oy = py - dy * part;
      const distance = Math.sqrt(ox * ox + oy * oy);
      const edge = (from + (to - from) * part + soft - distance) / (2 * soft);
      if (edge <= 0) continue;
      const shade = (edge >= 1 ? 1 : edge * edge * (3 - 2 * edge)) * dark;
      const at = (row - top) * wide + column - left;
      if (shade > (cover[at] ?? 0)) cover[at] = shade;
    }
  }
}

function darken(
  board: Board,
  cover: Float32Array,
  left: number,
  top: number,
  wide: number,
  bottom: number,
  touched: Extent,
): void {
  const { planes, depth } = board;
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column < left + wide; column++) {
      const shade = cover[(row - top) * wide + column - left] ?? 0;
      const at = row * planes.width + column;
      if (shade < 0.01 || (depth[at] ?? 0) !== Number.POSITIVE_INFINITY) continue;
      planes.y[at] = (planes.y[at] ?? 0) * (1 - shade * 0.72);
      take(touched, column, row);
    }
  }
}

/** Light on the road ahead of a lamp: brightest near, as wide again further on. */
export function layBeam(board: Board, beam: Beam, touched: Extent): void {
  const { planes, depth, lens } = board;
  const [fx, fy] = beam.direction;
  const corners: Point[] = [];
  for (const along of [0, beam.lengthM])
    for (const aside of [-1, 1]) {
      const spread = beam.widthM * (along === 0 ? 0.5 : 1.7) * aside;
      corners.push([beam.at[0] + fx * along - fy * spread, beam.at[1] + fy * along + fx * spread, 0]);
    }
  const [left, top, right, bottom] = groundExtent(board, corners);
  for (let row = top; row <= bottom; row++) {
    const far = groundDepth(lens, row + 0.5);
    const y = groundY(lens, far);
    const scale = far / lens.focal;
    for (let column = left; column <= right; column++) {
      const at = row * planes.width + column;
      if ((depth[at] ?? 0) !== Number.POSITIVE_INFINITY) continue;
      const dx = (column + 0.5 - lens.cx) * scale - beam.at[0];
      const dy = y - beam.at[1];
      const along = (dx * fx + dy * fy) / beam.lengthM;
      if (along <= 0 || along >= 1) continue;
      const aside = (dy * fx - dx * fy) / (beam.widthM * (0.35 + 1.2 * along));
      const fall = 1 - aside * aside;
      if (fall <= 0) continue;
      const gain = fall * fall * Math.min(1, along * 7) * (1 - along) ** 1.6 * beam.strength;
      const old = planes.y[at] ?? 0;
      planes.y[at] = Math.min(215, old + (old + 14) * gain + 0.5);
      take(touched, column, row);
    }
  }
}

/** The halo of a lamp that looks at the camera; weaker from the side, nothing from behind. */
export function layGlow(board: Board, glow: Glow, touched: Extent): void {
  const { planes, depth, lens } = board;
  const far = depthOf(lens, glow.at);
  if (far < 2) return;
  const aim =
    glow.toward === undefined
      ? 1
      : -(glow.toward[0] * glow.at[0] + glow.toward[1] * glow.at[1]) / Math.hypot(glow.at[0], glow.at[1]);
  const strength = aim <= -0.25 ? 0 : ((aim + 0.25) / 1.25) ** 1.5;
  if (strength < 0.02) return;
  const cx = pixelX(lens, glow.at);
  const cy = pixelY(lens, glow.at);
  const radius = Math.max(1.5, (glow.radiusM * (0.5 + strength) * lens.focal) / far);
  const [r, g, b] = glow.tint;
  const peak = luma(r, g, b) * strength;
  const blue = (chromaBlue(r, g, b) - 112) * strength;
  const red = (chromaRed(r, g, b) - 112) * strength;
  const y1 = Math.min(lens.height - 1, Math.ceil(cy + radius));
  const x1 = Math.min(lens.width - 1, Math.ceil(cx + radius));
  for (let y = Math.max(0, Math.floor(cy - radius)); y <= y1; y++) {
    for (let x = Math.max(0, Math.floor(cx - radius)); x <= x1; x++) {
      const at = y * planes.width + x;
      if ((depth[at] ?? 0) < far) continue;
      const distance = Math.sqrt((x + 0.5 - cx) ** 2 + (y + 0.5 - cy) ** 2) / radius;
      if (distance >= 1) continue;
      const shine = (1 - distance) ** 2 * 0.55 + Math.max(0, 1 - distance * 4.5) * 0.9;
      planes.y[at] = Math.min(219, (planes.y[at] ?? 0) + peak * shine + 0.5);
      take(touched, x, y);
      if (((x | y) & 1) === 0) {
        const pair = (y >> 1) * (planes.width >> 1) + (x >> 1);
        planes.u[pair] = clamp((planes.u[pair] ?? 0) + blue * shine * 0.8);
        planes.v[pair] = clamp((planes.v[pair] ?? 0) + red * shine * 0.8);
      }
    }
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 224 ? 224 : value;
}
