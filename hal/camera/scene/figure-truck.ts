// A light truck with a high cab, its bed open with goods or under a tarpaulin.
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

export interface TruckLook {
  readonly cab: Colour;
  readonly bed: Colour;
  readonly load: 'tarpaulin' | 'sacks' | 'empty';
  readonly cloth: Colour;
}

const glass = colour('#3f5058');
const black = colour('#1c1d1f');
const steel = colour('#8d9294');
const rubber = { tyre: colour('#1a1a1b'), rim: colour('#a2a5a7'), spokes: 3 };

export function truckLook(seed: number): TruckLook {
  const chance = dice(seed, 72);
  const cab = chance.pick(['#2f62a8', '#e6e3da', '#2f7d6b', '#c23b30', '#d9a93a'] as const);
  return {
    cab: colour(cab),
    bed: colour(chance.pick([cab, '#4d6f8f', '#5f7a5a'] as const)),
    load: chance.pick(['tarpaulin', 'sacks', 'empty'] as const),
    cloth: colour(chance.pick(['#4c6b4a', '#3f5f86', '#8a7a58'] as const)),
  };
}

const tyreM = 0.39;

export function truck(stance: Stance, rolledM: number, look: TruckLook): Solid[] {
  const place = placeOf(stance);
  const turn = -rolledM / tyreM;
  const solids: Solid[] = [];
  for (const forward of [1.45, -1.35])
    for (const side of [-0.72, 0.72]) solids.push(...wheel(place, forward, side, tyreM, 0.26, turn, rubber));
  solids.push(...block(place, [-2.35, 2.2], [-0.55, 0.55], [0.42, 0.7], black));
  solids.push(...cab(place, look));
  solids.push(...bed(place, look));
  return solids;
}

/** Six plates around a box; `taper` pulls the front's upper edge back. */
function block(
  place: Place,
  [back, front]: readonly [number, number],
  [left, right]: readonly [number, number],
  [low, high]: readonly [number, number],
  tint: Colour,
  taper = 0,
): Solid[] {
  const p = (forward: number, aside: number, up: number): Point =>
    place(up === high && forward === front ? forward - taper : forward, aside, up);
  const face = (corners: Point[], tone = 1) => plate(corners, tone === 1 ? tint : scaled(tint, tone), 0, true);
  return [
    face([p(front, right, low), p(front, left, low), p(front, left, high), p(front, right, high)]),
    face([p(back, left, low), p(back, right, low), p(back, right, high), p(back, left, high)]),
    face([p(back, right, low), p(front, right, low), p(front, right, high), p(back, right, high)]),
    face([p(front, left, low), p(back, left, low), p(back, left, high), p(front, left, high)]),
    face([p(back, right, high), p(front, right, high), p(front, left, high), p(back, left, high)]),
  ];
}

function cab(place: Place, look: TruckLook): Solid[] {
  const solids = block(place, [0.95, 2.35], [-0.86, 0.86], [0.5, 1.35], look.cab);
  solids.push(...block(place, [0.95, 2.35], [-0.84, 0.84], [1.35, 2.12], look.cab, 0.34));
  // Windows lie a finger's breadth over the sheet.
  const shieldLow = 2.36;
  const shieldHigh = 2.06;
  solids.push(
    plate(
      [
        place(shieldLow, 0.72, 1.42),
        place(shieldLow, -0.72, 1.42),
        place(shieldHigh, -0.7, 2.02),
        place(shieldHigh, 0.7, 2.02),
      ],
      glass,
      0.3,
      true,
    ),
  );
  for (const side of [-1, 1] as const) {
    const r = side * 0.87;
    const pane = [place(1.15, r, 1.38), place(2.18, r, 1.38), place(1.95, r, 2.0), place(1.15, r, 2.0)];
    solids.push(plate(side > 0 ? pane : pane.toReversed(), glass, 0.12, true));
    const seam = [place(1.1, r, 0.62), place(1.13, r, 0.62), place(1.13, r, 1.34), place(1.1, r, 1.34)];
    solids.push(plate(side > 0 ? seam : seam.toReversed(), scaled(look.cab, 0.35), 0.12, true));
    solids.push(limb(place(1.22, r * 1.01, 1.2), place(1.36, r * 1.01, 1.2), 0.018, 0.018, black, 0.15));
    solids.push(limb(place(2.2, side * 0.9, 1.85), place(2.25, side * 1.02, 1.8), 0.02, 0.02, black));
    solids.push(limb(place(2.25, side * 1.04, 1.86), place(2.25, side * 1.04, 1.58), 0.06, 0.06, black));
    solids.push(ball(place(2.36, side * 0.62, 0.86), 0.12, colour('#f0ece0'), 0.25));
    solids.push(ball(place(2.35, side * 0.8, 0.85), 0.06, colour('#e0902e'), 0.25));
    solids.push(ball(place(-2.4, side * 0.75, 0.75), 0.07, colour('#c4281e'), 0.1));
  }
  solids.push(
    plate(
      [place(2.37, 0.45, 0.72), place(2.37, -0.45, 0.72), place(2.37, -0.45, 1.0), place(2.37, 0.45, 1.0)],
      black,
      0.26,
      true,
    ),
  );
  solids.push(limb(place(2.4, -0.85, 0.5), place(2.4, 0.85, 0.5), 0.09, 0.09, steel, 0.2));
  solids.push(
    plate(
      [place(2.5, 0.22, 0.46), place(2.5, -0.22, 0.46), place(2.5, -0.22, 0.6), place(2.5, 0.22, 0.6)],
      colour('#eceae2'),
      0.4,
      true,
    ),
  );
  return solids;
}

