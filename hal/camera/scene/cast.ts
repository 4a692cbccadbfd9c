// Visits by rule: one after another with quiet between, each class once a round, each visitor on a way of its own. Pure in the seed and the moment.
import type { Act, Cast, Part } from './act.ts';
import { cat, dog } from './act-animal.ts';
import { plasticBag } from './act-bag.ts';
import { fight } from './act-fight.ts';
import { runner, stander, walker } from './act-foot.ts';
import { cyclist, driver, motorbiker, trucker } from './act-ride.ts';
import { type Backdrop, paintBackdrop } from './backdrop.ts';
import type { CastRules } from './cast-rules.ts';
import { disguised } from './disguise.ts';
import type { FigureClass } from './figure.ts';
import type { Layout } from './layout.ts';
import type { TimeOfDay } from './light.ts';
import { type Dice, dice } from './random.ts';
import { firstS, quietS } from './traffic.ts';
import { driveway, footway, rideway, whereOf } from './ways.ts';

export interface Visit {
  readonly class: FigureClass;
  readonly fromS: number;
  readonly toS: number;
  /** All begin with the visit; a fight has two. */
  readonly acts: readonly { readonly id: number; readonly act: Act }[];
}

export interface Visits {
  /** The visit going on at that moment, if one is. */
  at(second: number): Visit | undefined;
  /** The visits that have begun by then. */
  until(second: number): readonly Visit[];
}

export function createVisits(layout: Layout, time: TimeOfDay, rules: CastRules): Visits {
  // Grows as later moments are asked for; what it holds depends on seed and rules alone.
  const visits: Visit[] = [];
  const reach = (second: number) => {
    if (rules.classes.length === 0) return;
    for (let last = visits.at(-1); last === undefined || last.fromS <= second; last = visits.at(-1))
      visits.push(visit(layout, time, rules, visits.length, last?.toS));
  };
  return {
    at: (second) => {
      reach(second);
      return visits.findLast((one) => one.fromS <= second && second <= one.toS);
    },
    until: (second) => {
      reach(second);
      return visits.filter((one) => one.fromS <= second);
    },
  };
}

/** Tells this timetable's dice from the traffic's. */
const row = 81;

function visit(layout: Layout, time: TimeOfDay, rules: CastRules, index: number, beforeS: number | undefined): Visit {
  const chance = dice(layout.seed, row, index);
  const [least, most] = rules.everyS ?? [quietS.min, quietS.max];
  const fromS = beforeS === undefined ? chance.from(firstS.min, firstS.max) : beforeS + chance.from(least, most);
  const kind = classOf(layout.seed, rules.classes, index);
  const part = { seed: chance.whole(0, 1e6), night: time === 'night', slow: rules.pace === 'slow' ? 3 : 1 };
  const acts = actsOf(kind, layout, rules, part, chance).map((act, place) => ({ id: index * 4 + 1 + place, act }));
  return { class: kind, fromS, toS: fromS + Math.max(...acts.map(({ act }) => act.tookS)), acts };
}

/** Each class once a round, in an order drawn anew for each round. */
function classOf(seed: number, classes: CastRules['classes'], index: number): FigureClass {
  const round = Math.floor(index / classes.length);
  const chance = dice(seed, row + 1, round);
  const order = classes.map((kind) => ({ kind, at: chance.part() })).sort((a, b) => a.at - b.at);
  const drawn = order[index % classes.length];
  if (drawn === undefined) throw new Error('a cast has at least one class');
  return drawn.kind;
}

function actsOf(kind: FigureClass, layout: Layout, rules: CastRules, part: Part, chance: Dice): Act[] {
  const where = whereOf(rules.distance ?? 'any', chance);
  switch (kind) {
    case 'person':
      return [walker(footway(layout, where, chance), part, chance)];
    case 'runner':
      return [runner(footway(layout, where, chance), part, chance)];
    case 'stander':
      return [stander(footway(layout, where, chance), part, chance)];
    case 'fight':
      return fight(layout, where, part, chance);
    case 'bicycle':
      return [cyclist(rideway(layout, where, chance), part, chance)];
    case 'car':
      return [driver(driveway(layout, where, chance), part, chance)];
    case 'motorbike':
      return [motorbiker(rideway(layout, where, chance), part, chance)];
    case 'truck':
      return [trucker(driveway(layout, where, chance), part, chance)];
    case 'dog':
      return [dog(footway(layout, where, chance), part, chance)];
    case 'cat':
      return [cat(footway(layout, where, chance), part, chance)];
    case 'bag':
      return [plasticBag(layout, where, part, chance)];
  }
}

/** The figures of the visit that is going on. */
export function ruledCast(layout: Layout, time: TimeOfDay, rules: CastRules): Cast {
  const visits = createVisits(layout, time, rules);
  const played = rules.against === 'similar' ? disguising(layout, time) : (_id: number, act: Act) => act;
  return (second) => {
    const now = visits.at(second);
    if (now === undefined) return [];
    const sinceS = second - now.fromS;
    return now.acts
      .filter(({ act }) => sinceS <= act.tookS)
      .map(({ id, act }) => ({ ...played(id, act).at(sinceS), id, class: now.class }));
  };
}

/** Disguises are chosen before the same small picture whatever the size of the one that is drawn, and kept for the last few visitors. */
const measured = { width: 160, height: 90 } as const;
const keptMax = 8;

function disguising(layout: Layout, time: TimeOfDay): (id: number, act: Act) => Act {
  let backdrop: Backdrop | undefined;
  const kept = new Map<number, Act>();
  return (id, act) => {
    const known = kept.get(id);
    if (known !== undefined) return known;
    backdrop ??= paintBackdrop(layout.seed, time, measured.width, measured.height);
    const made = disguised(act, backdrop, dice(layout.seed, row + 2, id));
    if (kept.size >= keptMax) kept.clear();
    kept.set(id, made);
    return made;
  };
}
