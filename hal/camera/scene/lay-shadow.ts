// The shadow of a figure on the ground.
import { type Board, type Extent, groundExtent, take } from './board.ts';
import type { Figure, Footing } from './figure.ts';
import { groundDepth, groundY, type Point } from './lens.ts';

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
  const { from, to, reachM, softM, dark } = figure.footing ?? spotUnder(figure);
  marks.push({ ax: from[0], ay: from[1], bx: to[0], by: to[1], from: reachM, to: reachM, soft: softM, dark });
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

function spotUnder({ at }: Figure): Footing {
  return { from: at, to: at, reachM: 0.1, softM: 0.35, dark: 0.34 };
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
      part = part < 0 ? 0 : Math.min(part, 1);
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
