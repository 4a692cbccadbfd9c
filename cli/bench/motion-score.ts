// Right, missed and false, counted from what is known to be true. Pure.
//
// A visit is caught when an event overlaps it in time and, where the detector says where it saw something, has touched it. An event that belongs to no visit
// is false. An event that begins with a visit and then goes on for long without anybody counts once more: it would fill a card all the same.
import type { Box } from '../../protocol/details.ts';

/** Pixels. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}
/** What a scene says of one object in one picture. */
export interface Shown extends Rect {
  readonly id: number;
  readonly class: string;
  readonly visible: number;
  readonly touched: Rect;
}

export interface Visit {
  readonly id: number;
  readonly class: string;
  readonly startS: number;
  readonly endS: number;
  /** Seconds in which something of it could be seen. */
  readonly seenS: number;
  /** Largest box of what could be seen, in parts of the picture's height squared. */
  readonly size: number;
}

/** `touched`: the visits it overlapped in the picture; undefined where the detector does not say where. */
export interface Span {
  readonly startS: number;
  readonly endS: number;
  readonly touched: ReadonlySet<number> | undefined;
}

/** From this size on a subject counts as one that must not be missed. */
export const largeSize = 0.015;
/** Below this nothing is promised: 0.2 % of a 16:9 picture. */
export const leastSize = 0.0036;
/** In view for less than this: too short to be asked for. */
const seenSMin = 1;
/** Edges may be off by this much. */
const toleranceS = 0.6;
/** Longer than this without anybody is one more false event. */
const lonelySMax = 10;
/** A box may miss its object by this part of the picture's width. */
const nearPart = 0.04;

const animals: ReadonlySet<string> = new Set(['cat', 'dog', 'bag']);

/** Gathers visits picture by picture, and says whom a detection touches. */
export function createTruthBook(fps: number, width: number, height: number) {
  const visits = new Map<number, { class: string; first: number; last: number; seen: number; size: number }>();
  const near = nearPart * width;
  return {
    see: (frame: number, objects: readonly Shown[]): void => {
      for (const { id, class: name, visible, w, h } of objects) {
        if (visible <= 0) continue;
        const known = visits.get(id) ?? { class: name, first: frame, last: frame, seen: 0, size: 0 };
        known.last = frame;
        known.seen++;
        known.size = Math.max(known.size, (w * h) / (height * height));
        visits.set(id, known);
      }
    },
    /** Ids of the objects whose surroundings one of the boxes meets. */
    touchedBy: (boxes: readonly Box[], objects: readonly Shown[]): number[] =>
      objects
        .filter(({ visible, touched }) => visible > 0 && boxes.some((box) => meets(box, touched, near, width, height)))
        .map(({ id }) => id),
    visits: (): Visit[] =>
      [...visits].map(([id, { class: name, first, last, seen, size }]) => {
        return { id, class: name, startS: first / fps, endS: (last + 1) / fps, seenS: seen / fps, size };
      }),
  };
}

function meets(box: Box, rect: Rect, near: number, width: number, height: number): boolean {
  const [left, top] = [box.x * width, box.y * height];
  const [right, bottom] = [left + box.w * width, top + box.h * height];
  return (
    left < rect.x + rect.w + near && right > rect.x - near && top < rect.y + rect.h + near && bottom > rect.y - near
  );
}

export interface Caught {
  readonly caught: number;
  readonly of: number;
}
export interface Score {
  readonly large: Caught;
  readonly small: Caught;
  /** Events that belong to no visit, and long lonely ends of others. */
  readonly falseEvents: number;
  /** Events that belong to cats, dogs and bags alone. */
  readonly animalEvents: number;
  /** Seconds from the start of each, for whoever wants to look. */
  readonly falseAtS: readonly number[];
}

export function score(visits: readonly Visit[], spans: readonly Span[]): Score {
  const isOf = (span: Span, visit: Visit) =>
    span.startS <= visit.endS + toleranceS &&
    span.endS >= visit.startS - toleranceS &&
    (span.touched?.has(visit.id) ?? true);
  const owners = spans.map((span) => visits.filter((visit) => isOf(span, visit)));
  const subjects = visits.filter((visit) => !animals.has(visit.class) && visit.seenS >= seenSMin);
  const caught = (wanted: readonly Visit[]): Caught => ({
    caught: wanted.filter((visit) => spans.some((span) => isOf(span, visit))).length,
    of: wanted.length,
  });
  const falseAtS = spans.flatMap((span, index) => {
    const mine = owners[index] ?? [];
    return mine.length === 0 ? [span.startS] : lonely(span, mine);
  });
  return {
    large: caught(subjects.filter(({ size }) => size >= largeSize)),
    small: caught(subjects.filter(({ size }) => size < largeSize && size >= leastSize)),
    falseEvents: falseAtS.length,
    animalEvents: owners.filter((mine) => mine.length > 0 && mine.every((visit) => animals.has(visit.class))).length,
    falseAtS,
  };
}

/** Where, within the event, long stretches without any of its visits begin. */
function lonely(span: Span, visits: readonly Visit[]): number[] {
  const found: number[] = [];
  let aloneFromS = span.startS;
  const until = (nextS: number) => {
    if (nextS - aloneFromS > lonelySMax) found.push(aloneFromS);
  };
  for (const visit of visits.toSorted((a, b) => a.startS - b.startS)) {
    until(visit.startS);
    aloneFromS = Math.max(aloneFromS, visit.endS);
  }
  until(span.endS);
  return found;
}

export const noScore: Score = {
  large: { caught: 0, of: 0 },
  small: { caught: 0, of: 0 },
  falseEvents: 0,
  animalEvents: 0,
  falseAtS: [],
};

export function addScores(a: Score, b: Score): Score {
  return {
    large: { caught: a.large.caught + b.large.caught, of: a.large.of + b.large.of },
    small: { caught: a.small.caught + b.small.caught, of: a.small.of + b.small.of },
    falseEvents: a.falseEvents + b.falseEvents,
    animalEvents: a.animalEvents + b.animalEvents,
    falseAtS: [...a.falseAtS, ...b.falseAtS],
  };
}

/** NaN where there was nothing to catch. */
export const recallOf = ({ caught, of }: Caught): number => (of === 0 ? Number.NaN : caught / of);
