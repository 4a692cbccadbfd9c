// Blobs followed from picture to picture, so that what travels, or stays as something new, can be told from what flickers in its place.
//
//              travels, or stays new        light or hole while standing, stood for standMsMax
//   candidate ───────────────────────▶ subject ─────────────────────────────────────────────▶ let go
//       └── unseen for lostMsMax ──▶ gone ◀── unseen for lostMsMax ──┘

import { needsNever } from '../trace/sight.ts';
import type { Blob } from './blobs.ts';
import { createClutter } from './clutter.ts';
import { needsOfStay, needsOfWay, referenceSensitivity } from './demands.ts';
import type { Looks } from './evidence.ts';
import { decay, lengthOf } from './exact.ts';
import { createStood, standExtent } from './stood.ts';
import {
  extentOfTrack,
  isFree,
  isStill,
  isSubject,
  lookedLikeThing,
  newTrack,
  place,
  remember,
  stand,
  type Track,
} from './track.ts';
import { createTravelProof, litterPerStep, travelMin } from './travel.ts';

export const tracksMax = 24;
/** A subject behind a post is the same when it comes out. Below quietMs, so that it never joins what the rules would part. */
const lostMsMax = 1000;
/** Who comes and goes is seen in nearly every picture; what misses more than this many, and is not seen for so long, was chance: insects, rain. */
const missedMax = 1;
const lostMsMaxOfCandidate = 300;
/** Stands longer than any pause at a junction, then it is furniture. */
export const standMsMax = 60_000;
/** Who stays within this part of the picture's width, or `standExtent` of his own size, stands. */
const standMin = 1 / 40;
/** In so many sightings in a row: a streak of rain that meets him moves him for one only. */
const straysMin = 2;
/** Fastest: a quarter of the picture's width in 200 ms. */
const speedMax = 0.25 / 200;
const newReachMsMax = 250;
const knownSightings = 4;
/** Two boxes of one thing that do not touch have sizes within this ratio. */
const jumpSizeRatio = 2.5;
const shamsMax = 2;
/** Who has proven himself is doubted later: half out of the picture he may look like anything. */
const shamsMaxOfSubject = 5;
/** Litter is counted over this time. */
const litterMs = 30_000;
/** Things a second: an unknown place is thought to be restless until it has been seen for half a minute. */
const litterAtFirst = 0.2;
/** The light that has made it begin anew may not have settled yet. */
const litterAfresh = 0.4;
/** While one light does not explain the picture its own edges travel: as if so many things a second came and went. */
const litterOfUneven = 0.6;
/** Nobody makes so many times his own box uneven, lamps and shadow and all. */
const ownTimes = 2;
/** Who was hidden for a moment comes back no more than so many times as large as what was last seen of him. */
const dwindledTimes = 4;
/** Of its box. */
const veilPart = 0.22;
/** And so many more often a thing than not before it is a subject. */
const thingsEnough = 2;
/** Under uneven light what has long looked like light, as a beam does before it falls to pieces on a wall, must look like a thing so much longer. */
const doubtMax = 3;

/** Lowest sensitivities that size and contrast of a sighting allow: for who travels, for what stays where a subject has left it, and where nobody has. */
export interface Needed {
  travelling: number;
  left: number;
  alone: number;
}

