// Where people, vehicles and animals go, near, in the middle or far away: each way comes from out of sight and leads out of sight.
import type { Distance } from './cast-rules.ts';
import { alleyX, type Layout, lane, mainRoad } from './layout.ts';
import { halfViewM } from './lens.ts';
import type { Dice } from './random.ts';
import { createRoute, type Route } from './route.ts';

type Spot = readonly [x: number, y: number];
export type Where = Exclude<Distance, 'any'>;

/** `any` is decided by chance; the middle of the picture is where most happens. */
export function whereOf(distance: Distance, chance: Dice): Where {
  if (distance !== 'any') return distance;
  return chance.pick(['near', 'middle', 'middle', 'far'] as const);
}

/** Just outside the picture on that side, for something that reaches so far ahead of and behind its middle. */
export function edgeX(y: number, side: number, reachM: number): number {
  return side * (halfViewM(y) + reachM);
}

/** Out of sight behind the last house of the lane. */
function hidden(layout: Layout, side: number, y: number): Spot {
  return [layout.laneX + side * (lane.halfM + 8.5), y];
}

function across(y: number, toY: number, side: number, reachM: number): Spot[] {
  return [
    [edgeX(y, -side, reachM), y],
    [edgeX(toY, side, reachM), toY],
  ];
}

/** For whoever goes on foot, two legs or four. */
export function footway(layout: Layout, where: Where, chance: Dice): Route {
  const side = chance.pick([-1, 1] as const);
  switch (where) {
    case 'near': {
      const y = chance.from(9.2, 11.1);
      return createRoute(across(y, y + chance.from(-0.4, 0.4), side, 1), 0.5);
    }
    case 'middle':
      return createRoute(chance.chance(0.35) ? fromAlley(layout, side, chance) : alongKerb(side, chance), 1);
    case 'far':
      return createRoute(laneEnd(layout, side, chance), 1.2);
  }
}

/** On the road's far side or on the pavement before trees and poles. */
function alongKerb(side: number, chance: Dice): Spot[] {
  const y = chance.from(15.6, 17.9);
  return across(y, y, side, 1);
}

function fromAlley(layout: Layout, side: -1 | 1, chance: Dice): Spot[] {
  const x = alleyX(layout, side) + side * 0.1;
  const y = mainRoad.farPavementY - 1.05;
  // An alley that the picture cuts off leads nowhere.
  if (Math.abs(edgeX(y, side, 0)) - Math.abs(x) < 3.2) return alongKerb(side, chance);
  const way: Spot[] = [
    [x - side * 0.1, y + 5.5],
    [x, y],
    [edgeX(y, side, 1.1), y],
  ];
  return chance.chance(0.5) ? way : way.toReversed();
}

/** Across the lane's end, or some metres down the lane and back again. */
function laneEnd(layout: Layout, side: -1 | 1, chance: Dice): Spot[] {
  const y = lane.endY + chance.from(-1.2, 0.8);
  if (chance.chance(0.6)) return [hidden(layout, -side, y), hidden(layout, side, y)];
  const near = chance.from(29, 34);
  const out = layout.laneX - side * chance.from(1.2, 2.6);
  const back = layout.laneX + side * chance.from(0, 2.4);
  return [hidden(layout, -side, y), [out, y], [out, near], [back, near], [back, y], hidden(layout, side, y)];
}

/** Where two can meet, and where they come from and go to, left and right. */
export function meetingPlace(
  layout: Layout,
  where: Where,
  chance: Dice,
): { readonly x: number; readonly y: number; readonly edges: readonly [Spot, Spot] } {
  const way = (x: number, y: number, left: Spot, right: Spot) => ({ x, y, edges: [left, right] as const });
  const ends = (y: number): [Spot, Spot] => [
    [edgeX(y, -1, 1), y],
    [edgeX(y, 1, 1), y],
  ];
  switch (where) {
    case 'near': {
      const y = chance.from(9.4, 10.9);
      return way(chance.from(-2.5, 2.5), y, ...ends(y));
    }
    case 'middle': {
      const y = chance.from(15.4, 17.4);
      return way(chance.from(-5, 5), y, ...ends(y));
    }
    case 'far': {
      const y = lane.endY + chance.from(-1.4, 0);
      return way(layout.laneX + chance.from(-1, 1), y, hidden(layout, -1, y), hidden(layout, 1, y));
    }
  }
}

/** For bicycles and motorbikes. */
export function rideway(layout: Layout, where: Where, chance: Dice): Route {
  const aside = chance.from(-0.35, 0.35);
  const side = chance.pick([-1, 1] as const);
  switch (where) {
    case 'near': {
      const y = 12.45 + aside;
      return createRoute(across(y, y, side, 1.1), 1);
    }
    case 'middle':
      return chance.chance(0.4)
        ? turningOff(layout, side, aside, chance)
        : createRoute(across(15.95 + aside, 15.95 + aside, side, 1.1), 1);
    case 'far': {
      const y = lane.endY + aside;
      return createRoute([hidden(layout, -side, y), hidden(layout, side, y)], 1);
    }
  }
}

/** Between the main road and the lane, up to its end and off. */
function turningOff(layout: Layout, side: -1 | 1, aside: number, chance: Dice): Route {
  const into = chance.chance(0.5);
  const x = layout.laneX + (into ? 1.25 : -1.25);
  const y = (into ? 15.95 : 13.05) + aside;
  const way: Spot[] = [
    [edgeX(y, side, 1.1), y],
    [x, y],
    [x, lane.endY],
    hidden(layout, chance.pick([-1, 1]), lane.endY),
  ];
  return createRoute(into ? way : way.toReversed(), 3.2);
}

/** For whatever has four wheels; drives on the right. */
export function driveway(layout: Layout, where: Where, chance: Dice): Route {
  const side = chance.pick([-1, 1] as const);
  const reachM = 2.7;
  switch (where) {
    case 'near':
      return createRoute(across(13.05, 13.05, 1, reachM), 1);
    case 'middle':
      return createRoute(across(15.95, 15.95, -1, reachM), 1);
    case 'far':
      return createRoute([hidden(layout, -side, lane.endY), hidden(layout, side, lane.endY)], 1);
  }
}
