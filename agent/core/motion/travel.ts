// The proof of travel: a walker leaves his place, a leaf sways within it.
//
// Of the last sightings a window is sought over which both opposite sides of the box, and the centre with them, went the same way, far enough, straight
// enough and not in one leap. What is too slow for any window must have left its first place altogether.
import { lengthOf } from './exact.ts';
import { extentOfTrack, hasLeft, historyMax, perSighting, type Track } from './track.ts';

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
/** Nor more than this part of how far the centre has come: else it has gone nowhere but there, and has wavered since. */
const leapMaxOfShift = 0.9;
/** Stricter where boxes did not touch: chance joins what flickers here and there. */
const leapMaxOfJumps = 0.5;
/**
 * Something slow shows its way in no window; after so many sightings it must have left its first place altogether. Its longest step does not count: a drop on
 * the lens, joined to the streak that was beside it, has never gone anywhere.
 */
const slowSightings = 6;

/**
 * Where litter falls a way is shown between sightings of a size: a drop of rain, joined to a lamp's wet reflection, has gone nowhere. Who comes in over the border may begin small;
 * who is slow may grow.
 */
const alikeMax = 2;
/** At first, where the edge of a watched zone may have cut it in half. */
const alikeMaxAtFirst = 2.5;
const alikeMaxOfSlow = 4;

/** And who travels is still on his way: his newest step is at least this part of the others. A lamp's reflection stands where it is. */
const onItsWayMin = 0.25;
/** Of what is slow, in parts of its extent, since a few sightings ago: a drop on the lens, joined to the streak that was beside it, has left its first place and stands. */
const onItsWayOfSlow = 0.12;

/** What moves by more than this part of its extent in a picture is fast, and what is fast goes evenly: an insect before the lens does not. */
const fastExtent = 0.5;
/** Largest change of a fast thing's step, in parts of its mean step, and of its size. */
const unevenMax = 0.7;
const sizeChangeMax = 2.2;
/** A window of so many steps at least, more where chance has a hand: boxes that did not touch, fast things, litter. */
const stepsMin = 2;
/** Litter, things a second that come and are gone, asks for another step each; and for a straighter way. */
export const litterPerStep = 0.15;
const litterStepsMax = 5;
const straightMinInLitter = 0.7;

export interface TravelProof {
  /**
   * Its best way so far, in parts of the way that proves travel, 0 for none; `track.travelled` is then how far, pixels. `litter` is how many things a second
   * come and go unproven: rain, insects.
   */
  wayOf(track: Track, litter: number): number;
}

/** The window from one of the last sightings to the newest, as it grows backwards. */
interface Window {
  steps: number;
  path: number;
  leap: number;
  jumps: number;
  /** The last step that was taken. */
  newest: number;
  uneven: number;
  resized: number;
  dx: number;
  dy: number;
}