export function createTracker(width: number, height: number, minMs: number) {
  const tracks = Array.from({ length: tracksMax }, (_, slot) => newTrack(slot));
  const taken = new Uint8Array(64);
  const litter = { rate: litterAtFirst, monoMs: 0 };
  const clutter = createClutter(width * height);
  const proof = createTravelProof(width, height);
  const stood = createStood();

  /** Joins this picture's blobs to the tracks; new ones begin a track each. */
  function follow(blobs: readonly Blob[], found: number, monoMs: number, isUneven: boolean): void {
    taken.fill(0);
    litter.rate *= decay(Math.max(0, monoMs - litter.monoMs) / litterMs);
    litter.monoMs = monoMs;
    clutter.pass(monoMs);
    for (let slot = 0; slot < tracksMax; slot++) {
      const track = tracks[slot];
      if (track === undefined) continue;
      track.blob = -1;
      if (!track.live) continue;
      track.missed++;
      if (isLost(track, monoMs)) lose(track);
    }
    if (found === 0) return;
    // Subjects first: a candidate must not take a subject's blob. Touching boxes before jumps.
    for (let round = 0; round < 4; round++) {
      const subjects = round % 2 === 0;
      for (const track of tracks) {
        if (!track.live || track.blob >= 0 || isSubject(track) !== subjects) continue;
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
      if (blob !== undefined && taken[i] === 0) begin(blob, i, monoMs, isUneven);
    }
  }

  const isLost = (track: Track, monoMs: number): boolean =>
    monoMs - track.seenMs > (isSubject(track) || track.missed <= missedMax + 1 ? lostMsMax : lostMsMaxOfCandidate);

  /** What was large enough and is gone unproven is litter: an insect, a drop, a gust's branch. */
  function lose(track: Track): void {
    if (isSubject(track)) stood.remember(track);
    track.live = false;
    if (track.admitted > referenceSensitivity) clutter.add(track.birthArea);
    if (track.large && track.admitted > referenceSensitivity && !track.letGo) litter.rate += 1000 / litterMs;
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
      if (shared <= bestShared || isAnother(track, blob)) continue;
      best = i;
      bestShared = shared;
    }
    return best;
  }

  /** The nearest blob of like size within reach. */
  function near(track: Track, blobs: readonly Blob[], found: number, monoMs: number): number {
    const sinceMs = monoMs - track.seenMs;
    let best = -1;
    let bestDistance = Math.min(reach(track, sinceMs), clutter.reach(track.area / jumpSizeRatio, sinceMs));
    for (let i = 0; i < found; i++) {
      const blob = blobs[i];
      if (blob === undefined || taken[i] === 1) continue;
      const ratio = blob.area / track.area;
      if (ratio > jumpSizeRatio || ratio < 1 / jumpSizeRatio) continue;
      const distance = lengthOf(blob.x - track.x - track.vx * sinceMs, blob.y - track.y - track.vy * sinceMs);
      if (distance >= bestDistance) continue;
      best = i;
      bestDistance = distance;
    }
    return best;
  }

  /** What is known for a while does not leap; what has just appeared may be as fast as anything. */
  function reach(track: Track, sinceMs: number): number {
    if (track.sightings < knownSightings) return speedMax * width * Math.min(sinceMs, newReachMsMax);
    const extent = extentOfTrack(track);
    return extent + travelMin * width + lengthOf(track.vx, track.vy) * sinceMs;
  }

  function begin(blob: Blob, index: number, monoMs: number, isUneven: boolean): void {
    const track = tracks.find(isFree);
    if (track === undefined) return;
    track.live = true;
    track.bornMs = monoMs;
    track.seenMs = monoMs;
    track.why = undefined;
    track.admitted = needsNever;
    track.letGo = false;
    track.large = false;
    track.left = tracks.some((other) => other !== track && isSubject(other) && overlap(other.before, blob, 0, 0) > 0);
    track.vx = 0;
    track.vy = 0;
    track.sightings = 0;
    stand(track, blob, stood.sinceMs(blob, monoMs));
    track.steadySinceMs = monoMs;
    track.things = 0;
    track.upright = 0;
    track.shams = 0;
    track.isErratic = false;
    track.inUneven = isUneven;
    track.travelled = 0;
    track.jumps = 0;
    place(track, blob, index);
    track.birth.set(track.box);
    track.birthArea = track.area;
    track.wasThing = false;
    remember(track, false);
  }

  function sighted(track: Track, blob: Blob, index: number, monoMs: number, jumped: boolean): void {
    const sinceMs = Math.max(1, monoMs - track.seenMs);
    track.vx = 0.5 * (track.vx + (blob.x - track.x) / sinceMs);
    track.vy = 0.5 * (track.vy + (blob.y - track.y) / sinceMs);
    const extent = Math.max(blob.right - blob.left, blob.bottom - blob.top);
    const ratio = blob.area / track.area;
    const moved = lengthOf(blob.x - track.x, blob.y - track.y);
    if (jumped || ratio > 1.5 || ratio < 1 / 1.5 || moved > Math.max(2, 0.15 * extent)) track.steadySinceMs = monoMs;
    const strayed = lengthOf(blob.x - track.standX, blob.y - track.standY);
    track.strays = strayed > Math.max(standMin * width, standExtent * track.standSize) ? track.strays + 1 : 0;
    if (track.strays === 1 && isSubject(track)) stood.remember(track);
    if (track.strays >= straysMin) stand(track, blob, stood.sinceMs(blob, monoMs));
    track.seenMs = monoMs;
    if (jumped) track.jumps++;
    place(track, blob, index);
    remember(track, jumped);
  }

  /** Judges this sighting: `admitted` of the track falls where more is proven, and rises when it is let go. */
  function judge(track: Track, blob: Blob, looks: Looks, needed: Needed, monoMs: number, unexplained: number): void {
    const isInUneven = unexplained > 0 && (track.inUneven || unexplained * width * height > ownTimes * boxOf(blob));
    const least = isInUneven ? -doubtMax : Math.min(0, track.things);
    track.things = looks === 'thing' ? Math.min(track.things + 1, thingsEnough + 1) : Math.max(track.things - 1, least);
    track.shams = looks === 'thing' ? 0 : track.shams + 1;
    if (looks === 'thing') lookedLikeThing(track);
    if (needed.travelling <= referenceSensitivity && looks === 'thing') track.large = true;
    const standingMs = monoMs - track.standSinceMs;
    if (standingMs > standMsMax || (track.shams >= (isSubject(track) ? shamsMaxOfSubject : shamsMax) && isStill(track)))
      letGo(track, blob);
    if (track.letGo && track.shams === 0 && standingMs === 0) track.letGo = false;
    if (track.letGo || needed.left >= track.admitted || monoMs - track.bornMs < minMs) return;
    const isDense = clutter.isDense();
    const falls = litter.rate + (isDense ? litterPerStep : 0);
    if (looks !== 'thing' || track.things < thingsEnough || (falls >= litterPerStep && isVeil(blob))) return;
    const way = proof.wayOf(track, falls + (isInUneven ? litterOfUneven : 0));
    // What stays where nobody has left it, in the rain, is a drop on the glass; and what came with uneven light is what that light has left.
    const staying = track.left ? needed.left : isDense || track.inUneven ? needsNever : needed.alone;
    const ofWay = Math.max(needed.travelling, needsOfWay(way));
    const ofStay = Math.max(staying, needsOfStay(monoMs - track.steadySinceMs));
    const admitted = Math.min(ofWay, ofStay);
    if (admitted >= track.admitted) return;
    track.admitted = admitted;
    track.why = ofWay <= ofStay ? 'travel' : 'stay';
  }

  /** From where it is now it must go away to count again: what is being taken in shrinks and crumbles. */
  function letGo(track: Track, blob: Blob): void {
    if (!track.letGo) stand(track, blob, track.standSinceMs);
    track.letGo = true;
    track.why = undefined;
    track.admitted = needsNever;
  }

  /** The background begins anew in another light. What falls goes on falling: lightning does not end the rain. */
  function reset(): void {
    for (const track of tracks) track.live = false;
    litter.rate = Math.max(litterAfresh, litter.rate);
  }

  return { tracks, follow, judge, reset };
}

const boxOf = ({ left, top, right, bottom }: Blob): number => (right - left) * (bottom - top);

/** Little of its box differs: streaks of rain that happen to lie close, not one thing. */
const isVeil = (blob: Blob): boolean => blob.area < veilPart * boxOf(blob);

/** A subject that dwindled and was gone does not come back as something large: an insect, where a lorry went out of the picture. */
const isAnother = (track: Track, blob: Blob): boolean =>
  isSubject(track) && track.missed > 1 && blob.area > dwindledTimes * track.area;

/** Shared area of a box moved by (dx, dy) and a blob, both grown by half a cell. */
function overlap(box: Float64Array, blob: Blob, dx: number, dy: number): number {
  const wide = Math.min((box[2] ?? 0) + dx, blob.right) - Math.max((box[0] ?? 0) + dx, blob.left) + 2;
  const high = Math.min((box[3] ?? 0) + dy, blob.bottom) - Math.max((box[1] ?? 0) + dy, blob.top) + 2;
  return wide > 0 && high > 0 ? wide * high : 0;
}
