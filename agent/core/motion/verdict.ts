// Does a sighting count, from which sensitivity on, and which rule holds it back?
import type { TraceRule } from '../trace/sight.ts';
import type { Blob } from './blobs.ts';
import { needsOfContrast, needsOfSize } from './demands.ts';
import type { Looks } from './evidence.ts';
import { hasLeft, type Track } from './track.ts';
import type { Needed } from './tracks.ts';

/** A subject stays one down to this part of the smallest size. */
export const sizeHysteresis = 0.5;

/** Lowest sensitivity that its size and contrast allow: `ratio` in smallest sizes, `bars` in bars of a calm pixel. */
export const neededBy = (ratio: number, bars: number): number => Math.max(needsOfSize(ratio), needsOfContrast(bars));

/** What only stays, where no subject has left it, must be this much larger: drops on the lens stay, too. */
const aloneSize = 4;
export const neededAlone = (ratio: number, bars: number): number => neededBy(ratio / aloneSize, bars);

/**
 * The smallest size is meant for who stands upright, not much less high than wide. What is lower than he would be, and lies, must be this much larger:
 * a dog. What is flatter than any dog is not meant: a motorbike and the light before it. Nor does what is short tell how it stands where the picture's border cuts it.
 */
const lowSize = 3;
const uprightShape = 3.6;
const lyingShape = 1.2;
const flatShape = 2.5;

/** Sightings that were not low less those that were, bounded: a wag of the tail makes no person. */
const uprightEnough = 2;
const uprightMax = 4;
const lyingMax = 2;
/** So few pixels do not tell how they stand. */
const clearArea = 16;

/** The size that counts for a new subject, in smallest sizes. */
export function sizeOf(track: Track, blob: Blob, ratio: number, pictureWidth: number): number {
  const { area, shape, left, top, right, bottom } = blob;
  const high = bottom - top;
  const isShort = high * high * ratio < uprightShape * area;
  const isUnclear = isShort && (left <= 0 || right >= pictureWidth || area < clearArea);
  if (isShort && shape >= lyingShape && shape <= flatShape) track.upright = Math.max(-lyingMax, track.upright - 1);
  else if (!isUnclear) track.upright = Math.min(uprightMax, track.upright + 1);
  return track.upright < uprightEnough ? ratio / lowSize : ratio;
}

/** Lowest sensitivity at which the track counts in this picture, given the size it has here. */
export const needsOf = (track: Track, ratio: number): number =>
  Math.max(track.admitted, needsOfSize(ratio / sizeHysteresis));

export interface Sighting {
  readonly track: Track;
  readonly looks: Looks;
  readonly ratio: number;
  readonly bars: number;
  readonly needed: Needed;
  readonly needs: number;
  /** The camera moved, and the picture was moved back. */
  readonly isShaking: boolean;
}

/** `none` when it counts. The rules are asked in the order in which the filter applies them. */
export function ruleOf(sighting: Sighting, sensitivity: number, minMs: number, monoMs: number): TraceRule {
  const { track, looks, ratio, bars, needed, needs } = sighting;
  if (needs <= sensitivity) return 'none';
  if (looks === 'light') return hasLeft(track) ? 'sweep' : 'light';
  if (looks === 'hole') return 'hole';
  if (track.letGo) return 'furniture';
  if (needsOfSize(track.admitted <= sensitivity ? ratio / sizeHysteresis : ratio) > sensitivity) return 'small';
  if (needsOfContrast(bars) > sensitivity) return 'faint';
  if (needed.travelling > sensitivity) return 'low';
  if (monoMs - track.bornMs < minMs) return 'brief';
  if (track.isErratic) return 'insect';
  return sighting.isShaking ? 'shake' : 'unproven';
}
