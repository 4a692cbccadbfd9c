// A drawn village junction with exact knowledge of what moves in it. Pure: the same seed, time and size give the same bytes for a frame, in any order.
import { type Backdrop, createPlanes, paintBackdrop } from './backdrop.ts';
import { type Board, type Extent, emptyExtent } from './board.ts';
import type { Figure, FigureClass } from './figure.ts';
import { furniture } from './furniture.ts';
import { layBeam, layGlow } from './lay-light.ts';
import { layShadow } from './lay-shadow.ts';
import { layDepth, layTile } from './lay-tile.ts';
import { depthOf } from './lens.ts';
import type { TimeOfDay } from './light.ts';
import { createGrain, type Grain } from './noise.ts';
import type { Rect } from './sweep.ts';
import { createTile, drawTile, type Tile } from './tile.ts';
import { type Cast, trafficCast } from './world.ts';

export type { FigureClass } from './figure.ts';
export type { TimeOfDay } from './light.ts';

export interface SceneOptions {
  readonly seed: number;
  readonly time: TimeOfDay;
  /** A multiple of 8. */
  readonly width: number;
  /** Even. */
  readonly height: number;
  readonly fps: number;
}

/** Pixels: `x`, `y` the first column and row, `w`, `h` how many. The box of what can be seen of the object itself, without shadow and light. */
export interface SceneObject extends Rect {
  readonly id: number;
  readonly class: FigureClass;
  /** Share of the object that can be seen; what is behind something or outside the picture cannot. At 0 the box is where it would be. */
  readonly visible: number;
  /** Everything it changes: itself, its shadow, its light on the road. */
  readonly touched: Rect;
}

export interface FrameTruth {
  readonly frame: number;
  readonly tMs: number;
  readonly objects: readonly SceneObject[];
}

export interface Scene {
  /** Bytes of one I420 picture. */
  readonly frameBytes: number;
  /** Draws frame `n` into `into`; `empty` leaves out all that moves, with the same noise. */
  frame(n: number, into: Uint8Array, empty?: boolean): FrameTruth;
  /** The same moment as a small grey picture in full range, as the motion filter sees it. Width a multiple of 8, height even. Fast: nothing large is drawn. */
  grey(n: number, width: number, height: number, into: Uint8Array): FrameTruth;
}

/** Noise of a 1280 wide picture, in steps of 1/255. */
const sigmas = { day: { luma: 1.1, chroma: 0.7 }, night: { luma: 3.4, chroma: 1.6 } } as const;

export function createScene(options: SceneOptions): Scene {
  const { seed, time, width, height, fps } = options;
  checkSize(width, height);
  let full: Stage | undefined;
  const small = new Map<string, Stage>();
  const stageOf = (w: number, h: number) => {
    const known = small.get(`${w}x${h}`);
    if (known !== undefined) return known;
    checkSize(w, h);
    const made = createStage(seed, time, w, h);
    small.set(`${w}x${h}`, made);
    return made;
  };
  const truth = (n: number, objects: readonly SceneObject[]) => ({ frame: n, tMs: (n * 1000) / fps, objects });
  return {
    frameBytes: (width * height * 3) / 2,
    frame: (n, into, empty = false) => {
      full ??= createStage(seed, time, width, height);
      const objects = full.play(n, n / fps, empty);
      full.print(n, into);
      return truth(n, objects);
    },
    grey: (n, w, h, into) => {
      const stage = stageOf(w, h);
      const objects = stage.play(n, n / fps, false);
      stage.printGrey(n, into);
      return truth(n, objects);
    },
  };
}

function checkSize(width: number, height: number): void {
  if (width % 8 !== 0 || height % 2 !== 0)
    throw new Error(`size must be a multiple of 8 wide and even high, not ${width}x${height}`);
}

/** The picture at one size: backdrop, what is drawn over it now, and the noise over both. */
interface Stage {
  play(frame: number, second: number, empty: boolean): SceneObject[];
  print(frame: number, into: Uint8Array): void;
  printGrey(frame: number, into: Uint8Array): void;
}

function createStage(seed: number, time: TimeOfDay, width: number, height: number): Stage {
  const backdrop = paintBackdrop(seed, time, width, height);
  const planes = createPlanes(width, height);
  const board: Board = { lens: backdrop.lens, planes, depth: backdrop.depth };
  const cover = new Float32Array(width * height);
  planes.bytes.set(backdrop.planes.bytes);
  furnish(board, backdrop, cover);
  const still = planes.bytes.slice();
  const grain = grainsOf(seed, time, width, height);
  const cast: Cast = trafficCast(backdrop.layout, time);
  const tiles: Tile[] = [];
  let dirty = false;
  return {
    play: (_frame, second, empty) => {
      if (dirty) planes.bytes.set(still);
      const figures = empty ? [] : cast(second);
      dirty = figures.length > 0;
      return drawFigures(board, backdrop, figures, tiles, cover);
    },
    print: (frame, into) => {
      const aligned = into.byteOffset % 4 === 0 ? into : new Uint8Array(planes.bytes.length);
      grain.all(planes.bytes, aligned, frame);
      if (aligned !== into) into.set(aligned);
    },
    printGrey: (frame, into) => {
      grain.luma(planes.y, into, frame);
      for (let at = 0; at < planes.y.length; at++) into[at] = fullRange[into[at] ?? 0] ?? 0;
    },
  };
}

const fullRange = Uint8Array.from({ length: 256 }, (_, value) =>
  Math.max(0, Math.min(255, Math.round(((value - 16) * 255) / 219))),
);

function grainsOf(seed: number, time: TimeOfDay, width: number, height: number) {
  // A small picture is the mean of many pixels: less noise, though not as little as if they were independent.
  const scale = Math.min(1.2, 0.3 + 0.7 * (width / 1280));
  const size = width * height;
  const luma = createGrain(seed * 2 + 1, width, height, sigmas[time].luma * scale);
  const chroma = createGrain(seed * 2 + 2, width / 2, height / 2, sigmas[time].chroma * scale);
  const words = (bytes: Uint8Array, from: number, length: number) =>
    new Int32Array(bytes.buffer, bytes.byteOffset + from, length / 4);
  const plane = (grain: Grain, from: Uint8Array, into: Uint8Array, start: number, length: number, frame: number) =>
    grain.add(words(from, start, length), words(into, start, length), frame);
  return {
    luma: (from: Uint8Array, into: Uint8Array, frame: number) => plane(luma, from, into, 0, size, frame),
    all: (from: Uint8Array, into: Uint8Array, frame: number) => {
      plane(luma, from, into, 0, size, frame);
      plane(chroma, from, into, size, size / 4, frame * 2);
      plane(chroma, from, into, size + size / 4, size / 4, frame * 2 + 1);
    },
  };
}

/** Lays the still things into the picture; from then on they hide what passes behind. */
function furnish(board: Board, { layout, lens, light }: Backdrop, cover: Float32Array): void {
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

function drawFigures(
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
