// Trees in the wind: each tree is a layer with its own coverage, bent and stirred anew for every picture and laid over a street without trees.
import { type Backdrop, fallOff } from './backdrop.ts';
import { createCanvas } from './canvas.ts';
import { type Effect, gust, lumaMax, smooth, wander } from './effect.ts';
import { depthOf, pixelY } from './lens.ts';
import { paintBanyan, paintPalm } from './paint-trees.ts';
import { cloudy, noise } from './random.ts';
import { chromaBlue, chromaRed, luma, shown } from './tone.ts';

/** At strength 1, in a full gust, in parts of the picture's width: the whole crown leans, its boughs swing, its leaves flutter. */
const leanShare = 0.024;
const boughShare = 0.012;
const leafShare = 0.004;
const phases = 64;

/** A tree cut out of the picture. */
interface Layer {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Luma, blue, red (times coverage) and coverage for each pixel of the box. */
  readonly pixels: Float32Array;
  /** How far each row gives way: 0 where it is rooted, 1 at the top. */
  readonly give: Float32Array;
  /** How much of a row is leaves rather than stem. */
  readonly loose: Float32Array;
  /** Which of the boughs' and the leaves' phases a pixel moves with. */
  readonly bough: Uint8Array;
  readonly leaf: Uint8Array;
  /** What is nearer hides it; the banyan, 0, stands before all. */
  readonly depth: number;
  readonly seed: number;
}

/** Lays the trees over `bare`, the same backdrop without trees. */
export function createSway(full: Backdrop, bare: Backdrop, strength: number): Effect {
  const { layout } = full;
  const { banyan, palms, seed } = layout;
  const fork = banyan.heightM * 0.42;
  const layers = palms.map((palm, index) =>
    cutOut(full, (canvas) => paintPalm(canvas, palm), palm.y, 0, palm.heightM, 2, seed * 7 + index),
  );
  layers.push(
    cutOut(full, (canvas) => paintBanyan(canvas, layout), banyan.y, fork * 0.7, banyan.heightM, 0.9, seed * 7 + 5),
  );
  const tables = createTables();
  return (planes, { second, colour }) => {
    const wind = gust(seed, second);
    for (const layer of layers) {
      setTables(tables, layer.seed, second);
      const lean = leanShare * (0.25 + 0.75 * wind) * (0.35 + 0.9 * (wander(layer.seed, second, 2.2) - 0.5) * 2);
      const reach = strength * full.lens.width;
      lay(layer, bare.depth, planes, tables, {
        lean: lean * reach,
        bough: boughShare * wind * reach,
        leaf: leafShare * (0.3 + 0.7 * wind) * reach,
        shimmer: 0.16 * wind * strength,
        colour,
      });
    }
  };
}

/** Painted over black and over white: what differs is what shines through. */
function cutOut(
  { lens, light }: Backdrop,
  paint: (canvas: ReturnType<typeof createCanvas>) => void,
  y: number,
  rootM: number,
  topM: number,
  stiff: number,
  seed: number,
): Layer {
  const black = createCanvas(lens, light);
  const white = createCanvas(lens, light);
  white.rgb.fill(1);
  paint(black);
  paint(white);
  const covered = (at: number) => 1 - ((white.rgb[at * 3 + 1] ?? 0) - (black.rgb[at * 3 + 1] ?? 0));
  const box = bounds(lens.width, lens.height, covered);
  const { left, top, width, height } = box;
  const pixels = new Float32Array(width * height * 4);
  const bough = new Uint8Array(width * height);
  const leaf = new Uint8Array(width * height);
  for (let row = 0, to = 0; row < height; row++) {
    for (let column = 0; column < width; column++, to++) {
      const x = left + column;
      const at = (top + row) * lens.width + x;
      // Leaves and boughs move in patches as wide in the village at every size of picture.
      const u = (x / lens.width) * 160;
      const v = ((top + row) / lens.width) * 160;
      bough[to] = Math.floor(cloudy(u / 11 + seed, v / 9, 2) * 2 * phases) % phases;
      leaf[to] = Math.floor(noise(u / 2.6 + seed, v / 2.6) * 2 * phases) % phases;
      const share = covered(at);
      if (share < 0.01) continue;
      const light = fallOff((x + 0.5) / lens.width, (top + row + 0.5) / lens.height) / share;
      const r = shown((black.rgb[at * 3] ?? 0) * light);
      const g = shown((black.rgb[at * 3 + 1] ?? 0) * light);
      const b = shown((black.rgb[at * 3 + 2] ?? 0) * light);
      pixels[to * 4] = luma(r, g, b) * share;
      pixels[to * 4 + 1] = chromaBlue(r, g, b) * share;
      pixels[to * 4 + 2] = chromaRed(r, g, b) * share;
      pixels[to * 4 + 3] = share;
    }
  }
  const root = pixelY(lens, [0, y, rootM]);
  const crown = pixelY(lens, [0, y, topM]);
  const give = Float32Array.from(
    { length: height },
    (_, row) => Math.max(0, (root - top - row) / (root - crown)) ** stiff,
  );
  // Stems are below: a palm's fronds begin high up its give, a banyan's leaves low.
  const leafy = stiff > 1 ? 0.55 : 0.15;
  const loose = give.map((value) => smooth(leafy, leafy + 0.15, value));
  return { ...box, pixels, give, loose, bough, leaf, depth: stiff > 1 ? depthOf(lens, [0, y, 1]) : 0, seed };
}

