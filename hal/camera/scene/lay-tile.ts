// Lays a drawn figure over the picture and measures what was laid: the boxes of the truth come from here.
import { type Board, type Extent, emptyExtent, take } from './board.ts';
import type { Tile } from './tile.ts';

export interface Laid {
  /** Pixels of the figure itself that can be seen. */
  readonly seen: Extent;
  /** Its pixels within the picture, hidden ones too. */
  readonly whole: Extent;
  /** Share of it that can be seen. */
  readonly visible: number;
}

const countedShare = 1 / 12;

/** Lays a drawn figure over the picture. `nearer` are the tiles of figures in front of it. Colour is blended per 2x2 block. */
export function layTile(board: Board, tile: Tile, nearer: readonly Tile[], touched: Extent): Laid {
  const { planes } = board;
  const seen = emptyExtent();
  const whole = emptyExtent();
  const sums = { all: 0, seen: 0 };
  for (let by = 0; by < tile.h; by += 2) {
    for (let bx = 0; bx < tile.w; bx += 2) {
      let blue = 0;
      let red = 0;
      let share = 0;
      for (let corner = 0; corner < 4; corner++) {
        const tx = bx + (corner & 1);
        const ty = by + (corner >> 1);
        const at = (ty * tile.w + tx) * 4;
        const own = tile.pixels[at + 3] ?? 0;
        if (own < 0.004) continue;
        sums.all += own;
        const x = tile.x + tx;
        const y = tile.y + ty;
        if (x < 0 || y < 0 || x >= planes.width || y >= planes.height) continue;
        if (own >= countedShare) take(whole, x, y);
        const open = openShare(board, x, y, tile.depth);
        if (open === 0) continue;
        const pixel = y * planes.width + x;
        const laid = own * open;
        planes.y[pixel] = (planes.y[pixel] ?? 0) * (1 - laid) + (tile.pixels[at] ?? 0) * open + 0.5;
        blue += (tile.pixels[at + 1] ?? 0) * open;
        red += (tile.pixels[at + 2] ?? 0) * open;
        share += laid;
        const clear = laid * clearOf(nearer, x, y);
        sums.seen += clear;
        if (clear >= countedShare) take(seen, x, y);
        take(touched, x, y);
      }
      if (share > 0) {
        const pixel = ((tile.y + by) >> 1) * (planes.width >> 1) + ((tile.x + bx) >> 1);
        planes.u[pixel] = (planes.u[pixel] ?? 0) * (1 - share / 4) + blue / 4 + 0.5;
        planes.v[pixel] = (planes.v[pixel] ?? 0) * (1 - share / 4) + red / 4 + 0.5;
      }
    }
  }
  return { seen, whole, visible: sums.all > 0 ? sums.seen / sums.all : 0 };
}

/** Writes a still thing's distance, so that it hides what passes behind it. */
export function layDepth(board: Board, tile: Tile): void {
  for (let ty = 0; ty < tile.h; ty++) {
    for (let tx = 0; tx < tile.w; tx++) {
      const x = tile.x + tx;
      const y = tile.y + ty;
      if (x < 0 || y < 0 || x >= board.planes.width || y >= board.planes.height) continue;
      if ((tile.pixels[(ty * tile.w + tx) * 4 + 3] ?? 0) > 0.5) board.depth[y * board.planes.width + x] = tile.depth;
    }
  }
}

/** How much of the pixel nothing still hides; four samples soften the edge of the hiding thing. */
function openShare({ depth, planes }: Board, x: number, y: number, far: number): number {
  const right = x + 1 < planes.width ? 1 : 0;
  const down = y + 1 < planes.height ? planes.width : 0;
  const at = y * planes.width + x;
  const clear = (index: number) => ((depth[index] ?? 0) > far ? 0.25 : 0);
  return clear(at) + clear(at + right) + clear(at + down) + clear(at + right + down);
}

function clearOf(nearer: readonly Tile[], x: number, y: number): number {
  let clear = 1;
  for (const tile of nearer) {
    const tx = x - tile.x;
    const ty = y - tile.y;
    if (tx < 0 || ty < 0 || tx >= tile.w || ty >= tile.h) continue;
    clear *= 1 - (tile.pixels[(ty * tile.w + tx) * 4 + 3] ?? 0);
  }
  return clear;
}
