// When was it, and how sure is that? Pure.
//
// A node's steady clock (`monoMs`) is right within a start; what it said of the wall time may be nothing, or wrong: a board without a battery
// does not know the time after a power cut, and a clock can be set to any year. So what a start says about the time is weighed as a whole:
//
//   the belief   what the start held to be true in the end: its last stamp from the hub, else its last one; what lies in the hub's own future is
//                believed only where nothing else is said
//   own          a stamp that agrees with the belief, within the errors of both and the drift between them
//   re-timed     any other moment of that start: its distance from an anchor that agrees with the belief
//   stored       no stamp of this start can be believed: no later than when the hub had it
import { type Anchor, errorAt, wallAt } from '../agent/core/timeline.ts';
import type { Stamp } from '../protocol/manifest.ts';

/** What one record says about the time. */
export interface Saying extends Stamp {
  readonly seq: number;
  /** When the hub had it, by the hub's clock. */
  readonly storedMs: number;
  /** Its kind is `anchor`: it was made because the time became known, surer or another. */
  readonly isAnchor: boolean;
}

/** What is known of a moment. The true one is within `errorMs` of `atMs`; null where it is only known to be no later. */
export interface Known {
  readonly atMs: number;
  readonly errorMs: number | null;
  readonly by: 'own' | 're-timed' | 'stored';
}

/** What a start says about the time, weighed. */
export interface Line {
  readonly belief: Anchor;
  /** All agree with the belief. Never empty. */
  readonly anchors: readonly Anchor[];
  /** Where there is no anchor, the earliest stamp is one: its place. */
  readonly firstSeq: number | undefined;
  /** Somebody else's clock agrees with the belief: the hub's, or the network's. A board's own may be years off and never contradict itself. */
  readonly isVouched: boolean;
}

/** The hub's clock and a node's may differ by as much where both are right. */
const futureMs = 60_000;

/** A saying that names a time at all, and one that is not yet. */
const isClaim = ({ wallMs, clock }: Stamp): boolean => wallMs !== null && clock !== 'none' && clock !== 'floor';
const vouches = ({ clock }: Stamp): boolean => clock === 'hub' || clock === 'ntp';
const isFuture = (saying: Saying): boolean => (saying.wallMs ?? 0) - saying.errorMs > saying.storedMs + futureMs;

/** Undefined where nothing can be believed. `sayings` in any order; records that name no time are passed over. */
export function lineOf(sayings: readonly Saying[]): Line | undefined {
  const claims = sayings.filter((saying) => isClaim(saying) && !isFuture(saying));
  const ranked = claims.toSorted((one, other) => rank(one) - rank(other) || one.seq - other.seq);
  const last = ranked.at(-1);
  if (last === undefined) return undefined;
  const belief = anchorOf(last);
  const agreeing = claims.filter((claim) => agree(belief, anchorOf(claim)));
  const anchors = agreeing.filter(({ isAnchor }) => isAnchor);
  const first = agreeing.reduce((one, other) => (other.seq < one.seq ? other : one));
  const isVouched = agreeing.some(vouches);
  if (anchors.length > 0) return { belief, anchors: anchors.map(anchorOf), firstSeq: undefined, isVouched };
  return { belief, anchors: [anchorOf(first)], firstSeq: first.seq, isVouched };
}

/** True where this saying may change what its start's other moments are held to be. */
export function isNews(line: Line | undefined, saying: Saying): boolean {
  if (!isClaim(saying) || isFuture(saying)) return false;
  if (line === undefined || saying.isAnchor || !agree(line.belief, anchorOf(saying))) return true;
  if (!line.isVouched && vouches(saying)) return true;
  return line.firstSeq !== undefined && saying.seq < line.firstSeq;
}

export function knownFrom(line: Line | undefined, saying: Saying): Known {
  if (line === undefined) return { atMs: saying.storedMs, errorMs: null, by: 'stored' };
  if (isClaim(saying) && agree(line.belief, anchorOf(saying)))
    return { atMs: saying.wallMs ?? 0, errorMs: saying.errorMs, by: 'own' };
  return { ...momentOn(line, saying.monoMs), by: 're-timed' };
}

/** A segment says no more than its wall time; what it says is right within this. */
const segmentErrorMs = 2000;

/** When a segment begins. */
export function segmentAt(
  line: Line | undefined,
  segment: { readonly monoMs: number; readonly wallMs: number | null; readonly storedMs: number },
): number {
  const { monoMs, wallMs, storedMs } = segment;
  if (line === undefined) return wallMs === null || wallMs > storedMs + futureMs ? storedMs : wallMs;
  const { atMs, errorMs } = momentOn(line, monoMs);
  return wallMs !== null && Math.abs(wallMs - atMs) <= errorMs + segmentErrorMs ? wallMs : atMs;
}

/** From the anchor that leaves the smallest error. */
export function momentOn({ anchors, belief }: Line, monoMs: number): { atMs: number; errorMs: number } {
  const [first = belief, ...rest] = anchors;
  const best = rest.reduce((one, other) => (errorAt(other, monoMs) < errorAt(one, monoMs) ? other : one), first);
  return { atMs: wallAt(best, monoMs), errorMs: Math.ceil(errorAt(best, monoMs)) };
}

const rank = ({ clock }: Saying): number => (clock === 'hub' ? 1 : 0);

const anchorOf = ({ clock, monoMs, wallMs, errorMs }: Saying): Anchor => ({
  by: clock === 'hub' || clock === 'ntp' ? clock : 'rtc',
  monoMs,
  wallMs: wallMs ?? 0,
  errorMs,
});

function agree(one: Anchor, other: Anchor): boolean {
  return Math.abs(other.wallMs - wallAt(one, other.monoMs)) <= errorAt(one, other.monoMs) + other.errorMs;
}
