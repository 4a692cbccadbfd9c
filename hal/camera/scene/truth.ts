// What a picture of the scene truly shows.
import type { FigureClass } from './figure.ts';
import type { Rect } from './sweep.ts';

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
