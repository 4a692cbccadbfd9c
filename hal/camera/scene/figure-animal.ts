// Dogs and cats: a barrel, four legs that step in their order, a head, a tail.
import { ball, hullOf, limb, type Place, placeOf, type Solid, type Stance } from './figure.ts';
import { dice } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export interface AnimalLook {
  readonly kind: 'dog' | 'cat';
  readonly coat: Colour;
  /** Of legs, belly and muzzle. */
  readonly pale: Colour;
  readonly scale: number;
}

export interface Gait {
  /** A full turn for two steps of each leg. */
  readonly strideRad: number;
  /** How far the legs reach, 1 at full pace, 0 standing. */
  readonly going: number;
  /** 0 upright, 1 belly near the ground. */
  readonly crouch: number;
  /** 0 looking ahead, 1 nose at the ground, less than 0 head held high. */
  readonly nose: number;
  /** Of the tail, to its right. */
  readonly wag: number;
}

const dark = colour('#141211');

export function dogLook(seed: number): AnimalLook {
  const chance = dice(seed, 76);
  const [coat, pale] = chance.pick([
    ['#b07a3e', '#d9b888'],
    ['#1e1b1a', '#5a4630'],
    ['#d8cdb8', '#efe9da'],
    ['#6b4a30', '#c9a777'],
    ['#7a746c', '#d4cfc4'],
  ] as const);
  return { kind: 'dog', coat: colour(coat), pale: colour(pale), scale: chance.from(0.85, 1.15) };
}

export function catLook(seed: number): AnimalLook {
  const chance = dice(seed, 77);
  const [coat, pale] = chance.pick([
    ['#8a7860', '#c9bca4'],
    ['#1a1918', '#1f1e1d'],
    ['#c07a35', '#e6d2b0'],
    ['#dcd7cc', '#f0ede6'],
    ['#6f6e6c', '#d8d6d2'],
  ] as const);
  return { kind: 'cat', coat: colour(coat), pale: colour(pale), scale: chance.from(0.9, 1.1) };
}

/** Metres: back's height, half the length between the legs, radius of chest and loin, of a leg, how high and far ahead the head is. */
const builds = {
  dog: {
    backM: 0.47,
    halfM: 0.23,
    chestM: 0.125,
    loinM: 0.095,
    legM: 0.03,
    headUpM: 0.16,
    headAheadM: 0.2,
    headM: 0.08,
  },
  cat: {
    backM: 0.245,
    halfM: 0.14,
    chestM: 0.072,
    loinM: 0.075,
    legM: 0.02,
    headUpM: 0.07,
    headAheadM: 0.12,
    headM: 0.055,
  },
} as const;
type Build = (typeof builds)[keyof typeof builds];

export function animal(stance: Stance, gait: Gait, look: AnimalLook): Solid[] {
  const build = builds[look.kind];
  const place = placeOf(stance);
  const bob = 0.012 * Math.cos(gait.strideRad * 2) * gait.going;
  const backM = build.backM * (1 - 0.32 * gait.crouch) + bob;
  const at: Place = (forward, right, up) => place(forward * look.scale, right * look.scale, up * look.scale);
  const solids: Solid[] = [
    limb(
      at(build.halfM, 0, backM - build.chestM),
      at(-0.02, 0, backM - build.chestM),
      build.chestM,
      build.chestM * 0.92,
      look.coat,
    ),
    limb(
      at(0, 0, backM - build.loinM),
      at(-build.halfM, 0, backM - build.loinM),
      build.loinM,
      build.loinM,
      look.coat,
      0.002,
    ),
    limb(
      at(build.halfM * 0.8, 0, backM - build.chestM * 1.35),
      at(-0.02, 0, backM - build.chestM * 1.3),
      build.chestM * 0.7,
      build.loinM * 0.7,
      look.pale,
      -0.03,
    ),
  ];
  // Diagonal pairs step together.
  for (const [end, side, phase] of [
    [1, -1, 0],
    [-1, 1, 0],
    [1, 1, Math.PI],
    [-1, -1, Math.PI],
  ] as const)
    solids.push(...leg(at, build, backM, { end, side, phase: gait.strideRad + phase }, gait, look));
  solids.push(...headOf(at, build, backM, gait, look), ...tail(at, build, backM, gait, look));
  return solids;
}

interface Leg {
  readonly end: 1 | -1;
  readonly side: 1 | -1;
  readonly phase: number;
}

