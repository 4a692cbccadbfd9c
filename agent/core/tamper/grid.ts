// How the picture is divided: cells of a few pixels in which edges are summed up, blocks of 4x4 cells that are judged one by one.
export type Corners = readonly (readonly [x: number, y: number])[];

export interface Grid {
  /** Pixels along a cell's side. */
  readonly cell: number;
  /** Whole cells; what is left over at the right and lower edge is not looked at. */
  readonly wide: number;
  readonly high: number;
  readonly blocks: number;
  /** For each cell its block; -1 where a privacy mask is painted: its edges would be there whatever happens to the lens. */
  readonly blockOf: Int16Array;
}

/** A fortieth of the picture's width: an edge stays in its cell, or in the next one, while the pole shakes. */
const cellsAcross = 40;
const blockCells = 4;

export function drawGrid(width: number, height: number, masks: readonly Corners[]): Grid {
  const cell = Math.max(2, Math.round(width / cellsAcross));
  const wide = Math.floor(width / cell);
  const high = Math.floor(height / cell);
  const blocksWide = Math.ceil(wide / blockCells);
  const blockOf = Int16Array.from({ length: wide * high }, (_, at) => {
    const x = at % wide;
    const y = Math.floor(at / wide);
    const masked = masks.some((corners) =>
      touches(corners, (x * cell) / width, (y * cell) / height, cell / width, cell / height),
    );
    return masked ? -1 : Math.floor(y / blockCells) * blocksWide + Math.floor(x / blockCells);
  });
  return { cell, wide, high, blocks: blocksWide * Math.ceil(high / blockCells), blockOf };
}

/** Points this close together, in cells, miss no mask that a person would draw. */
const probesAlong = 7;

/** Does the mask reach the cell, or one of its neighbours? */
function touches(corners: Corners, x: number, y: number, w: number, h: number): boolean {
  for (let row = 0; row < probesAlong; row++)
    for (let column = 0; column < probesAlong; column++) {
      const across = (3 * column) / (probesAlong - 1) - 1;
      const down = (3 * row) / (probesAlong - 1) - 1;
      if (isInside(corners, x + across * w, y + down * h)) return true;
    }
  return false;
}

/** Even-odd rule. */
function isInside(corners: Corners, x: number, y: number): boolean {
  let inside = false;
  for (const [i, [x1, y1]] of corners.entries()) {
    const [x2, y2] = corners[(i + 1) % corners.length] ?? [x1, y1];
    if (y1 <= y !== y2 <= y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
  }
  return inside;
}
