// Still things and figures laid over the backdrop, far to near, and what the truth says of each.
import type { Backdrop } from './backdrop.ts';
import { type Board, type Extent, emptyExtent } from './board.ts';
import type { Figure } from './figure.ts';
import { furniture } from './furniture.ts';
import { layBeam, layGlow } from './lay-light.ts';
import { layShadow } from './lay-shadow.ts';
import { layDepth, layTile } from './lay-tile.ts';
import { depthOf } from './lens.ts';
import type { Rect } from './sweep.ts';
import { createTile, drawTile, type Tile } from './tile.ts';
import type { SceneObject } from './truth.ts';

/** Lays the still things into the picture; from then on they hide what passes behind. */
export function furnish(board: Board, { layout, lens, light }: Backdrop, cover: Float32Array): void {
  const things = furniture(layout).sort((a, b) => b.at[1] - a.at[1]);
  const tile = createTile();
  for (const thing of things) {
    const figure: Figure = { ...thing, id: 0, class: 'motorbike' };
    if (!drawTile(tile, figure, lens, light)) continue;
    const sun = sunAt(light, figure);
    layShadow(board, figure, sun.at, sun.strength, cover, emptyExtent());
    layTile(board, tile, [], emptyExtent());
    layDepth(board, tile);
  }
}

function sunAt(
  light: Backdrop['light'],
  figure: Pick<Figure, 'at'>,
): { at: readonly [number, number, number] | undefined; strength: number } {
  const { key, toKey } = light.around([figure.at[0], figure.at[1], 0]);
  return light.time === 'day' ? { at: toKey, strength: Math.min(1, key[1] / 1.36) } : { at: undefined, strength: 0 };
}

export function drawFigures(
  board: Board,
  { lens, light }: Backdrop,
  figures: readonly Figure[],
  tiles: Tile[],
  cover: Float32Array,
): SceneObject[] {
  const drawn: { readonly figure: Figure; readonly tile: Tile; readonly touched: Extent }[] = [];
  const order = figures.toSorted((a, b) => depthOf(lens, [...b.at, 0]) - depthOf(lens, [...a.at, 0]));
  for (const figure of order) {
    const tile = tiles[drawn.length] ?? createTile();
    tiles[drawn.length] = tile;
    if (drawTile(tile, figure, lens, light)) drawn.push({ figure, tile, touched: emptyExtent() });
  }
  // Light and shadow lie on the ground, under everyone.
  for (const { figure, touched } of drawn) {
    for (const beam of figure.beams) layBeam(board, beam, touched);
    const sun = sunAt(light, figure);
    layShadow(board, figure, sun.at, sun.strength, cover, touched);
  }
  return drawn.map(({ figure, tile, touched }, index) => {
    const nearer = drawn.slice(index + 1).map((one) => one.tile);
    const laid = layTile(board, tile, nearer, touched);
    for (const glow of figure.glows) layGlow(board, glow, touched);
    const box = rect(laid.seen) ?? rect(laid.whole) ?? { x: 0, y: 0, w: 0, h: 0 };
    const visible = Math.round(laid.visible * 1000) / 1000;
    return { id: figure.id, class: figure.class, ...box, visible, touched: rect(touched) ?? box };
  });
}

function rect({ left, top, right, bottom }: Extent): Rect | undefined {
  return right > left && bottom > top ? { x: left, y: top, w: right - left, h: bottom - top } : undefined;
}