function leg(at: Place, build: Build, backM: number, { end, side, phase }: Leg, gait: Gait, look: AnimalLook): Solid[] {
  const topM = backM - build.chestM * 1.1;
  const right = side * build.chestM * 0.62;
  const hip = end * build.halfM * 0.95;
  const reach = build.backM * 0.42 * gait.going;
  const paw = hip + Math.sin(phase) * reach + (end < 0 ? -0.02 : 0.01);
  const pawUp = 0.02 + build.backM * 0.2 * Math.max(0, Math.cos(phase)) * gait.going;
  // Elbows bend back, hocks forward and back.
  const bow =
    (end > 0 ? -0.1 : 0.07) * build.backM * (1 + 1.5 * gait.crouch + Math.max(0, Math.cos(phase)) * gait.going);
  const knee = [hip + (paw - hip) * 0.45 + bow, topM + (pawUp - topM) * 0.5] as const;
  const thick = build.legM * (end < 0 ? 1.7 : 1.35);
  return [
    limb(at(hip, right, topM), at(knee[0], right, knee[1]), thick, build.legM * 1.05, look.coat, 0.001),
    limb(at(knee[0], right, knee[1]), at(paw, right, pawUp), build.legM, build.legM * 0.8, look.pale),
    limb(
      at(paw, right, pawUp),
      at(paw + build.legM * 1.3, right, pawUp - 0.004),
      build.legM * 0.85,
      build.legM * 0.8,
      look.pale,
    ),
  ];
}

function headOf(at: Place, build: Build, backM: number, { nose }: Gait, look: AnimalLook): Solid[] {
  const dog = look.kind === 'dog';
  const down = nose > 0 ? nose * (build.headUpM + backM - build.chestM - build.headM * 1.2) : nose * 0.05;
  const shoulder = at(build.halfM * 0.95, 0, backM - build.chestM * 0.7);
  const ahead = build.halfM + build.headAheadM * (1 + 0.35 * Math.max(0, nose));
  const up = backM + build.headUpM - build.chestM * 0.6 - down;
  const head: Place = (forward, right, rise) => at(ahead + forward, right, up + rise);
  const r = build.headM;
  // The muzzle points further down the lower the head is.
  const dip = 0.25 + 0.5 * Math.max(0, nose);
  const muzzle = dog ? r * 1.9 : r * 1.05;
  const tip = head(muzzle * Math.cos(dip), 0, -muzzle * Math.sin(dip));
  const solids: Solid[] = [
    limb(shoulder, head(-r * 0.3, 0, -r * 0.2), build.chestM * 0.68, r * 0.75, look.coat, 0.003),
    limb(head(-r * 0.15, 0, 0), head(r * 0.25, 0, -r * 0.1), r, r * 0.85, look.coat, 0.01),
    limb(head(r * 0.3, 0, -r * 0.25), tip, r * 0.55, r * (dog ? 0.36 : 0.3), dog ? look.pale : look.coat, 0.02),
    ball(tip, r * 0.2, dark, 0.05),
  ];
  for (const side of [-1, 1])
    solids.push(
      hullOf(
        [
          head(-r * 0.5, side * r * 0.35, r * 0.6),
          head(-r * 0.1, side * r * 0.85, r * 0.5),
          head(-r * 0.35, side * r * 0.75, r * 1.65),
        ],
        scaled(look.coat, 0.7),
        0.01,
      ),
    );
  return solids;
}

function tail(at: Place, build: Build, backM: number, { wag, crouch }: Gait, look: AnimalLook): Solid[] {
  const root = at(-build.halfM * 1.2, 0, backM - build.loinM * 0.5);
  if (look.kind === 'dog') {
    const bend = at(-build.halfM * 1.75, wag * 0.5, backM + 0.12);
    return [
      limb(root, bend, 0.034, 0.03, look.coat),
      limb(bend, at(-build.halfM * 1.35, wag, backM + 0.2), 0.03, 0.022, look.pale),
    ];
  }
  const bend = at(-build.halfM * 2.3, wag * 0.4, backM * 0.62 - 0.03 * crouch);
  return [
    limb(root, bend, 0.021, 0.019, look.coat),
    limb(bend, at(-build.halfM * 3.3, wag, backM * 0.7), 0.019, 0.014, scaled(look.coat, 0.8)),
  ];
}
