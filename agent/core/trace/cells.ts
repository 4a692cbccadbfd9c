// Places in the picture by name: cells of 8x8 analysed pixels, a letter for the column from the left, a number for the row from the top: c7, c7–d9.

/** Side of a cell in pixels of the analysed picture; the same cells in which restlessness is learned. */
export const cellPixels = 8;

/** A rectangle of cells, all four inclusive, counted from 0. */
export interface CellRange {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The cells that a box of pixels, [left, right) and [top, bottom), touches. */
export function cellsOf(box: { left: number; top: number; right: number; bottom: number }): CellRange {
  const last = (end: number, start: number) => Math.floor((Math.max(end, start + 1) - 1) / cellPixels);
  return {
    left: Math.floor(box.left / cellPixels),
    top: Math.floor(box.top / cellPixels),
    right: last(box.right, box.left),
    bottom: last(box.bottom, box.top),
  };
}

/** `a` to `z`, then `aa`, `ab` …: the 40 columns of a picture 320 wide end at `an`. */
export function columnName(column: number): string {
  const letter = String.fromCharCode(97 + (column % 26));
  return column < 26 ? letter : columnName(Math.floor(column / 26) - 1) + letter;
}

/** `c7` for one cell, `c7–d9` for several. */
export function cellsName({ left, top, right, bottom }: CellRange): string {
  const first = `${columnName(left)}${top + 1}`;
  return left === right && top === bottom ? first : `${first}–${columnName(right)}${bottom + 1}`;
}

export function joined(one: CellRange, other: CellRange): CellRange {
  return {
    left: Math.min(one.left, other.left),
    top: Math.min(one.top, other.top),
    right: Math.max(one.right, other.right),
    bottom: Math.max(one.bottom, other.bottom),
  };
}
