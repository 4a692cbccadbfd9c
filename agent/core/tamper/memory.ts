// Views that were good for minutes: noon, dusk, night under lamps, night in infrared. When the light jumps from one to another, nobody touched the camera.
import type { Grid } from './grid.ts';
import { copyView, createView, type View } from './view.ts';

export interface Memory {
  /** Most recently met first. */
  readonly views: readonly View[];
  /** Keeps a copy; in the place of `like` when that view is already known, else of the one met longest ago. */
  keep(view: View, like: View | undefined): void;
  /** It has been met again. */
  met(view: View): void;
}

/** Noon, cloud, dusk, night, infrared, dawn. */
const viewsMax = 6;

export function createMemory(grid: Grid): Memory {
  const views: View[] = [];
  const toFront = (view: View) => {
    const at = views.indexOf(view);
    if (at >= 0) views.splice(at, 1);
    views.unshift(view);
  };
  return {
    views,
    met: toFront,
    keep: (view, like) => {
      const place = like ?? (views.length < viewsMax ? createView(grid) : views.at(-1));
      if (place === undefined) return;
      if (like === undefined) copyView(view, place);
      toFront(place);
    },
  };
}
