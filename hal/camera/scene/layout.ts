// The village from a seed: where its roads, houses, trees and poles stand and what colours they have. Data only, metres.
import { type Dice, dice } from './random.ts';
import { type Colour, colour } from './tone.ts';

/** The main road runs from left to right, the lane leaves it away from the camera and turns off at its end. */
export const mainRoad = { nearY: 11.6, farY: 17.4, nearPavementY: 8.7, farPavementY: 19.8 };
export const lane = { halfM: 2.6, pavementM: 1.2, endY: 39, turnM: 4 };

export type Facing = 'south' | 'east' | 'west';
export type Front = 'open-shop' | 'shutter' | 'door' | 'gate';

export interface House {
  readonly seed: number;
  readonly facing: Facing;
  /** Left lower corner of the front as one sees it standing before it. */
  readonly x: number;
  readonly y: number;
  readonly widthM: number;
  readonly depthM: number;
  readonly storeyM: readonly number[];
  readonly roof: 'tiles' | 'flat';
  readonly wall: Colour;
  readonly trim: Colour;
  readonly shutters: Colour;
  readonly front: Front;
  readonly awning: readonly [Colour, Colour] | undefined;
  readonly sign: { readonly text: string; readonly ground: Colour; readonly letters: Colour } | undefined;
  readonly balcony: boolean;
  readonly tank: boolean;
}

export interface Layout {
  readonly seed: number;
  /** The middle of the lane. */
  readonly laneX: number;
  readonly houses: readonly House[];
  readonly banyan: { readonly x: number; readonly y: number; readonly heightM: number; readonly spreadM: number };
  readonly palms: readonly {
    readonly x: number;
    readonly y: number;
    readonly heightM: number;
    readonly seed: number;
  }[];
  readonly poles: readonly { readonly x: number; readonly y: number; readonly lamp: boolean; readonly horn: boolean }[];
  readonly parked: readonly {
    readonly x: number;
    readonly y: number;
    readonly headingRad: number;
    readonly seed: number;
  }[];
  readonly tables: readonly { readonly x: number; readonly y: number; readonly seed: number }[];
  /** Towards the sun, a unit vector. */
  readonly sun: readonly [number, number, number];
}

const walls = [
  '#e8c46a',
  '#ead9b0',
  '#9fc4c9',
  '#a9cba0',
  '#e6b49a',
  '#d9d3c4',
  '#c9b6d6',
  '#e0a45e',
  '#b8c9de',
  '#f0e6cf',
] as const;
const trims = ['#f5efe2', '#ded2bd', '#b4553a', '#8f6b4a', '#eef2f2'] as const;
const paints = ['#2f6d5b', '#2e5d8c', '#7a4a2c', '#3d7f73', '#8a3b2c', '#5c6f3a'] as const;
const cloths = [
  ['#c4432f', '#f1ead8'],
  ['#2f6fa8', '#f3f0e6'],
  ['#3a8a54', '#efe9d2'],
  ['#e0a030', '#c8452f'],
  ['#4d7fa3', '#3f6c8d'],
] as const;
const signs = ['TẠP HÓA', 'CÀ PHÊ', 'PHỞ BÒ', 'SỬA XE', 'NHÀ THUỐC', 'CẮT TÓC', 'BÁNH MÌ', 'ĐIỆN NƯỚC'] as const;
const boards = [
  ['#1f4f8f', '#ffffff'],
  ['#b8281f', '#ffe96b'],
  ['#1d7046', '#ffffff'],
  ['#f2d24a', '#a3201c'],
  ['#f1efe8', '#1f4f8f'],
] as const;

export function createLayout(seed: number): Layout {
  const chance = dice(seed, 1);
  const laneX = chance.from(-3.6, 3.6);
  const banyanSide = laneX > 0 ? -1 : 1;
  const sunSide = chance.chance(0.5) ? -1 : 1;
  const palmSide = -banyanSide;
  const houses = [...rows(seed, laneX), ...laneHouses(seed, laneX)];
  const kerbX = (side: number) => laneX + side * (lane.halfM + 1.9);
  const north = mainRoad.farY + 0.55;
  return {
    seed,
    laneX,
    houses,
    banyan: {
      x: laneX + banyanSide * chance.from(6.6, 7.6),
      y: mainRoad.farY + 1.15,
      heightM: chance.from(6.6, 7.8),
      spreadM: chance.from(3.4, 4.2),
    },
    palms: [0, 1].map((index) => ({
      x: laneX + palmSide * (7.9 + index * 1.6 + chance.from(-0.2, 0.2)),
      y: mainRoad.farY + 1.3 + index * 0.25,
      heightM: chance.from(6.2, 8.2),
      seed: chance.whole(0, 1e6),
    })),
    poles: [
      { x: kerbX(palmSide) - 0.3 * palmSide, y: north + 0.25, lamp: true, horn: true },
      { x: kerbX(banyanSide) + 9.5 * banyanSide, y: north, lamp: true, horn: false },
      { x: laneX + banyanSide * (lane.halfM + 0.5), y: 31, lamp: true, horn: false },
    ],
    parked: parkedBikes(chance, laneX, palmSide),
    tables: [0, 1].map((index) => ({
      x: laneX + palmSide * (6.1 + index * 1.25),
      y: mainRoad.farPavementY - 0.95 - index * 0.15,
      seed: chance.whole(0, 1e6),
    })),
    sun: unit(0.72 * sunSide, -0.44, 0.66),
  };
}

