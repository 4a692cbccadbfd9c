// What the motion filter tells the trace about one picture: each thing it follows, whether it counts, and which rule held it back.

/**
 * Why a track does not count. The order is the code in the binary trace (docs/ref/trace.md): add at the end only, at most 16.
 *
 * - `none`: it counts.
 * - `small`: under the smallest size of every zone it is in.
 * - `light`: brighter or darker, without an outline of its own.
 * - `hole`: the background shows through where something left.
 * - `unproven`: has neither travelled nor stayed, so far.
 * - `restless`: sways in a place that is restless of itself: a tree, a flag, water.
 * - `brief`: gone before `minMs` was over.
 * - `furniture`: has stood so long that it belongs to the place.
 * - `sweep`: light that has left the place where it was first seen: a headlight's beam.
 * - `insect`: fast, but neither even nor of one size: something near the lens.
 * - `upheaval`: the whole picture changed at once.
 * - `shake`: not proven so far, and the camera is moving.
 * - `disarmed`: every zone it is in is outside its armed hours.
 * - `faint`: too little contrast at this sensitivity.
 * - `low`: large enough for who stands upright, but low and long: a dog, a cat.
 */
export const traceRules = [
  'none',
  'small',
  'light',
  'hole',
  'unproven',
  'restless',
  'brief',
  'furniture',
  'sweep',
  'insect',
  'upheaval',
  'shake',
  'disarmed',
  'faint',
  'low',
] as const;
export type TraceRule = (typeof traceRules)[number];

/** Needs of what counts at no sensitivity. */
export const needsNever = 11;

/** One followed thing in one picture. Fields are filled anew for each picture. */
export interface SightedTrack {
  /** Which of the tracker's places it has, 0 to 31; a place is used again for another track, which then has another `bornMs`. */
  slot: number;
  bornMs: number;
  /** Box in pixels of the analysed picture: [left, right) and [top, bottom). */
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** Foreground pixels. */
  area: number;
  /** Mean difference from the background, grey levels. */
  contrast: number;
  /** Lowest sensitivity, 1 to 10, at which it counts in this picture; 11: at none. What the filter learns does not depend on the setting. */
  needs: number;
  /** What held it back at the sensitivity that is set; `none` where `needs` is not above it. */
  rule: TraceRule;
  /** How it proved itself, once it has. */
  why: 'travel' | 'stay' | undefined;
  /** Bit i: it is in watch zone i. Bit 0 is the whole picture where there are no zones. */
  zoneBits: number;
}

/** One analysed picture. The filter has one of these and fills it anew each time: read it before the next picture. */
export interface PictureSight {
  monoMs: number;
  /** The background is being learned: nothing can be said of this picture. */
  warming: boolean;
  /** Set while a rule holds back the whole picture (`upheaval`); else `none`. */
  whole: TraceRule;
  /** Bar of a calm pixel, grey levels. */
  bar: number;
  /** Noise of one pixel, standard deviation in grey levels. */
  noise: number;
  /** Part of the watched area that differs from the background, subject or not, 0 to 1. */
  share: number;
  /** The first `count` of `tracks` are in this picture. */
  count: number;
  readonly tracks: readonly SightedTrack[];
}

/** At most as many as the tracker follows. */
export function createPictureSight(tracksMax: number): PictureSight {
  return {
    monoMs: 0,
    warming: true,
    whole: 'none',
    bar: 0,
    noise: 0,
    share: 0,
    count: 0,
    tracks: Array.from({ length: tracksMax }, noTrack),
  };
}

function noTrack(): SightedTrack {
  return {
    slot: 0,
    bornMs: 0,
    left: 0,
    top: 0,
    right: 0,
    bottom: 0,
    area: 0,
    contrast: 0,
    needs: needsNever,
    rule: 'none',
    why: undefined,
    zoneBits: 0,
  };
}
