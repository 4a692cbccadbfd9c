// Events against what people noted of a film. Pure.
import type { Span } from './motion-score.ts';
import type { FilmTruth } from './motion-truth.ts';

export interface FilmScore {
  readonly of: number;
  /** Noted events that some event overlaps, the edges widened by the tolerance. */
  readonly caught: number;
  /** Noted events that have an event of their own. */
  readonly separate: number;
  /** Events beyond the first of a noted one: it was torn. Not counted in a continuous film. */
  readonly torn: number;
  /** Noted events whose own event begins and ends within the tolerance. */
  readonly edges: number;
  readonly falseEvents: number;
  readonly events: number;
  /** Longest time without an event within what was noted; of continuous films only. */
  readonly longestGapS: number | undefined;
}

export function scoreFilm({ events: noted, toleranceS, continuous }: FilmTruth, spans: readonly Span[]): FilmScore {
  const meets = (span: Span, from: number, to: number) =>
    span.startS <= to + toleranceS && span.endS >= from - toleranceS;
  const owners = spans.map((span) => ownerOf(noted, span, toleranceS));
  const owned = noted.map((_, at) => spans.filter((_, index) => owners[index] === at));
  const within = (one: number, other: number) => Math.abs(one - other) <= toleranceS;
  return {
    of: noted.length,
    caught: noted.filter(({ startS, endS }) => spans.some((span) => meets(span, startS, endS))).length,
    separate: owned.filter((mine) => mine.length > 0).length,
    torn: continuous ? 0 : owned.reduce((sum, mine) => sum + Math.max(0, mine.length - 1), 0),
    edges: noted.filter((event, at) => {
      const [first, last] = [owned[at]?.at(0), owned[at]?.at(-1)];
      return (
        first !== undefined && last !== undefined && within(first.startS, event.startS) && within(last.endS, event.endS)
      );
    }).length,
    falseEvents: owners.filter((owner) => owner === undefined).length,
    events: spans.length,
    longestGapS: continuous ? Math.max(0, ...noted.map((event) => longestGap(event, spans))) : undefined,
  };
}

/** The noted event that the span overlaps most; undefined where it meets none. */
function ownerOf(noted: FilmTruth['events'], span: Span, toleranceS: number): number | undefined {
  let owner: number | undefined;
  // Meeting only the widened edge is little, but it is meeting.
  let most = -2 * toleranceS;
  for (const [at, { startS, endS }] of noted.entries()) {
    const overlapS = Math.min(endS, span.endS) - Math.max(startS, span.startS);
    if (overlapS < -toleranceS || (owner !== undefined && overlapS <= most)) continue;
    [owner, most] = [at, overlapS];
  }
  return owner;
}

function longestGap(event: FilmTruth['events'][number], spans: readonly Span[]): number {
  let longest = 0;
  let coveredS = event.startS;
  for (const span of spans.toSorted((a, b) => a.startS - b.startS)) {
    longest = Math.max(longest, Math.min(span.startS, event.endS) - coveredS);
    coveredS = Math.max(coveredS, span.endS);
  }
  return Math.max(longest, event.endS - coveredS);
}
