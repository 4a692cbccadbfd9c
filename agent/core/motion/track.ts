// One track: a blob's life from picture to picture, what is remembered of it.

import { needsNever } from '../trace/sight.ts';
import type { Blob } from './blobs.ts';
import { referenceSensitivity } from './demands.ts';
import type { Evidence } from './evidence.ts';

export type Why = 'travel' | 'stay';

/** Sightings kept for judging travel. */
export const historyMax = 12;

export interface Track {
  /** Its place among the tracks. */
  readonly slot: number;
  live: boolean;
  bornMs: number;
  seenMs: number;
  /** Pictures since then, this one too. */
  missed: number;
  /** Index of this picture's blob, or -1 when it was not seen. */
  blob: number;
  /** How it proved itself at the lowest sensitivity so far; undefined for a candidate. */
  why: Why | undefined;
  /** Lowest sensitivity at which it has become a subject; `needsNever` for a candidate. Only falls, until it is let go. */
  admitted: number;
  /** No longer of interest: its patch is taken into the background. */
  letGo: boolean;
  /** Began where a subject was: perhaps he left it there. */
  left: boolean;
  /** Was a thing large enough for a subject at least once. */
  large: boolean;
  x: number;
  y: number;
  /** Pixels per ms. */
  vx: number;
  vy: number;
  area: number;
  readonly box: Float64Array;
  /** The box when it was first seen, and when it first looked like a thing. */
  readonly birth: Float64Array;
  wasThing: boolean;
  birthArea: number;
  /** The box one sighting ago. */
  readonly before: Float64Array;
  /** left, top, right, bottom, x, y, jumped, area, ms, was a thing; newest last. */
  readonly history: Float64Array;
  sightings: number;
  /** Where and since when it has stood. */
  standX: number;
  standY: number;
  standSize: number;
  standSinceMs: number;
  /** Sightings in a row away from there. */
  strays: number;
  /** Since when its size and place have hardly changed. */
  steadySinceMs: number;
  /** Sightings that looked like a thing less those that did not, bounded. */
  things: number;
  /** Sightings that stood upright less those that lay low, bounded (verdict.ts). */
  upright: number;
  /** Sightings in a row that looked like light or a hole. */
  shams: number;
  readonly evidence: Evidence;
  /** Fast, but neither even nor of one size, when its way was asked for last: an insect before the lens. */
  isErratic: boolean;
  /** The light was uneven when it came; of others it may be they who make it so. */
  inUneven: boolean;
  /** Pixels between the first and the last sighting that proved travel. */
  travelled: number;
  /** Sightings that did not touch the one before. */
  jumps: number;
}

export const perSighting = 10;
/** With its first and last inch in the picture a subject may look like anything; only what has not changed for so long is doubted. */
const shamMs = 600;
/** Pixels, two cells. */
const stillSides = 4;
const stillArea = 1.25;

export function newTrack(slot = 0): Track {
  return {
    slot,
    live: false,
    bornMs: 0,
    seenMs: 0,
    missed: 0,
    blob: -1,
    why: undefined,
    admitted: needsNever,
    letGo: false,
    large: false,
    left: false,
    x: 0,
    y: 0,
    vx: 0,
    vy: 0,
    area: 0,
    box: new Float64Array(4),
    birth: new Float64Array(4),
    wasThing: false,
    birthArea: 0,
    before: new Float64Array(4),
    history: new Float64Array(historyMax * perSighting),
    sightings: 0,
    standX: 0,
    standY: 0,
    standSize: 0,
    standSinceMs: 0,
    strays: 0,
    steadySinceMs: 0,
    things: 0,
    upright: 0,
    shams: 0,
    evidence: { contrast: 0, undone: 0, sharp: 0, faded: 0, kept: 0 },
    isErratic: false,
    inUneven: false,
    travelled: 0,
    jumps: 0,
  };
}

export const isFree = (track: Track): boolean => !track.live;
/** A subject to the background, which asks the same whatever sensitivity is set. */
export const isSubject = (track: Track | undefined): boolean =>
  track?.live === true && track.admitted <= referenceSensitivity;

/** It is no longer where it was seen first. */
export function hasLeft({ box, birth }: Track): boolean {
  const [left = 0, top = 0, right = 0, bottom = 0] = birth;
  return (box[0] ?? 0) > right || (box[2] ?? 0) < left || (box[1] ?? 0) > bottom || (box[3] ?? 0) < top;
}

/** Takes over where and how large the blob is. */
export function place(track: Track, blob: Blob, index: number): void {
  track.blob = index;
  track.missed = 0;
  track.before.set(track.box);
  track.x = blob.x;
  track.y = blob.y;
  track.area = blob.area;
  track.box[0] = blob.left;
  track.box[1] = blob.top;
  track.box[2] = blob.right;
  track.box[3] = blob.bottom;
}

/** From here on, and since then, it stands here. */
export function stand(track: Track, blob: Blob, sinceMs: number): void {
  track.standX = blob.x;
  track.standY = blob.y;
  track.standSize = extentOf(blob);
  track.standSinceMs = sinceMs;
  track.strays = 0;
}

/** Of its box in the last sighting. */
export const extentOfTrack = ({ box }: Track): number =>
  Math.max((box[2] ?? 0) - (box[0] ?? 0), (box[3] ?? 0) - (box[1] ?? 0));

export const extentOf = ({ left, top, right, bottom }: Blob): number => Math.max(right - left, bottom - top);

/** Adds this sighting to the history. */
export function remember(track: Track, jumped: boolean): void {
  if (track.sightings >= historyMax) track.history.copyWithin(0, perSighting);
  const at = Math.min(track.sightings, historyMax - 1) * perSighting;
  track.history.set(track.box, at);
  track.history[at + 4] = track.x;
  track.history[at + 5] = track.y;
  track.history[at + 6] = jumped ? 1 : 0;
  track.history[at + 7] = track.area;
  track.history[at + 8] = track.seenMs;
  track.history[at + 9] = 0;
  track.sightings++;
}

/** The newest sighting looks like a thing: a way may begin here, not where a beam was that fell on it. */
export function lookedLikeThing(track: Track): void {
  track.history[(Math.min(track.sightings, historyMax) - 1) * perSighting + 9] = 1;
  if (track.wasThing) return;
  track.wasThing = true;
  track.birth.set(track.box);
  track.birthArea = track.area;
}

/** Neither a side nor the size has changed over the last `shamMs`. */
export function isStill(track: Track): boolean {
  const { history, box, area, seenMs } = track;
  let at = (Math.min(track.sightings, historyMax) - 1) * perSighting;
  while (at >= 0 && seenMs - (history[at + 8] ?? 0) < shamMs) at -= perSighting;
  if (at < 0) return false;
  for (let side = 0; side < 4; side++)
    if (Math.abs((box[side] ?? 0) - (history[at + side] ?? 0)) >= stillSides) return false;
  const ratio = area / (history[at + 7] ?? area);
  return ratio < stillArea && ratio > 1 / stillArea;
}
