// Someone walking: shirt, trousers, bare or hatted head; some carry a shoulder pole with two baskets, a bag or a satchel.
import { ball, hullOf, limb, type Place, placeOf, plate, type Solid, type Stance } from './figure.ts';
import { dice } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export interface PersonLook {
  readonly heightM: number;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly shirt: Colour;
  readonly trousers: Colour;
  readonly head: 'hair' | 'long-hair' | 'leaf-hat' | 'cap';
  readonly hat: Colour;
  readonly carries: 'nothing' | 'baskets' | 'bag' | 'satchel';
}

const shirts = [
  '#e8e4da',
  '#c2483c',
  '#3f6fa5',
  '#d9a441',
  '#6f8f5a',
  '#8b5a8c',
  '#d27f92',
  '#4b5358',
  '#7fb0bd',
] as const;
const trousers = ['#2b2d33', '#3b4a63', '#5a4b3c', '#1f2022', '#6b6a60'] as const;
const straw = colour('#e3cf98');
const bamboo = colour('#a8844c');
const leather = colour('#3a2c22');

export function personLook(seed: number): PersonLook {
  const chance = dice(seed, 70);
  const head = chance.pick(['leaf-hat', 'leaf-hat', 'hair', 'long-hair', 'cap'] as const);
  return {
    heightM: chance.from(1.52, 1.74),
    skin: colour(chance.pick(['#c99470', '#b88260', '#d6a684'] as const)),
    hair: colour('#1c1817'),
    shirt: colour(chance.pick(shirts)),
    trousers: colour(chance.pick(trousers)),
    head,
    hat: head === 'cap' ? colour(chance.pick(shirts)) : straw,
    carries:
      head === 'leaf-hat' && chance.chance(0.6)
        ? 'baskets'
        : chance.pick(['nothing', 'nothing', 'bag', 'satchel'] as const),
  };
}

/** `strideRad` runs through a full turn for two steps. */
export function person(stance: Stance, strideRad: number, look: PersonLook): Solid[] {
  const place = placeOf(stance);
  const scale = look.heightM / 1.66;
  // The body sinks a little when both feet are on the ground.
  const bob = 0.022 * Math.cos(strideRad * 2) * scale;
  const at: Place = (forward, right, up) => place(forward * scale, right * scale, up * scale + bob);
  const solids: Solid[] = [];
  for (const side of [-1, 1] as const) {
    solids.push(...leg(place, scale, bob, side, strideRad, look));
    solids.push(...arm(at, side, strideRad, look));
  }
  const twist = Math.sin(strideRad) * 0.03;
  solids.push(limb(at(0, -0.07, 0.92), at(0, 0.07, 0.92), 0.125, 0.125, look.trousers));
  solids.push(limb(at(0, 0, 0.95), at(0.03, 0, 1.18), 0.135, 0.15, look.shirt, 0.01));
  solids.push(limb(at(0.03 + twist, -0.115, 1.29), at(0.03 - twist, 0.115, 1.29), 0.105, 0.105, look.shirt, 0.015));
  solids.push(limb(at(0.02, 0, 1.02), at(0.03, 0, 1.3), 0.14, 0.135, look.shirt, 0.012));
  solids.push(limb(at(0.03, 0, 1.36), at(0.04, 0, 1.46), 0.045, 0.045, look.skin));
  solids.push(...head(at, look));
  solids.push(...load(at, look, Math.sin(strideRad * 2)));
  return solids;
}

function leg(place: Place, scale: number, bob: number, side: 1 | -1, strideRad: number, look: PersonLook): Solid[] {
  const phase = strideRad + (side > 0 ? Math.PI : 0);
  const swing = 0.4 * Math.sin(phase);
  // The knee folds while the leg comes forward.
  const fold = 0.12 + 0.75 * Math.max(0, Math.cos(phase)) ** 1.5;
  const hip = 0.9;
  const thigh = 0.42;
  const shin = 0.42;
  const right = side * 0.085;
  const kneeF = Math.sin(swing) * thigh;
  const kneeZ = hip - Math.cos(swing) * thigh;
  const low = swing - fold;
  const ankleF = kneeF + Math.sin(low) * shin;
  const ankleZ = Math.max(0.07, kneeZ - Math.cos(low) * shin);
  const at: Place = (forward, aside, up) =>
    place(forward * scale, aside * scale, Math.max(0.02, up * scale + bob * (up / hip)));
  const knee = at(kneeF, right, kneeZ);
  const ankle = at(ankleF, right, ankleZ);
  return [
    limb(at(0, right, hip), knee, 0.095 * scale, 0.07 * scale, look.trousers),
    limb(knee, ankle, 0.07 * scale, 0.052 * scale, look.trousers),
    limb(
      at(ankleF - 0.04, right, ankleZ - 0.03),
      at(ankleF + 0.14, right, Math.max(0.035, ankleZ - 0.045)),
      0.042 * scale,
      0.035 * scale,
      leather,
      0.01,
    ),
  ];
}

