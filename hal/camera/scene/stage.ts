// The picture at one size: backdrop, what is drawn over it now, and the noise over both.
import { createPlanes, paintBackdrop } from './backdrop.ts';
import type { Board } from './board.ts';
import type { CastChoice } from './cast-rules.ts';
import { drawFigures, furnish } from './lay-figures.ts';
import type { TimeOfDay } from './light.ts';
import { createGrain, type Grain } from './noise.ts';
import type { SceneObject } from './scene.ts';
import type { Tile } from './tile.ts';
import { castOf } from './world.ts';

/** Noise of a 1280 wide picture, in steps of 1/255. */
const sigmas = { day: { luma: 1.1, chroma: 0.7 }, night: { luma: 3.4, chroma: 1.6 } } as const;

export interface Stage {
  play(frame: number, second: number, empty: boolean): SceneObject[];
  print(frame: number, into: Uint8Array): void;
  printGrey(frame: number, into: Uint8Array): void;
}

export function createStage(seed: number, time: TimeOfDay, width: number, height: number, choice: CastChoice): Stage {
  const backdrop = paintBackdrop(seed, time, width, height);
  const planes = createPlanes(width, height);
  const board: Board = { lens: backdrop.lens, planes, depth: backdrop.depth };
  const cover = new Float32Array(width * height);
  planes.bytes.set(backdrop.planes.bytes);
  furnish(board, backdrop, cover);
  const still = planes.bytes.slice();
  const grain = grainsOf(seed, time, width, height);
  const cast = castOf(choice, backdrop.layout, time);
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
