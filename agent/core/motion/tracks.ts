// Blobs followed from picture to picture, so that what travels, or stays as something new, can be told from what flickers in its place.
//
//              travels, or stays new        light or hole while standing, stood for standMsMax
//   candidate ───────────────────────▶ subject ─────────────────────────────────────────────▶ let go
//       └── unseen for lostMsMax ──▶ gone ◀── unseen for lostMsMax ──┘
import type { Blob } from './blobs.ts';
import type { Evidence, Looks } from './evidence.ts';

export type Why = 'travel' | 'stay';

/** Sightings kept for judging travel. */
const historyMax = 12;

export interface Track {
  live: boolean;
  bornMs: number;
  seenMs: number;
  /** Index of this picture's blob, or -1 when it was not seen. */
  blob: number;
  /** Undefined for a candidate. */
  why: Why | undefined;
  /** No longer of interest: its patch is taken into the background. */
  letGo: boolean;
  x: number;
  y: number;
  /** Pixels per ms. */
  vx: number;
  vy: number;
  area: number;
  readonly box: Float64Array;
  readonly birth: Float64Array;
  /** left, top, right, bottom, x, y, jumped, area, ms; newest last. */
  readonly history: Float64Array;
  sightings: number;
  /** Where and since when it has stood. */
  standX: number;
  standY: number;
  standSize: number;
  standSinceMs: number;
  /** Since when its size and place have hardly changed. */
  steadySinceMs: number;
  /** Sightings that looked like a thing less those that did not, bounded. */
  things: number;
  /** Sightings in a row that looked like light or a hole. */
  shams: number;
  readonly evidence: Evidence;
  /** Pixels between the first and the last sighting that proved travel. */
  travelled: number;
  /** Sightings that did not touch the one before. */
  jumps: number;
}

const perSighting = 9;
export const tracksMax = 24;
/** A subject behind a post is the same when it comes out. Below quietMs, so that it never joins what the rules would part. */
const lostMsMax = 1000;
/** Stands longer than any pause at a junction, then it is furniture. */
export const standMsMax = 60_000;
/** Who stays within this part of the picture's width, or of his own size, stands. */
const standMin = 1 / 40;
const standExtent = 0.5;
/** Something new that neither travels nor fades. Longer than a gust. */
const stayMs = 2500;
/** Shortest travel, in parts of the picture's width: two cells at 160. */
const travelMin = 1 / 40;
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
/** Fastest: a quarter of the picture's width in 200 ms. */
const speedMax = 0.25 / 200;
const newReachMsMax = 250;
const knownSightings = 4;
/** Two boxes of one thing that do not touch have sizes within this ratio. */
const jumpSizeRatio = 2.5;
const shamsMax = 2;
/** And so many more often a thing than not before it is a subject. */
const thingsEnough = 2;
/** With its first and last inch in the picture a subject may look like anything; only what has not changed for so long is doubted. */
const shamMs = 600;
/** Pixels, two cells. */
const stillSides = 4;
const stillArea = 1.25;

export interface Tracker {
  readonly tracks: readonly Track[];
  /** Joins this picture's blobs to the tracks; new ones begin a track each. */
  follow(blobs: readonly Blob[], found: number, monoMs: number): void;
  /** `looks` of this sighting; `large` says whether the blob reaches the smallest size somewhere. Returns true while the track is a subject. */
  judge(track: Track, blob: Blob, looks: Looks, large: boolean, monoMs: number): boolean;
  reset(): void;
}

