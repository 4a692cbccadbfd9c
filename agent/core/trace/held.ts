// What was held back, grouped by rule and place: "41 times, in its place: a tree, cells c7–d9".
import { type CellRange, cellPixels, joined } from './cells.ts';
import { createLives, homeOf, type Life, mainRule } from './lives.ts';
import { needsNever, type PictureSight, type TraceRule, traceRules } from './sight.ts';

export interface HeldGroup {
  /** `restless` where things moved in their place again and again, whatever each was held back by; else the rule itself. */
  readonly rule: TraceRule;
  /** Tracks by the rule that held each back. */
  readonly rules: Readonly<Partial<Record<TraceRule, number>>>;
  /** Tracks; for a rule that holds the whole picture, spells of it. */
  readonly times: number;
  readonly pictures: number;
  /** Undefined for the whole picture. */
  readonly cells: CellRange | undefined;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Lowest sensitivity at which one of them would have counted; 11: at none. */
  readonly needs: number;
}

export interface Held {
  see(sight: PictureSight): void;
  /** A life that is over; one that counted is no business of ours. */
  add(life: Life): void;
  /** Most frequent first. Ends the lives that `see` has begun. */
  groups(): HeldGroup[];
}

interface Spot extends HeldGroup {
  readonly cells: CellRange;
  /** Sum over its tracks of how far each came from its first place, pixels. */
  readonly strayed: number;
}

/** What is seen so often in one place and does not leave it is restless: a tree, a flag, water. */
const restlessTimes = 5;
const restlessStray = cellPixels;
/** Rules under which a leaf may be held back. */
const leafRules: readonly TraceRule[] = ['small', 'faint', 'brief', 'unproven', 'restless', 'insect', 'shake'];
/** Homes of tracks that are this near, in cells, are one place. */
const nearCells = 1;

export function createHeld(): Held {
  /** Per rule and home cell: bounded by rules times cells. */
  const spots = new Map<string, Spot>();
  const wholes = new Map<TraceRule, HeldGroup>();
  const state = { whole: 'none' as TraceRule };
  const lives = createLives(add);

  function add(life: Life): void {
    if (life.counted > 0) return;
    const rule = mainRule(life);
    const cells = homeOf(life);
    const key = `${rule} ${cells.left} ${cells.top}`;
    const { pictures, firstMs, lastMs, needs } = life;
    const now = {
      rule,
      rules: { [rule]: 1 },
      times: 1,
      pictures,
      cells,
      firstMs,
      lastMs,
      needs,
      strayed: strayOf(life),
    };
    const before = spots.get(key);
    spots.set(key, before === undefined ? now : together(before, now));
  }

  function see(sight: PictureSight): void {
    lives.see(sight);
    const { whole, monoMs } = sight;
    if (whole !== 'none') {
      const times = state.whole === whole ? 0 : 1;
      const one: Omit<HeldGroup, 'firstMs' | 'lastMs' | 'needs'> = {
        rule: whole,
        rules: { [whole]: times },
        times,
        pictures: 1,
        cells: undefined,
      };
      const now = { ...one, firstMs: monoMs, lastMs: monoMs, needs: needsNever, strayed: 0 };
      const before = wholes.get(whole);
      wholes.set(whole, before === undefined ? now : { ...together({ ...before, strayed: 0 }, now), cells: undefined });
    }
    state.whole = whole;
  }

  return {
    see,
    add,
    groups: () => {
      lives.flush();
      const all = [...spots.values()];
      const restless: HeldGroup[] = [];
      const others = all.filter(({ rule }) => !leafRules.includes(rule));
      for (const place of places(all.filter(({ rule }) => leafRules.includes(rule)))) {
        if (isRestless(place)) restless.push({ ...place.reduce(together), rule: 'restless' });
        else others.push(...place);
      }
      const byRule = traceRules.flatMap((rule) => places(others.filter((spot) => spot.rule === rule)));
      return [...wholes.values(), ...restless, ...byRule.map((place) => place.reduce(together))].sort(
        (one, other) => other.times - one.times || one.firstMs - other.firstMs,
      );
    },
  };
}

function isRestless(place: readonly Spot[]): boolean {
  const times = place.reduce((sum, spot) => sum + spot.times, 0);
  const strayed = place.reduce((sum, spot) => sum + spot.strayed, 0);
  return times >= restlessTimes && strayed < times * restlessStray;
}

/** Spots that touch are one place; each round joins what has come within reach of a growing one. */
function places(spots: readonly Spot[]): Spot[][] {
  const left = new Set(spots);
  const found: Spot[][] = [];
  for (const first of left) {
    left.delete(first);
    const place = [first];
    for (const member of place)
      for (const other of left)
        if (touch(member.cells, other.cells)) {
          left.delete(other);
          place.push(other);
        }
    found.push(place);
  }
  return found;
}

const touch = (one: CellRange, other: CellRange): boolean =>
  Math.abs(one.left - other.left) <= nearCells && Math.abs(one.top - other.top) <= nearCells;

function together<Group extends HeldGroup & { readonly strayed: number }>(one: Group, other: Group): Group {
  const rules = { ...one.rules };
  for (const rule of traceRules) {
    const times = (one.rules[rule] ?? 0) + (other.rules[rule] ?? 0);
    if (times > 0) rules[rule] = times;
  }
  return {
    ...one,
    rules,
    times: one.times + other.times,
    pictures: one.pictures + other.pictures,
    cells: one.cells === undefined || other.cells === undefined ? undefined : joined(one.cells, other.cells),
    firstMs: Math.min(one.firstMs, other.firstMs),
    lastMs: Math.max(one.lastMs, other.lastMs),
    needs: Math.min(one.needs, other.needs),
    strayed: one.strayed + other.strayed,
  };
}

/** How far its centre came from where it began, pixels. */
function strayOf({ way: { points } }: Life): number {
  const centre = (box: readonly [number, number, number, number] | undefined) =>
    box === undefined ? [0, 0] : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  const [x = 0, y = 0] = centre(points[0]?.box);
  const [toX = 0, toY = 0] = centre(points.at(-1)?.box);
  return Math.max(Math.abs(toX - x), Math.abs(toY - y));
}
