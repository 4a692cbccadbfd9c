// Clothes, coat or paint of nearly the brightness of what lies behind someone on the way, so that there is little to see.
import type { Act, Shape } from './act.ts';
import type { Backdrop } from './backdrop.ts';
import type { Figure, Solid } from './figure.ts';
import type { Dice } from './random.ts';
import { createTile, drawTile, type Tile } from './tile.ts';
import { blended, type Colour, scaled } from './tone.ts';

/** Grey levels (of 255) between the two, as means over the figure and the way; lamps leave less room by night. */
const differences = { day: [10, 15], night: [4, 7] } as const;
/** Grey levels of the planes, which run from 0 to 219. */
const planeShare = 219 / 255;

/**
 * The same act in a tint that stays that much darker or lighter than what is behind it, all along its way: worked out once a second and joined in between.
 * It is a measuring stick, nobody's coat. Lamps and shadows stay as they are.
 */
export function disguised(act: Act, backdrop: Backdrop, chance: Dice): Act {
  const [least, most] = differences[backdrop.light.time];
  const aim = chance.from(least, most) * planeShare * chance.pick([-1, 1] as const);
  const count = Math.max(knotsMin, Math.min(knotsMax, Math.ceil(act.tookS)));
  const tints = matching(act, backdrop, aim, count);
  return {
    tookS: act.tookS,
    at: (sinceS) => {
      const knot = Math.max(0, Math.min(count - 1.001, (sinceS / act.tookS) * (count - 1)));
      const [a, b] = [tints[Math.floor(knot)] ?? usual, tints[Math.floor(knot) + 1] ?? usual];
      return repainted(act.at(sinceS), a + (b - a) * (knot % 1));
    },
  };
}

const knotsMin = 8;
const knotsMax = 64;
const usual = 0.2;

/** For each of so many moments the share of light to give back; where nobody is seen, what it was before or will be. */
function matching(act: Act, backdrop: Backdrop, aim: number, count: number): number[] {
  const tile = createTile();
  const found = Array.from({ length: count }, (_, index) =>
    albedoFor(act.at((act.tookS * index) / (count - 1)), backdrop, aim, tile),
  );
  const first = found.find((one) => one !== undefined) ?? usual;
  let last = first;
  return found.map((one) => {
    last = one ?? last;
    return last;
  });
}

/** Found by halving; figure less backdrop grows with it. */
function albedoFor(shape: Shape, backdrop: Backdrop, aim: number, tile: Tile): number | undefined {
  let [low, high] = [0.006, 1.2];
  for (let step = 0; step < 7; step++) {
    const middle = Math.sqrt(low * high);
    const figure: Figure = { ...repainted(shape, middle), id: 0, class: 'person' };
    const here = drawTile(tile, figure, backdrop.lens, backdrop.light) ? difference(tile, backdrop) : undefined;
    if (here === undefined) return undefined;
    if (here > aim) high = middle;
    else low = middle;
  }
  return Math.sqrt(low * high);
}

/** Mean of figure less backdrop where the figure is seen. */
function difference(tile: Tile, { planes, depth }: Backdrop): number | undefined {
  let sum = 0;
  let cover = 0;
  for (let ty = 0; ty < tile.h; ty++)
    for (let tx = 0; tx < tile.w; tx++) {
      const x = tile.x + tx;
      const y = tile.y + ty;
      if (x < 0 || y < 0 || x >= planes.width || y >= planes.height) continue;
      const at = y * planes.width + x;
      const share = tile.pixels[(ty * tile.w + tx) * 4 + 3] ?? 0;
      if (share < 0.1 || (depth[at] ?? 0) <= tile.depth) continue;
      sum += (tile.pixels[(ty * tile.w + tx) * 4] ?? 0) - (planes.y[at] ?? 0) * share;
      cover += share;
    }
  return cover < 0.5 ? undefined : sum / cover;
}

/** Round bodies lose most of their light and shade. */
const even = 0.7;

/** A quarter of the own colours and a little of their light and dark is kept. */
function repainted(shape: Shape, albedo: number): Shape {
  const paints = new Map<Colour, Colour>();
  const paint = (tint: Colour) => {
    const known = paints.get(tint);
    if (known !== undefined) return known;
    const bright = Math.max(0.01, 0.2126 * tint[0] + 0.7152 * tint[1] + 0.0722 * tint[2]);
    const own = Math.max(0.8, Math.min(1.2, (bright / 0.2) ** 0.12));
    const made = scaled(blended([1, 1, 1], scaled(tint, 1 / bright), 0.25), albedo * own);
    paints.set(tint, made);
    return made;
  };
  return { ...shape, solids: shape.solids.map((solid): Solid => ({ ...solid, tint: paint(solid.tint) })), even };
}
