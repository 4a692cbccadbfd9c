// The village under one light: its still picture, and what disturbs it before and after anyone walks into it.
import { type Backdrop, type Planes, paintBackdrop, usualLight } from './backdrop.ts';
import type { Board } from './board.ts';
import { createDapple } from './dapple.ts';
import { type Effect, lightOf } from './effect.ts';
import { createFlag } from './flag.ts';
import { createFailingLamp, createFailingSign } from './flicker.ts';
import { createHeadlights, soak } from './headlights.ts';
import { createInfrared } from './infrared.ts';
import { createInsects } from './insects.ts';
import { furnish } from './lay-figures.ts';
import { createLayout } from './layout.ts';
import { createNight, type Light, type TimeOfDay } from './light.ts';
import type { Strengths } from './nuisance.ts';
import { createDrops, createOvercast, createRain, greySky } from './rain.ts';
import { createClouds, createLightning } from './sky-light.ts';
import { surveyOf, wetGround } from './survey.ts';
import { createSway } from './sway.ts';
import { createWater } from './water.ts';

export interface View {
  readonly backdrop: Backdrop;
  readonly board: Board;
  readonly still: Uint8Array;
  /** In the village, behind all figures. */
  readonly under: readonly Effect[];
  /** Between the village and the camera, over them. */
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
  infrared: boolean,
): View {
  const { seed, time, width, height } = site;
  const clear = usualLight(createLayout(seed), time);
  const usual = strengths.rain !== undefined && time === 'day' ? createOvercast(clear) : clear;
  const seenIn = (light: Light) => (infrared ? createInfrared(light) : light);
  const paint = (light: Light, trees: boolean) => paintBackdrop(seed, time, width, height, { light, trees });
  const backdrop = paint(seenIn(usual), true);
  const bare = strengths.sway === undefined ? backdrop : paint(backdrop.light, false);
  const settle = (painted: Backdrop, depth: Float32Array): Board => {
    const board = { lens: painted.lens, planes, depth };
    planes.bytes.set(painted.planes.bytes);
    furnish(board, painted, cover);
    return board;
  };
  let dead: Uint8Array | undefined;
  if (strengths.flicker !== undefined && time === 'night') {
    const out = paint(seenIn(createNight(usual.lamps.slice(1))), strengths.sway === undefined);
    settle(out, out.depth);
    dead = planes.y.slice();
  }
  const board = settle(bare, backdrop.depth);
  const { under, over } = effectsOf(site, strengths, { backdrop, bare, dead, planes, infrared });
  return { backdrop, board, still: planes.bytes.slice(), under, over };
}

interface Scenery {
  readonly backdrop: Backdrop;
  /** The same without the trees that move. */
  readonly bare: Backdrop;
  /** Luma with the failing lamp out. */
  readonly dead: Uint8Array | undefined;
  readonly planes: Planes;
  readonly infrared: boolean;
}

function effectsOf(
  site: Site,
  { sway, flicker, water, rain, headlights, clouds, lightning, insects }: Strengths,
  { backdrop, bare, dead, planes, infrared }: Scenery,
): { readonly under: readonly Effect[]; readonly over: readonly Effect[] } {
  const { seed, time } = site;
  const night = time === 'night';
  const under: Effect[] = [];
  const over: Effect[] = [];
  const albedo = night && (headlights !== undefined || lightning !== undefined) ? albedoOf(site, backdrop) : undefined;
  if (sway !== undefined) {
    // The shadow of leaves needs the sun.
    if (!night && rain === undefined) under.push(createDapple(backdrop, sway));
    under.push(createFlag(backdrop, sway), createSway(backdrop, bare, sway));
  }
  if (flicker !== undefined) {
    if (dead !== undefined) under.push(createFailingLamp(seed, planes.y, dead, flicker));
    under.push(createFailingSign(backdrop, flicker));
  }
  const beams = night ? headlights : undefined;
  if (rain !== undefined || beams !== undefined) {
    const survey = surveyOf(backdrop);
    const wet = wetGround(backdrop.lens, survey, seed);
    if (!night) greySky(planes, survey);
    soak(planes, wet, beams === undefined ? Math.min(1, 0.3 + (rain ?? 0)) : 1);
    if (beams !== undefined && albedo !== undefined) under.push(createHeadlights(backdrop, albedo, wet, beams));
  }
  if (water !== undefined) under.push(createWater(backdrop, planes, water));
  if (clouds !== undefined && !night) over.push(createClouds(backdrop, clouds));
  if (lightning !== undefined && albedo !== undefined) over.push(createLightning(backdrop, albedo, lightning));
  if (rain !== undefined) over.push(createRain(backdrop, infrared, rain));
  if (insects !== undefined) over.push(createInsects(backdrop, insects));
  if (rain !== undefined) over.push(createDrops(backdrop, rain));
  return { under, over };
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