function parkedBikes(chance: Dice, laneX: number, side: number): Layout['parked'] {
  return [0, 1, 2].slice(0, chance.whole(1, 3)).map((index) => ({
    x: laneX + side * (10.9 + index * 0.85),
    y: mainRoad.farPavementY - 1.0,
    headingRad: Math.PI / 2 + chance.from(0.15, 0.4),
    seed: chance.whole(0, 1e6),
  }));
}

/** Both rows along the main road, from the lane's corners outwards, with an alley of 1.5 m after the second house. */
function rows(seed: number, laneX: number): House[] {
  const houses: House[] = [];
  for (const side of [-1, 1] as const) {
    let edge = laneX + side * (lane.halfM + lane.pavementM);
    for (let index = 0; Math.abs(edge) < 19; index++) {
      const chance = dice(seed, 2, side, index);
      const widthM = chance.from(3.9, 5.4);
      const left = side > 0 ? edge : edge - widthM;
      houses.push(house(chance, 'south', left, mainRoad.farPavementY + chance.from(0, 0.25), widthM, index === 0));
      edge += side * (widthM + (index === 1 ? alleyM : 0.02));
    }
  }
  return houses;
}

const alleyM = 1.5;

/** Where the alley of that side opens onto the main road. */
export function alleyX(layout: Layout, side: -1 | 1): number {
  const second = layout.houses.filter(
    (one) => one.facing === 'south' && Math.sign(one.x + one.widthM / 2 - layout.laneX) === side,
  )[1];
  if (second === undefined) throw new Error('a row has at least two houses');
  return side > 0 ? second.x + second.widthM + alleyM / 2 : second.x - alleyM / 2;
}

function laneHouses(seed: number, laneX: number): House[] {
  const houses: House[] = [];
  for (const side of [-1, 1] as const) {
    let from = 30;
    for (let index = 0; from < lane.endY - lane.turnM - 1.5; index++) {
      const chance = dice(seed, 3, side, index);
      const widthM = Math.min(chance.from(4, 5), lane.endY - lane.turnM + 1 - from);
      const wall = laneX + side * (lane.halfM + lane.pavementM + chance.from(0, 0.3));
      const facing = side < 0 ? 'east' : 'west';
      houses.push(house(chance, facing, wall, side < 0 ? from : from + widthM, widthM, false));
      from += widthM + 0.02;
    }
  }
  return houses;
}

function house(chance: Dice, facing: Facing, x: number, y: number, widthM: number, corner: boolean): House {
  const storeys = chance.pick([1, 2, 2, 2, 3]);
  const roof = storeys === 3 ? 'flat' : chance.chance(storeys === 1 ? 0.9 : 0.55) ? 'tiles' : 'flat';
  const front = chance.pick<Front>(['open-shop', 'open-shop', 'shutter', 'door']);
  const [ground, letters] = chance.pick(boards);
  const [one, other] = chance.pick(cloths);
  const shop = front === 'open-shop' || front === 'shutter';
  return {
    seed: chance.whole(0, 1e6),
    facing,
    x,
    y,
    widthM,
    depthM: corner ? 8.5 : 7.5,
    storeyM: Array.from({ length: storeys }, (_, index) =>
      index === 0 ? chance.from(3.3, 3.6) : chance.from(2.9, 3.1),
    ),
    roof,
    wall: colour(chance.pick(walls)),
    trim: colour(chance.pick(trims)),
    shutters: colour(chance.pick(paints)),
    front,
    awning: shop && chance.chance(0.75) ? [colour(one), colour(other)] : undefined,
    sign: shop ? { text: chance.pick(signs), ground: colour(ground), letters: colour(letters) } : undefined,
    balcony: storeys > 1 && chance.chance(0.65),
    tank: roof === 'flat' && chance.chance(0.6),
  };
}

function unit(x: number, y: number, z: number): readonly [number, number, number] {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
