// The village under one light: its still picture, and what disturbs it before and after anyone walks into it.
import { type Backdrop, type Painting, type Planes, paintBackdrop } from './backdrop.ts';
import type { Board } from './board.ts';
import { type Effect, lightOf } from './effect.ts';
import { createHeadlights, soak } from './headlights.ts';
import { createInsects } from './insects.ts';
import { furnish } from './lay-figures.ts';
import type { Light, TimeOfDay } from './light.ts';
import type { Strengths } from './nuisance.ts';
import { surveyOf, wetGround } from './survey.ts';
import { createSway } from './sway.ts';

export interface View {
  readonly backdrop: Backdrop;
  readonly board: Board;
  readonly still: Uint8Array;
  /** In the village, behind all figures; and before the lens, over them. */
  readonly under: readonly Effect[];
  readonly over: readonly Effect[];
}

export interface Site {
  readonly seed: number;
  readonly time: TimeOfDay;
  readonly width: number;
  readonly height: number;
}

/** `planes` and `cover` are working memory; `planes` holds the still picture afterwards. */
export function createView(
  site: Site,
  strengths: Strengths,
  planes: Planes,
  cover: Float32Array,
  painting: Painting = {},
): View {
  const { seed, time, width, height } = site;
  const backdrop = paintBackdrop(seed, time, width, height, painting);
  const board: Board = { lens: backdrop.lens, planes, depth: backdrop.depth };
  const under: Effect[] = [];
  const over: Effect[] = [];
  let bare = backdrop;
  if (strengths.sway !== undefined) {
    bare = paintBackdrop(seed, time, width, height, { light: backdrop.light, trees: false });
    under.push(createSway(backdrop, bare, strengths.sway));
  }
  planes.bytes.set(bare.planes.bytes);
  furnish(board, backdrop, cover);
  if (strengths.headlights !== undefined && time === 'night') {
    const survey = surveyOf(backdrop);
    const wet = wetGround(backdrop.lens, survey, seed);
    soak(planes, wet, 1);
    under.push(createHeadlights(backdrop, albedoOf(site, backdrop), wet, strengths.headlights));
  }
  if (strengths.insects !== undefined) over.push(createInsects(backdrop, strengths.insects));
  return { backdrop, board, still: planes.bytes.slice(), under, over };
}

/** What part of the light that falls on it each pixel gives back: the backdrop painted under the same light from all sides. */
function albedoOf({ seed, width, height }: Site, { light }: Backdrop): Float32Array {
  const flood: Light = {
    time: 'day',
    lamps: [],
    shade: (_x, _y, _z, _nx, _ny, _nz, _far, out) => {
      // Plastered walls and leaves come out of the paint box brighter than they are.
      for (let channel = 0; channel < 3; channel++) out[channel] = (out[channel] ?? 0) * 0.85;
    },
    around: light.around,
  };
  const { planes } = paintBackdrop(seed, 'day', width, height, { light: flood });
  return Float32Array.from(planes.y, (luma) => lightOf[luma] ?? 0);
}
