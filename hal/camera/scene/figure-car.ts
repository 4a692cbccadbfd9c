// A small hatchback, at times a taxi. The body is convex, so what turns its back is left out and all trim lies over the rest.
import {
  type Beam,
  ball,
  type Glow,
  limb,
  type Place,
  placeOf,
  plate,
  type Solid,
  type Stance,
  wheel,
} from './figure.ts';
import type { Point } from './lens.ts';
import { dice } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export interface CarLook {
  readonly body: Colour;
  /** Doors and boot lid of a taxi's second colour. */
  readonly band: Colour | undefined;
  readonly taxi: boolean;
}

const glass = colour('#37464f');
const black = colour('#17181a');
const lampWhite = colour('#f4f1e6');
const lampRed = colour('#a81c16');
const rubber = { tyre: colour('#1a1a1b'), rim: colour('#aeb2b4'), spokes: 5 };

export function carLook(seed: number): CarLook {
  const chance = dice(seed, 74);
  const taxi = chance.chance(0.4);
  if (!taxi)
    return {
      body: colour(chance.pick(['#e9e8e4', '#a9adb0', '#b2282c', '#2c2f33', '#2c4f86', '#6b5a48'] as const)),
      band: undefined,
      taxi,
    };
  const [body, band] = chance.pick([
    ['#0f7f4a', undefined],
    ['#eceae4', '#1d7a3e'],
    ['#38b6bd', undefined],
    ['#e8c22e', '#e8c22e'],
  ] as const);
  return { body: colour(body), band: band === undefined ? undefined : colour(band), taxi };
}

const tyreM = 0.3;
const halfM = 0.83;
const roofHalfM = 0.61;
const beltM = 0.99;
const roofM = 1.48;

/** Forward and up, from the front bumper's foot over the roof to the rear one's; those above the belt are narrower. */
const profile = [
  [1.9, 0.24],
  [1.96, 0.46],
  [1.88, 0.76],
  [0.98, beltM],
  [0.22, roofM],
  [-1.32, roofM],
  [-1.76, beltM],
  [-1.9, 0.88],
  [-1.95, 0.46],
  [-1.9, 0.24],
] as const;

/** Over the body, whatever lies before what. */
const trimM = 4;

export function car(stance: Stance, rolledM: number, look: CarLook): Solid[] {
  const place = placeOf(stance);
  return [
    ...shell(place, look),
    ...windows(place),
    ...sides(stance, place, rolledM, look),
    ...ends(stance, place, look),
  ];
}

function widthAt(up: number): number {
  return up <= beltM ? halfM : halfM + ((up - beltM) / (roofM - beltM)) * (roofHalfM - halfM);
}

function shell(place: Place, { body, taxi }: CarLook): Solid[] {
  const solids: Solid[] = [];
  for (const [index, [forward, up]] of profile.entries()) {
    const [nextForward, nextUp] = profile[index + 1] ?? [];
    if (nextForward === undefined || nextUp === undefined) continue;
    solids.push(strip(place, [forward, up], [nextForward, nextUp], 1, body));
  }
  for (const side of [-1, 1] as const) {
    const low = profile.filter(([, up]) => up <= beltM);
    const high = profile.filter(([, up]) => up >= beltM);
    for (const part of [low, high]) solids.push(flank(place, side, part, body, 0));
    // The belt line's shadow, and the sill.
    const line = (from: number, to: number, up: number, tall: number, tone: number) =>
      flank(
        place,
        side,
        [
          [from, up],
          [from, up + tall],
          [to, up + tall],
          [to, up],
        ],
        scaled(body, tone),
        trimM - 0.2,
      );
    solids.push(
      line(1.85, -1.88, 0.24, 0.1, 0.25),
      line(1.5, -1.85, 0.78, 0.02, 0.62),
      line(-0.46, -0.48, 0.36, 0.6, 0.5),
    );
  }
  if (taxi) solids.push(...roofSign(place));
  return solids;
}

/** Across the car between two places of the profile; `share` of the width. */
function strip(
  place: Place,
  from: readonly [number, number],
  to: readonly [number, number],
  share: number,
  tint: Colour,
  nearerM = 0,
): Solid {
  const low = widthAt(from[1]) * share;
  const high = widthAt(to[1]) * share;
  return plate(
    [
      place(from[0], low, from[1]),
      place(from[0], -low, from[1]),
      place(to[0], -high, to[1]),
      place(to[0], high, to[1]),
    ],
    tint,
    nearerM,
    true,
  );
}

/** On the side of the body; the places run from the front over the top to the back. */
function flank(
  place: Place,
  side: 1 | -1,
  places: readonly (readonly [number, number])[],
  tint: Colour,
  nearerM: number,
): Solid {
  const corners: Point[] = places.map(([forward, up]) => place(forward, side * widthAt(up), up));
  return plate(side > 0 ? corners : corners.toReversed(), tint, nearerM, true);
}

function windows(place: Place): Solid[] {
  const between = (from: readonly [number, number], to: readonly [number, number], share: number) =>
    [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share] as const;
  const [, , , cowl, brow, crown, belt] = profile;
  const solids = [
    strip(place, between(cowl, brow, 0.04), between(cowl, brow, 0.93), 0.9, glass, trimM),
    strip(place, between(crown, belt, 0.12), between(crown, belt, 0.85), 0.84, glass, trimM),
  ];
  for (const side of [-1, 1] as const)
    solids.push(
      flank(
        place,
        side,
        [
          [0.74, 1.03],
          [0.2, 1.39],
          [-0.42, 1.41],
          [-0.42, 1.03],
        ],
        glass,
        trimM,
      ),
      flank(
        place,
        side,
        [
          [-0.51, 1.03],
          [-0.51, 1.41],
          [-1.2, 1.4],
          [-1.5, 1.04],
        ],
        glass,
        trimM,
      ),
    );
  return solids;
}