function arm(at: Place, side: 1 | -1, strideRad: number, look: PersonLook): Solid[] {
  const holdsPole = look.carries === 'baskets' && side > 0;
  const swing = 0.42 * Math.sin(strideRad + (side > 0 ? 0 : Math.PI));
  const shoulder = at(0.03, side * 0.195, 1.31);
  const elbow = holdsPole
    ? at(0.2, 0.24, 1.14)
    : at(0.02 + Math.sin(swing) * 0.27, side * 0.225, 1.31 - Math.cos(swing) * 0.27);
  const bend = swing + 0.35;
  const hand = holdsPole
    ? at(0.38, 0.16, 1.36)
    : at(
        0.02 + Math.sin(swing) * 0.27 + Math.sin(bend) * 0.24,
        side * 0.22,
        1.31 - Math.cos(swing) * 0.27 - Math.cos(bend) * 0.24,
      );
  const outer = side * 0.001;
  return [
    limb(shoulder, elbow, 0.058, 0.048, scaled(look.shirt, 0.94), outer),
    limb(elbow, hand, 0.042, 0.034, look.skin, outer),
    ball(hand, 0.042, look.skin, outer),
  ];
}

/** `at` is the place of someone 1.66 m tall. */
export function head(at: Place, look: PersonLook): Solid[] {
  const solids: Solid[] = [limb(at(0.055, 0, 1.5), at(0.045, 0, 1.58), 0.088, 0.1, look.skin, 0.01)];
  if (look.head === 'leaf-hat') {
    const rim = Array.from({ length: 16 }, (_, step) => {
      const turn = (step / 16) * Math.PI * 2;
      return at(0.04 + Math.cos(turn) * 0.24, Math.sin(turn) * 0.24, 1.57);
    });
    solids.push(limb(at(0.02, 0, 1.5), at(0.02, 0, 1.56), 0.1, 0.1, look.hair, -0.02));
    solids.push(plate(rim, scaled(look.hat, 0.45), 0.12));
    solids.push(hullOf([...rim, at(0.03, 0, 1.79)], look.hat, 0.16));
    return solids;
  }
  solids.push(limb(at(-0.005, 0, 1.585), at(0.04, 0, 1.635), 0.098, 0.088, look.hair, 0.015));
  if (look.head === 'long-hair')
    solids.push(limb(at(-0.04, 0, 1.56), at(-0.09, 0, 1.3), 0.085, 0.055, look.hair, -0.01));
  if (look.head === 'cap') {
    solids.push(limb(at(0.02, 0, 1.63), at(0.05, 0, 1.645), 0.1, 0.09, look.hat, 0.03));
    solids.push(limb(at(0.12, 0, 1.6), at(0.2, 0, 1.59), 0.05, 0.03, look.hat, 0.03));
  }
  return solids;
}

function load(at: Place, look: PersonLook, sway: number): Solid[] {
  if (look.carries === 'bag')
    return [
      limb(at(0.02, 0.22, 0.72), at(0.02, 0.22, 0.6), 0.09, 0.13, colour('#d8d2c4'), 0.02),
      limb(at(0.05, 0.22, 0.8), at(0.02, 0.22, 0.66), 0.015, 0.015, colour('#d8d2c4')),
    ];
  if (look.carries === 'satchel')
    return [limb(at(-0.16, 0, 1.05), at(-0.15, 0, 1.27), 0.13, 0.11, colour('#2f5f86'), -0.01)];
  if (look.carries === 'nothing') return [];
  const solids: Solid[] = [];
  const dip = 0.025 * sway;
  for (const end of [-0.78, 0.78]) {
    const tip = at(end, 0.12, 1.36 - dip);
    solids.push(limb(at(0, 0.12, 1.43), tip, 0.022, 0.018, bamboo, 0.04));
    const rim = (radius: number, up: number) =>
      Array.from({ length: 14 }, (_, step) =>
        at(
          end + Math.cos((step / 14) * Math.PI * 2) * radius,
          0.12 + Math.sin((step / 14) * Math.PI * 2) * radius,
          up - dip * 1.6,
        ),
      );
    for (const part of [0, 4, 7, 11]) {
      const hook = rim(0.25, 0.62)[part];
      if (hook !== undefined) solids.push(limb(tip, hook, 0.008, 0.008, bamboo));
    }
    solids.push(hullOf([...rim(0.17, 0.4), ...rim(0.26, 0.6)], bamboo));
    for (const [step, point] of rim(0.13, 0.64).entries())
      if (step % 2 === 0) solids.push(ball(point, 0.085, end > 0 ? colour('#6f9f45') : colour('#d9a03a'), 0.03));
  }
  return solids;
}
