// Connected groups of foreground, on cells of 2x2 pixels.
//
// A cell is lit when at least two of its pixels are foreground. Lit cells are grown by one cell before they are joined, so that a subject that falls into
// pieces (a white shirt on a white wall) stays one. Sizes count foreground pixels only.

export interface Blob {
  /** Foreground pixels. */
  area: number;
  /** Centre, pixels. */
  x: number;
  y: number;
  /** How far its pixels lie from there across and down: how wide it is for its height, whatever a tail or a strap adds to the box. 1 for a square. */
  shape: number;
  /** Box, pixels: [left, right) and [top, bottom). */
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** Root of its cells in `labels`. */
  root: number;
}

export interface BlobFinder {
  /** Largest first; the first `found()` are of this picture. */
  readonly blobs: readonly Blob[];
  found(): number;
  /** Per cell: index into `blobs` of the grown group it belongs to, or -1. */
  readonly owner: Int16Array;
  /** Per cell: its foreground pixels where lit, else 0. */
  readonly lit: Uint8Array;
  find(foreground: Uint8Array, foregroundInRow: Uint16Array, areaMin: number): void;
}

/** More are beyond what a junction shows; the smallest are dropped. */
export const blobsMax = 32;

/** Of the pixels within a cell. */
const cellSpread = 1 / 4;

