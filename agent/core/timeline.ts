// What time it is, as far as somebody vouches for it. Pure.
//
// The steady clock of a start (`monoMs`) never jumps and drifts little; the wall clock of a board without a battery stands at 1970 after a power
// cut, and is set by whoever can. So wall time is a steady moment and an *anchor*: what the wall time was then, who said so, how sure. Within
// one start two anchors must agree within their errors and the drift between them; one that does not is doubted:
//
//   none ──anchor──▶ known ──agrees, surer──▶ known (better)
//                      │ ──disagrees, said by a surer witness──▶ known (corrected)
//                      └─ ──disagrees otherwise──▶ doubted ──still so after 10 minutes, same witness──▶ known (corrected)
//                                                     └──the one who doubted agrees again──▶ known
//
// The hub is the surest: its time is signed, and answers a record of this moment. Then NTP, then a battery clock.
export type Witness = 'hub' | 'ntp' | 'rtc';

export interface Anchor {
  readonly by: Witness;
  readonly monoMs: number;
  readonly wallMs: number;
  readonly errorMs: number;
}

export interface Timeline {
  readonly anchor: Anchor | undefined;
  /** The last one that was told: what is silently made better by a little is not. */
  readonly told: Anchor | undefined;
  /** Says otherwise since `monoMs`. */
  readonly doubt: Anchor | undefined;
  /** No moment before this can be now, Unix ms. Goes to disk, and into the next start. */
  readonly floorMs: number;
  /** The last witness named a time before the floor. */
  readonly behind: boolean;
}

export type TimelineAction =
  | { readonly do: 'anchored'; readonly anchor: Anchor; readonly why: 'first' | 'better' | 'corrected' }
  | { readonly do: 'doubt'; readonly claim: Anchor; readonly offMs: number }
  | { readonly do: 'doubt-over' };

/** Quartz on boards is within ±100 ppm. */
export const driftShare = 100e-6;
/** A claim that disagrees must stand so long. */
const confirmMs = 600_000;
const sureness: Readonly<Record<Witness, number>> = { hub: 2, ntp: 1, rtc: 0 };

export const newTimeline = (floorMs: number): Timeline => ({
  anchor: undefined,
  told: undefined,
  doubt: undefined,
  floorMs,
  behind: false,
});

/** The error of an anchor's time at another moment. */
export function errorAt(anchor: Anchor, monoMs: number): number {
  return anchor.errorMs + Math.abs(monoMs - anchor.monoMs) * driftShare;
}

export function wallAt(anchor: Anchor, monoMs: number): number {
  return anchor.wallMs + (monoMs - anchor.monoMs);
}

/** What a witness says now. */
export function hear(line: Timeline, claim: Anchor): { line: Timeline; actions: readonly TimelineAction[] } {
  // The hub's answer to a record of this moment cannot be an old message: it alone may put a floor right that was too high.
  if (claim.by !== 'hub' && claim.wallMs < line.floorMs) return { line: { ...line, behind: true }, actions: [] };
  const { anchor, doubt } = line;
  if (anchor === undefined) return take(line, claim, 'first');
  if (agree(anchor, claim)) {
    const left = doubtAfter(doubt, claim);
    const over: TimelineAction[] = doubt === undefined || left !== undefined ? [] : [{ do: 'doubt-over' }];
    const sure = { ...line, doubt: left, behind: false };
    if (claim.errorMs > errorAt(anchor, claim.monoMs)) return { line: sure, actions: over };
    if (isNews(line.told, claim)) {
      const taken = take({ ...sure, doubt: undefined }, claim, 'better');
      return { line: { ...taken.line, doubt: left }, actions: [...over, ...taken.actions] };
    }
    return { line: { ...take(sure, claim, 'better').line, doubt: left, told: line.told }, actions: over };
  }
  if (sureness[claim.by] > sureness[anchor.by]) return take(line, claim, 'corrected');
  const offMs = claim.wallMs - wallAt(anchor, claim.monoMs);
  const stands = doubt !== undefined && doubt.by === claim.by && agree(doubt, claim);
  if (!stands) return { line: { ...line, doubt: claim }, actions: [{ do: 'doubt', claim, offMs }] };
  if (claim.by !== anchor.by || claim.monoMs - doubt.monoMs < confirmMs) return { line, actions: [] };
  return take(line, claim, 'corrected');
}

/**
 * What is left of a doubt when somebody confirms the anchor. Only who doubted can be put right by agreeing (ntp and rtc are one: the board's clock); what
 * the hub confirms restarts the time that the board's clock would have to insist.
 */
function doubtAfter(doubt: Anchor | undefined, claim: Anchor): Anchor | undefined {
  if (doubt === undefined || (doubt.by === 'hub') === (claim.by === 'hub')) return undefined;
  return { ...doubt, monoMs: claim.monoMs, wallMs: wallAt(doubt, claim.monoMs) };
}

/** Two witnesses that take turns at being a little better would else be told every minute, and each telling is a file on the card. */
function isNews(told: Anchor | undefined, claim: Anchor): boolean {
  return told === undefined || sureness[claim.by] > sureness[told.by] || claim.errorMs < told.errorMs / 2;
}

/** Signed by the hub at some time in the past: it is later now. */
export function notBefore(line: Timeline, wallMs: number): Timeline {
  return { ...line, floorMs: Math.max(line.floorMs, wallMs) };
}

/** The same shape as a record's time stamp. */
export function timeAt(
  line: Timeline,
  monoMs: number,
): { monoMs: number; wallMs: number | null; clock: Witness | 'none' | 'floor'; errorMs: number } {
  const { anchor } = line;
  if (anchor === undefined) return { monoMs, wallMs: null, clock: line.behind ? 'floor' : 'none', errorMs: 0 };
  return { monoMs, wallMs: wallAt(anchor, monoMs), clock: anchor.by, errorMs: errorAt(anchor, monoMs) };
}

/** Raised by what it is certainly later than; a battery clock alone raises nothing: a wrong year in it would lock the right one out. */
export function floorAt(line: Timeline, monoMs: number): number {
  const { anchor } = line;
  if (anchor === undefined || anchor.by === 'rtc') return line.floorMs;
  return Math.max(line.floorMs, wallAt(anchor, monoMs) - errorAt(anchor, monoMs));
}

function take(
  line: Timeline,
  anchor: Anchor,
  why: 'first' | 'better' | 'corrected',
): { line: Timeline; actions: readonly TimelineAction[] } {
  const over: TimelineAction[] = line.doubt === undefined ? [] : [{ do: 'doubt-over' }];
  const floorMs = Math.min(line.floorMs, anchor.wallMs - anchor.errorMs);
  const kept = anchor.by === 'hub' ? floorMs : line.floorMs;
  const next = { anchor, told: anchor, doubt: undefined, floorMs: kept, behind: false };
  return { line: next, actions: [...over, { do: 'anchored', anchor, why }] };
}

function agree(one: Anchor, other: Anchor): boolean {
  const offMs = Math.abs(other.wallMs - wallAt(one, other.monoMs));
  return offMs <= errorAt(one, other.monoMs) + other.errorMs;
}