/** The box of all that is covered, with room around it to move into. */
function bounds(width: number, height: number, covered: (at: number) => number) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      if (covered(at) < 0.02) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  const room = Math.ceil(width * (leanShare * 1.3 + boughShare * 1.5 + leafShare * 1.5)) + 1;
  left = Math.max(0, left - room);
  top = Math.max(0, top - room);
  right = Math.min(width, right + room);
  return { left, top, width: Math.max(0, right - left), height: Math.max(0, Math.min(height, bottom) - top) };
}

interface Tables {
  readonly across: Float32Array;
  readonly down: Float32Array;
  readonly quick: Float32Array;
}

function createTables(): Tables {
  return {
    across: new Float32Array(phases),
    down: new Float32Array(phases),
    quick: new Float32Array(phases),
  };
}

/** Where each phase is in its swing: neighbours move alike, and the sum of unequal waves does not repeat for minutes. */
function setTables({ across, down, quick }: Tables, seed: number, second: number): void {
  const own = 1 + (seed % 13) * 0.017;
  for (let phase = 0; phase < phases; phase++) {
    const turn = (phase / phases) * 2 * Math.PI;
    const slow = second * own;
    across[phase] = Math.sin(slow * 2.6 + turn) + 0.45 * Math.sin(slow * 4.3 + turn * 2 + 1);
    down[phase] = 0.5 * Math.sin(slow * 3.1 - turn + 1) + 0.2 * Math.sin(slow * 5.7 + turn * 2);
    quick[phase] = 0.65 * Math.sin(slow * 8.9 + turn) + 0.5 * Math.sin(slow * 14.3 - turn * 2 + 2);
  }
}

interface Motion {
  readonly lean: number;
  readonly bough: number;
  readonly leaf: number;
  /** Leaves turn and show their paler side. */
  readonly shimmer: number;
  readonly colour: boolean;
}

function lay(
  layer: Layer,
  depth: Float32Array,
  planes: { readonly width: number; readonly y: Uint8Array; readonly u: Uint8Array; readonly v: Uint8Array },
  { across, down, quick }: Tables,
  { lean, bough, leaf, shimmer, colour }: Motion,
): void {
  const { left, top, width, height, pixels } = layer;
  for (let row = 0; row < height; row++) {
    const give = layer.give[row] ?? 0;
    for (let column = 0; column < width; column++) {
      const own = row * width + column;
      const slow = layer.bough[own] ?? 0;
      const fast = layer.leaf[own] ?? 0;
      const loose = layer.loose[row] ?? 0;
      const flutter = (quick[fast] ?? 0) * loose;
      const x = column - give * (lean + bough * (across[slow] ?? 0)) - leaf * flutter;
      const y = row - give * bough * (down[slow] ?? 0) - 0.6 * leaf * loose * (quick[(fast + 17) % phases] ?? 0);
      const u = Math.floor(x);
      const v = Math.floor(y);
      if (u < 0 || v < 0 || u >= width - 1 || v >= height - 1) continue;
      const fx = x - u;
      const fy = y - v;
      const at = (v * width + u) * 4;
      const below = at + width * 4;
      const a = (1 - fx) * (1 - fy);
      const b = fx * (1 - fy);
      const c = (1 - fx) * fy;
      const d = fx * fy;
      const share =
        (pixels[at + 3] ?? 0) * a +
        (pixels[at + 7] ?? 0) * b +
        (pixels[below + 3] ?? 0) * c +
        (pixels[below + 7] ?? 0) * d;
      if (share < 0.01) continue;
      const to = (top + row) * planes.width + left + column;
      if ((depth[to] ?? 0) < layer.depth) continue;
      const bright =
        (pixels[at] ?? 0) * a + (pixels[at + 4] ?? 0) * b + (pixels[below] ?? 0) * c + (pixels[below + 4] ?? 0) * d;
      const shine = 1 + shimmer * flutter;
      planes.y[to] = Math.min(lumaMax, (planes.y[to] ?? 0) * (1 - share) + bright * shine + 0.5);
      const solid = pixels[at + 3] ?? 0;
      if (!colour || (((top + row) | (left + column)) & 1) !== 0 || solid < 0.05) continue;
      const pair = ((top + row) >> 1) * (planes.width >> 1) + ((left + column) >> 1);
      const part = share / solid;
      planes.u[pair] = (planes.u[pair] ?? 0) * (1 - share) + (pixels[at + 1] ?? 0) * part + 0.5;
      planes.v[pair] = (planes.v[pair] ?? 0) * (1 - share) + (pixels[at + 2] ?? 0) * part + 0.5;
    }
  }
}
