// A view: what the camera shows when nobody has touched it, learned from looks; and how far a look agrees with it.
import type { Grid } from './grid.ts';
import type { Look } from './look.ts';

export interface View {
  /** As in `Look`. */
  readonly mean: Float32Array;
  readonly along: Float32Array;
  readonly across: Float32Array;
  readonly edge: Float32Array;
  readonly slope: Float32Array;
  readonly glaring: Float32Array;
  /** Looks learned. */
  looks: number;
}

/** How a look agrees with a view. Parts are 0 to 1 of the judged blocks: those in which the view has edges; all parts are 0 where there are none. */
export interface Likeness {
  /** Blocks with edges of their own in the view. */
  judged: number;
  /** Correlation of all edges, -1 to 1; chance gives about 0. */
  edges: number;
  /** The same edges are there. */
  same: number;
  /** Edges have gone, or what is there is out of focus. */
  lost: number;
  /** Other edges are there, in focus. */
  other: number;
  /** The same or weaker edges, all much less sharp. */
  soft: number;
  /** Blocks anywhere that show edges in focus, as a part of `judged`. */
  crisp: number;
  /** Correlation of the coarse brightness, -1 to 1. */
  shades: number;
  /** Contrast of the coarse brightness, as a part of the view's. */
  contrast: number;
  /** Part of the picture that glares and did not in the view. */
  glare: number;
  /** Mean grey level now and in the view. */
  grey: number;
  greyBefore: number;
  /** Where the edges were found again, in cells. */
  shiftX: number;
  shiftY: number;
}

export const noLikeness = (): Likeness => ({
  judged: 0,
  edges: 0,
  same: 0,
  lost: 0,
  other: 0,
  soft: 0,
  crisp: 0,
  shades: 0,
  contrast: 0,
  glare: 0,
  grey: 0,
  greyBefore: 0,
  shiftX: 0,
  shiftY: 0,
});

export function createView({ wide, high }: Grid): View {
  const cells = () => new Float32Array(wide * high);
  return { mean: cells(), along: cells(), across: cells(), edge: cells(), slope: cells(), glaring: cells(), looks: 0 };
}

const learned = ['mean', 'along', 'across', 'edge', 'slope', 'glaring'] as const;

/** Moves the view that part of the way towards the look. */
export function learn(view: View, look: Look, part: number): void {
  for (const name of learned) {
    const known = view[name];
    const seen = look[name];
    for (let at = 0; at < known.length; at++) {
      const before = known[at] ?? 0;
      known[at] = before + part * ((seen[at] ?? 0) - before);
    }
  }
  view.looks++;
}

export function copyView(from: View, to: View): void {
  for (const name of learned) to[name].set(from[name]);
  to.looks = from.looks;
}

/** Shake moves edges by at most this many cells. */
const shakeCells = 1;
/** A turned camera is looked for this far away, in cells. */
const turnedCells = { x: 10, y: 6 } as const;

/** Weakest edges that are worth judging: over a block a mean square of so many grey levels. */
const edgeMin = 10;
/** Edges of a block are the same from this correlation on. */
const sameMin = 0.45;
/** With less than this of the view's strength, squared, they are not there whatever they agree with. */
const goneMax = 0.01;
/** What is left of a block's edges, as an amplitude, when they count as lost; squared. */
const lostMax = 0.35 ** 2;
/** `edge` over `slope`: 1 is a slope without detail, edges in focus have 3 to 20. */
const crispMin = 2.2;
/** Sharpness that is left of the view's when a block counts as soft. */
const softMax = 0.5;

const perLook = ['both', 'view', 'look', 'viewEdge', 'lookEdge', 'viewSlope', 'lookSlope'] as const;

export interface Comparer {
  compare(view: View, look: Look, into: Likeness): void;
  /** Looks for the view's edges elsewhere in the picture; `shiftX` and `shiftY` of the best place, and its correlation. Slow: some thousand times as long as a pixel. */
  find(view: View, look: Look, into: Likeness): number;
  /** Blocks in which the view has edges. */
  structured(view: View): number;
}

