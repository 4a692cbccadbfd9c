// A set of cells as few rectangles.
import { type CellRange, joined } from './cells.ts';

const rangesMax = 40;

/** Runs in a row, joined downwards where they are alike. Where that is too many, the last ones become one that holds them all. */
export function cellRuns(cells: Uint8Array, wide: number): CellRange[] {
  const ranges: CellRange[] = [];
  const open = new Map<string, number>();
  for (let row = 0; row * wide < cells.length; row++) {
    for (const run of runsOf(cells.subarray(row * wide, (row + 1) * wide))) {
      const key = `${run.left} ${run.right}`;
      const at = open.get(key);
      const above = at === undefined ? undefined : ranges[at];
      if (at !== undefined && above?.bottom === row - 1) ranges[at] = { ...above, bottom: row };
      else {
        open.set(key, ranges.length);
        ranges.push({ ...run, top: row, bottom: row });
      }
    }
  }
  if (ranges.length <= rangesMax) return ranges;
  return [...ranges.slice(0, rangesMax - 1), ranges.slice(rangesMax - 1).reduce(joined)];
}

function runsOf(row: Uint8Array): { left: number; right: number }[] {
  const runs: { left: number; right: number }[] = [];
  for (let x = 0; x < row.length; x++) {
    if (row[x] === 0) continue;
    const left = x;
    while (x + 1 < row.length && row[x + 1] === 1) x++;
    runs.push({ left, right: x });
  }
  return runs;
}