export function createTracker(width: number, height: number, minMs: number): Tracker {
  const tracks = Array.from({ length: tracksMax }, newTrack);
  const taken = new Uint8Array(64);

  function follow(blobs: readonly Blob[], found: number, monoMs: number): void {
    taken.fill(0);
    for (const track of tracks) {
      track.blob = -1;
      if (track.live && monoMs - track.seenMs > lostMsMax) track.live = false;
    }
    // Subjects first: a candidate must not take a subject's blob. Touching boxes before jumps.
    for (let round = 0; round < 4; round++) {
      const subjects = round % 2 === 0;
      for (const track of tracks) {
        if (!track.live || track.blob >= 0 || (track.why !== undefined) !== subjects) continue;
        const best = round < 2 ? touching(track, blobs, found, monoMs) : near(track, blobs, found, monoMs);
        if (best < 0) continue;
        const blob = blobs[best];
        if (blob === undefined) continue;
        taken[best] = 1;
        sighted(track, blob, best, monoMs, round >= 2);
      }
    }
    for (let i = 0; i < found; i++) {
      const blob = blobs[i];
      if (blob !== undefined && taken[i] === 0) begin(blob, i, monoMs);
    }
  }

  /** The blob that shares most with where the track should be now. */
  function touching(track: Track, blobs: readonly Blob[], found: number, monoMs: number): number {
    const dx = track.vx * (monoMs - track.seenMs);
    const dy = track.vy * (monoMs - track.seenMs);
    let best = -1;
    let bestShared = 0;
    for (let i = 0; i < found; i++) {
      const blob = blobs[i];
      if (blob === undefined || taken[i] === 1) continue;
      const shared = Math.max(overlap(track.box, blob, 0, 0), overlap(track.box, blob, dx, dy));
      if (shared <= bestShared) continue;
      best = i;
      bestShared = shared;
    }
    return best;
  }

  /** The nearest blob of like size within reach. */
  function near(track: Track, blobs: readonly Blob[], found: number, monoMs: number): number {
    const sinceMs = monoMs - track.seenMs;
    let best = -1;
    let bestDistance = reach(track, sinceMs);
    for (let i = 0; i < found; i++) {
      const blob = blobs[i];
      if (blob === undefined || taken[i] === 1) continue;
      const ratio = blob.area / track.area;
      if (ratio > jumpSizeRatio || ratio < 1 / jumpSizeRatio) continue;
      const distance = Math.hypot(blob.x - track.x - track.vx * sinceMs, blob.y - track.y - track.vy * sinceMs);
      if (distance >= bestDistance) continue;
      best = i;
      bestDistance = distance;
    }
    return best;
  }

  /** What is known for a while does not leap; what has just appeared may be as fast as anything. */
  function reach(track: Track, sinceMs: number): number {
    if (track.sightings < knownSightings) return speedMax * width * Math.min(sinceMs, newReachMsMax);
    const extent = Math.max((track.box[2] ?? 0) - (track.box[0] ?? 0), (track.box[3] ?? 0) - (track.box[1] ?? 0));
    return extent + travelMin * width + Math.hypot(track.vx, track.vy) * sinceMs;
  }

  function begin(blob: Blob, index: number, monoMs: number): void {
    const track = tracks.find(isFree);
    if (track === undefined) return;
    track.live = true;
    track.bornMs = monoMs;
    track.seenMs = monoMs;
    track.why = undefined;
    track.letGo = false;
    track.vx = 0;
    track.vy = 0;
    track.sightings = 0;
    stand(track, blob, monoMs);
    track.steadySinceMs = monoMs;
    track.things = 0;
    track.shams = 0;
    track.travelled = 0;
    track.jumps = 0;
    place(track, blob, index);
    track.birth.set(track.box);
    remember(track, false);
  }

  function sighted(track: Track, blob: Blob, index: number, monoMs: number, jumped: boolean): void {
    const sinceMs = Math.max(1, monoMs - track.seenMs);
    track.vx = 0.5 * (track.vx + (blob.x - track.x) / sinceMs);
    track.vy = 0.5 * (track.vy + (blob.y - track.y) / sinceMs);
    const extent = Math.max(blob.right - blob.left, blob.bottom - blob.top);
    const ratio = blob.area / track.area;
    const moved = Math.hypot(blob.x - track.x, blob.y - track.y);
    if (jumped || ratio > 1.5 || ratio < 1 / 1.5 || moved > Math.max(2, 0.15 * extent)) track.steadySinceMs = monoMs;
    const strayed = Math.hypot(blob.x - track.standX, blob.y - track.standY);
    if (strayed > Math.max(standMin * width, standExtent * track.standSize)) stand(track, blob, monoMs);
    track.seenMs = monoMs;
    if (jumped) track.jumps++;
    place(track, blob, index);
    remember(track, jumped);
  }

  function judge(track: Track, blob: Blob, looks: Looks, large: boolean, monoMs: number): boolean {
    track.things = looks === 'thing' ? Math.min(track.things + 1, thingsEnough + 1) : Math.max(track.things - 1, 0);
    track.shams = looks === 'thing' ? 0 : track.shams + 1;
    const standingMs = monoMs - track.standSinceMs;
    if (standingMs > standMsMax || (track.shams >= shamsMax && isStill(track))) {
      // From where it is now it must go away to count again: what is being taken in shrinks and crumbles.
      if (!track.letGo) stand(track, blob, track.standSinceMs);
      track.letGo = true;
      track.why = undefined;
    }
    if (track.letGo && track.shams === 0 && standingMs === 0) track.letGo = false;
    if (track.letGo || track.why !== undefined || !large || monoMs - track.bornMs < minMs)
      return track.why !== undefined;
    if (track.things < thingsEnough) return false;
    if (travels(track)) track.why = 'travel';
    else if (monoMs - track.steadySinceMs >= stayMs) track.why = 'stay';
    return track.why !== undefined;
  }

  function travels(track: Track): boolean {
    const count = Math.min(track.sightings, historyMax);
    const newest = (count - 1) * perSighting;
    let path = 0;
    let leap = 0;
    let jumps = 0;
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
      if (way < need(track, track.history, at) || shift < shiftMin * way) continue;
      if (way < straightMin * path || leap > (jumps > 0 ? leapMaxOfJumps : leapMax) * path) continue;
      track.travelled = way;
      return true;
    }
    if (track.sightings < slowSightings || track.jumps > 0 || touchesBirth(track)) return false;
    track.travelled = wayFrom(track, track.birth, 0);
    return track.travelled >= need(track, track.birth, 0);
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

  function reset(): void {
    for (const track of tracks) track.live = false;
  }

  return { tracks, follow, judge, reset };
}

