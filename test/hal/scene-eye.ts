// Small grey pictures of a disturbed scene and of the same undisturbed one, for the tests of the nuisances.
import { createLayout } from '../../hal/camera/scene/layout.ts';
import { createLens, type Point, pixelX, pixelY } from '../../hal/camera/scene/lens.ts';
import { createScene, type Nuisance, type SceneOptions, type TimeOfDay } from '../../hal/camera/scene/scene.ts';

export const width = 160;
export const height = 90;
export const fps = 5;
export const seed = 9;
export const layout = createLayout(seed);
const lens = createLens(width, height);

export function optionsOf(time: TimeOfDay, nuisances: readonly Nuisance[]): SceneOptions {
  return { seed, time, width: 320, height: 180, fps, cast: 'none', nuisances };
}

/** Draws the small picture of a second. */
export function eye(time: TimeOfDay, ...nuisances: readonly Nuisance[]): (second: number) => Uint8Array {
  const scene = createScene(optionsOf(time, nuisances));
  return (second) => {
    const grey = new Uint8Array(width * height);
    scene.grey(Math.round(second * fps), width, height, grey);
    return grey;
  };
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The pixels around a point of the village. */
export function around(point: Point, reach: number): Area {
  return {
    x: Math.round(pixelX(lens, point)) - reach,
    y: Math.round(pixelY(lens, point)) - reach,
    w: 2 * reach + 1,
    h: 2 * reach + 1,
  };
}

export const all: Area = { x: 0, y: 0, w: width, h: height };

export function mean(grey: Uint8Array, area: Area = all): number {
  let sum = 0;
  for (let y = area.y; y < area.y + area.h; y++)
    for (let x = area.x; x < area.x + area.w; x++) sum += grey[y * width + x] ?? 0;
  return sum / (area.w * area.h);
}

/** Mean difference of two pictures in an area. */
export function apart(a: Uint8Array, b: Uint8Array, area: Area = all): number {
  return mean(
    a.map((value, at) => Math.abs(value - (b[at] ?? 0))),
    area,
  );
}

export function seconds(from: number, to: number): number[] {
  return Array.from({ length: Math.round((to - from) * fps) }, (_, index) => from + index / fps);
}
