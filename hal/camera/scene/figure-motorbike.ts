// A step-through motorbike as half the country rides it, with its rider, at times with someone behind or a box of goods.
import {
  type Beam,
  ball,
  type Glow,
  hullOf,
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

export interface MotorbikeLook {
  readonly body: Colour;
  readonly helmet: Colour;
  readonly shirt: Colour;
  readonly trousers: Colour;
  readonly skin: Colour;
  readonly behind: { readonly shirt: Colour; readonly helmet: Colour } | undefined;
  readonly box: Colour | undefined;
}

const black = colour('#18191b');
const seat = colour('#232021');
const chrome = colour('#93989c');
const rubber = { tyre: colour('#1b1b1c'), rim: colour('#85898c'), spokes: 5 };

export function motorbikeLook(seed: number): MotorbikeLook {
  const chance = dice(seed, 71);
  const shirts = ['#e8e4da', '#b9443a', '#3f6fa5', '#55745a', '#c9c24a', '#4b5358', '#d9869a', '#7fa8c2'] as const;
  const helmets = ['#c8382e', '#e9e6df', '#2d4f86', '#2a2b2d', '#e0b13a', '#6f9a6a'] as const;
  const load = chance.part();
  return {
    body: colour(chance.pick(['#b3262a', '#20407a', '#2b2c2f', '#d9d8d2', '#1f6a58', '#a9782c'] as const)),
    helmet: colour(chance.pick(helmets)),
    shirt: colour(chance.pick(shirts)),
    trousers: colour(chance.pick(['#2b2d33', '#33415a', '#4d4438'] as const)),
    skin: colour('#bd8762'),
    behind: load < 0.25 ? { shirt: colour(chance.pick(shirts)), helmet: colour(chance.pick(helmets)) } : undefined,
    box: load > 0.75 ? colour(chance.pick(['#2f8f5a', '#c8452f', '#d9b13a', '#7d5a3c'] as const)) : undefined,
  };
}

export const wheelM = 0.29;

/** The machine alone, as it also stands parked. */
export function machine(place: Place, turnRad: number, look: MotorbikeLook): Solid[] {
  const { body } = look;
  const shade = scaled(body, 0.7);
  const solids: Solid[] = [
    ...wheel(place, 0.62, 0, wheelM, 0.075, turnRad, rubber),
    ...wheel(place, -0.6, 0, wheelM, 0.085, turnRad, rubber),
  ];
  for (const side of [-1, 1] as const) {
    solids.push(limb(place(0.62, side * 0.07, 0.29), place(0.45, side * 0.06, 0.82), 0.03, 0.035, chrome));
    // Leg shield, side fairing, foot rest, mirror.
    solids.push(limb(place(0.4, side * 0.14, 0.84), place(0.27, side * 0.17, 0.36), 0.075, 0.06, body, 0.02));
    solids.push(limb(place(0.02, side * 0.07, 0.56), place(-0.68, side * 0.09, 0.7), 0.09, 0.06, body));
    solids.push(limb(place(0.1, 0, 0.26), place(0.1, side * 0.26, 0.26), 0.02, 0.02, black));
    solids.push(limb(place(0.36, side * 0.28, 1.0), place(0.38, side * 0.34, 1.17), 0.01, 0.01, black));
    solids.push(ball(place(0.38, side * 0.35, 1.19), 0.045, black));
    solids.push(limb(place(0.4, side * 0.1, 0.99), place(0.31, side * 0.34, 1.02), 0.02, 0.024, black, 0.02));
    solids.push(limb(place(-0.6, side * 0.1, 0.3), place(-0.45, side * 0.1, 0.62), 0.028, 0.028, chrome));
  }
  solids.push(
    limb(place(0.42, 0, 0.95), place(0.28, 0, 0.36), 0.11, 0.08, shade),
    limb(place(0.28, 0, 0.38), place(-0.4, 0, 0.36), 0.09, 0.11, black, -0.03),
    limb(place(0.1, 0, 0.3), place(-0.1, 0, 0.3), 0.12, 0.12, scaled(chrome, 0.45)),
    limb(place(0.86, 0, 0.42), place(0.62, 0, 0.6), 0.05, 0.06, body, 0.02),
    limb(place(0.62, 0, 0.6), place(0.38, 0, 0.55), 0.06, 0.05, body, 0.02),
    limb(place(-0.02, 0, 0.74), place(-0.68, 0, 0.8), 0.09, 0.08, seat, 0.02),
    limb(place(-0.7, 0, 0.7), place(-0.86, 0, 0.52), 0.06, 0.04, shade),
    limb(place(-0.05, 0.14, 0.27), place(-0.78, 0.15, 0.33), 0.04, 0.055, chrome, 0.03),
    ball(place(0.46, 0, 0.97), 0.12, body, 0.02),
    ball(place(0.54, 0, 0.96), 0.075, colour('#f3efe0'), 0.06),
    ball(place(-0.8, 0, 0.7), 0.05, colour('#d02a1e'), 0.06),
    plate(
      [place(-0.88, -0.1, 0.44), place(-0.88, 0.1, 0.44), place(-0.86, 0.1, 0.58), place(-0.86, -0.1, 0.58)],
      colour('#eceae2'),
      0.05,
      true,
    ),
  );
  return solids;
}

export function motorbike(stance: Stance, rolledM: number, look: MotorbikeLook): Solid[] {
  const place = placeOf(stance);
  const solids = machine(place, -rolledM / wheelM, look);
  solids.push(...rider(place, 0, look.shirt, look.helmet, look));
  if (look.behind !== undefined) solids.push(...rider(place, -0.46, look.behind.shirt, look.behind.helmet, look));
  if (look.box !== undefined) solids.push(...crate(place, look.box));
  return solids;
}

/** `back` is where one sits: 0 the rider, less than 0 whoever holds on behind. */
function rider(place: Place, back: number, shirt: Colour, helmet: Colour, look: MotorbikeLook): Solid[] {
  const at: Place = (forward, right, up) => place(forward + back, right, up);
  const solids: Solid[] = [];
  for (const side of [-1, 1] as const) {
    const knee = at(0.25, side * 0.19, 0.72);
    const ankle = at(0.1, side * 0.2, 0.34);
    const elbow = back === 0 ? at(0.14, side * 0.3, 1.12) : at(0.1, side * 0.26, 1.1);
    const hand = back === 0 ? at(0.33, side * 0.31, 1.04) : at(0.28, side * 0.17, 1.0);
    solids.push(
      limb(at(-0.17, side * 0.1, 0.88), knee, 0.105, 0.08, look.trousers),
      limb(knee, ankle, 0.075, 0.055, look.trousers),
      limb(ankle, at(0.24, side * 0.2, 0.29), 0.045, 0.04, black),
      limb(at(-0.07, side * 0.2, 1.33), elbow, 0.062, 0.05, scaled(shirt, 0.93), 0.01),
      limb(elbow, hand, 0.045, 0.035, look.skin, 0.01),
      ball(hand, 0.045, look.skin, 0.02),
    );
  }
  solids.push(
    limb(at(-0.2, -0.06, 0.88), at(-0.2, 0.06, 0.88), 0.13, 0.13, look.trousers),
    limb(at(-0.2, 0, 0.95), at(-0.1, 0, 1.24), 0.145, 0.155, shirt, 0.01),
    limb(at(-0.09, -0.12, 1.32), at(-0.09, 0.12, 1.32), 0.1, 0.1, shirt, 0.012),
    limb(at(-0.07, 0, 1.38), at(-0.05, 0, 1.48), 0.05, 0.05, look.skin),
    limb(at(-0.03, 0, 1.53), at(-0.03, 0, 1.58), 0.1, 0.1, look.skin),
    limb(at(-0.06, 0, 1.6), at(-0.045, 0, 1.63), 0.13, 0.13, helmet, 0.02),
    limb(at(0.06, -0.06, 1.58), at(0.06, 0.06, 1.58), 0.025, 0.025, scaled(helmet, 0.5), 0.05),
  );
  return solids;
}

function crate(place: Place, tint: Colour): Solid[] {
  const corners: Point[] = [];
  for (const forward of [-0.92, -0.42])
    for (const right of [-0.28, 0.28]) for (const up of [0.86, 1.24]) corners.push(place(forward, right, up));
  const lid = [
    place(-0.92, -0.28, 1.24),
    place(-0.42, -0.28, 1.24),
    place(-0.42, 0.28, 1.24),
    place(-0.92, 0.28, 1.24),
  ];
  return [hullOf(corners, tint, 0.05), plate(lid, scaled(tint, 1.2), 0.08)];
}

export function headlight(stance: Stance, night: boolean): { glows: Glow[]; beams: Beam[] } {
  if (!night) return { glows: [], beams: [] };
  const place = placeOf(stance);
  const direction = [Math.cos(stance.headingRad), Math.sin(stance.headingRad)] as const;
  return {
    glows: [
      { at: place(0.6, 0, 0.96), tint: [1.1, 1, 0.8], radiusM: 0.55, toward: direction },
      { at: place(-0.84, 0, 0.7), tint: [0.9, 0.1, 0.05], radiusM: 0.26, toward: [-direction[0], -direction[1]] },
    ],
    beams: [
      {
        at: [stance.x + direction[0] * 0.7, stance.y + direction[1] * 0.7],
        direction,
        lengthM: 6.5,
        widthM: 1.15,
        strength: 1.7,
      },
    ],
  };
}
