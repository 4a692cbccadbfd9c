// Who comes by and when: visits one after another with quiet in between, each visitor on a way of its own. Pure in the seed and the moment.
import { alleyX, type Layout, lane, mainRoad } from './layout.ts';
import { halfViewM } from './lens.ts';
import { type Dice, dice } from './random.ts';
import { createRoute, type Route } from './route.ts';

type TrafficClass = 'person' | 'motorbike' | 'truck';

export interface Visitor {
  readonly id: number;
  readonly class: TrafficClass;
  readonly seed: number;
  readonly route: Route;
  readonly fromS: number;
  readonly speedMs: number;
}

interface Visit {
  readonly fromS: number;
  readonly toS: number;
  readonly visitors: readonly Visitor[];
}

export interface Traffic {
  /** Everyone on the way at that moment (seconds from the scene's beginning). */
  at(second: number): readonly Visitor[];
  /** Beginning and end of the visits up to that moment. */
  until(second: number): readonly { readonly fromS: number; readonly toS: number }[];
}

/** Quiet before the first visit, so that whoever learns the background has time. */
export const firstS = { min: 8, max: 9.6 };
export const quietS = { min: 6.5, max: 20 };
const visitS = { min: 5, max: 12 };

export function createTraffic(layout: Layout): Traffic {
  // Grows as later moments are asked for; what it holds depends on the seed alone.
  const visits: Visit[] = [];
  const reach = (second: number) => {
    for (let last = visits.at(-1); last === undefined || last.fromS <= second; last = visits.at(-1))
      visits.push(visit(layout, visits.length, last?.toS));
  };
  return {
    at: (second) => {
      reach(second);
      const here = visits[lastAt(visits, second)];
      if (here === undefined || second > here.toS) return [];
      return here.visitors.filter(
        (one) => second >= one.fromS && (second - one.fromS) * one.speedMs <= one.route.lengthM,
      );
    },
    until: (second) => {
      reach(second);
      return visits.filter((one) => one.fromS <= second);
    },
  };
}

/** Index of the last visit that has begun by then, -1 before the first. */
function lastAt(visits: readonly Visit[], second: number): number {
  let low = -1;
  let high = visits.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((visits[middle]?.fromS ?? 0) <= second) low = middle;
    else high = middle - 1;
  }
  return low;
}

function visit(layout: Layout, index: number, beforeS: number | undefined): Visit {
  const chance = dice(layout.seed, 80, index);
  const fromS =
    beforeS === undefined ? chance.from(firstS.min, firstS.max) : beforeS + chance.from(quietS.min, quietS.max);
  const first = visitor(layout, chance, index * 4 + 1, fromS);
  const visitors = [first];
  if (chance.chance(0.45)) {
    const second = visitor(layout, chance, index * 4 + 2, 0);
    // Soon after the first, or together with it where that would make the visit too long.
    const laterS = Math.min(chance.from(0.9, 3.2), visitS.max - 0.1 - tookS(second));
    visitors.push({ ...second, fromS: fromS + laterS });
  }
  return { fromS, toS: Math.max(...visitors.map((one) => one.fromS + tookS(one))), visitors };
}

function tookS({ route, speedMs }: Visitor): number {
  return route.lengthM / speedMs;
}

function visitor(layout: Layout, chance: Dice, id: number, fromS: number): Visitor {
  const draw = chance.part();
  const kind: TrafficClass = draw < 0.42 ? 'person' : draw < 0.87 ? 'motorbike' : 'truck';
  const [route, wishedMs] =
    kind === 'person'
      ? [walk(layout, chance), chance.from(1.2, 1.55)]
      : kind === 'motorbike'
        ? [ride(layout, chance), chance.from(4.2, 6.2)]
        : [drive(chance), chance.from(4.2, 5.4)];
  const speedMs = Math.min(route.lengthM / (visitS.min + 0.1), Math.max(route.lengthM / (visitS.max - 0.4), wishedMs));
  return { id, class: kind, seed: chance.whole(0, 1e6), route, fromS, speedMs };
}

/** Just outside the picture on that side, for something that reaches so far ahead of and behind its middle. */
function edge(y: number, side: number, reachM: number): number {
  return side * (halfViewM(y) + reachM);
}

function walk(layout: Layout, chance: Dice): Route {
  const side = chance.pick([-1, 1] as const);
  if (chance.chance(0.4)) {
    // Out of an alley, where the corner house hid them, and off along the far pavement; or the other way round.
    const x = alleyX(layout, side) + side * 0.1;
    const y = mainRoad.farPavementY - 1.05;
    const way = [
      [x - side * 0.1, y + 5.5],
      [x, y],
      [edge(y, side, 1.1), y],
    ] as const;
    if (Math.abs(edge(y, side, 0)) - Math.abs(x) > 3.2)
      return createRoute(chance.chance(0.5) ? way : way.toReversed(), 1);
  }
  const y = chance.from(mainRoad.nearPavementY + 0.35, mainRoad.nearY - 0.6);
  return createRoute(
    [
      [edge(y, -side, 1), y],
      [edge(y, side, 1), y + chance.from(-0.4, 0.4)],
    ],
    0.5,
  );
}

const nearLaneY = 13.05;
const farLaneY = 15.95;

function ride(layout: Layout, chance: Dice): Route {
  const up = layout.laneX + 1.25;
  const down = layout.laneX - 1.25;
  const aside = chance.from(-0.35, 0.35);
  const near = nearLaneY + aside;
  const far = farLaneY + aside;
  const left = (y: number) => [edge(y, -1, 1.1), y] as const;
  const right = (y: number) => [edge(y, 1, 1.1), y] as const;
  // Out of sight behind the last house of the lane.
  const hidden = (side: number, y: number) => [layout.laneX + side * (lane.halfM + 8.5), y] as const;
  const side = chance.pick([-1, 1] as const);
  switch (chance.whole(0, 5)) {
    case 0:
      return createRoute([left(near), right(near)], 1);
    case 1:
      return createRoute([right(far), left(far)], 1);
    case 2:
      return createRoute([left(near), [up, near], [up, lane.endY], hidden(side, lane.endY)], 3.4);
    case 3:
      return createRoute([right(far), [up, far], [up, lane.endY], hidden(side, lane.endY)], 2.8);
    case 4:
      return createRoute([hidden(side, lane.endY), [down, lane.endY], [down, far], left(far)], 3);
    default:
      return createRoute([hidden(side, lane.endY), [down, lane.endY], [down, near], right(near)], 3.6);
  }
}

function drive(chance: Dice): Route {
  return chance.chance(0.5)
    ? createRoute(
        [
          [edge(nearLaneY, -1, 2.7), nearLaneY],
          [edge(nearLaneY, 1, 2.7), nearLaneY],
        ],
        1,
      )
    : createRoute(
        [
          [edge(farLaneY, 1, 2.7), farLaneY],
          [edge(farLaneY, -1, 2.7), farLaneY],
        ],
        1,
      );
}
