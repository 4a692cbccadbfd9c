// The proof of travel: a walker leaves his place, a leaf sways within it.
//
// Of the last sightings a window is sought over which both opposite sides of the box, and the centre with them, went the same way, far enough, straight
// enough and not in one leap. What is too slow for any window must have left its first place altogether.
import { historyMax, perSighting, type Track } from './track.ts';

/** Shortest travel, in parts of the picture's width: two cells at 160. */
export const travelMin = 1 / 40;
/** And in parts of its own extent along the way: a leaf sways within its own width, a walker leaves his place. */
const travelExtent = 0.9;
/** No more than this is asked of something large: a lorry that fills the picture has nowhere to go. */
const travelMax = 1 / 13;
/** Net way over path: a step back for three forward is still a way. */
const straightMin = 0.4;
/** The centre goes along, half as far where the picture's border cuts: edges alone may flicker. */
const shiftMin = 0.4;
/** One leap is not a way: no single step is more than this part of the path. */
const leapMax = 0.75;
/** Stricter where boxes did not touch: chance joins what flickers here and there. */
const leapMaxOfJumps = 0.5;
/** Something slow shows its way in no window; after so many sightings it must have left its first place altogether. */
const slowSightings = 6;

export interface TravelProof {
  /** Its best way so far, in parts of the way that proves travel, 0 for none; `track.travelled` is then how far, pixels. */
  wayOf(track: Track): number;
}

export function createTravelProof(width: number, height: number): TravelProof {
  function wayOf(track: Track): number {
    const count = Math.min(track.sightings, historyMax);
    const newest = (count - 1) * perSighting;
    let path = 0;
    let leap = 0;
    let jumps = 0;
    let best = 0;
    for (let steps = 1; steps < count; steps++) {
      const at = newest - steps * perSighting;
      const step = Math.hypot(
        value(track, at + perSighting + 4) - value(track, at + 4),
        value(track, at + perSighting + 5) - value(track, at + 5),
      );
      path += step;
      leap = Math.max(leap, step);
      jumps += value(track, at + perSighting + 6);
      if (steps < 2 + (jumps > 0 ? 1 : 0)) continue;
      const way = wayFrom(track, track.history, at);
      const shift = Math.hypot(track.x - value(track, at + 4), track.y - value(track, at + 5));
      if (shift < shiftMin * way || way < straightMin * path) continue;
      if (leap > (jumps > 0 ? leapMaxOfJumps : leapMax) * path) continue;
      best = better(track, best, way, need(track, track.history, at));
    }
    if (track.sightings < slowSightings || track.jumps > 0 || touchesBirth(track)) return best;
    return better(track, best, wayFrom(track, track.birth, 0), need(track, track.birth, 0));
  }

  function better(track: Track, best: number, way: number, needed: number): number {
    if (way <= best * needed) return best;
    track.travelled = way;
    return way / needed;
  }

  /** How far both its opposite sides have gone the same way; a side at the picture's border cannot tell and has no say. Growing and shrinking is no way. */
  function wayFrom(track: Track, boxes: Float64Array, at: number): number {
    return Math.hypot(alongX(track, boxes, at), alongY(track, boxes, at));
  }

  function alongX(track: Track, boxes: Float64Array, at: number): number {
    return along(boxes[at] ?? 0, track.box[0] ?? 0, boxes[at + 2] ?? 0, track.box[2] ?? 0, width);
  }

  function alongY(track: Track, boxes: Float64Array, at: number): number {
    return along(boxes[at + 1] ?? 0, track.box[1] ?? 0, boxes[at + 3] ?? 0, track.box[3] ?? 0, height);
  }

  function need(track: Track, boxes: Float64Array, at: number): number {
    const dx = Math.abs(alongX(track, boxes, at));
    const dy = Math.abs(alongY(track, boxes, at));
    if (dx + dy === 0) return Number.POSITIVE_INFINITY;
    const wide = (track.box[2] ?? 0) - (track.box[0] ?? 0);
    const high = (track.box[3] ?? 0) - (track.box[1] ?? 0);
    const own = (travelExtent * (dx * wide + dy * high)) / (dx + dy);
    return width * Math.min(travelMax, Math.max(travelMin, own / width));
  }

  return { wayOf };
}

const value = (track: Track, at: number): number => track.history[at] ?? 0;

function along(low: number, lowNow: number, high: number, highNow: number, size: number): number {
  const lowStep = lowNow - low;
  const highStep = highNow - high;
  if (low <= 0 && lowNow <= 0) return highNow >= size || high >= size ? 0 : highStep;
  if (high >= size && highNow >= size) return lowStep;
  if (lowStep * highStep <= 0) return 0;
  return Math.abs(lowStep) < Math.abs(highStep) ? lowStep : highStep;
}

function touchesBirth({ box, birth }: Track): boolean {
  const [left = 0, top = 0, right = 0, bottom = 0] = birth;
  return (box[0] ?? 0) <= right && (box[2] ?? 0) >= left && (box[1] ?? 0) <= bottom && (box[3] ?? 0) >= top;
}