const isFree = (track: Track): boolean => !track.live;
const value = (track: Track, at: number): number => track.history[at] ?? 0;

function along(low: number, lowNow: number, high: number, highNow: number, size: number): number {
  const lowStep = lowNow - low;
  const highStep = highNow - high;
  if (low <= 0 && lowNow <= 0) return highNow >= size || high >= size ? 0 : highStep;
  if (high >= size && highNow >= size) return lowStep;
  if (lowStep * highStep <= 0) return 0;
  return Math.abs(lowStep) < Math.abs(highStep) ? lowStep : highStep;
}

/** Shared area of a box moved by (dx, dy) and a blob, both grown by half a cell. */
function overlap(box: Float64Array, blob: Blob, dx: number, dy: number): number {
  const wide = Math.min((box[2] ?? 0) + dx, blob.right) - Math.max((box[0] ?? 0) + dx, blob.left) + 2;
  const high = Math.min((box[3] ?? 0) + dy, blob.bottom) - Math.max((box[1] ?? 0) + dy, blob.top) + 2;
  return wide > 0 && high > 0 ? wide * high : 0;
}

function touchesBirth({ box, birth }: Track): boolean {
  const [left = 0, top = 0, right = 0, bottom = 0] = birth;
  return (box[0] ?? 0) <= right && (box[2] ?? 0) >= left && (box[1] ?? 0) <= bottom && (box[3] ?? 0) >= top;
}

function place(track: Track, blob: Blob, index: number): void {
  track.blob = index;
  track.x = blob.x;
  track.y = blob.y;
  track.area = blob.area;
  track.box[0] = blob.left;
  track.box[1] = blob.top;
  track.box[2] = blob.right;
  track.box[3] = blob.bottom;
}

/** Neither a side nor the size has changed over the last `shamMs`. */
function isStill(track: Track): boolean {
  const { history, box, area, seenMs } = track;
  let at = (Math.min(track.sightings, historyMax) - 1) * perSighting;
  while (at >= 0 && seenMs - (history[at + 8] ?? 0) < shamMs) at -= perSighting;
  if (at < 0) return false;
  for (let side = 0; side < 4; side++)
    if (Math.abs((box[side] ?? 0) - (history[at + side] ?? 0)) >= stillSides) return false;
  const ratio = area / (history[at + 7] ?? area);
  return ratio < stillArea && ratio > 1 / stillArea;
}

function stand(track: Track, blob: Blob, sinceMs: number): void {
  track.standX = blob.x;
  track.standY = blob.y;
  track.standSize = Math.max(blob.right - blob.left, blob.bottom - blob.top);
  track.standSinceMs = sinceMs;
}

function remember(track: Track, jumped: boolean): void {
  if (track.sightings >= historyMax) track.history.copyWithin(0, perSighting);
  const at = Math.min(track.sightings, historyMax - 1) * perSighting;
  track.history.set(track.box, at);
  track.history[at + 4] = track.x;
  track.history[at + 5] = track.y;
  track.history[at + 6] = jumped ? 1 : 0;
  track.history[at + 7] = track.area;
  track.history[at + 8] = track.seenMs;
  track.sightings++;
}

function newTrack(): Track {
  return {
    live: false,
    bornMs: 0,
    seenMs: 0,
    blob: -1,
    why: undefined,
    letGo: false,
    x: 0,
    y: 0,
    vx: 0,
    vy: 0,
    area: 0,
    box: new Float64Array(4),
    birth: new Float64Array(4),
    history: new Float64Array(historyMax * perSighting),
    sightings: 0,
    standX: 0,
    standY: 0,
    standSize: 0,
    standSinceMs: 0,
    steadySinceMs: 0,
    things: 0,
    shams: 0,
    evidence: { contrast: 0, sharp: 0, faded: 0 },
    travelled: 0,
    jumps: 0,
  };
}
