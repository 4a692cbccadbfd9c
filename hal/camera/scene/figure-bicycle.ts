// An ordinary bicycle with a basket, and someone who pedals it.
import { hullOf, limb, type Place, placeOf, plate, type Solid, type Stance } from './figure.ts';
import { legLimbs, trunk } from './figure-body.ts';
import { type PersonLook, personLook } from './figure-person.ts';
import type { Point } from './lens.ts';
import { dice } from './random.ts';
import { type Colour, colour, scaled } from './tone.ts';

export interface BicycleLook {
  readonly frame: Colour;
  readonly rider: PersonLook;
}

const wheelM = 0.33;
const axleM = 0.53;
const tyre = colour('#1d1d1e');
const chrome = colour('#8f9498');
const leather = colour('#2a2220');
const wicker = colour('#b9a27a');

export function bicycleLook(seed: number): BicycleLook {
  const chance = dice(seed, 73);
  return {
    frame: colour(chance.pick(['#b3262a', '#20509a', '#2a2b2d', '#3c8a6e', '#d9d5cc', '#c98a2e'] as const)),
    rider: { ...personLook(seed), carries: 'nothing' },
  };
}

export function bicycle(stance: Stance, rolledM: number, look: BicycleLook): Solid[] {
  const place = placeOf(stance);
  const crankRad = -rolledM / (wheelM * 2.1);
  return [
    ...ringWheel(place, axleM, -rolledM / wheelM),
    ...ringWheel(place, -axleM, -rolledM / wheelM),
    ...frame(place, look.frame),
    ...rider(place, crankRad, look.rider),
  ];
}

/** Thin enough to be seen through. */
function ringWheel(place: Place, forward: number, turnRad: number): Solid[] {
  const rim = (step: number, radius: number) => {
    const turn = turnRad + (step / 18) * Math.PI * 2;
    return place(forward + Math.cos(turn) * radius, 0, wheelM + Math.sin(turn) * radius);
  };
  const solids: Solid[] = [];
  for (let step = 0; step < 18; step++) solids.push(limb(rim(step, 0.31), rim(step + 1, 0.31), 0.021, 0.021, tyre));
  for (let step = 0; step < 18; step += 3)
    solids.push(limb(rim(step, 0.3), rim(step + 9, 0.05), 0.005, 0.005, chrome, 0.01));
  return solids;
}

const bottom = { forward: -0.03, up: 0.3, crankM: 0.165 };

function frame(place: Place, tint: Colour): Solid[] {
  const tube = (from: readonly [number, number], to: readonly [number, number], thick = 0.019, paint = tint) =>
    limb(place(from[0], 0, from[1]), place(to[0], 0, to[1]), thick, thick, paint, 0.015);
  const { forward, up } = bottom;
  const stays = [-0.05, 0.05].flatMap((right) => [
    limb(place(-axleM, right, wheelM), place(forward, right, up), 0.012, 0.012, tint),
    limb(place(-axleM, right, wheelM), place(-0.16, right * 0.4, 0.72), 0.012, 0.012, tint),
    limb(place(axleM, right, wheelM), place(0.43, right * 0.5, 0.74), 0.014, 0.014, chrome),
  ]);
  const rim = (reach: number, z: number) =>
    [-1, 1].flatMap((a) => [-1, 1].map((b) => place(0.6 + a * reach * 0.75, b * reach, z)));
  return [
    ...stays,
    // Step-through frame: two tubes run low from the head to the crank.
    tube([0.42, 0.84], [forward, up], 0.022),
    tube([0.43, 0.72], [-0.14, 0.5]),
    tube([forward, up], [-0.19, 0.84]),
    tube([0.43, 0.72], [0.39, 1.0], 0.018, chrome),
    limb(place(0.39, 0, 1.0), place(0.36, -0.26, 1.03), 0.013, 0.015, chrome),
    limb(place(0.39, 0, 1.0), place(0.36, 0.26, 1.03), 0.013, 0.015, chrome),
    limb(place(-0.3, 0, 0.87), place(-0.08, 0, 0.88), 0.07, 0.035, leather),
    limb(place(-0.28, 0, 0.69), place(-0.78, 0, 0.69), 0.04, 0.04, scaled(chrome, 0.6)),
    limb(place(-0.86, 0, 0.42), place(-0.72, 0, 0.62), 0.025, 0.03, scaled(tint, 0.8)),
    hullOf([...rim(0.13, 0.72), ...rim(0.19, 0.96)], wicker, 0.02),
    plate(
      [place(-0.8, -0.04, 0.62), place(-0.8, 0.04, 0.62), place(-0.8, 0.04, 0.67), place(-0.8, -0.04, 0.67)],
      colour('#c4281e'),
      0.05,
    ),
  ];
}

const seat = { forward: -0.17, up: 0.94 };
const leanRad = 0.2;

function rider(place: Place, crankRad: number, look: PersonLook): Solid[] {
  const scale = look.heightM / 1.66;
  const sin = Math.sin(leanRad) * scale;
  const cos = Math.cos(leanRad) * scale;
  const at: Place = (forward, right, up) =>
    place(seat.forward + forward * cos + (up - 0.9) * sin, right * scale, seat.up + (up - 0.9) * cos - forward * sin);
  // Hands on the bar: both arms hang forward, hardly bent.
  const arm = { swing: 0.92, spread: 0.16, bend: 0.2 };
  return [
    ...trunk(at, { twist: 0.012 * Math.sin(crankRad), arms: [arm, arm] }, look),
    ...pedalling(place, -1, crankRad, look),
    ...pedalling(place, 1, crankRad + Math.PI, look),
  ];
}

const boneM = 0.425;

/** Foot on the pedal, knee where thigh and shin meet in front. */
function pedalling(place: Place, side: 1 | -1, crankRad: number, look: PersonLook): Solid[] {
  const right = side * 0.1;
  const pedalF = bottom.forward + Math.cos(crankRad) * bottom.crankM;
  const pedalZ = bottom.up + Math.sin(crankRad) * bottom.crankM;
  const ankle = [pedalF - 0.07, pedalZ + 0.09] as const;
  const dF = ankle[0] - seat.forward;
  const dZ = ankle[1] - seat.up;
  const reach = Math.min(2 * boneM - 0.005, Math.hypot(dF, dZ));
  const bow = Math.sqrt(boneM * boneM - (reach * reach) / 4);
  const knee: Point = place(
    seat.forward + dF / 2 - (dZ / reach) * bow,
    right * 1.15,
    seat.up + dZ / 2 + (dF / reach) * bow,
  );
  return [
    ...legLimbs(place(seat.forward, side * 0.085, seat.up), knee, place(ankle[0], right, ankle[1]), look, 'trousers'),
    limb(
      place(ankle[0] - 0.03, right, ankle[1] - 0.05),
      place(ankle[0] + 0.14, right, pedalZ + 0.03),
      0.04,
      0.032,
      leather,
      0.01,
    ),
    limb(place(bottom.forward, side * 0.06, bottom.up), place(pedalF, side * 0.07, pedalZ), 0.012, 0.012, chrome, 0.02),
    limb(place(pedalF, side * 0.07, pedalZ), place(pedalF, side * 0.14, pedalZ), 0.016, 0.016, leather),
  ];
}
