// What was held back, grouped by rule and place: "41 times, in its place: a tree, cells c7–d9".
import { type CellRange, joined } from './cells.ts';
import { createLives, homeOf, type Life, mainRule } from './lives.ts';
import { type PictureSight, type TraceRule, traceRules } from './sight.ts';

export interface HeldGroup {
  readonly rule: TraceRule;
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

type Spot = { -readonly [Key in keyof HeldGroup]: HeldGroup[Key] } & { cells: CellRange };

/** What moves in its place so often in one place is restless: a tree, a flag, water, a lamp. */
const restlessTimes = 5;
/** Homes of tracks that are this near, in cells, are one place. */
const nearCells = 1;

export function createHeld(): Held {
  /** Per rule and home cell: bounded by rules times cells. */
  const spots = new Map<string, Spot>();
  const wholes = new Map<TraceRule, { -readonly [Key in keyof HeldGroup]: HeldGroup[Key] }>();
  const state = { whole: 'none' as TraceRule };
  const lives = createLives(add);

  function add(life: Life): void {
    if (life.counted > 0) return;
    const rule = mainRule(life);
    const cells = homeOf(life);
    const key = `${rule} ${cells.left} ${cells.top}`;
    const spot = spots.get(key);
    const { pictures, firstMs, lastMs, needs } = life;
    if (spot === undefined) spots.set(key, { rule, times: 1, pictures, cells, firstMs, lastMs, needs });
    else Object.assign(spot, together(spot, { ...spot, times: 1, pictures, firstMs, lastMs, needs }));
  }

  function see(sight: PictureSight): void {
    lives.see(sight);
    const { whole, monoMs } = sight;
    if (whole !== 'none') {
      const times = state.whole === whole ? 0 : 1;
      const now = { rule: whole, times, pictures: 1, cells: undefined, firstMs: monoMs, lastMs: monoMs, needs: 11 };
      const before = wholes.get(whole);
      wholes.set(whole, before === undefined ? now : { ...together(before, now), cells: undefined });
    }
    state.whole = whole;
  }

  return {
    see,
    add,
    groups: () => {
      lives.flush();
      const places = traceRules.flatMap((rule) => grouped([...spots.values()].filter((spot) => spot.rule === rule)));
      return [...wholes.values(), ...places]
        .map((group) =>
          group.rule === 'unproven' && group.times >= restlessTimes ? { ...group, rule: 'restless' as const } : group,
        )
        .sort((one, other) => other.times - one.times || one.firstMs - other.firstMs);
    },
  };
}

/** Spots that touch are one group; each round joins what has come within reach of a growing one. */
function grouped(spots: readonly Spot[]): HeldGroup[] {
  const left = new Set(spots);
  const groups: HeldGroup[] = [];
  for (const first of left) {
    left.delete(first);
    const members = [first];
    for (const member of members)
      for (const other of left)
        if (touch(member.cells, other.cells)) {
          left.delete(other);
          members.push(other);
        }
    groups.push(members.reduce(together));
  }
  return groups;
}

const touch = (one: CellRange, other: CellRange): boolean =>
  Math.abs(one.left - other.left) <= nearCells && Math.abs(one.top - other.top) <= nearCells;

function together<Group extends HeldGroup>(one: Group, other: Group): Group {
  return {
    ...one,
    times: one.times + other.times,
    pictures: one.pictures + other.pictures,
    cells: one.cells === undefined || other.cells === undefined ? undefined : joined(one.cells, other.cells),
    firstMs: Math.min(one.firstMs, other.firstMs),
    lastMs: Math.max(one.lastMs, other.lastMs),
    needs: Math.min(one.needs, other.needs),
  };
}
