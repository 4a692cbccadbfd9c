// Privacy masks as a picture that the media child lays over every frame. It is drawn once, here, and only as large as it must be, so that at run time the
// blending of a few rows is all it costs. Drawn outwards: a pixel that a mask touches is covered, never half covered.
import type { Polygon } from './settings.ts';

/** Raw yuva420p, even in place and size so that colour (one sample for 2x2 pixels) is covered as the brightness is. */
export interface MaskPicture {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

/** Dark grey, to be seen as a mask and not taken for a dead picture. */
const maskBrightness = 48;
const noColour = 128;

/** Undefined where nothing is to be covered. `width` and `height` are those of the picture, both even. */
export function drawMasks(masks: readonly Polygon[], width: number, height: number): MaskPicture | undefined {
  const cellsWide = width / 2;
  const cellsHigh = height / 2;
  const cells = new Uint8Array(cellsWide * cellsHigh);
  for (const polygon of masks) {
    const corners = polygon.map(([x, y]) => [x * cellsWide, y * cellsHigh] as const);
    for (let row = 0; row < cellsHigh; row += 1)
      for (const [from, to] of covered(corners, row)) {
        const first = Math.max(0, Math.floor(from));
        const past = Math.min(cellsWide, Math.max(Math.ceil(to), Math.floor(from) + 1));
        if (past > first) cells.fill(1, row * cellsWide + first, row * cellsWide + past);
      }
  }
  return cut(cells, cellsWide, cellsHigh);
}

/** What a polygon touches of the strip between `row` and `row + 1`: its inside along both edges of the strip, and each side's way through it. */
function covered(corners: Polygon, row: number): (readonly [number, number])[] {
  const spans = [...insideAt(corners, row), ...insideAt(corners, row + 1)];
  corners.forEach((corner, index) => {
    const next = corners[(index + 1) % corners.length] ?? corner;
    const [upper, lower] = corner[1] <= next[1] ? [corner, next] : [next, corner];
    if (lower[1] < row || upper[1] > row + 1) return;
    const fall = lower[1] - upper[1];
    const xAt = (y: number) => (fall === 0 ? lower[0] : upper[0] + ((lower[0] - upper[0]) * (y - upper[1])) / fall);
    const ends = [fall === 0 ? upper[0] : xAt(Math.max(row, upper[1])), xAt(Math.min(row + 1, lower[1]))];
    spans.push([Math.min(...ends), Math.max(...ends)]);
  });
  return spans;
}

/** Even-odd rule along one horizontal line. */
function insideAt(corners: Polygon, y: number): (readonly [number, number])[] {
  const crossings: number[] = [];
  corners.forEach(([x, cornerY], index) => {
    const [nextX, nextY] = corners[(index + 1) % corners.length] ?? [x, cornerY];
    if (cornerY <= y !== nextY <= y) crossings.push(x + ((nextX - x) * (y - cornerY)) / (nextY - cornerY));
  });
  crossings.sort((one, other) => one - other);
  const spans: (readonly [number, number])[] = [];
  for (let pair = 0; pair + 1 < crossings.length; pair += 2)
    spans.push([crossings[pair] ?? 0, crossings[pair + 1] ?? 0]);
  return spans;
}

function cut(cells: Uint8Array, cellsWide: number, cellsHigh: number): MaskPicture | undefined {
  let [left, right, top, bottom] = [cellsWide, -1, cellsHigh, -1];
  for (let row = 0; row < cellsHigh; row += 1) {
    const line = cells.subarray(row * cellsWide, (row + 1) * cellsWide);
    const first = line.indexOf(1);
    if (first < 0) continue;
    left = Math.min(left, first);
    right = Math.max(right, line.lastIndexOf(1));
    top = Math.min(top, row);
    bottom = row;
  }
  if (bottom < 0) return undefined;
  const width = (right - left + 1) * 2;
  const height = (bottom - top + 1) * 2;
  const pixels = width * height;
  const bytes = new Uint8Array(pixels * 2.5);
  bytes.fill(maskBrightness, 0, pixels).fill(noColour, pixels, pixels * 1.5);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      if (cells[(top + (y >> 1)) * cellsWide + left + (x >> 1)] === 1) bytes[pixels * 1.5 + y * width + x] = 255;
  return { x: left * 2, y: top * 2, width, height, bytes };
}