export function createBlobFinder(width: number, height: number): BlobFinder {
  const wide = Math.ceil(width / 2);
  const high = Math.ceil(height / 2);
  const lit = new Uint8Array(wide * high);
  const litInRow = new Uint8Array(high);
  const grown = new Uint8Array(wide);
  const parent = new Uint16Array(wide * high + 1);
  const labels = new Uint16Array(wide * high);
  const owner = new Int16Array(wide * high);
  const sums = {
    area: new Float64Array(wide * high + 1),
    x: new Float64Array(wide * high + 1),
    y: new Float64Array(wide * high + 1),
    xx: new Float64Array(wide * high + 1),
    yy: new Float64Array(wide * high + 1),
  };
  const blobs = Array.from({ length: blobsMax }, (): Blob => {
    return { area: 0, x: 0, y: 0, shape: 1, left: 0, top: 0, right: 0, bottom: 0, root: 0 };
  });
  let found = 0;

  const rootOf = (label: number): number => {
    let at = label;
    while ((parent[at] ?? at) !== at) at = parent[at] ?? at;
    return at;
  };

  /** Rows of cells without foreground are skipped from here on: most pictures are still. */
  function light(foreground: Uint8Array, foregroundInRow: Uint16Array): number {
    let count = 0;
    lit.fill(0);
    for (let row = 0; row < high; row++) {
      litInRow[row] = 0;
      const lowerRow = Math.min(2 * row + 1, height - 1);
      if (((foregroundInRow[2 * row] ?? 0) | (foregroundInRow[lowerRow] ?? 0)) === 0) continue;
      const upper = 2 * row * width;
      const lower = lowerRow * width;
      for (let column = 0; column < wide; column++) {
        const x = 2 * column;
        const next = Math.min(x + 1, width - 1);
        const pixels =
          (foreground[upper + x] ?? 0) +
          (foreground[upper + next] ?? 0) +
          (foreground[lower + x] ?? 0) +
          (foreground[lower + next] ?? 0);
        if (pixels < 2) continue;
        lit[row * wide + column] = pixels;
        litInRow[row] = 1;
        count++;
      }
    }
    return count;
  }

  const isQuiet = (row: number): boolean =>
    (litInRow[row] ?? 0) === 0 && (litInRow[row - 1] ?? 0) === 0 && (litInRow[row + 1] ?? 0) === 0;

  /** Two passes with union by smaller label, over lit cells grown by one cell each way. Returns the number of provisional labels. */
  function join(): number {
    let last = 0;
    labels.fill(0);
    for (let row = 0; row < high; row++) {
      if (isQuiet(row)) continue;
      grow(row);
      for (let column = 0; column < wide; column++) {
        if (grown[column] === 0) continue;
        const at = row * wide + column;
        let label = column > 0 ? (labels[at - 1] ?? 0) : 0;
        if (row > 0) {
          const to = Math.min(wide - 1, column + 1);
          for (let near = Math.max(0, column - 1); near <= to; near++) {
            const other = labels[at - wide + near - column] ?? 0;
            if (other === 0 || other === label) continue;
            label = label === 0 ? other : unite(label, other);
          }
        }
        if (label === 0) {
          label = ++last;
          parent[label] = label;
        }
        labels[at] = label;
      }
    }
    return last;
  }

  function grow(row: number): void {
    const here = row * wide;
    const above = row > 0 ? here - wide : here;
    const below = row + 1 < high ? here + wide : here;
    let left = 0;
    let middle = (lit[above] ?? 0) | (lit[here] ?? 0) | (lit[below] ?? 0);
    for (let column = 0; column < wide; column++) {
      const next = column + 1;
      const right = next < wide ? (lit[above + next] ?? 0) | (lit[here + next] ?? 0) | (lit[below + next] ?? 0) : 0;
      grown[column] = left | middle | right;
      left = middle;
      middle = right;
    }
  }

  function unite(one: number, other: number): number {
    const a = rootOf(one);
    const b = rootOf(other);
    const low = Math.min(a, b);
    parent[a] = low;
    parent[b] = low;
    return low;
  }

  function measure(labelCount: number): void {
    sums.area.fill(0, 0, labelCount + 1);
    sums.x.fill(0, 0, labelCount + 1);
    sums.y.fill(0, 0, labelCount + 1);
    sums.xx.fill(0, 0, labelCount + 1);
    sums.yy.fill(0, 0, labelCount + 1);
    for (let row = 0; row < high; row++) {
      if (isQuiet(row)) continue;
      for (let column = 0; column < wide; column++) {
        const at = row * wide + column;
        const label = labels[at] ?? 0;
        if (label === 0) continue;
        const root = rootOf(label);
        labels[at] = root;
        const pixels = lit[at] ?? 0;
        sums.area[root] = (sums.area[root] ?? 0) + pixels;
        const x = 2 * column + 1;
        const y = 2 * row + 1;
        sums.x[root] = (sums.x[root] ?? 0) + pixels * x;
        sums.y[root] = (sums.y[root] ?? 0) + pixels * y;
        sums.xx[root] = (sums.xx[root] ?? 0) + pixels * x * x;
        sums.yy[root] = (sums.yy[root] ?? 0) + pixels * y * y;
      }
    }
  }

  /** Keeps the largest, by insertion. */
  function choose(labelCount: number, areaMin: number): void {
    found = 0;
    for (let root = 1; root <= labelCount; root++) {
      const area = sums.area[root] ?? 0;
      if (area < areaMin || area === 0) continue;
      let at = Math.min(found, blobsMax - 1);
      if (found === blobsMax && area <= (blobs[at]?.area ?? 0)) continue;
      const free = blobs[at];
      while (at > 0 && (blobs[at - 1]?.area ?? 0) < area) {
        swap(at, at - 1);
        at--;
      }
      if (free === undefined) continue;
      free.root = root;
      free.area = area;
      free.x = (sums.x[root] ?? 0) / area;
      free.y = (sums.y[root] ?? 0) / area;
      const across = (sums.xx[root] ?? 0) / area - free.x * free.x;
      const down = (sums.yy[root] ?? 0) / area - free.y * free.y;
      free.shape = Math.sqrt((across + cellSpread) / (down + cellSpread));
      free.left = width;
      free.top = height;
      free.right = 0;
      free.bottom = 0;
      found = Math.min(found + 1, blobsMax);
    }
  }

  function swap(i: number, j: number): void {
    const one = blobs[i];
    const other = blobs[j];
    if (one === undefined || other === undefined) return;
    blobs[i] = other;
    blobs[j] = one;
  }

  function own(): void {
    // From here on `parent` maps a root to its blob, plus one.
    parent.fill(0);
    for (let i = 0; i < found; i++) parent[blobs[i]?.root ?? 0] = i + 1;
    owner.fill(-1);
    for (let row = 0; row < high; row++) {
      if (isQuiet(row)) continue;
      for (let column = 0; column < wide; column++) {
        const at = row * wide + column;
        const blob = (parent[labels[at] ?? 0] ?? 0) - 1;
        owner[at] = blob;
        if (blob < 0 || lit[at] === 0) continue;
        const box = blobs[blob];
        if (box !== undefined) widen(box, 2 * column, 2 * row);
      }
    }
  }

  function widen(box: Blob, x: number, y: number): void {
    box.left = Math.min(box.left, x);
    box.top = Math.min(box.top, y);
    box.right = Math.min(width, Math.max(box.right, x + 2));
    box.bottom = Math.min(height, Math.max(box.bottom, y + 2));
  }

  function find(foreground: Uint8Array, foregroundInRow: Uint16Array, areaMin: number): void {
    if (light(foreground, foregroundInRow) === 0) {
      found = 0;
      owner.fill(-1);
      return;
    }
    const labelCount = join();
    measure(labelCount);
    choose(labelCount, areaMin);
    own();
  }

  return { blobs, found: () => found, owner, lit, find };
}