/** How squarely a side that looks along this direction of the car's own is seen: 1 full, 0 edge on, less from behind. */
function facing({ x, y, headingRad }: Stance, forward: number, right: number): number {
  const nx = Math.cos(headingRad) * forward + Math.sin(headingRad) * right;
  const ny = Math.sin(headingRad) * forward - Math.cos(headingRad) * right;
  return -(nx * x + ny * y) / Math.hypot(x, y);
}

function sides(stance: Stance, place: Place, rolledM: number, { band }: CarLook): Solid[] {
  const solids: Solid[] = [];
  for (const side of [-1, 1] as const) {
    if (facing(stance, 0, side) < -0.02) continue;
    if (band !== undefined)
      solids.push(
        flank(
          place,
          side,
          [
            [0.78, 0.36],
            [0.85, 0.74],
            [-1.1, 0.76],
            [-0.95, 0.36],
          ],
          band,
          trimM - 0.1,
        ),
      );
    for (const forward of [1.2, -1.22]) {
      const arch = Array.from({ length: 14 }, (_, step): readonly [number, number] => {
        const turn = (step / 14) * Math.PI * 2;
        return [forward + Math.cos(turn) * 0.37, Math.max(0.22, 0.31 + Math.sin(turn) * 0.37)];
      });
      solids.push(flank(place, side, arch.toReversed(), black, trimM));
      for (const solid of wheel(place, forward, side * 0.73, tyreM, 0.2, -rolledM / tyreM, rubber))
        solids.push({ ...solid, nearerM: solid.nearerM + trimM + 0.3 });
    }
    solids.push(limb(place(0.7, side * 0.86, 1.06), place(0.72, side * 0.97, 1.07), 0.06, 0.075, black, trimM));
    for (const forward of [-0.32, -1.22])
      solids.push(
        limb(place(forward, side * 0.84, 0.86), place(forward - 0.14, side * 0.84, 0.86), 0.014, 0.014, black, trimM),
      );
  }
  return solids;
}

function ends(stance: Stance, place: Place, { body, band }: CarLook): Solid[] {
  const solids: Solid[] = [];
  const patch = (forward: number, half: number, low: number, high: number, tint: Colour, middle = 0) => {
    const sign = Math.sign(forward);
    const corners = [
      place(forward, middle + half * sign, low),
      place(forward, middle - half * sign, low),
      place(forward, middle - half * sign, high),
      place(forward, middle + half * sign, high),
    ];
    solids.push(plate(corners, tint, trimM + 0.1, true));
  };
  if (facing(stance, 1, 0) > -0.1) {
    patch(1.97, 0.5, 0.3, 0.42, black);
    patch(1.95, 0.42, 0.5, 0.64, scaled(black, 1.6));
    patch(1.98, 0.23, 0.44, 0.55, lampWhite);
    for (const side of [-1, 1])
      solids.push(limb(place(1.88, side * 0.62, 0.68), place(1.78, side * 0.74, 0.72), 0.085, 0.07, lampWhite, trimM));
  }
  if (facing(stance, -1, 0) > -0.1) {
    patch(-1.96, 0.72, 0.28, 0.44, scaled(body, 0.4));
    if (band !== undefined) patch(-1.955, 0.6, 0.52, 0.8, band);
    patch(-1.97, 0.23, 0.56, 0.68, lampWhite);
    for (const side of [-1, 1])
      solids.push(limb(place(-1.88, side * 0.72, 0.72), place(-1.82, side * 0.74, 0.92), 0.07, 0.065, lampRed, trimM));
  }
  return solids;
}

function roofSign(place: Place): Solid[] {
  const tint = colour('#f0e9c8');
  const corner = (forward: number, right: number, up: number) => place(-0.3 + forward, right, up);
  return [
    limb(corner(0, -0.24, roofM + 0.08), corner(0, 0.24, roofM + 0.08), 0.085, 0.085, tint, trimM),
    limb(corner(0, -0.12, roofM + 0.09), corner(0, 0.12, roofM + 0.09), 0.05, 0.05, colour('#1d6b3e'), trimM + 0.2),
    ball(corner(0, 0, roofM), 0.05, black, trimM - 0.1),
  ];
}

export function carLights(stance: Stance, night: boolean): { glows: Glow[]; beams: Beam[] } {
  if (!night) return { glows: [], beams: [] };
  const place = placeOf(stance);
  const direction = [Math.cos(stance.headingRad), Math.sin(stance.headingRad)] as const;
  const back = [-direction[0], -direction[1]] as const;
  const glows: Glow[] = [];
  const beams: Beam[] = [];
  for (const side of [-0.66, 0.66]) {
    const lamp = place(1.95, side, 0.68);
    glows.push({ at: lamp, tint: [1.15, 1.1, 0.98], radiusM: 0.6, toward: direction });
    glows.push({ at: place(-1.95, side * 1.1, 0.82), tint: [1.5, 0.2, 0.12], radiusM: 0.42, toward: back });
    beams.push({ at: [lamp[0], lamp[1]], direction, lengthM: 9.5, widthM: 1.4, strength: 1.25 });
  }
  return { glows, beams };
}
