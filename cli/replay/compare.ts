// What other rules would change, event by event: both runs over the same film, side by side in time.
import type { MotionConfig } from '../../agent/core/config/schema.ts';
import { demandAt } from '../../agent/core/motion/demands.ts';
import { drawZones, type ZoneMap } from '../../agent/core/motion/zones.ts';
import { needsNever, type PictureSight, type TraceRule } from '../../agent/core/trace/sight.ts';
import type { EventDetails } from '../../protocol/details.ts';

/** A followed thing in one picture; sides in parts of the picture, so that analysis sizes may differ. */
export interface Sighting {
  readonly monoMs: number;
  readonly rule: TraceRule;
  readonly needs: number;
  /** Foreground pixels, as a part of the picture. */
  readonly area: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
export interface Run {
  readonly motion: MotionConfig;
  readonly events: readonly EventDetails[];
  /** In the order of time. An hour with much going on has some 100,000. */
  readonly sightings: readonly Sighting[];
}

/**
 * Why what counts in one run does not in the other. `outside`: no watch zone there, or an ignore zone. `unseen`: nothing was followed there. Pictures are
 * those in which it counted, `of` all of them, `pictures` those that this rule held back.
 */
export interface HeldBack {
  readonly rule: TraceRule | 'outside' | 'unseen';
  readonly pictures: number;
  readonly of: number;
  /** Lowest sensitivity at which it would have counted in any of them; 11 is never. */
  readonly needs: number;
}

export type Change =
  | { readonly is: 'kept'; readonly was: EventDetails; readonly now: EventDetails }
  | { readonly is: 'changed'; readonly was: EventDetails; readonly now: EventDetails; readonly what: readonly What[] }
  | { readonly is: 'gone'; readonly was: EventDetails; readonly now: undefined; readonly held: HeldBack }
  /** `held` is what held it back before. */
  | { readonly is: 'new'; readonly was: undefined; readonly now: EventDetails; readonly held: HeldBack }
  /** `was` has become a part of `now`, which goes on from or to another. */
  | { readonly is: 'joined'; readonly was: EventDetails; readonly now: EventDetails }
  /** `now` is a part of what `was` one. */
  | { readonly is: 'split'; readonly was: EventDetails; readonly now: EventDetails };
export type What = 'start' | 'end' | 'level' | 'zones';

/** In the order of time. The same runs give the same changes. */
export function compare(was: Run, now: Run): Change[] {
  // At another rate the same moment falls between two pictures.
  const slackMs = was.motion.fps === now.motion.fps ? 0 : 1000 / Math.min(was.motion.fps, now.motion.fps);
  const pairs = pairUp(was.events, now.events);
  const before = was.events.map((event): Change => {
    const other = pairs.get(event);
    if (other !== undefined) return pairChange(event, other, slackMs);
    const whole = longestShared(event, now.events);
    if (whole !== undefined) return { is: 'joined', was: event, now: whole };
    return { is: 'gone', was: event, now: undefined, held: heldBack(event, was, now) };
  });
  const paired = new Set(pairs.values());
  const added = now.events
    .filter((event) => !paired.has(event))
    .map((event): Change => {
      const whole = longestShared(event, was.events);
      if (whole !== undefined) return { is: 'split', was: whole, now: event };
      return { is: 'new', was: undefined, now: event, held: heldBack(event, now, was) };
    });
  return [...before, ...added].sort((one, other) => startOf(one) - startOf(other));
}

/** A part that split off stands where it begins, not where the whole began. */
const startOf = (change: Change): number =>
  change.is === 'split' || change.is === 'new' ? change.now.firstMonoMs : change.was.firstMonoMs;

function pairChange(was: EventDetails, now: EventDetails, slackMs: number): Change {
  const what: What[] = [];
  if (Math.abs(was.firstMonoMs - now.firstMonoMs) > slackMs) what.push('start');
  if (Math.abs(was.lastMonoMs - now.lastMonoMs) > slackMs) what.push('end');
  if (was.level !== now.level) what.push('level');
  if (was.zones.toSorted().join('\n') !== now.zones.toSorted().join('\n')) what.push('zones');
  return what.length === 0 ? { is: 'kept', was, now } : { is: 'changed', was, now, what };
}

/** Each with the one it shares most time with, those that share most first; one has one partner. */
function pairUp(was: readonly EventDetails[], now: readonly EventDetails[]): Map<EventDetails, EventDetails> {
  const candidates = was
    .flatMap((one) => now.map((other) => ({ one, other, shared: sharedMs(one, other) })))
    .filter(({ shared }) => shared >= 0)
    .sort((a, b) => b.shared - a.shared || a.one.firstMonoMs - b.one.firstMonoMs);
  const pairs = new Map<EventDetails, EventDetails>();
  const taken = new Set<EventDetails>();
  for (const { one, other } of candidates) {
    if (pairs.has(one) || taken.has(other)) continue;
    pairs.set(one, other);
    taken.add(other);
  }
  return pairs;
}

function longestShared(event: EventDetails, others: readonly EventDetails[]): EventDetails | undefined {
  return others
    .filter((other) => sharedMs(event, other) >= 0)
    .toSorted((one, other) => sharedMs(event, other) - sharedMs(event, one))[0];
}

/** Negative: the time between them. */
const sharedMs = (one: EventDetails, other: EventDetails): number =>
  Math.min(one.lastMonoMs, other.lastMonoMs) - Math.max(one.firstMonoMs, other.firstMonoMs);

/** What the `other` run said of the very things, in the very pictures, that made `event` one in its own `run`. */
function heldBack(event: EventDetails, run: Run, other: Run): HeldBack {
  const counted = during(run.sightings, event.firstMonoMs, event.lastMonoMs).filter(({ rule }) => rule === 'none');
  const halfMs = 500 / Math.min(run.motion.fps, other.motion.fps);
  const zones = drawZones(other.motion);
  const tally = new Map<HeldBack['rule'], number>();
  let needs = needsNever;
  for (const sighting of counted) {
    const same = sameThing(sighting, during(other.sightings, sighting.monoMs - halfMs, sighting.monoMs + halfMs));
    const rule = same?.rule ?? whyAbsent(sighting, zones, other.motion);
    tally.set(rule, (tally.get(rule) ?? 0) + 1);
    needs = Math.min(needs, same?.needs ?? needsNever);
  }
  const [rule, pictures] = [...tally].toSorted((a, b) => b[1] - a[1])[0] ?? (['unseen', 0] as const);
  return { rule, pictures, of: counted.length, needs };
}

/** Bisection: films are long. */
function during(sightings: readonly Sighting[], fromMs: number, toMs: number): readonly Sighting[] {
  return sightings.slice(firstFrom(sightings, fromMs), firstFrom(sightings, toMs + 0.001));
}

function firstFrom(sightings: readonly Sighting[], monoMs: number): number {
  let [low, high] = [0, sightings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sightings[middle]?.monoMs ?? 0) < monoMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The one that covers most of it; a thing held back before one that counts: that is another thing, in an event of its own. */
function sameThing(one: Sighting, others: readonly Sighting[]): Sighting | undefined {
  return others
    .filter(({ rule }) => rule !== 'none')
    .map((other) => ({ other, shared: sharedArea(one, other) }))
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared)[0]?.other;
}

function sharedArea(one: Sighting, other: Sighting): number {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return wide > 0 && high > 0 ? wide * high : 0;
}

/** Blobs that are far too small are not even followed. */
function whyAbsent(sighting: Sighting, { bits, zones }: ZoneMap, motion: MotionConfig): HeldBack['rule'] {
  const { left, top, right, bottom, area } = sighting;
  const { width, height, sensitivity } = motion;
  let zoneBits = 0;
  for (let y = Math.floor(top * height); y < bottom * height; y++)
    for (let x = Math.floor(left * width); x < right * width; x++) zoneBits |= bits[y * width + x] ?? 0;
  if (zoneBits === 0) return 'outside';
  const foot = Math.min(height, Math.round(bottom * height));
  const least = zones.filter((_, zone) => (zoneBits >> zone) & 1).map(({ minPixelsAt }) => minPixelsAt[foot] ?? 0);
  return area * width * height < demandAt(sensitivity).size * Math.min(...least) ? 'small' : 'unseen';
}

/** Adds what one picture shows to a run's sightings. */
export function noteSightings(into: Sighting[], sight: Readonly<PictureSight>, { width, height }: MotionConfig): void {
  for (const track of sight.tracks.slice(0, sight.count)) {
    const { rule, needs } = track;
    const area = track.area / (width * height);
    const [left, right, top, bottom] = [
      track.left / width,
      track.right / width,
      track.top / height,
      track.bottom / height,
    ];
    into.push({ monoMs: sight.monoMs, rule, needs, area, left, top, right, bottom });
  }
}