function bed(place: Place, look: TruckLook): Solid[] {
  const solids = block(place, [-2.4, 0.85], [-0.9, 0.9], [0.72, 1.22], look.bed);
  for (const side of [-1, 1] as const) {
    for (let forward = -2.2; forward < 0.8; forward += 0.6) {
      const rib = [
        place(forward, side * 0.91, 0.76),
        place(forward + 0.06, side * 0.91, 0.76),
        place(forward + 0.06, side * 0.91, 1.2),
        place(forward, side * 0.91, 1.2),
      ];
      solids.push(plate(side > 0 ? rib : rib.toReversed(), scaled(look.bed, 0.6), 0.2, true));
    }
  }
  if (look.load === 'tarpaulin') {
    solids.push(...lifted(block(place, [-2.36, 0.82], [-0.88, 0.88], [1.22, 2.2], look.cloth), 0.01));
    for (const side of [-1, 1] as const)
      for (let forward = -2.3; forward < 0.8; forward += 0.78)
        solids.push(
          limb(
            place(forward, side * 0.885, 1.24),
            place(forward, side * 0.885, 2.18),
            0.014,
            0.014,
            scaled(look.cloth, 0.55),
            0.25,
          ),
        );
  } else {
    solids.push(
      ...lifted(
        [
          plate(
            [place(-2.32, 0.82, 1.23), place(0.78, 0.82, 1.23), place(0.78, -0.82, 1.23), place(-2.32, -0.82, 1.23)],
            scaled(look.bed, 0.3),
          ),
        ],
        0.02,
      ),
    );
    if (look.load === 'sacks')
      for (let forward = -2; forward < 0.7; forward += 0.52)
        for (const aside of [-0.5, 0, 0.5])
          solids.push(
            limb(
              place(forward - 0.1, aside, 1.34),
              place(forward + 0.22, aside, 1.34),
              0.2,
              0.2,
              colour(forward > -0.6 && aside === 0 ? '#cfc3a2' : '#dccfae'),
              0.05,
            ),
          );
  }
  return solids;
}

function lifted(solids: readonly Solid[], nearerM: number): Solid[] {
  return solids.map((solid) => ({ ...solid, nearerM: solid.nearerM + nearerM }));
}

export function truckLights(stance: Stance, night: boolean): { glows: Glow[]; beams: Beam[] } {
  if (!night) return { glows: [], beams: [] };
  const place = placeOf(stance);
  const direction = [Math.cos(stance.headingRad), Math.sin(stance.headingRad)] as const;
  const glows: Glow[] = [];
  const beams: Beam[] = [];
  for (const side of [-0.62, 0.62]) {
    const lamp = place(2.5, side, 0.86);
    glows.push({ at: lamp, tint: [1.1, 1, 0.82], radiusM: 0.7, toward: direction });
    glows.push({
      at: place(-2.45, side * 1.2, 0.75),
      tint: [0.9, 0.1, 0.05],
      radiusM: 0.3,
      toward: [-direction[0], -direction[1]],
    });
    beams.push({ at: [lamp[0], lamp[1]], direction, lengthM: 8, widthM: 1.5, strength: 1.2 });
  }
  return { glows, beams };
}