export function createTravelProof(width: number, height: number): TravelProof {
  const window: Window = { steps: 0, path: 0, leap: 0, jumps: 0, newest: 0, uneven: 0, resized: 1, dx: 0, dy: 0 };

  function wayOf(track: Track, litter: number): number {
    const count = Math.min(track.sightings, historyMax);
    const newest = (count - 1) * perSighting;
    const litterSteps = Math.min(litterStepsMax, Math.floor(litter / litterPerStep));
    const straight = litterSteps > 0 ? straightMinInLitter : straightMin;
    let best = 0;
    track.isErratic = false;
    open(window);
    for (let steps = 1; steps < count; steps++) {
      const at = newest - steps * perSighting;
      widen(window, track, at);
      if (value(track, at + 9) === 0) continue;
      const isFirst = at === 0 && track.sightings === count;
      const alike = isFirst ? alikeMaxAtFirst : alikeMax;
      const area = value(track, at + 7);
      const isEntering = touchesBorder(track, at) && area <= track.area;
      if (litterSteps > 0 && !isAlike(track, area, alike) && !isEntering) continue;
      if (!isWay(window, track, litterSteps)) continue;
      const way = wayFrom(track, track.history, at);
      const shift = lengthOf(track.x - value(track, at + 4), track.y - value(track, at + 5));
      if (shift < shiftMin * way || way < straight * window.path || window.leap > leapMaxOfShift * shift) continue;
      best = better(track, best, way, need(track, track.history, at));
    }
    const slow = slowSightings + litterSteps;
    if (track.sightings < slow || track.jumps > 0 || !hasLeft(track)) return best;
    if (litterSteps > 0 && !isAlike(track, track.birthArea, alikeMaxOfSlow) && !atBorder(track.birth, 0)) return best;
    if (!isOnItsWay(track, newest)) return best;
    return better(track, best, wayFrom(track, track.birth, 0), need(track, track.birth, 0));
  }

  /** Takes the step from the sighting at `at` to the one after it into the window. */
  function widen(w: Window, track: Track, at: number): void {
    const dx = value(track, at + perSighting + 4) - value(track, at + 4);
    const dy = value(track, at + perSighting + 5) - value(track, at + 5);
    const step = lengthOf(dx, dy);
    if (w.steps === 0) w.newest = step;
    else w.uneven = Math.max(w.uneven, lengthOf(dx - w.dx, dy - w.dy));
    if (!touchesBorder(track, at) && !touchesBorder(track, at + perSighting)) {
      const ratio = value(track, at + 7) / Math.max(1, value(track, at + perSighting + 7));
      w.resized = Math.max(w.resized, ratio, 1 / ratio);
    }
    w.steps++;
    w.path += step;
    w.leap = Math.max(w.leap, step);
    w.jumps += value(track, at + perSighting + 6);
    w.dx = dx;
    w.dy = dy;
  }

  /** The window is long enough, without a leap, and even where it is fast. */
  function isWay(w: Window, track: Track, litterSteps: number): boolean {
    const wide = (track.box[2] ?? 0) - (track.box[0] ?? 0);
    const high = (track.box[3] ?? 0) - (track.box[1] ?? 0);
    const mean = w.path / w.steps;
    const isFast = w.jumps > 0 || mean > fastExtent * Math.max(wide, high);
    if (w.steps < stepsMin + (isFast ? 1 : 0) + litterSteps) return false;
    if (litterSteps > 0 && w.newest < onItsWayMin * mean) return false;
    if (isFast && (w.uneven > unevenMax * mean || w.resized > sizeChangeMax)) {
      track.isErratic = true;
      return false;
    }
    return w.leap <= (w.jumps > 0 ? leapMaxOfJumps : leapMax) * w.path;
  }

  /** Its last two sightings have moved by some of its extent since a few before them: a streak of rain that meets it moves it for one only. */
  function isOnItsWay(track: Track, newest: number): boolean {
    const extent = extentOfTrack(track);
    for (const now of [newest, newest - perSighting])
      for (const before of [now - 3 * perSighting, now - 4 * perSighting]) {
        const moved = lengthOf(
          value(track, now + 4) - value(track, before + 4),
          value(track, now + 5) - value(track, before + 5),
        );
        if (moved < onItsWayOfSlow * extent) return false;
      }
    return true;
  }

  const touchesBorder = (track: Track, at: number): boolean => atBorder(track.history, at);

  const atBorder = (boxes: Float64Array, at: number): boolean =>
    (boxes[at] ?? 0) <= 0 ||
    (boxes[at + 1] ?? 0) <= 0 ||
    (boxes[at + 2] ?? 0) >= width ||
    (boxes[at + 3] ?? 0) >= height;

  function better(track: Track, best: number, way: number, needed: number): number {
    if (way <= best * needed) return best;
    track.travelled = way;
    return way / needed;
  }

  /** How far both its opposite sides have gone the same way; a side at the picture's border cannot tell and has no say. Growing and shrinking is no way. */
  function wayFrom(track: Track, boxes: Float64Array, at: number): number {
    return lengthOf(alongX(track, boxes, at), alongY(track, boxes, at));
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

function open(w: Window): void {
  w.steps = 0;
  w.path = 0;
  w.leap = 0;
  w.jumps = 0;
  w.newest = 0;
  w.uneven = 0;
  w.resized = 1;
}

/** Of a size with what it is now. */
const isAlike = (track: Track, area: number, ratio: number): boolean =>
  area <= track.area * ratio && track.area <= area * ratio;

const value = (track: Track, at: number): number => track.history[at] ?? 0;

function along(low: number, lowNow: number, high: number, highNow: number, size: number): number {
  const lowStep = lowNow - low;
  const highStep = highNow - high;
  if (low <= 0 && lowNow <= 0) return highNow >= size || high >= size ? 0 : highStep;
  if (high >= size && highNow >= size) return lowStep;
  if (lowStep * highStep <= 0) return 0;
  return Math.abs(lowStep) < Math.abs(highStep) ? lowStep : highStep;
}
