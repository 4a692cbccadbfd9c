// Does a sighting count, from which sensitivity on, and which rule holds it back?
import type { TraceRule } from '../trace/sight.ts';
import { needsOfContrast, needsOfSize } from './demands.ts';
import type { Looks } from './evidence.ts';
import type { Track } from './track.ts';

/** A subject stays one down to this part of the smallest size. */
export const sizeHysteresis = 0.5;

/** Lowest sensitivity that its size and contrast allow: `ratio` in smallest sizes, `bars` in bars of a calm pixel. */
export const neededBy = (ratio: number, bars: number): number => Math.max(needsOfSize(ratio), needsOfContrast(bars));

/** What only stays, where no subject has left it, must be this much larger: drops on the lens stay, too. */
const aloneSize = 4;
export const neededAlone = (ratio: number, bars: number): number => neededBy(ratio / aloneSize, bars);

/** Lowest sensitivity at which the track counts in this picture, given the size it has here. */
export const needsOf = (track: Track, ratio: number): number =>
  Math.max(track.admitted, needsOfSize(ratio / sizeHysteresis));

export interface Sighting {
  readonly track: Track;
  readonly looks: Looks;
  readonly ratio: number;
  readonly bars: number;
  readonly needs: number;
}

/** `none` when it counts. The rules are asked in the order in which the filter applies them. */
export function ruleOf(
  { track, looks, ratio, bars, needs }: Sighting,
  sensitivity: number,
  minMs: number,
  monoMs: number,
): TraceRule {
  if (needs <= sensitivity) return 'none';
  if (looks !== 'thing') return looks;
  if (track.letGo) return 'furniture';
  if (needsOfSize(track.admitted <= sensitivity ? ratio / sizeHysteresis : ratio) > sensitivity) return 'small';
  if (needsOfContrast(bars) > sensitivity) return 'faint';
  return monoMs - track.bornMs < minMs ? 'brief' : 'unproven';
}
