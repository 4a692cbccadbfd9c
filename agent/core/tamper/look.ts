// A look: what some seconds of pictures show, summed up in cells. All comparing is done on looks, so a picture costs little and noise has time to cancel out.
import type { Grid } from './grid.ts';

/** Each array has one entry a cell. */
export interface Look {
  /** Grey level. */
  readonly mean: Float32Array;
  /**
   * Edges by their doubled angle, so that dark-to-bright and bright-to-dark are the same edge: means of gx² - gy² and of 2 gx gy, over the root of their strength.
   * Noise has no direction and cancels out.
   */
  readonly along: Float32Array;
  readonly across: Float32Array;
  /** Mean of gx² + gy² less what noise adds; g are differences over two pixels. */
  readonly edge: Float32Array;
  /** What `edge` would be if the picture had nothing finer than the cells: from the steps between them. */
  readonly slope: Float32Array;
  /** 1 where the sensor is at its end. */
  readonly glaring: Uint8Array;
  /** What noise adds to `edge`. */
  noise: number;
}

export function createLook({ wide, high }: Grid): Look {
  const cells = () => new Float32Array(wide * high);
  return {
    mean: cells(),
    along: cells(),
    across: cells(),
    edge: cells(),
    slope: cells(),
    glaring: new Uint8Array(wide * high),
    noise: 0,
  };
}

export interface Looker {
  /** Adds a picture. Returns the mean absolute difference to the picture before, of pixels that can differ (neither black nor white); NaN when there are too few of those. */
  add(pixels: Uint8Array): number;
  /** Writes what was added since the last time. */
  take(into: Look): void;
  pictures(): number;
  /** Mean grey level of each cell in the last picture. */
  readonly latest: Float32Array;
  /** The next picture has none before it. */
  forget(): void;
}

/** Grey levels from here on are the sensor's end. */
const whiteMin = 248;
const blackMax = 4;
/** Part of the looked-at pixels that must be able to show noise. */
const lively = 0.1;
/** Grey levels squared; keeps flat cells from being all direction. */
const edgeFloor = 4;
/** Noise is what the quieter half of the picture shows; the rest may move. */
const quietPart = 0.45;

export function createLooker(grid: Grid, width: number, height: number): Looker {
  const { cell, wide, high } = grid;
  const cells = wide * high;
  const before = new Uint8Array(width * height);
  const sums = {
    mean: new Float64Array(cells),
    along: new Float64Array(cells),
    across: new Float64Array(cells),
    edge: new Float64Array(cells),
  };
  const white = new Uint32Array(cells);
  /** Mean square difference to the picture before: of the last picture, and of the calmest one of the look. */
  const change = new Float64Array(cells);
  const calm = new Float64Array(cells);
  const sorted = new Float64Array(cells);
  const counts = new Uint32Array(cells);
  const latest = new Float32Array(cells);
  const latestCounts = new Uint16Array(cells);
  const running = { pictures: 0, parity: 0, changed: 0, able: 0, calmest: Number.POSITIVE_INFINITY };
  let hasBefore = false;

  /** Every other row, the others next time: edges are longer than that. */
  function add(pixels: Uint8Array): number {
    running.changed = 0;
    running.able = 0;
    latest.fill(0);
    latestCounts.fill(0);
    change.fill(0);
    for (let y = 1 + running.parity; y < Math.min(height - 1, high * cell); y += 2)
      addRow(pixels, y, Math.floor(y / cell) * wide);
    let total = 0;
    for (let at = 0; at < cells; at++) {
      const count = Math.max(1, latestCounts[at] as number);
      latest[at] = (latest[at] as number) / count;
      change[at] = (change[at] as number) / count;
      total += change[at] as number;
    }
    if (hasBefore && total < running.calmest) {
      running.calmest = total;
      calm.set(change);
    }
    running.parity ^= 1;
    running.pictures++;
    before.set(pixels);
    const comparable = hasBefore && running.able >= (lively * width * height) / 2;
    hasBefore = true;
    return comparable ? running.changed / running.able : Number.NaN;
  }

  function addRow(pixels: Uint8Array, y: number, firstCell: number): void {
    for (let column = 0; column < wide; column++) {
      const from = y * width + Math.max(1, column * cell);
      const to = y * width + Math.min(width - 1, (column + 1) * cell);
      let mean = 0;
      let along = 0;
      let across = 0;
      let edge = 0;
      let moved = 0;
      let whites = 0;
      for (let at = from; at < to; at++) {
        const grey = pixels[at] as number;
        const gx = (pixels[at + 1] as number) - (pixels[at - 1] as number);
        const gy = (pixels[at + width] as number) - (pixels[at - width] as number);
        const xx = gx * gx;
        const yy = gy * gy;
        mean += grey;
        along += xx - yy;
        across += gx * gy;
        edge += xx + yy;
        const off = grey - (before[at] as number);
        moved += off * off;
        if (grey >= whiteMin) whites++;
        else if (grey > blackMax) {
          running.able++;
          running.changed += off < 0 ? -off : off;
        }
      }
      const here = firstCell + column;
      sums.mean[here] = (sums.mean[here] as number) + mean;
      sums.along[here] = (sums.along[here] as number) + along;
      sums.across[here] = (sums.across[here] as number) + 2 * across;
      sums.edge[here] = (sums.edge[here] as number) + edge;
      change[here] = (change[here] as number) + moved;
      latest[here] = (latest[here] as number) + mean;
      latestCounts[here] = (latestCounts[here] as number) + to - from;
      counts[here] = (counts[here] as number) + to - from;
      white[here] = (white[here] as number) + whites;
    }
  }

  function take(into: Look): void {
    into.noise = noise();
    for (let at = 0; at < cells; at++) {
      const count = Math.max(1, counts[at] ?? 0);
      into.mean[at] = (sums.mean[at] ?? 0) / count;
      const edge = (sums.edge[at] ?? 0) / count;
      const root = count * Math.sqrt(edge + edgeFloor);
      into.along[at] = (sums.along[at] ?? 0) / root;
      into.across[at] = (sums.across[at] ?? 0) / root;
      into.edge[at] = Math.max(0, edge - into.noise);
      into.glaring[at] = (white[at] ?? 0) * 2 > count ? 1 : 0;
    }
    steps(into);
    for (const sum of Object.values(sums)) sum.fill(0);
    counts.fill(0);
    white.fill(0);
    running.pictures = 0;
    running.calmest = Number.POSITIVE_INFINITY;
    calm.fill(0);
  }

  /** Lightning, a flash, a lorry: the calmest two pictures know nothing of them. Two pixels of a gradient have independent noise, so have two pictures: the mean square of both is the same, twice for the two directions. */
  function noise(): number {
    sorted.set(calm);
    sorted.sort();
    return 2 * (sorted[Math.floor(quietPart * cells)] ?? 0);
  }

  function steps({ mean, slope }: Look): void {
    for (let y = 0; y < high; y++)
      for (let x = 0; x < wide; x++) {
        const dx = (mean[y * wide + Math.min(wide - 1, x + 1)] ?? 0) - (mean[y * wide + Math.max(0, x - 1)] ?? 0);
        const dy = (mean[Math.min(high - 1, y + 1) * wide + x] ?? 0) - (mean[Math.max(0, y - 1) * wide + x] ?? 0);
        slope[y * wide + x] = (dx * dx + dy * dy) / (cell * cell);
      }
  }

  return {
    add,
    take,
    pictures: () => running.pictures,
    latest,
    forget: () => {
      hasBefore = false;
    },
  };
}