export function createComparer(grid: Grid): Comparer {
  const { wide, high, blocks, blockOf } = grid;
  const sums = {
    both: new Float64Array(blocks),
    view: new Float64Array(blocks),
    look: new Float64Array(blocks),
    viewEdge: new Float64Array(blocks),
    lookEdge: new Float64Array(blocks),
    viewSlope: new Float64Array(blocks),
    lookSlope: new Float64Array(blocks),
    cells: new Float64Array(blocks),
  };
  for (const block of blockOf) if (block >= 0) sums.cells[block] = (sums.cells[block] ?? 0) + 1;

  /** Correlation of the edges when the look's picture is shifted by so many cells against the view's. */
  function correlation(view: View, look: Look, dx: number, dy: number): number {
    let both = 0;
    let ofView = 0;
    let ofLook = 0;
    const left = Math.max(0, -dx);
    const right = Math.min(wide, wide - dx);
    for (let y = Math.max(0, -dy); y < Math.min(high, high - dy); y++)
      for (let x = left; x < right; x++) {
        const at = y * wide + x;
        const there = at + dy * wide + dx;
        if ((blockOf[at] as number) < 0 || (blockOf[there] as number) < 0) continue;
        const a = view.along[at] as number;
        const b = view.across[at] as number;
        const c = look.along[there] as number;
        const d = look.across[there] as number;
        both += a * c + b * d;
        ofView += a * a + b * b;
        ofLook += c * c + d * d;
      }
    const norm = Math.sqrt(ofView * ofLook);
    return norm > 0 ? both / norm : 0;
  }

  function best(view: View, look: Look, farX: number, farY: number, into: Likeness): number {
    let most = -2;
    for (let dy = -farY; dy <= farY; dy++)
      for (let dx = -farX; dx <= farX; dx++) {
        const found = correlation(view, look, dx, dy);
        if (found <= most) continue;
        most = found;
        into.shiftX = dx;
        into.shiftY = dy;
      }
    return most;
  }

  function sumUp(view: View, look: Look, dx: number, dy: number): void {
    for (const name of perLook) sums[name].fill(0);
    for (let y = 0; y < high; y++)
      for (let x = 0; x < wide; x++) {
        const at = y * wide + x;
        const block = blockOf[at] as number;
        if (block < 0) continue;
        const there = Math.min(high - 1, Math.max(0, y + dy)) * wide + Math.min(wide - 1, Math.max(0, x + dx));
        const a = view.along[at] as number;
        const b = view.across[at] as number;
        const c = look.along[there] as number;
        const d = look.across[there] as number;
        sums.both[block] = (sums.both[block] as number) + a * c + b * d;
        sums.view[block] = (sums.view[block] as number) + a * a + b * b;
        sums.look[block] = (sums.look[block] as number) + c * c + d * d;
        sums.viewEdge[block] = (sums.viewEdge[block] as number) + (view.edge[at] as number);
        sums.lookEdge[block] = (sums.lookEdge[block] as number) + (look.edge[there] as number);
        sums.viewSlope[block] = (sums.viewSlope[block] as number) + (view.slope[at] as number);
        sums.lookSlope[block] = (sums.lookSlope[block] as number) + (look.slope[there] as number);
      }
  }

  function judgeBlocks(look: Look, into: Likeness): void {
    let judged = 0;
    let same = 0;
    let lost = 0;
    let other = 0;
    let soft = 0;
    let crisp = 0;
    for (let block = 0; block < blocks; block++) {
      const cells = sums.cells[block] ?? 0;
      if (cells === 0) continue;
      const before = sums.viewEdge[block] ?? 0;
      const now = sums.lookEdge[block] ?? 0;
      // A gradient of noise alone looks crisp; what is to be believed stands out of it.
      const isCrisp =
        now > cells * Math.max(edgeMin, look.noise / 2) && now > crispMin * ((sums.lookSlope[block] ?? 0) + cells);
      if (isCrisp) crisp++;
      if (before < cells * edgeMin) continue;
      judged++;
      const norm = Math.sqrt((sums.view[block] ?? 0) * (sums.look[block] ?? 0));
      const isSame =
        norm > 0 &&
        (sums.both[block] ?? 0) > sameMin * norm &&
        (sums.look[block] ?? 0) > goneMax * (sums.view[block] ?? 0);
      if (isSame) same++;
      else if (isCrisp && now >= lostMax * before) other++;
      else lost++;
      const sharpBefore = before / ((sums.viewSlope[block] ?? 0) + cells);
      const sharpNow = now / ((sums.lookSlope[block] ?? 0) + cells);
      if (sharpNow < softMax * sharpBefore && sharpNow < crispMin) soft++;
    }
    const per = 1 / Math.max(1, judged);
    into.judged = judged;
    into.same = same * per;
    into.lost = lost * per;
    into.other = other * per;
    into.soft = soft * per;
    into.crisp = crisp * per;
  }

  function shade(view: View, look: Look, into: Likeness): void {
    let count = 0;
    let sumA = 0;
    let sumB = 0;
    let sumAa = 0;
    let sumBb = 0;
    let sumAb = 0;
    let glare = 0;
    for (let at = 0; at < blockOf.length; at++) {
      if ((blockOf[at] as number) < 0) continue;
      const a = view.mean[at] as number;
      const b = look.mean[at] as number;
      count++;
      sumA += a;
      sumB += b;
      sumAa += a * a;
      sumBb += b * b;
      sumAb += a * b;
      glare += Math.max(0, (look.glaring[at] as number) - (view.glaring[at] as number));
    }
    if (count === 0) return;
    const ofView = Math.max(0, sumAa - (sumA * sumA) / count);
    const ofLook = Math.max(0, sumBb - (sumB * sumB) / count);
    into.shades = ofView * ofLook > 0 ? (sumAb - (sumA * sumB) / count) / Math.sqrt(ofView * ofLook) : 0;
    into.contrast = ofView > 0 ? Math.sqrt(ofLook / ofView) : 0;
    into.glare = glare / count;
    into.grey = sumB / count;
    into.greyBefore = sumA / count;
  }

  return {
    compare: (view, look, into) => {
      into.edges = best(view, look, shakeCells, shakeCells, into);
      sumUp(view, look, into.shiftX, into.shiftY);
      judgeBlocks(look, into);
      shade(view, look, into);
    },
    find: (view, look, into) => best(view, look, turnedCells.x, turnedCells.y, into),
    structured: (view) => {
      sums.viewEdge.fill(0);
      for (let at = 0; at < blockOf.length; at++) {
        const block = blockOf[at] as number;
        if (block >= 0) sums.viewEdge[block] = (sums.viewEdge[block] as number) + (view.edge[at] as number);
      }
      let count = 0;
      for (let block = 0; block < blocks; block++)
        if ((sums.cells[block] ?? 0) > 0 && (sums.viewEdge[block] ?? 0) >= edgeMin * (sums.cells[block] ?? 0)) count++;
      return count;
    },
  };
}
