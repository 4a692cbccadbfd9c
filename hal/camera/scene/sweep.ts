// Exact area coverage of polygons, the way font rasterisers do it: signed areas are summed up along each row.

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Working memory for `sweep`; grows to the largest polygon asked for. */
export interface Pad {
  area: Float32Array;
}

export function createPad(): Pad {
  return { area: new Float32Array(4096) };
}

/** Calls `visit` for each pixel inside `bounds` that the polygon (x, y, x, y …) covers, with the share covered, above 1/256. */
export function sweep(
  pad: Pad,
  polygon: readonly number[],
  bounds: Rect,
  visit: (x: number, y: number, share: number) => void,
): void {
  const points = clip(polygon, bounds);
  if (points.length < 6) return;
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < points.length; at += 2) {
    const x = points[at] ?? 0;
    const y = points[at + 1] ?? 0;
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  const x0 = Math.floor(left);
  const y0 = Math.floor(top);
  const wide = Math.ceil(right) - x0 + 2;
  const high = Math.ceil(bottom) - y0;
  if (high <= 0) return;
  if (pad.area.length < wide * high) pad.area = new Float32Array(wide * high * 2);
  const area = pad.area;
  area.fill(0, 0, wide * high);
  const count = points.length;
  for (let at = 0; at < count; at += 2) {
    const next = (at + 2) % count;
    edge(
      area,
      wide,
      (points[at] ?? 0) - x0,
      (points[at + 1] ?? 0) - y0,
      (points[next] ?? 0) - x0,
      (points[next + 1] ?? 0) - y0,
    );
  }
  const xEnd = Math.min(wide, bounds.x + bounds.w - x0);
  const yEnd = Math.min(high, bounds.y + bounds.h - y0);
  for (let y = 0; y < yEnd; y++) {
    let sum = 0;
    for (let x = 0; x < xEnd; x++) {
      sum += area[y * wide + x] ?? 0;
      const share = sum < 0 ? -sum : sum;
      if (share > 0.004) visit(x + x0, y + y0, Math.min(share, 1));
    }
  }
}

function edge(area: Float32Array, wide: number, ax: number, ay: number, bx: number, by: number): void {
  if (ay === by) return;
  const down = ay < by;
  const slope = (bx - ax) / (by - ay);
  const yFrom = down ? ay : by;
  const yTo = down ? by : ay;
  let x = down ? ax : bx;
  for (let row = Math.floor(yFrom); row < yTo; row++) {
    const dy = Math.min(row + 1, yTo) - Math.max(row, yFrom);
    const next = x + slope * dy;
    spread(area, row * wide, down ? dy : -dy, Math.min(x, next), Math.max(x, next));
    x = next;
  }
}

/** Adds one row's piece of an edge, of signed height `d`, that runs from column `from` to column `to`. */
function spread(area: Float32Array, row: number, d: number, from: number, to: number): void {
  const first = Math.floor(from);
  const last = Math.ceil(to);
  if (last <= first + 1) {
    const middle = (from + to) / 2 - first;
    add(area, row + first, d - d * middle);
    add(area, row + first + 1, d * middle);
    return;
  }
  const steep = 1 / (to - from);
  const head = first + 1 - from;
  const tail = to - last + 1;
  const firstShare = 0.5 * steep * head * head;
  const lastShare = 0.5 * steep * tail * tail;
  add(area, row + first, d * firstShare);
  if (last === first + 2) {
    add(area, row + first + 1, d * (1 - firstShare - lastShare));
  } else {
    const second = steep * (head + 0.5);
    add(area, row + first + 1, d * (second - firstShare));
    for (let column = first + 2; column < last - 1; column++) add(area, row + column, d * steep);
    add(area, row + last - 1, d * (1 - (second + (last - first - 3) * steep) - lastShare));
  }
  add(area, row + last, d * lastShare);
}

function add(area: Float32Array, at: number, value: number): void {
  area[at] = (area[at] ?? 0) + value;
}

/** Sutherland and Hodgman, one side of the rectangle after the other. */
function clip(polygon: readonly number[], { x, y, w, h }: Rect): readonly number[] {
  let inside = true;
  for (let at = 0; at < polygon.length && inside; at += 2) {
    const px = polygon[at] ?? 0;
    const py = polygon[at + 1] ?? 0;
    inside = px >= x && px <= x + w && py >= y && py <= y + h;
  }
  if (inside) return polygon;
  let points = side(polygon, 0, x, 1);
  points = side(points, 0, x + w, -1);
  points = side(points, 1, y, 1);
  return side(points, 1, y + h, -1);
}

function side(points: readonly number[], axis: 0 | 1, limit: number, sign: 1 | -1): readonly number[] {
  const kept: number[] = [];
  const count = points.length;
  for (let at = 0; at < count; at += 2) {
    const next = (at + 2) % count;
    const a = ((points[at + axis] ?? 0) - limit) * sign;
    const b = ((points[next + axis] ?? 0) - limit) * sign;
    const ax = points[at] ?? 0;
    const ay = points[at + 1] ?? 0;
    if (a >= 0) kept.push(ax, ay);
    if (a >= 0 === b >= 0) continue;
    const part = a / (a - b);
    kept.push(ax + ((points[next] ?? 0) - ax) * part, ay + ((points[next + 1] ?? 0) - ay) * part);
  }
  return kept;
}

/** Convex hull of x, y, x, y … (Andrew's monotone chain). */
export function hull(flat: readonly number[]): number[] {
  const order: [number, number][] = [];
  for (let at = 0; at < flat.length; at += 2) order.push([flat[at] ?? 0, flat[at + 1] ?? 0]);
  order.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (points: readonly [number, number][]) => {
    const kept: [number, number][] = [];
    for (const point of points) {
      while (kept.length > 1 && turn(kept.at(-2) ?? point, kept.at(-1) ?? point, point) <= 0) kept.pop();
      kept.push(point);
    }
    kept.pop();
    return kept;
  };
  return [...chain(order), ...chain(order.reverse())].flat();
}

function turn(a: readonly [number, number], b: readonly [number, number], c: readonly [number, number]): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
